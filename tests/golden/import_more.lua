-- More KV namespaces, as `cfkv import` found them: `require 'more'` in the configuration declares
-- them.

local cfkv = require "cfkv"

local secrets = cfkv.file.json "more.secrets.json"

cfkv.namespace { title = "shop-cache-test",  env = "test" }
cfkv.namespace { title = "shop-cache-qa",    env = "qa" }
cfkv.namespace { title = "shop-config-test", env = "test" }
cfkv.namespace { title = "shop-config-qa",   env = "qa" }
cfkv.namespace { title = "theirs", account_id = "cf000000000000000000000000000002" }

local shop_jobs_test = cfkv.namespace { title = "shop-jobs-test", env = "test" }
shop_jobs_test:put("token", cfkv.secret(secrets["shop-jobs-test"].token))

local shop_jobs_qa = cfkv.namespace { title = "shop-jobs-qa", env = "qa" }
shop_jobs_qa:put("token", cfkv.secret(secrets["shop-jobs-qa"].token))
