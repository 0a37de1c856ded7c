# Completion of cuesmith for bash 3.2 and later:  source <(cuesmith completion bash)
_cuesmith_completion() {
    local run=$1 word=${COMP_WORDS[COMP_CWORD]} kind value help wants_files=
    type "$run" >/dev/null 2>&1 || run=cuesmith
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            word) COMPREPLY+=("$value") ;;
            file) wants_files=yes ;;
        esac
    done < <("$run" completion bash --current="$word" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
    # Nothing found and -o default: names of files. A bash that knows compopt offers them only where a file can stand.
    if [[ -z $wants_files ]] && type compopt >/dev/null 2>&1; then
        compopt +o default
    fi
}
complete -o default -F _cuesmith_completion cuesmith
