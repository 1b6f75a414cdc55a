-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

cfkv.namespace { title = "shop-cache" }
cfkv.namespace { id = "abababababababababababababababab" }

-- Not said of namespace 'old\x0Atitle': its title has a control character; it is declared by its
-- id, and keeps it.
-- Not said of namespace 'shop-cache': its description has 300 characters, more than 256, its
-- binding is no name of a binding, its ttl_seconds is 30, less than 60.

-- Not declared: namespace 'lost\x09title' has a title that has a control character, and no id is
-- known.
