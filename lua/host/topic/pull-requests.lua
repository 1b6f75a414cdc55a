return {
  about = "an environment for each pull request, and how it goes again",
  text = [==[
An environment that comes and goes is declared like any other, from a variable,
and `cfkv.project` says by a glob which ones these are:

```lua
local cfkv = require "cfkv"

cfkv.project {
  name = "shop", environments = { "staging", "production" },
  ephemeral = { match = "pr-*", days = 7 },
}

local envs = { "staging", "production" }
local branch = cfkv.var("branch", { default = "" })
if branch ~= "" then
  envs[#envs + 1] = "pr-" .. cfkv.naming.slug(branch, 24)
end
for _, env in ipairs(envs) do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env }
  ns:put("flags", { dark_mode = env ~= "production" })
  cfkv.output("config_" .. env:gsub("-", "_"), ns.id)
end
```

Two branches, of which one is merged:

```sh
cfkv apply --local --yes
cfkv apply --local --yes --var branch=fix-cart --env pr-fix-cart
cfkv apply --local --yes --var branch=Add/Cart --env pr-add-cart-0eeda4b
echo fix-cart >open-branches
cfkv sweep --local --yes --keep-file open-branches \
  --allow-data-loss='*/pr-*'
cfkv state list --local --json | jq -r '.namespaces[].address' | paste -sd' '
#> shop/config/pr-fix-cart shop/config/production shop/config/staging
cfkv destroy --local --yes --env pr-fix-cart --allow-data-loss
```

- `cfkv.naming.slug` makes a name of a branch: what had to be changed or cut
  ends with a hash, so that two branches never share an environment silently.
  The number of a pull request, `"pr-" .. number`, is shorter.
- A pipeline of a pull request applies its own environment only: `--env NAME`.
  Others are then neither compared nor touched, though nothing declares them.
- `cfkv destroy --env NAME` removes one, from the state, on any machine; that
  it is declared nowhere any more does not matter, and a second time there is
  nothing to do. Without the state it exits 5: cfkv import --match '*NAME*'
  records anew what is there. As it is adopted then, it goes only where it is
  declared with `on_remove = "delete"`.
- The state records the day on which its namespaces were created. `cfkv sweep`
  alone removes what is older than `days` (7).
- `cfkv sweep --keep-file FILE`, or `--keep-env NAME` for each, removes all that
  are neither named nor declared, and keeps what is named whatever its age.
  FILE has a name a line; lines that begin with `#` are comments. A name is
  compared with the environment, and with what `*` stands for in
  `ephemeral.match`, both as it is and as its slug: a list of environments, of
  branches or of the numbers of pull requests all do, as
  gh pr list --limit 1000 --json number --jq '.[].number' prints them.
- A list decides what is deleted, so one that is missing, names nothing, or
  holds no names (JSON, a table) is refused with exit code 5. That none is to
  stay is said by `--keep-none`.
- A list is older than what was opened after it. Where the state had to be
  waited for, or changed meanwhile, what is not on the list and was made since
  yesterday stays for the next sweep.
- It is a plan like any other: what is protected does not go, what was adopted
  stays, what holds keys needs `--allow-data-loss='*/pr-*'`, and is backed up
  before. How many go does not count as a mass deletion. Outputs of them and
  bindings that cfkv wrote into wrangler configs go, too; ids in other places
  are told.
- `cfkv help ci` has the pipelines.
]==],
}
