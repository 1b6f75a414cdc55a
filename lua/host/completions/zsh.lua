return [==[
#compdef cfkv
# zsh completion for cfkv (made by `cfkv completions zsh`)

_cfkv() {
    local -a found offered shown
    local i
    # (Q) takes one level of quotes off; nothing is expanded.
    found=("${(@0)$(command cfkv __complete zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for ((i = 2; i < $#found; i += 2)); do
        offered+=("$found[i]")
        shown+=("$found[i + 1]")
    done
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    (($#offered)) && compadd -l -d shown -a -- offered
    case $found[1] in
    files) _files ;;
    folders) _files -/ ;;
    esac
}

if [[ $funcstack[1] == _cfkv ]]; then
    _cfkv "$@"
else
    compdef _cfkv cfkv
fi
]==]
