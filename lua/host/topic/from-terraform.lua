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
  terraform import, import blocks   cfkv import; and what has the title, or the
                                    `id`, of a declaration is adopted
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

To move over, give cfkv the state. Wherever it is kept, this prints it:

```
terraform state pull >terraform.tfstate
```

```sh
cfkv import terraform.tfstate
cfkv plan --detailed-exitcode
```

`import` writes kv.lua, and records in the state which ids are meant: the plan
that follows has nothing to do, and nothing in the account was touched. With
credentials it looks up what is there; without, what the file says is taken at
its word. It reads

  terraform.tfstate                 format version 4, of provider 2 to 5; of
                                    OpenTofu behind `tofu state pull`, which
                                    decrypts it
  terraform show -json              of a state, or of a saved plan: what is
                                    only planned has no id, and is adopted by
                                    its title or made by the next cfkv apply
  cdk.tf.json                       what `cdktf synth` wrote; with its state as
                                    well nothing is left to guess
  main.tf.json                      as `cfkv export --to terraform` writes it

and several at once: `cfkv import a.tfstate b.tfstate cdk.tf.json`. HCL says
what is to be, not what is: a .tf file is answered with the command that helps.
Values marked sensitive go to kv.secrets.json, which git ignores; the file of
the state has them in the clear: delete it afterwards. Bindings of Worker
scripts and Pages projects name the `binding` of a namespace. A state does not
tell of `lifecycle`: what had prevent_destroy wants `protect = true`, and a key
with ignore_changes wants `policy = "once"`; look into the .tf files before
they go. Namespaces that Terraform never knew: `cfkv import --all`.

Then let Terraform forget what is cfkv's now. `import` printed the commands for
all of it, quoted for a shell, such as

```
terraform state rm cloudflare_workers_kv.flags
terraform state rm 'cloudflare_workers_kv_namespace.config["prod"]'
```

or, from Terraform 1.7 on, a block in place of the resource:

```
removed {
  from = cloudflare_workers_kv_namespace.config
  lifecycle { destroy = false }
}
```

Take the resource blocks out of the .tf files in the same change, so that its
next plan is empty. What Terraform still has to know, ids for a Worker's
bindings, comes as a file of variables:

```sh
echo 'cfkv.output("config_id", shop_config.id)' >>kv.lua
cfkv apply --yes
cfkv output --format tfvars >kv.auto.tfvars
```

The way back, or to both for a while, is

```sh
cfkv export --to terraform -o main.tf.json
```

with `import` blocks for all that has an id, so that `terraform plan` takes
over what is there. `cfkv plan --detailed-exitcode` in CI exits with 2, as
Terraform's does, when something would change; `--format github` and `markdown`
write the comment of a pull request. Read on in `cfkv help import`, `plan`,
`state`, `guards`, `export`.
]==],
}
