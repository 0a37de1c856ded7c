# Completion of cuesmith for fish:  cuesmith completion fish > ~/.config/fish/completions/cuesmith.fish
function __cuesmith_completion
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l run $words[1]
    type -q -- $run; or set run cuesmith
    for line in ($run completion fish --current="$word" -- $words[2..-1] 2>/dev/null)
        set -l parts (string split -m 2 \t -- $line)
        switch $parts[1]
            case word
                printf '%s\t%s\n' $parts[2] $parts[3]
            case file
                __fish_complete_path $word
        end
    end
end
complete --command cuesmith --no-files --keep-order --arguments '(__cuesmith_completion)'
