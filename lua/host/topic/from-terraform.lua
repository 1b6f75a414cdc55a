return {
  about = "coming from Terraform or Pulumi: what is called how",
  text = [==[
The model is theirs: a configuration, a state, a plan, an apply. It knows
Workers KV and nothing else, and that to the last key: values are compared,
seeded from files, backed up and guarded.

  terraform init                    nothing to fetch; `cfkv init` begins one
  terraform plan, apply, destroy    the same; -auto-approve is --yes
  plan -out=F, apply F              plan --out F, apply --plan F
  -target=ADDRESS                   --only GLOB, --env NAME
  -var, TF_VAR_name                 --var, CFKV_VAR_name
  -refresh-only                     cfkv drift
  -parallelism=N                    --jobs N
  terraform output -json            cfkv output --json; --format tfvars is a
                                    file for terraform -var-file
  terraform state list, mv, rm      cfkv state list, mv, rm
  terraform import                  nothing: what has the title, or the `id`,
                                    of a declaration is adopted
  workspaces, stacks                `env` of a namespace
  for_each, count, dynamic          loops
  modules                           Lua modules: require "apps.shop.names"
  variable, output                  cfkv.var, cfkv.output
  lifecycle { prevent_destroy }     protect = true, protected_envs
  lifecycle { ignore_changes }      policy = "once": a key is written when it
                                    is absent, and then left alone
  moved, removed                    renamed_from = "…", cfkv.removed
  data "…namespace"                 create = false: it must be there
  backend, -lock-timeout            a file beside kv.lua, --lock-timeout
  cloudflare_workers_kv_namespace   cfkv.namespace
  cloudflare_workers_kv             ns:put, ns:bulk

A new title renames a namespace, and its keys stay; it is never made again in
place. The state holds no values: ids, titles and salted digests. Lost, it is
made anew by adopting what is declared, and nothing is deleted.

To move over, declare what is there by its titles:

```lua
local cfkv = require "cfkv"

cfkv.project { name = "shop", naming = "{app}-{purpose}-{env}" }

-- was: resource "cloudflare_workers_kv_namespace" "config" { for_each = … }
for _, env in ipairs { "staging", "prod" } do
  local config = cfkv.namespace {
    app = "shop", purpose = "config", env = env,
    on_remove = "delete",  -- else what was adopted is only forgotten
  }
  -- was: resource "cloudflare_workers_kv" "flags" { … }
  config:put("flags", { beta = env == "staging" })
  cfkv.output("config_" .. env, config.id)
end
```

The plan says `adopt` where a namespace of that title exists, and which values
differ; then let Terraform forget what is cfkv's now:

```sh
cfkv plan
cfkv apply --yes
cfkv output --format tfvars  # for what Terraform still has to know
```

```
terraform state rm cloudflare_workers_kv.flags
terraform state rm cloudflare_workers_kv_namespace.config
```

Take the blocks out of the .tf files in the same change, so that its next plan
is empty. `cfkv plan --detailed-exitcode` in CI exits with 2, as Terraform's
does, when something would change; `--format github` and `markdown` write the
comment of a pull request. Read on in `cfkv help plan`, `state`, `guards`.
]==],
}
