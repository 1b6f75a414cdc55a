-- The KV namespaces of shop, as `cfkv import` found them; from now on they are edited here, and
-- `cfkv plan` shows what would change.

local cfkv = require "cfkv"

cfkv.project { name = "shop", account_id = "cf000000000000000000000000000001" }

cfkv.namespace { title = '"' }
cfkv.namespace { title = "\\" }
cfkv.namespace { title = "--" }
cfkv.namespace { title = "--[[ " }
cfkv.namespace { title = "]]" }
cfkv.namespace { title = "'" }
cfkv.namespace { title = "{app}-{env}" }
cfkv.namespace { title = "%d%s" }
cfkv.namespace { title = "end" }
cfkv.namespace { title = "$(rm -rf ~)" }
cfkv.namespace { title = "a\xE2\x80\xAEb" }
cfkv.namespace { title = "-dev" }
cfkv.namespace { title = "dev" }
cfkv.namespace { title = "dev-dev-dev" }
cfkv.namespace { title = ".." }
cfkv.namespace { title = "nil-nil-nil" }
cfkv.namespace { title = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }
