return {
  about = "ten minutes: one Worker, locally, then its first deploy",
  text = [==[
From an empty folder to a Worker that reads its keys on your account. It takes
cfkv and, for `wrangler`, Node; an account only from step 5 on.

1. A project. `init` asks nothing and overwrites nothing:

```sh
cfkv init hello
cd hello
```

There is kv.lua now, which declares one namespace and one key; a Worker that
reads it, with its wrangler.toml; and what editors and git want to know.

2. Locally. The local store is the one that `wrangler dev` reads: with
`--local` nothing is sent anywhere.

```sh
cfkv plan --local  # what would change
cfkv apply --local --yes  # do it; without --yes it asks
cfkv plan --local --detailed-exitcode  # exit 0: nothing is left to do
cfkv kv key get greeting --local --binding KV
#> hello from hello-kv
```

The namespace's id stands in wrangler.toml now, so that this Worker answers
with the same words:

```
npx wrangler dev
```

3. Something of your own. A configuration is Lua, so that two environments are
a loop. Let kv.lua be this:

```lua
local cfkv = require "cfkv"

cfkv.project {
  name = "hello",
  naming = "{app}-{purpose}-{env}",    -- of titles: hello-kv-dev
  protected_envs = { "production" },   -- nothing of it is deleted by accident
}

for _, env in ipairs { "dev", "production" } do
  local kv = cfkv.namespace {
    app = "hello", purpose = "kv", env = env, binding = "KV",
    renamed_from = env == "dev" and "hello-kv" or nil,  -- it was called so
  }
  kv:put("greeting", "hello from " .. env)
  kv:put("flags", { shout = env == "dev" })  -- a table is stored as JSON
  kv:put("session/example", "…", { expiration_ttl = "30m" })
  cfkv.output("kv_" .. env, kv.id)  -- for other programs: cfkv output
end

-- dev at the top level, which `wrangler dev` reads; the other in [env.*]
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
```

The plan tells a rename from a new namespace, a changed value from a new one,
and which binding of wrangler.toml goes where:

```sh
cfkv validate
cfkv apply --local --yes
cfkv kv key get greeting --local --binding KV
#> hello from dev
cfkv kv key get greeting --local --binding KV --env production
#> hello from production
```

4. A slip is told before anything happens, with its line and what was meant:

```sh
sed 's/binding =/bindng =/' kv.lua >slip.lua
cfkv validate slip.lua 2>&1 | grep -m 1 -o "did you mean 'binding'?"
#> did you mean 'binding'?
rm slip.lua
```

5. Your account. Make an API token with the permission "Workers KV Storage:
Edit" (dashboard: My Profile, API Tokens), and let cfkv say what it thinks of
it:

```
export CLOUDFLARE_API_TOKEN=…
cfkv doctor
```

The same plan and apply without `--local` are for the account. It has nothing
of this yet, so all is created, and the account's ids take the place of the
local ones in wrangler.toml:

```sh
cfkv plan
cfkv apply --yes
cfkv wrangler --check  # exit 0: every id is one that a deploy can use
```

6. The deploy is wrangler's, the ids are there already:

```
npx wrangler deploy
npx wrangler deploy --env production
```

7. From here on: change kv.lua, `cfkv plan`, `cfkv apply`. Commit
kv.state.json beside it: it holds the ids of what cfkv made and salted digests
of what it wrote, never a value, and with it a colleague's or CI's plan knows
what is there.

```sh
cfkv drift  # what was changed behind cfkv's back
cfkv output kv_production  # an id, for a script
```

`cfkv init --ci github` (or `gitlab`) adds a workflow that plans each pull
request and applies what is merged. Read on in `cfkv help configuration`,
`keys`, `wrangler`, `guards`; examples/ has one Worker, a namespace for each
developer, and several Workers of one repository.
]==],
}
