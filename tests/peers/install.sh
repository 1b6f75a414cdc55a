# install.sh, to be sourced by bash: brings the peers, and sets `node` to one that runs them.
#
# They are installed from the lock file when they are missing or another version was locked. They
# need node 22.12; when the machine's own is older, the one that came with them is used.

peers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! cmp -s "$peers/package-lock.json" "$peers/node_modules/.locked"; then
    (cd "$peers" && npm ci --loglevel=error) >&2
    cp "$peers/package-lock.json" "$peers/node_modules/.locked"
fi

new_enough() {
    "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number);
             process.exit(major > 22 || (major === 22 && minor >= 12) ? 0 : 1)' 2>/dev/null
}

# By its path: not every npm links it into .bin.
for node in node "$peers"/node_modules/node-linux-*/bin/node; do
    if new_enough "$node"; then break; fi
done
new_enough "$node" || { echo 'no node that is new enough (22.12) for the peers' >&2; exit 1; }
