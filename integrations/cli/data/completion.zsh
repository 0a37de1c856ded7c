#compdef cuesmith
# Completion of cuesmith for zsh: put this into a file _cuesmith in a folder of $fpath, or  source <(cuesmith completion zsh)
_cuesmith() {
    local run=${(Q)words[1]} line kind value help wants_files=
    local -a found parts
    (( $+commands[$run] )) || [[ -x $run ]] || run=cuesmith
    for line in "${(@f)$("$run" completion zsh --current="${(Q)words[CURRENT]}" -- "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}"; do
        parts=("${(@ps:\t:)line}")
        case $parts[1] in
            word) found+=("${parts[2]//:/\\:}${parts[3]:+:$parts[3]}") ;;
            file) wants_files=yes ;;
        esac
    done
    (( $#found )) && _describe -V 'cuesmith' found
    if [[ -n $wants_files ]]; then
        compset -P '--*='
        _files
    fi
}
if [[ $funcstack[1] == _cuesmith ]]; then
    _cuesmith "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _cuesmith cuesmith
fi
