#!/usr/bin/env -S zsh -f
# Types lines into an interactive shell on a terminal of its own, in the current folder.
#
#   typed.zsh bash|zsh|fish LINE...
#
# A LINE may hold tabs; Enter is pressed behind it. The n-th one is through when there is a file typed.N;
# when it is not there after 20 s, what the terminal showed is printed, and the exit code is 1.
zmodload zsh/zpty zsh/datetime zsh/zselect

readonly shell=$1
shift
screen=

# Waits, reading what is shown, until "$@" is true.
wait_until() {
    local shown
    float until=$((EPOCHREALTIME + 20))
    while ! "$@"; do
        if zpty -rt terminal shown; then
            screen+=$shown
        elif ((EPOCHREALTIME > until)); then
            print -r -- "$screen"
            exit 1
        else
            zselect -t 1
        fi
    done
}

prompted() { [[ $screen == *READY* ]] }
is_through() { [[ -e typed.$1 ]] }

export PS1=READY TERM=dumb COLUMNS=200
case $shell in
bash) zpty terminal bash --norc --noprofile ;;
zsh) zpty terminal zsh -f ;;
fish) zpty terminal fish --no-config --init-command ${(q):-'function fish_prompt; echo READY; end'} ;;
esac
wait_until prompted
for ((n = 1; n <= $#; n++)); do
    zpty -w terminal "$argv[n]"
    wait_until is_through $n
done
exit 0
