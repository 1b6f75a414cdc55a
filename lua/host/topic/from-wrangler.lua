return {
  about = "coming from wrangler: its kv commands and configs here",
  text = [==[
wrangler makes one namespace or one key at a time, and you paste ids. cfkv
declares them in kv.lua, with what they start with; a plan shows what would
change, and the ids get into your configs by themselves. `wrangler dev` and
`deploy` stay as they are.

Beside a config, `cfkv init` writes kv.lua from its bindings, all environments
included. A binding that has an id is pinned by it: the namespace keeps its
title and its keys, and the config stays as it is, byte for byte. One without
an id is declared under the title that wrangler would give it.

```sh
cfkv init
cfkv validate
cfkv apply --local --yes
cfkv plan --local --detailed-exitcode  # exit 0: nothing is left to do
```

init asks nobody. With a token, `cfkv import wrangler.toml` does the same with
the titles of the account, `cfkv import --all --keys` takes what no config
binds, keys included, and both record in the state what is there: see `cfkv
help import`.

The commands have wrangler's names and options; what they are otherwise:

  wrangler kv namespace create X    cfkv kv namespace create X; better is to
                                    declare it, and `cfkv apply`
  wrangler kv namespace delete      the same; what holds keys goes only with
                                    --allow-data-loss, and is kept before
  wrangler kv key put K V           cfkv kv key put K V, with --binding,
                                    --namespace-id, or --namespace TITLE
  wrangler kv key list              the same; the keys as they come, --json for
                                    wrangler's array
  wrangler kv bulk put FILE         the same; JSON Lines, CSV and folders, too,
                                    gone on with when interrupted
  wrangler kv bulk get FILE         the same, in a form that bulk put accepts
  wrangler whoami                   cfkv doctor, which looks at the rest, too
  wrangler types                    cfkv wrangler --types FILE, its KV part
  CLOUDFLARE_API_TOKEN, .env        the first; a .env only by --env-file .env
  wrangler login                    none: a token

The other way round than with wrangler, whose kv commands are for the local
store unless `--remote` is given: cfkv's are for the account unless `--local`
is. `--remote` is accepted, and says what is so.

```sh
cfkv kv key put greeting hello --binding CACHE --local
cfkv kv key get greeting --binding CACHE --local
#> hello
```

What is new: declared keys are compared and only written when they differ;
`cfkv drift` shows what others changed; a key that leaves kv.lua is deleted if
cfkv wrote it, after a backup; `ns:prune "old/"` deletes what is not declared
under a prefix; namespaces are protected (`protected_envs`). What cfkv does not
do: Workers, routes, secrets and everything else of the config are wrangler's.

Read on in `cfkv help wrangler` (sections, previews, accounts), `keys`, and
`backup`.
]==],
}
