return {
  about = "the kv verbs: files of keys, deletions, expiry",
  text = [==[
The verbs and flags are wrangler's, on the account or with `--local`, and a
namespace is named by its title too, or by the address that `cfkv state list`
shows:

```sh
cfkv kv key put greeting hello --namespace shop-config-dev --local
cfkv kv key get greeting --namespace shop-config-dev --local  # the bytes, exactly
printf '%s\n' key,value old/1,one old/2,two >old.csv
cfkv kv bulk put old.csv --namespace shop-config-dev --local
cfkv kv key list --prefix old/ --json --namespace shop-config-dev --local >old.json
cfkv kv bulk get old.json --namespace shop-config-dev --local  # what bulk put takes
cfkv kv bulk delete old.json --yes --namespace shop-config-dev --local
```

With `--local --binding NAME` a namespace is where `wrangler dev` looks for that
binding (its `preview_id`, else its `id`, else its name), and one that is not
there yet comes to be with its first key. `--persist-to DIR` has the keys in
DIR/v3/kv, as wrangler's.

`kv bulk put` reads wrangler's JSON array, JSON Lines, CSV, a folder, a
backup, gzipped or from standard input. A first pass checks all of it and
finds keys that are given twice, each problem with its line and byte
(`--keep-going` lists them all); nothing is sent while there is one. Then
10,000 pairs go in a request, several requests at a time, in memory that does
not grow with the file. What was interrupted goes on where it stopped when the
same command is given again within a day (`--restart`: from the start). Keys
that could not be written are named once, with the cause, and the exit code is
4 (1: none was written). A backup that lost a line is refused. What `kv key
put` and `kv bulk put` overwrite is gone, as with wrangler, unless `--backup`
keeps it.

`kv key delete` (keys, or `--prefix P`), `kv bulk delete`, `kv namespace
clear` (all keys; the namespace stays) and `kv namespace delete` keep a backup
of what goes (`--no-backup`: none), and meet the same guards: in a protected
namespace keys go with `--allow-data-loss` only and the namespace not at all;
more than 30 % of the keys of a namespace of a hundred or more need
`--allow-mass-delete` (each run is judged alone); a namespace that holds keys
needs `--allow-data-loss`. Outside of a project nobody can tell what is
protected: they say so, and ask, or want `--yes`.

`kv key rename OLD NEW` gives a key another name, `kv key rename --prefix OLD
NEW` all keys that begin with OLD another beginning. It is a copy and then a
delete, with what both ask for and keep: values, metadata and expirations go
along, nothing is deleted before all is written, and of the old keys exactly
those go that were copied. Run again it finishes what was cut short, and does
nothing where all is done: keys under a NEW that begins with OLD are where they
belong, and what would still be under OLD afterwards is refused.

```sh
cfkv kv key rename greeting hello --namespace shop-config-dev --local
cfkv kv key rename --prefix hel user/v2/hel --yes --namespace shop-config-dev --local
```

With `--json` a verb that writes or deletes many keys prints one document,
whichever it is: `accounts` and `target` as in a plan, `id` and `title` of the
namespace, `written` or `deleted`, `skipped`, the keys that `failed`, `bytes`,
`requests`, and where the `backup` lies and what it took (`backup_requests`).

Expiry. Workers KV has no default for a namespace; cfkv makes one. A key that
says nothing of its expiry, declared or put by `kv key put`, `kv bulk put` or
a script, gets the `ttl_seconds` that was declared for its namespace; `--ttl
N` is another one and `--ttl 0` none, and so is `expiration_ttl = 0` on an
item. Wherever seconds are taken, a duration may stand, "90s", "15m", "1h30m",
"7d" or "2w", and a time of RFC 3339 where a moment is: `--ttl 1h`,
`--expiration 2027-01-31T12:00:00Z`, and the same in Lua, JSON and CSV; what
is kept and printed are numbers. A key whose `expiration` is past or less than
a minute ahead, which Workers KV refuses, is left out with a warning; a put of
it alone fails. `restore` and `copy` never add an expiry: there a key's
expiration is what it was. On an account all this is reckoned by the service's
clock, which its answers tell.
]==],
}
