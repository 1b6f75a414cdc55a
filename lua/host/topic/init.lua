return {
  about = "what a project begins with: kv.lua, editors, git, CI",
  text = [==[
`cfkv init` asks nothing and overwrites nothing: what is there is said and
left, a file that git reads gets the lines that it lacks, and a second run
changes nothing. When something cannot be written, nothing is.

```sh
cfkv init my-app              # in a folder of its own
cfkv init --ci github my-app  # later: the workflow, and what else is missing
```

Beside a wrangler config kv.lua declares what that binds, in its environments
and in [previews]:

- A binding with an id: `cfkv.namespace { id = "…" }`. Without a title the
  namespace keeps the one it has; with `title = "…"` it is renamed, which a
  plan shows. Bindings of one id are one namespace, in an environment
  `shared` that the config maps to its own.
- A binding without one (`<YOUR_ID>`, empty, absent): a namespace of the title
  that wrangler's own provisioning would give it, `WORKER-BINDING` in lower
  case, and with the environment in it. It is adopted where it exists, and
  made where it does not.
- What cannot be declared (a second binding of one id in one section, a name
  that is none in JavaScript) stays yours, and a comment says where and why.

The config is the one that wrangler takes in that folder. At the top of a
repository or a package (.git, package.json) that has none, those in the
folders below are declared, each `cfkv.wrangler` with what it binds: a
monorepo. Left out are what build tools wrote, other clones, and folders with a
kv.lua of their own. Else a Worker begins: a namespace, a key, a wrangler.toml
and src/index.js, which `wrangler dev` runs at once.

What comes beside it: `.luarc.json` (LuaLS completes names and fields, and
knows their types), `.luacheckrc` (what the sandbox has), .gitignore (the
local store, backups, journals, .env) and .gitattributes (states are merged,
by the driver that `cfkv help state` has). kv.state.json is committed: it holds
ids and salted digests, no value and no credential, and colleagues and CI know
by it what cfkv made. Who keeps it elsewhere (`--state`) ignores it.

`--ci github` writes .github/workflows/kv.yml, `--ci gitlab` .gitlab-ci.yml:
a plan for each pull request, with a token that only reads; apply and deploy
when it is merged, with the other one, behind the environment `cloudflare`, one
run at a time; each morning a look for what was changed by hand and for
environments of closed pull requests. The state is on a service, so that every
run finds it. The first lines of the file say which secrets and variables it
takes; `cfkv help ci` has the rest.
]==],
}
