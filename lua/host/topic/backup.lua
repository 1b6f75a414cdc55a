return {
  about = "whole namespaces, and what is kept before a loss",
  text = [==[
```sh
cfkv backup shop-config-prod --local -o prod.jsonl.gz       # one namespace
cfkv backup --all --local -o all  # a folder, one file each
cfkv restore prod.jsonl.gz --namespace shop-config-copy --create --local
cfkv copy shop-config-prod shop-config-copy --local --yes
```

Values of every kind, metadata and absolute expirations are kept; what has
expired, or will within a minute, is named and left out. A backup is JSON
Lines with a checksum behind them and is verified before anything is restored,
into any namespace, account or target. `local:TITLE` names a namespace of the
local store in a `copy` from or to the account. All three go on after an
interruption; `--prefix` takes a part, `--if-missing` leaves alone what is
there, and `--prune` deletes what is not in the source. What `restore` and
`copy` overwrite or prune is backed up first, unless `--no-backup` is given;
pruning meets the guards of deleting, and a source that holds nothing empties
nothing without `--allow-mass-delete`.

What is kept before a loss lies in `.cfkv/backups/` of the project, elsewhere
in `$XDG_STATE_HOME/cfkv/backups` (`~/.local/state`): one file a command, a
section for each namespace, which `cfkv restore FILE --namespace TITLE` (or
`--from-namespace`) picks. `cfkv backup list` shows them, `cfkv backup purge`
deletes old ones; each new one sweeps away what is neither among the 20 newest
nor younger than 30 days (`backups = { dir, keep, days }` of the project). In
CI that folder goes with the runner: store it yourself, and not as a public
artefact.
]==],
}
