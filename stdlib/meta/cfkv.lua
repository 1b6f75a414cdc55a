---@meta cfkv
--
-- Types and documentation of the `cfkv` module for editors (LuaLS: add the folder of this file to
-- `workspace.library`). It describes what a configuration gets; it is never run.
-- luacheck: no unused

error('meta/cfkv.lua is for editors; write: local cfkv = require "cfkv"', 0)

---@class cfkv
local cfkv = {}

---A text that is known only at apply (a namespace id), or a secret. Join it with `..`, compare it
---with `==`, use it in values and outputs; it cannot be read.
---@class cfkv.deferred
---@operator concat(string|number|cfkv.deferred): cfkv.deferred

---What a key may hold: bytes, a table (stored as canonical JSON), an id, a secret.
---@alias cfkv.value string|table|cfkv.deferred

---Fields of every namespace that does not give its own.
---@class cfkv.defaults
---@field ttl_seconds? integer
---@field description? string
---@field protect? boolean
---@field on_remove? "delete"|"keep"
---@field create? boolean
---@field preview? boolean
---@field fingerprint? boolean
---@field jurisdiction? "eu"|"fedramp"|"us"
---@field account_id? string

---@class cfkv.project_fields
---@field name string names the project in its state
---@field account_id? string 32 hexadecimal digits; else CLOUDFLARE_ACCOUNT_ID
---@field naming? string title template, "{app}-{purpose}-{env}" unless given
---@field environments? string[] the only values that env may have
---@field protected_envs? string[] environments whose namespaces are protected
---@field title_max? integer characters, 64 unless given, at most 512
---@field defaults? cfkv.defaults

---Declares the project, once, before the first namespace.
---
---    cfkv.project { name = "shop", protected_envs = { "prod" } }
---@param fields cfkv.project_fields
function cfkv.project(fields) end

---@class cfkv.namespace_fields
---@field title? string explicit title; else built from app, purpose and env
---@field namespace_name? string the same as title
---@field app? string
---@field purpose? string
---@field env? string
---@field ttl_seconds? integer expiration_ttl of seeded keys that have none; 0 or at least 60
---@field description? string
---@field binding? string its name in a Worker, such as "CACHE"
---@field protect? boolean never deleted, pruned or emptied
---@field on_remove? "delete"|"keep" what happens when the declaration goes away
---@field renamed_from? string old address or title
---@field id? string pins the namespace
---@field create? boolean false: it must exist already
---@field preview? boolean
---@field fingerprint? boolean keep a content hash in each key's metadata
---@field jurisdiction? "eu"|"fedramp"|"us"
---@field account_id? string

---@class cfkv.put_options
---@field expiration_ttl? integer seconds, at least 60
---@field expiration? integer seconds since the epoch
---@field metadata? any anything JSON can say, at most 1024 bytes
---@field policy? "managed"|"once"

---@class cfkv.bulk_item
---@field key string
---@field value cfkv.value
---@field expiration_ttl? integer
---@field expiration? integer
---@field metadata? any
---@field base64? boolean the value is base64 of the bytes to store

---@class cfkv.bulk_options
---@field policy? "managed"|"once"

---A file of key-value pairs that is streamed at apply.
---@class cfkv.source

---@class cfkv.handle
---@field id cfkv.deferred known at apply
---@field title string
---@field address string "app/purpose/env", else the title
local handle = {}

---Seeds one key.
---
---    ns:put("flags", { dark_mode = true }, { metadata = { owner = "web" } })
---@param key string
---@param value cfkv.value
---@param options? cfkv.put_options
function handle:put(key, value, options) end

---Seeds many keys, from a list or from a file.
---
---    ns:bulk { { key = "a", value = "1" }, { key = "b", value = "2" } }
---    ns:bulk(cfkv.source.jsonl "seed/products.jsonl")
---@param source cfkv.bulk_item[]|cfkv.source
---@param options? cfkv.bulk_options
function handle:bulk(source, options) end

---Every live key under `prefix` that is not declared is deleted.
---@param prefix string "" means every key
function handle:prune(prefix) end

---Declares a namespace.
---
---    local ns = cfkv.namespace { app = "shop", purpose = "cache", env = "prod", binding = "CACHE" }
---@param fields cfkv.namespace_fields
---@return cfkv.handle
function cfkv.namespace(fields) end

---Records a value that `cfkv output` prints. Secrets are refused.
---@param name string
---@param value string|number|boolean|table|cfkv.deferred
function cfkv.output(name, value) end

---@class cfkv.wrangler_fields
---@field path string wrangler.toml or wrangler.jsonc, below the project root
---@field top_level? string the env whose bindings stand outside [env.*]
---@field environments? table<string, string> our env to wrangler's: { prod = "production" }
---@field app? string only namespaces of this app
---@field select? string|string[] only these addresses or titles; * matches anything
---@field persist_to? string as wrangler's --persist-to

---A wrangler configuration to keep in step, and whose local store is seeded.
---@param fields cfkv.wrangler_fields
function cfkv.wrangler(fields) end

---@class cfkv.var_options
---@field default? string|number|boolean
---@field type? "string"|"integer"|"number"|"boolean" the default's unless given
---@field oneof? (string|number|boolean)[]
---@field doc? string

---A declared input: `--var name=value`, else CFKV_VAR_name, else the default.
---@param name string
---@param options? cfkv.var_options
---@return string|number|boolean
function cfkv.var(name, options) end

---@class cfkv.getenv_options
---@field default? string
---@field secret? boolean
---@field doc? string

---A declared environment variable. CLOUDFLARE_*, CF_* and CFKV_* are refused.
---@param name string
---@param options? cfkv.getenv_options
---@return string|cfkv.deferred
function cfkv.getenv(name, options) end

---A value that no plan, log, error or output prints.
---@param value cfkv.value
---@return cfkv.deferred
function cfkv.secret(value) end

---@class cfkv.policy_put
---@field key string
---@field policy "managed"|"once"
---@field metadata? any
---@field expiration_ttl? integer
---@field expiration? integer
---@field bytes? integer size of the value when it is known

---@class cfkv.policy_view
---@field title string
---@field address string
---@field app? string
---@field purpose? string
---@field env? string
---@field ttl_seconds integer
---@field description? string
---@field binding? string
---@field protect boolean
---@field on_remove? "delete"|"keep"
---@field account_id? string
---@field puts cfkv.policy_put[]

---A rule of your own, run on each namespace. It returns nothing, a message (an error), or "warn"
---and a message.
---
---    cfkv.policy("has a description", function(ns)
---      if not ns.description then return "warn", ns.title .. " has no description" end
---    end)
---@param name string
---@param check fun(ns: cfkv.policy_view): string?, string?
function cfkv.policy(name, check) end

---JSON's null.
---@type lightuserdata
cfkv.null = nil

---Marks a table as a JSON array, so that an empty one is [] and not {}.
---@param t? table
---@return table
function cfkv.array(t) end

---Files below the project root, read while the configuration is evaluated.
cfkv.file = {}

---@param path string
---@return string text valid UTF-8
function cfkv.file.text(path) end

---@param path string
---@return string bytes
function cfkv.file.bytes(path) end

---@param path string
---@return any
function cfkv.file.json(path) end

---Files for ns:bulk, streamed: memory does not grow with them. A file may be compressed with gzip
---(`seed/products.jsonl.gz`); state and plans then know the size and digest of what is in it.
cfkv.source = {}

---A JSON array in wrangler's bulk format.
---@param path string
---@return cfkv.source
function cfkv.source.json(path) end

---One JSON object per line.
---@param path string
---@return cfkv.source
function cfkv.source.jsonl(path) end

---CSV with a header that names the columns: key and value, and what else there is of base64,
---expiration, expiration_ttl and metadata (JSON), in any order. An empty cell of these is absent.
---@param path string
---@return cfkv.source
function cfkv.source.csv(path) end

---The files of a folder: the path below it is the key, the bytes are the value. What begins with a
---dot is left out; links are refused.
---@param path string
---@return cfkv.source
function cfkv.source.dir(path) end

cfkv.json = {}

---Canonical JSON: members sorted, no white space.
---@param value any
---@return string|cfkv.deferred
function cfkv.json.encode(value) end

---@param text string
---@return any
function cfkv.json.decode(text) end

return cfkv
