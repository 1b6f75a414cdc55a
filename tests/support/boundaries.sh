#!/usr/bin/env bash
# The architecture, checked by grep: which folder may include which, and where each library's
# headers have their one home. Prints each offending line; the exit code is 1 when there is one.
set -euo pipefail

# What the files of a folder (or src/main.c) may include, besides their own folder.
allowed() {
    case $1 in
    base) ;;
    model) echo base ;;
    http) echo base ;;
    store) echo base model http ;;
    seed | wrangler) echo base model ;;
    state) echo base model http ;;
    script) echo base kv model seed state store ;;
    host) echo base model ;;
    kv) echo base model seed state store wrangler ;;
    serve) echo base model store ;;
    plan) echo base kv model seed state store wrangler ;;
    cli) echo base host kv model script seed state store plan serve wrangler ;;
    main.c) echo base cli ;;
    *) echo "unknown folder 'src/$1': add it to tests/support/boundaries.sh" >&2 && exit 1 ;;
    esac
}

# The library headers and the files that may include them.
homes=(
    '<(lua|lauxlib|lualib|luaconf|lua-cjson)\.h> src/(host|script)/'
    '<sqlite3\.h> src/store/'
    '<curl/ src/http/curl\.h'
    '<microhttpd\.h> src/serve/microhttpd\.h'
    '<zlib\.h> src/base/gzip\.c'
    '<utf8proc\.h> src/base/fold\.c'
    '<yaml\.h> src/base/yaml\.c'
    '<cjson/ src/base/json\.c'
    '<nettle/(cmac|hmac|md5|memops|sha2)\.h> src/base/hash\.[ch]'
    '<nettle/base(16|64)\.h> src/base/(buf|hash)\.c'
)

failed=0

offend() {
    echo "$1" >&2
    failed=1
}

for file in $(find src -name '*.[ch]' | sort); do
    folder=${file#src/}
    folder=${folder%%/*}
    may=" $folder $(allowed "$folder") "
    while read -r target; do
        [[ $may == *" ${target%%/*} "* ]] ||
            offend "$file: '$folder' must not include \"$target\""
    done < <(sed -nE 's,^#include "([^"]+/[^"]+)".*,\1,p' "$file")
    for home in "${homes[@]}"; do
        grep -qE "^#include ${home% *}" "$file" || continue
        [[ $file =~ ^${home##* } ]] || offend "$file: includes a header outside its home, ${home##* }"
    done
done

# The Lua of the host state is out of reach of the sandbox and of scripts.
while read -r line; do
    offend "$line: the host state's Lua is named where user code runs"
done < <(grep -rnE 'embed_host|host/' src/script lua/cfkv)

exit "$failed"
