return {
  about = "saved plans, JSON, sources of seeds, inputs, editors",
  fields = true,
  text = [==[
A configuration is a file kv.lua, here or nearest above (-f FILE names another).
It is Lua 5.4 in a sandbox: loops, functions and modules (require finds them
below the project's folder), no clock, network or shell. The README has an
example, and `cfkv init` writes a first one; cfkv.project comes first, and is
left out where one namespace is all.

A plan can be kept and applied later; it is refused if anything moved in
between:

```sh
cfkv plan --local --env dev --out dev.plan
cfkv apply --local --plan dev.plan --yes
```

It brings its filters, permissions and `--var` values along, so that they are
not typed again; a var that is a secret is not kept, and is given again.

Programs read JSON: `validate`, `inputs`, `plan`, `apply`, `drift`, `audit`,
`output`, `wrangler`, `state list` and `show` take `--json`, and `eval` prints
nothing else.

```sh
cfkv plan --local --json | jq '.summary.create'
cfkv output --local --json | jq -r '.config_prod'
```

`cfkv output --format env` writes lines that a POSIX shell sources, `--format
github` what a step appends to `$GITHUB_OUTPUT`, `--format tfvars` a file for
`terraform -var-file`; each is quoted so that its reader gets back what was
recorded, and what it cannot hold is an error.

`cfkv.source.json`, `jsonl`, `csv` (with a header) and `dir` (a file's path is
the key, its bytes the value) are streamed, never loaded; a file may be
gzipped. With `fingerprint = true` a namespace keeps a short hash of each
seeded key in member `cfkv` of the key's own metadata (an object of at most
998 bytes, or none), and a plan tells from the listings alone what changed:
for a million unchanged keys 1,000 list requests and no reads. Turning it on
or off writes each key once. A value that somebody overwrites, putting the
same metadata back, is not seen; backups leave the member out.

What a configuration takes from outside is declared, and `cfkv inputs` lists
it: `cfkv.var("region", { default = "eu" })` is `--var region=us`, else
`CFKV_VAR_region`; `cfkv.getenv("API_KEY", { secret = true })` is an
environment variable, or one of a file that `--env-file` names. With `type =
"duration"` (or "time") `--var ttl=1h` is 3600 seconds. One that is set but
empty, as a secret is that CI does not have, is an error unless there
is a default (then a warning); `default = ""` or `--var name=` says that empty
is meant.

`stdlib/meta/cfkv.lua` describes the module to editors, live calls included;
`make install` puts the stdlib below `share/cfkv/stdlib` (LuaLS: add that
folder to `workspace.library`).
]==],
}
