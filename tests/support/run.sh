#!/usr/bin/env bash
# Runs unit test programs and busted specs, several at once, and adds up what they said.
#
#   [CFKV=PROGRAM] [WRAP=COMMAND] [JOBS=N] run.sh LOGS TEST...
#
# A TEST is a cmocka program or a *_spec.lua file. Each one's output goes to a file below the folder
# LOGS and is shown when it failed; a line says how many of all are done. WRAP is put before unit test programs (valgrind). The last line
# is "N passed, N failed"; the exit code is 1 when anything failed or nothing ran.
set -uo pipefail

logs=$1
shift
mkdir -p "$logs"
exec 9>"$logs/.lock"
flock 9 # a second run over the same folder waits for the first
rm -f "$logs"/*

run_one() {
    local test=$1 log=$2/${1//\//_}.log code=0 passed failed
    case $test in
    *_spec.lua)
        timeout -k 5 900 lua5.4 /usr/bin/busted --lua=lua5.4 -o plainTerminal "$test" >"$log" 2>&1 || code=$?
        read -r passed failed < <(awk '/^[0-9]+ success/ { p += $1; f += $4 + $7 }
                                       END { print p + 0, f + 0 }' "$log")
        ;;
    *)
        # shellcheck disable=SC2086 # WRAP is a command with its options
        timeout -k 5 900 ${WRAP:-} "$test" >"$log" 2>&1 || code=$?
        read -r passed failed < <(awk '/^\[  PASSED  \]/ { p += $4 }
                                       /^\[  FAILED  \] [0-9]+ test/ { f += $4 }
                                       END { print p + 0, f + 0 }' "$log")
        ;;
    esac
    # A program that died, or broke a rule outside its tests (a leak), has failed once at least; and
    # one that ran nothing proved nothing.
    if [ "$failed" = 0 ] && { [ "$code" != 0 ] || [ "$passed" = 0 ]; }; then
        failed=1
    fi
    echo "$passed $failed" >"$log.count"
    local counts=("$2"/*.count)
    if [ "$failed" = 0 ]; then
        printf '%3d/%d  ok    %4d  %s\n' "${#counts[@]}" "$TOTAL" "$passed" "$test"
    else
        printf '%3d/%d  FAIL  %4d  %s (exit %d)\n' "${#counts[@]}" "$TOTAL" "$failed" "$test" "$code"
        sed 's/^/      | /' "$log"
    fi
}
export -f run_one
export TOTAL=$#

printf '%s\0' "$@" | xargs -0 -r -P "${JOBS:-2}" -I{} bash -c 'run_one "$1" "$2"' - {} "$logs" 9>&-

find "$logs" -name '*.count' -exec cat {} + |
    awk '{ p += $1; f += $2 }
         END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'
