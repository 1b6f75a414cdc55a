return [==[
# fish completion for cfkv (made by `cfkv completions fish`)

# Asks for what fits at the cursor, once for the conditions below; fish quotes what it puts on the line.
function __cfkv_ask
    set -l given (commandline -opc)
    set -e given[1]
    set -a given (commandline -ct | string collect --allow-empty)
    set -l found (command cfkv __complete fish $given 2>/dev/null | string split0)
    set -g __cfkv_kind $found[1]
    set -e found[1]
    set -g __cfkv_offered $found
    if test "$__cfkv_kind" = folders
        set -a __cfkv_offered (__fish_complete_directories (commandline -ct))
    end
    # What is no file of fish's own is all that there is.
    test "$__cfkv_kind" != files -o (count $__cfkv_offered) -gt 0
end

complete -c cfkv -e
complete -c cfkv -f -n __cfkv_ask -a '$__cfkv_offered'
]==]
