return {
  about = "coming from DNSControl: what is called how",
  text = [==[
kv.lua is to namespaces what dnsconfig.js is to zones: a program that declares,
and a tool that compares and corrects. It is Lua in place of JavaScript.

  dnsconfig.js                      kv.lua; `cfkv init` begins one
  creds.json                        CLOUDFLARE_API_TOKEN in the environment, or
                                    --env-file FILE
  dnscontrol check                  cfkv validate
  dnscontrol print-ir               cfkv eval
  dnscontrol preview                cfkv plan
  dnscontrol push                   cfkv apply; it shows the plan and asks
  preview --domains a,b             plan --only GLOB, --env NAME; repeatable
  dnscontrol get-zones              cfkv audit lists all namespaces, cfkv init
                                    writes kv.lua from a wrangler config
  -v NAME=VALUE                     --var NAME=VALUE, asked for by cfkv.var
  NewDnsProvider                    none: there is one provider, in the program
  D("example.com", …)               cfkv.namespace { title = "…" }
  A("www", "…"), TTL(300)           ns:put("www", "…", { expiration_ttl = 300 })
  DefaultTTL(300)                   ttl_seconds = "5m", or `defaults` for all
  D_EXTEND, require()               a loop, a function, require
  IGNORE("x*"), NO_PURGE            nothing to say: keys that are not declared
                                    stay
  (purging is the default)          ns:prune "x/" deletes what is not declared
                                    under a prefix

The difference is a state. DNSControl owns a zone, so what is not declared
goes. An account's namespaces are of many hands: cfkv records what it made in
kv.state.json, and only what it made is ever deleted. A namespace that exists
and is declared is adopted, and kept when its declaration goes, unless
`on_remove = "delete"` says otherwise. Commit the state; lost, it is made anew
by adopting, and nothing is deleted.

```lua
local cfkv = require "cfkv"

cfkv.project { name = "sites", defaults = { ttl_seconds = "1h" } }

local REDIRECTS = {
  ["/blog"] = "https://blog.example.com/",
  ["/shop"] = "https://shop.example.com/",
}

for _, site in ipairs { "example.com", "example.org" } do
  local ns = cfkv.namespace { title = "redirects-" .. site }
  for path, url in pairs(REDIRECTS) do
    ns:put(path, url, { expiration_ttl = 0 })  -- these do not expire
  end
end
```

```sh
cfkv validate  # dnscontrol check
cfkv plan  # dnscontrol preview
cfkv apply --yes  # dnscontrol push
cfkv plan --detailed-exitcode  # exit 0: nothing is left to do; 2: something is
```

Before anything is deleted or overwritten it is kept below .cfkv/backups/, and
what would delete much is refused until an option permits it (`cfkv help
guards`). Read on in `cfkv help configuration`, `plan`, `state`.
]==],
}
