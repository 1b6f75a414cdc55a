return {
  about = "bindings in wrangler's configs, and local data",
  text = [==[
Ids are outputs: nobody pastes them. `apply` writes the KV bindings into the
configs that `cfkv.wrangler` declares, and leaves every other byte as it was:
comments, alignment, line endings, bindings of yours. `plan` shows the write,
with the old and the new id of each binding. A config that is missing is made;
a folder that is missing is a slip, and told.

```sh
cfkv wrangler --local  # the same, offline, from recorded ids
cfkv wrangler --local --check  # for CI: exit 2 and a diff when a config is stale
cfkv wrangler --local --stdout --env dev
cfkv kv key get feature_flags --local --binding CONFIG --env prod  # by the name in the config
```

```lua
cfkv.wrangler {
  path = "apps/api/wrangler.jsonc",
  app = "api",  -- only its namespaces (or select = { "api/*" })
  top_level = "staging",  -- whose stand outside [env.*]: a plain wrangler dev has them
  previews = "staging",   -- whose stand in [previews]
  environments = { prod = { "production", "live" } },  -- what wrangler calls ours
  bindings = { ["api/config/*"] = "CFG" },  -- other names of bindings, in this file
  -- or by section: { ["api/config/*"] = { top_level = "CFG", live = "LIVE_CFG" } }
  persist_to = "../../.wrangler/state",     -- as wrangler dev --persist-to
}
```

A namespace is bound in each section that `top_level`, `previews` and
`environments` say for its env, all three together; where they say none, in
the environment of the env's name, and without an env at the top level. With a
section more or less the binding is added or taken out there, nowhere else. A
Pages project (`pages_build_output_dir`) has a top level and the environments
preview and production: `validate` refuses others. It also tells of lists that
wrangler does not read: `kv-namespaces`, as wrangler 1 had it, and a
`kv_namespaces = […]` that fell into the [table] above it.

A binding is cfkv's when the state says so, its `id` and its `preview_id` each
for itself. One that you wrote is changed only when it is no id (`<YOUR_ID>`,
empty, absent) or no namespace has it, else with `--take-over`; one that is
declared no more is taken out, comment lines and all, unless you changed it or
its `preview_id` is yours. With `ids = "auto"` a binding without an id stays
so, and wrangler makes its namespace at the first deploy. `plan`, `audit` and
`wrangler --check` name ids that no longer exist or belong to another
environment, and what an environment lacks, since wrangler inherits neither
bindings nor vars. A namespace with `preview = true` has a second one,
TITLE`_preview`, whose id becomes `preview_id`.

wrangler deploys a config, or an environment, to the account of its
`account_id`, else to that of `CLOUDFLARE_ACCOUNT_ID`. Where that is another
one than the namespaces', apply refuses, and plan, `audit` and `cfkv wrangler`
say so. What cfkv does not take out, since its file is declared no more or was
changed by hand, is told when the namespace goes, with its line.

Declare the config that wrangler reads: wrangler.json comes before .jsonc
before .toml, one of any folder above included, and where a build tool left
.wrangler/deploy/config.json, `wrangler dev` and `deploy` read what that built
until it is built again. `validate` and `plan` say so. Built configs are never
edited, nor is `cloudflare.config.ts`, which wrangler reads instead under
`--x-new-config`: `cfkv wrangler` prints what goes into it.

Local data. `apply --local` seeds the store of each config that binds the
namespace, where `wrangler dev` looks: under `preview_id`, else `id`, else the
binding's name. What dev has under a placeholder or a name comes along when
that is filled, copied where another binding looks there, too; a run to the
account says where such data stays. What is under an id that you wrote stays
there, also when the declaration goes. A binding without an id gets a local
one, and the run ends with how many of those a config holds: a deploy must not
read them. The next remote apply replaces them, and with the next `apply
--local` the local data follows, keys you put there included. `cfkv wrangler
--check`, without `--local`, exits with 2 as long as one is there. A local run
never touches a remote id.

`wrangler dev` has the bindings of the top level; what was seeded for another
environment is there under `wrangler dev --env staging`.

What the Worker's code sees of the bindings, `cfkv wrangler --types kv.d.ts`
writes as TypeScript: an `Env` with `CONFIG: KVNamespace`, which adds to one of
your own and agrees with `wrangler types` (that has all other bindings, too).
As there, a binding is optional (`CONFIG?`) unless the top level and every
environment of the config have it. It needs no ids, so it works in a fresh
clone; `--check` exits with 2 and a diff when the file is stale. PATH takes
the bindings of one of several configs. A file that cfkv did not generate is
never overwritten.

For a generator of your own, `require "cfkv.wrangler"` renders a config from
outputs; examples/ci is a pipeline that does so, with ids kept out of git.
]==],
}
