return {
  about = "what is not deleted by accident",
  text = [==[
- Only what the state records as created (or adopted with `on_remove =
  "delete"`) is ever deleted.
- A namespace that holds keys is deleted only with
  `--allow-data-loss=ADDRESS`.
- More than 30 % of the namespaces (from 4 up), or of a namespace's keys (from
  100 up), are deleted only with `--allow-mass-delete=ADDRESS`. `cfkv.project
  { guards = { mass_percent = 30, mass_from = 100 } }` moves the thresholds;
  namespaces of `ephemeral = { match = "pr-*" }` environments are not counted
  (`cfkv help pull-requests`).
  Where nothing is declared, the last managed namespaces need it too
  (`destroy` does not).
- Environments named after who runs cfkv (`env = "dev-" .. cfkv.getenv
  "USER"`) share one state, so what is not declared may be a colleague's:
  `validate` and the plan warn. `--env dev-$USER` leaves others alone, and
  `--state kv.$USER.state.json` gives each a state of their own; better is a
  loop over everybody's names (examples/per-developer).
- A namespace that got another title since it was recorded is not deleted.
- In a protected namespace every key that goes is shown as `(protected)`; the
  last ones go only with `--allow-data-loss=ADDRESS`.
- Both options are repeatable and take a glob over address or title; bare they
  are good where one namespace is concerned. The same can be said in the
  reviewed file, and is harmless once it is done: `cfkv.removed { address =
  "shop/config/dev", allow_data_loss = true }`.
- A `put` that is taken out of the configuration is deleted only if cfkv wrote
  the key and it still is as written; a key that was found as declared is
  forgotten, with a warning.
- A value that cfkv did not write, or (`--refresh keys` and less) cannot tell
  to be its own, is shown as an overwrite; in a namespace that the same plan
  adopts it needs `--allow-data-loss`.
- A binding of a wrangler config that cfkv did not write keeps its id unless
  `--take-over` is given, and no id goes into one of another account than its
  namespace's.
- Before any delete, prune or overwrite by `apply`, `restore` and `copy`, and
  before any delete by a `kv` verb, what is there is written to
  `.cfkv/backups/`, unless `--no-backup` is given.
]==],
}
