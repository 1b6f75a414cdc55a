return {
  about = "what is there already, as a configuration: the account, other tools",
  text = [==[
`cfkv import` writes a kv.lua of what is there already, and records in the
state which namespaces are meant. It asks the account and changes nothing in
it. Behind it a plan has nothing to do, and importing the same thing twice
changes nothing.

From the account, by title, with all keys:

```sh
cfkv import --match "shop-*" --keys
cfkv plan --detailed-exitcode  # exit 0: nothing is left to do
```

`--all` takes every namespace. Titles that are made alike (shop-cache-dev,
shop-cache-prod) become a loop over what differs. With `--keys` the keys of a
namespace are streamed into a file below seed/, values byte for byte, metadata
and expirations as they are, and `ns:bulk` reads it; without, kv.lua says
nothing of keys, and what is not declared is not touched.

What is not declared yet, for example a namespace that somebody made by hand,
goes into a file of its own, which kv.lua requires:

```sh
cfkv kv namespace create handmade
cfkv import --all -o more.lua
echo 'require "more"' >>kv.lua
cfkv import --all  # all of it is declared now, and so is recorded
cfkv plan --detailed-exitcode
```

From files of other tools, several at once; `-` is standard input:

  Terraform, OpenTofu     terraform state pull, terraform show -json FILE,
                          cdk.tf.json; in `cfkv help from-terraform`
  Pulumi, SST             pulumi stack export, the files of a backend (.gz,
                          too), sst state export, a program in YAML
  Crossplane, operators   kubectl get kvnamespaces,kvs -A -o yaml, which has
                          the ids; manifests from git or helm template
  Planton, OpenMCF        manifests: all documents of a file, of which Planton
                          itself reads the first
  wrangler                wrangler.toml, .json, .jsonc; several of a monorepo

```
terraform state pull | cfkv import - apps/*/wrangler.toml
```

What several files say of one namespace becomes one declaration: its title and
keys from the state of one tool, its bindings from the configs that have its
id. The file that comes first is believed; what another one says otherwise is
told, with both places. With credentials their accounts are listed, a request
each: titles and ids are looked up, and what is gone is told and left out as a
comment. Without, files are taken at their word, and what has no id there is
adopted by its title at the next apply.

A wrangler config that is imported gets a `cfkv.wrangler`, by which it is kept
in step from then on; what has an id stays as it is, byte for byte. A binding
that waits for an id, `<YOUR_ID>` or none at all, is declared under the title
that wrangler would give it.

Secrets, and values that look like some, go to kv.secrets.json, which is for
you alone and which git ignores. A value that is not in the file is a line of
kv.lua to be filled in, commented out, and so is a key that Workers KV does not
keep (its name is `..`, it is past, …): why is told, with its line. Fields that
a tool had for show (the `ttl_seconds` of Planton) do something here: that is
told.

An existing kv.lua is evaluated first. What it declares is only recorded, and
so a lost state is brought back:

```sh
mv kv.state.json lost
cfkv import --all
cfkv state list
cfkv plan --detailed-exitcode
```

If it lacks something, import asks before it writes over it (`--yes` answers
that, and the old one is kept as kv.lua.old), or writes the rest with `-o`.

Then let the other tool forget what is cfkv's now. import prints how, quoted for
a shell: `terraform state rm`, `pulumi state delete`, an annotation for
Crossplane, for Planton the removal from the stack behind it. None of them may
destroy anything: that would delete the namespaces with their keys.

The other way there is `cfkv help export`. Read on in `cfkv help state`,
`from-terraform`, `from-wrangler`, `wrangler`.
]==],
}
