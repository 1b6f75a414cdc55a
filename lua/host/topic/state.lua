return {
  about = "cfkv's files, finding kv.lua, merging states",
  rows = "FILES",
  text = [==[
  kv.lua                    the configuration, here or nearest above; `-f
                            FILE` names another. Files are read below its
                            folder (`--root`) only
  kv.state.json             what cfkv knows of the account, with mode 0600; a
                            link is followed; `--state PATH` names another
  kv.state.json.journal, .lock
                            what an apply has done so far, folded in at its
                            end; one writer at a time
  wrangler.toml, .json, .jsonc
                            yours; cfkv writes the bindings that are declared
  .wrangler/state/v3/kv/    the local store, wrangler's own: beside each
                            wrangler config, else beside `kv.lua`
  .wrangler/state/v3/cfkv.sqlite
                            what cfkv knows of it: titles, ids, folders, and
                            the local state
  .cfkv/resume/*.jsonl      how far an interrupted `kv bulk put`, `restore` or
                            `copy` came
  .cfkv/backups/*.jsonl     for each namespace one header line, one line a key
                            in wrangler's bulk format, a checksum

Without `-f` and without a `kv.lua` in the current folder the nearest above it
is taken, up to the repository's root (the folder with `.git`), else up to
your home, and never from another file system. One that belongs to neither you
nor root, or that everybody may write, is refused by name; one from above
stands in the first line of output, and `apply` and `destroy` with `--yes`
want it named (`-f`, `-C`). The `kv` verbs find their project the same way: in
`apps/api`, `--binding CONFIG` is as protected, and its keys get the same
`ttl_seconds`, as where `kv.lua` lies.

A state holds addresses, ids and salted digests of what was written, never a
value. Losing it is survivable: what is declared is then adopted, nothing is
deleted, and plan, apply and drift say that there is none; `destroy` lists
what exists of what is declared and exits 5. A configuration that names no
project is refused where the state names one, so that an emptied file deletes
nothing.

Its format is version 2. A state of version 1 is read, and the first run that
writes it makes it version 2 and says so; an older cfkv refuses that.

Two people's states merge where what they changed are not neighbours. `cfkv
state merge` merges record by record, and names what both changed. `cfkv init`
writes the first of these lines; the second is for each clone:

```
echo '*.state.json merge=cfkv' >>.gitattributes
git config merge.cfkv.driver 'cfkv state merge %O %A %B'
```
]==],
}
