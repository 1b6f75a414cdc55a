return {
  about = "jurisdictions and modes; moving a namespace to another",
  text = [==[
What a namespace is, it is from its creation on, for life. `jurisdiction`
("eu", "us" or "fedramp") says where its data must stay; caches may be
anywhere. cfkv sends it when it creates the namespace, records what the service
tells of it, and refuses a declaration that says something else than what is
there. A backup keeps it, and `restore --create` and `copy --create` make a
namespace of the same.

`mode = "instant"` (a private beta) is for few, small keys that are read often:
no jurisdiction, no metadata and so no fingerprints, keys of at most 300 bytes,
10,000 of them and 1 MB in all (counted as 1,000,000 bytes of keys and values),
and a write a second. cfkv checks what is declared, in files and at every other
door; puts and deletes keys there one by one, a second apart, since bulk writes
do not work; and its plans count that. What is known of the mode comes from
clients of the beta, not from Cloudflare's reference: where the service says
otherwise it is right. On the local target there is neither.

What Cloudflare's API takes at the creation of a namespace and cfkv does not
know yet goes into `create_options = { name = value }`: it is sent as it is,
with a warning, and recorded. Changed later, it has no effect, and plans say so.

`cfkv kv namespace create TITLE` makes either without a configuration, with
`--jurisdiction eu` or `--mode instant`; `cfkv import` declares them as they
are.

A namespace of another kind is a new one, to which the keys are copied. Say
that this one is to be in the EU:

```lua
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local sessions = cfkv.namespace { title = "sessions", binding = "SESSIONS" }
sessions:put("motd", "hello")
```

```sh
cfkv apply --yes
cfkv kv key put visitor 4711 --namespace sessions
```

Leave its declaration as it is, and declare one of another title (or, where
titles are built from parts, of another purpose) beside it:

```lua
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local sessions = cfkv.namespace { title = "sessions", binding = "SESSIONS" }
sessions:put("motd", "hello")
cfkv.namespace { title = "sessions-eu", jurisdiction = "eu" }
```

```sh
cfkv apply --yes
cfkv copy sessions sessions-eu --yes
```

Then the new one takes the binding and what is put. Deploy the Workers, with the
ids that `cfkv wrangler` writes; what they wrote to the old one since the copy
is copied by `cfkv copy` once more just before that. Nothing is lost up to
here, and the old namespace is still declared:

```lua
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "sessions" }
local sessions = cfkv.namespace {
  title = "sessions-eu", jurisdiction = "eu", binding = "SESSIONS",
}
sessions:put("motd", "hello")
```

```sh
cfkv copy sessions sessions-eu --yes
cfkv apply --yes
```

Nothing uses the old one any more: take it out, and say that it may go, which
is backed up first. A protected one needs `protect = false` before that.

```lua
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.removed { title = "sessions", allow_data_loss = true }
local sessions = cfkv.namespace {
  title = "sessions-eu", jurisdiction = "eu", binding = "SESSIONS",
}
sessions:put("motd", "hello")
```

```sh
cfkv apply --yes
```

Who wants the old title back renames the new one, which costs a request and
leaves its id as it is:

```lua
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local sessions = cfkv.namespace {
  title = "sessions", renamed_from = "sessions-eu", jurisdiction = "eu",
  binding = "SESSIONS",
}
sessions:put("motd", "hello")
```

```sh
cfkv apply --yes
cfkv plan
```
]==],
}
