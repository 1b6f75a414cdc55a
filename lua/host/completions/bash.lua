return [==[
# bash completion for cfkv (made by `cfkv completions bash`)

_cfkv() {
    # What is typed goes to the cfkv of PATH as one word, and comes back as words that are quoted: no
    # part of it is expanded here.
    local kind= word
    COMPREPLY=()
    while IFS= read -r -d '' word; do
        if [[ -z $kind ]]; then
            kind=$word
        else
            COMPREPLY+=("$word")
        fi
    done < <(command cfkv __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 0 ]] || return 0
    case $kind in
    files) compopt -o default ;;
    folders) compopt -o dirnames ;;
    esac
}

complete -F _cfkv cfkv
]==]
