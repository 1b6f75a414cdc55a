---@meta cfkv
--
-- Types and documentation of the `cfkv` module for editors (LuaLS: add the folder above this one to
-- `workspace.library`; cfkv.matrix, cfkv.naming, cfkv.versioned and cfkv.wrangler are there, too).
-- It describes what a configuration gets, and the live calls of scripts (`cfkv run`); it is never
-- run.
-- luacheck: no unused

error('meta/cfkv.lua is for editors; write: local cfkv = require "cfkv"', 0)

---@class cfkv
local cfkv = {}

-- ---- Declarations: in configurations -------------------------------------------------------------

---A text that is known only at apply (a namespace id), or a secret. Join it with `..`, compare it
---with `==`, use it in values and outputs; it cannot be read.
---@class cfkv.deferred
---@operator concat(string|number|cfkv.deferred): cfkv.deferred

---What a key may hold: bytes, a table (stored as canonical JSON), an id, a secret.
---@alias cfkv.value string|table|cfkv.deferred

---Seconds, or a duration: "90s", "15m", "1h30m", "7d", "2w".
---@alias cfkv.duration integer|string

---Seconds since 1970, or a time of RFC 3339: "2027-01-31T12:00:00Z", "2027-01-31T13:00:00+01:00".
---@alias cfkv.moment integer|string

---Fields of every namespace that does not give its own.
---@class cfkv.defaults
---@field ttl_seconds? cfkv.duration expiration_ttl of seeded keys that have none; 0 or at least 60
---@field description? string for people; at most 256 characters
---@field owner? string who answers for it, as audit tells; at most 64 characters
---@field protect? boolean never deleted, pruned or emptied
---@field on_remove? "delete"|"keep" what happens when the declaration goes away
---@field create? boolean false: it must exist already
---@field preview? boolean makes a second namespace TITLE_preview, whose id goes into preview_id; not with --local
---@field fingerprint? boolean keep a content hash in each key's metadata
---@field jurisdiction? "eu"|"fedramp"|"us" where its data must stay; settled when it is created
---@field mode? "instant" "instant": few, small keys without metadata; settled when it is created
---@field create_options? table<string, any> sent as it is when it is created, for what cfkv does not know yet
---@field account_id? string the account it lives in; else the project's
---@field account? string its name in the project's accounts, instead of account_id

---@class cfkv.project_fields
---@field name string names the project in its state
---@field account_id? string 32 hexadecimal digits; else CLOUDFLARE_ACCOUNT_ID
---@field accounts? table<string, string> from names of accounts to their ids
---@field naming? string title template, "{app}-{purpose}-{env}" unless given
---@field environments? string[] the only values that env may have, but for ephemeral ones
---@field protected_envs? string[] environments whose namespaces are protected
---@field title_max? integer characters, 64 unless given, at most 512
---@field defaults? cfkv.defaults fields of every namespace that does not give its own
---@field guards? cfkv.guards how much may be deleted at once
---@field backups? cfkv.backups what is kept of what is deleted or overwritten
---@field ephemeral? cfkv.ephemeral environments that come and go
---@field limits? cfkv.limits what Cloudflare lets the account have where it lets it have more
---@field state? string|cfkv.state URL of the service that keeps the state; a file unless given

---How much may be deleted at once without --allow-mass-delete.
---@class cfkv.guards
---@field mass_percent? integer percent of a namespace's keys, or of the namespaces; 30 unless given
---@field mass_from? integer keys that a namespace has at least for that to count; 100 unless given

---What is kept of what is deleted or overwritten. A backup that is beyond both numbers goes when the
---next one is written.
---@class cfkv.backups
---@field dir? string a folder below the project root, ".cfkv/backups" unless given
---@field keep? integer so many files stay, 20 unless given
---@field days? integer|string files of so many days stay, or of a duration such as "2w"; 30 unless given

---Environments that come and go, such as one for each pull request: cfkv sweep removes them, and their
---namespaces do not count as a mass deletion.
---@class cfkv.ephemeral
---@field match string a glob (* and ?) over env
---@field days? integer|string how long one stays unless cfkv sweep is told, or a duration such as "2w"; 7 unless given

---What Cloudflare lets an account have where it lets it have more than others.
---@class cfkv.limits
---@field namespaces? integer namespaces of the account; 1000 unless given

---Where the state is kept, for teams and pipelines.
---@class cfkv.state
---@field url string "s3://BUCKET/KEY" or "https://HOST/PATH"
---@field endpoint? string of S3: "https://HOST"; the environment names it, too, unless it is the account's R2
---@field region? string of S3; else AWS_REGION, and "auto" for R2
---@field lock_address? string of https: where it is locked; the URL (of …/terraform/state/NAME its /lock) unless given
---@field unlock_address? string where it is unlocked; lock_address unless given
---@field lock_method? string "LOCK", or "POST" for …/terraform/state/NAME, unless given
---@field unlock_method? string "UNLOCK", or "DELETE" for …/terraform/state/NAME, unless given

---Declares the project, once, before the first namespace.
---
---    cfkv.project { name = "shop", protected_envs = { "prod" } }
---@param fields cfkv.project_fields
function cfkv.project(fields) end

---@class cfkv.namespace_fields: cfkv.defaults
---@field title? string explicit title; else built from app, purpose and env
---@field namespace_name? string the same as title
---@field app? string the first part of its address
---@field purpose? string the second part
---@field env? string the third part
---@field binding? string its name in a Worker, such as CACHE
---@field renamed_from? string old address or title
---@field id? string pins the namespace; without a title it keeps its own

---@class cfkv.put_options
---@field expiration_ttl? cfkv.duration at least 60 seconds; 0: none, whatever the default of the namespace
---@field expiration? cfkv.moment when it expires
---@field metadata? any anything JSON can say, at most 1024 bytes
---@field policy? "managed"|"once" "once": written only where there is no such key; "managed" unless given

---@class cfkv.bulk_item
---@field key string 1 to 512 bytes of UTF-8
---@field value cfkv.value at most 25 MiB
---@field expiration_ttl? cfkv.duration at least 60 seconds; 0: none, whatever the default of the namespace
---@field expiration? cfkv.moment when it expires
---@field metadata? any anything JSON can say, at most 1024 bytes
---@field base64? boolean the value is base64 of the bytes to store

---@class cfkv.bulk_options
---@field policy? "managed"|"once" "once": written only where there is no such key; "managed" unless given

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
---    ns:bulk(cfkv.source.jsonl "seed/products.jsonl", { policy = "once" })
---@param source cfkv.bulk_item[]|cfkv.source
---@param options? cfkv.bulk_options
function handle:bulk(source, options) end

---Every live key under `prefix` that is not declared is deleted.
---
---    ns:prune "legacy/"
---@param prefix string "" means every key
function handle:prune(prefix) end

---Declares a namespace. What is below it (cfkv.namespace.create …) are live calls, for scripts.
---
---    local ns = cfkv.namespace { app = "shop", purpose = "cache", env = "prod", binding = "CACHE" }
---@class cfkv.namespace_calls
---@overload fun(fields: cfkv.namespace_fields): cfkv.handle
cfkv.namespace = {}

-- ---- Live calls: in scripts (cfkv run) -----------------------------------------------------------
--
-- An expected failure is nil and an error. What is wrong with the arguments is raised.

---Why a live call failed. tostring(err) is the message, with the hint on a line of its own;
---`assert(…)` raises it as it is.
---@class cfkv.error
---@field code "failed"|"io"|"invalid"|"format"|"limit"|"guard"|"locked"|"not_found"|"exists"
---@field message string
---@field hint? string what to do about it

---What create, list and get give, and what every live call takes for a namespace.
---@class cfkv.live_namespace
---@field id string 32 hexadecimal digits
---@field title string

---A namespace as a live call takes it: its title or its id, or a table with id or title.
---@alias cfkv.namespace_name string|cfkv.live_namespace|{ title: string }|{ id: string }

---Makes a namespace; the error has code "exists" when the title is taken.
---
---    local made, err = cfkv.namespace.create "shop-archive"
---    if not made and err.code ~= "exists" then error(err) end
---@param title string
---@return cfkv.live_namespace? namespace
---@return cfkv.error? err
function cfkv.namespace.create(title) end

---All namespaces of the account, by title.
---
---    for ns in assert(cfkv.namespace.list()) do print(ns.id, ns.title) end
---@return (fun(): cfkv.live_namespace?)? next
---@return cfkv.error? err
function cfkv.namespace.list() end

---Looks a namespace up, each time anew; the error has code "not_found" when there is none.
---
---    local ns = assert(cfkv.namespace.get "shop-cache-dev")
---    print(ns.id)
---@param namespace cfkv.namespace_name
---@return cfkv.live_namespace? namespace
---@return cfkv.error? err
function cfkv.namespace.get(namespace) end

---Gives it another title. A table that was given has it from then on.
---
---    assert(cfkv.namespace.rename(ns, "shop-cache-old"))
---@param namespace cfkv.namespace_name
---@param title string
---@return true? ok
---@return cfkv.error? err
function cfkv.namespace.rename(namespace, title) end

---What a guard would refuse (`err.code` is "guard"), and whether a backup is kept of what goes.
---@class cfkv.delete_options
---@field allow_data_loss? boolean a namespace with keys, keys of a protected namespace
---@field allow_mass_delete? boolean more than 30 % of a namespace's keys, from 100 up
---@field backup? boolean false: none is kept

---Deletes a namespace. A protected one, or one that holds keys, is refused with code "guard".
---
---    local ok, backup = cfkv.namespace.delete(ns, { allow_data_loss = true })
---    print(ok, backup)
---@param namespace cfkv.namespace_name
---@param options? cfkv.delete_options
---@return true? ok
---@return string|cfkv.error|nil backup the path of the backup, when one was written; behind nil, the error
function cfkv.namespace.delete(namespace, options) end

---One key at a time.
cfkv.key = {}

---@class cfkv.key_put_options
---@field expiration_ttl? cfkv.duration at least 60 seconds; 0: none, whatever the default of the namespace
---@field expiration? cfkv.moment when it expires
---@field metadata? any anything JSON can say, at most 1024 bytes
---@field backup? boolean keep a backup of what is overwritten

---Writes a key: a string as its bytes, a table as canonical JSON. Without an expiry it gets the
---default ttl that is recorded of the namespace. A key that would expire within a minute is refused.
---
---    assert(cfkv.key.put(ns, "flags", { dark_mode = true }, { expiration_ttl = "1h" }))
---@param namespace cfkv.namespace_name
---@param key string
---@param value string|table
---@param options? cfkv.key_put_options
---@return true? ok
---@return string|cfkv.error|nil backup the path of the backup, when one was written; behind nil, the error
function cfkv.key.put(namespace, key, value, options) end

---The bytes of a value; the error has code "not_found" when there is no such key.
---
---    local value, err = cfkv.key.get(ns, "flags")
---    print(value or err.code)
---@param namespace cfkv.namespace_name
---@param key string
---@return string? value
---@return cfkv.error? err
function cfkv.key.get(namespace, key) end

---Metadata and expiration (seconds since the epoch) of a key, each nil when it has none. Behind nil
---the second is an error when it is a table.
---
---    local metadata, expiration = cfkv.key.metadata(ns, "flags")
---    print(metadata and metadata.owner, expiration)
---@param namespace cfkv.namespace_name
---@param key string
---@return any metadata
---@return integer|cfkv.error|nil expiration
function cfkv.key.metadata(namespace, key) end

---@class cfkv.key_list_options
---@field prefix? string only keys that begin with it
---@field limit? integer at most so many

---@class cfkv.listed_key
---@field key string
---@field metadata? any
---@field expiration? integer seconds since the epoch

---The keys of a namespace in byte order, page after page while it goes on. A failure on the way is
---raised.
---
---    for k in assert(cfkv.key.list(ns, { prefix = "product/" })) do print(k.key) end
---@param namespace cfkv.namespace_name
---@param options? cfkv.key_list_options
---@return (fun(): cfkv.listed_key?)? next
---@return cfkv.error|nil err
function cfkv.key.list(namespace, options) end

---Deletes a key, after a backup. One that is not there is fine.
---
---    assert(cfkv.key.delete(ns, "flags"))
---@param namespace cfkv.namespace_name
---@param key string
---@param options? cfkv.delete_options
---@return true? ok
---@return string|cfkv.error|nil backup the path of the backup, when one was written; behind nil, the error
function cfkv.key.delete(namespace, key, options) end

---Any number of keys, in as few requests as there can be. Memory does not grow with them when they
---come from an iterator.
cfkv.bulk = {}

---@class cfkv.bulk_put_options
---@field ttl? cfkv.duration for items without an expiry, in place of the recorded default; 0: none
---@field backup? boolean keep a backup of what is overwritten

---An item of a live bulk put.
---@class cfkv.live_item
---@field key string 1 to 512 bytes of UTF-8
---@field value string|table at most 25 MiB
---@field expiration_ttl? cfkv.duration at least 60 seconds; 0: none, whatever the default of the namespace
---@field expiration? cfkv.moment when it expires
---@field metadata? any anything JSON can say, at most 1024 bytes
---@field base64? boolean the value is base64 of the bytes to store

---@class cfkv.bulk_put_result
---@field written integer keys
---@field failed string[] keys that the service did not take, or that would expire within a minute
---@field reason? cfkv.error why the first of them failed
---@field backup? string path of the backup, when one was written

---An error of a bulk call also says how far it came.
---@class cfkv.bulk_put_error: cfkv.error
---@field code "raised"|string "raised" (and raised again) when an item is wrong or the iterator raised
---@field written integer
---@field failed string[]
---@field cause? any what the iterator raised

---Writes items from an array, an iterator or a file. An iterator gives an item, or key, value and
---options, and nil at the end; it may make live calls of its own. A file is checked as a whole before
---the first key is sent.
---
---    local r = assert(cfkv.bulk.put(ns, cfkv.source.csv "products.csv", { ttl = 0 }))
---    print(r.written, #r.failed)
---@param namespace cfkv.namespace_name
---@param source cfkv.live_item[]|(fun(): string|cfkv.live_item|nil, (string|table)?, cfkv.key_put_options?)|cfkv.source
---@param options? cfkv.bulk_put_options
---@return cfkv.bulk_put_result? result
---@return cfkv.bulk_put_error? err
function cfkv.bulk.put(namespace, source, options) end

---Keys for bulk.get and bulk.delete: an array or an iterator, of strings or of tables with a `key`,
---such as cfkv.key.list gives.
---@alias cfkv.keys (string|{ key: string })[]|fun(): string|{ key: string }|nil

---Values of many keys. For an array of keys it gives a table from keys to values; for an iterator an
---iterator over key and value of those that are there, which raises failures on the way.
---
---    local got = assert(cfkv.bulk.get(ns, { "a", "b" }))
---    print(got.a, got.b)
---    for key, value in assert(cfkv.bulk.get(ns, cfkv.key.list(ns))) do print(key, #value) end
---@param namespace cfkv.namespace_name
---@param keys cfkv.keys
---@return table<string, string>|(fun(): string?, string?)|nil values
---@return cfkv.error|nil err
function cfkv.bulk.get(namespace, keys) end

---@class cfkv.bulk_delete_result
---@field deleted integer keys, also those that were not there
---@field failed string[]
---@field reason? cfkv.error why the first of them failed
---@field backup? string path of the backup, when one was written

---@class cfkv.bulk_delete_error: cfkv.error
---@field code "guard"|"raised"|string "raised" (and raised again) when a key is wrong or the iterator raised
---@field deleted integer
---@field failed string[]
---@field cause? any what the iterator raised

---Deletes many keys, after a backup. All of them are counted before the first goes: a guard may refuse.
---
---    local r = assert(cfkv.bulk.delete(ns, cfkv.key.list(ns, { prefix = "old/" })))
---    print(r.deleted, r.backup)
---@param namespace cfkv.namespace_name
---@param keys cfkv.keys
---@param options? cfkv.delete_options
---@return cfkv.bulk_delete_result? result
---@return cfkv.bulk_delete_error? err
function cfkv.bulk.delete(namespace, keys, options) end

---What is in a file, row by row, for scripts to make items of. A relative path is looked up from the folder of
---the script (--root); "-" is standard input. A file may be compressed with gzip. All of it is judged when
---it is opened, and raised with the places of all problems: who gets the first row knows that the last one
---is good. Memory does not grow with the file.
cfkv.rows = {}

---@alias cfkv.row_type "string"|"integer"|"number"|"boolean"|"json"|"duration"|"time"

---@class cfkv.csv_options
---@field delimiter? string what is between cells: one character, such as ";" or "\t"; a comma unless given
---@field decimal? "."|"," the decimal sign of numbers
---@field header? string[] names of the columns of a file whose first line does not name them
---@field columns? table<string, string> names of columns in the file to those that rows have
---@field types? table<string, cfkv.row_type> what columns (by the names that rows have) hold; text unless given

---Rows of CSV: a table from column to value, and the line where it begins. Quotes, CRLF, a byte order mark and
---blank lines are as they should be. Blanks around a cell of another type than "string" do not count, and an empty
---one is nil; "boolean" takes true, yes, 1 and false, no, 0. To ask a row for a column that the file has not is an
---error.
---
---    for row, line in cfkv.rows.csv("articles.csv", {
---      delimiter = ";", decimal = ",", columns = { Artikel = "sku" }, types = { price = "number" },
---    }) do
---      print(line, row.sku, row.price)
---    end
---@param path string
---@param options? cfkv.csv_options
---@return fun(): table<string, any>?, integer? next
function cfkv.rows.csv(path, options) end

---Rows of JSON Lines: an object or an array each, and its line. Blank lines are skipped.
---
---    for event, line in cfkv.rows.jsonl "events.jsonl.gz" do print(line, event.kind) end
---@param path string
---@return fun(): table?, integer? next
function cfkv.rows.jsonl(path) end

---The files of a folder, in byte order of their paths: `key` is the path below it, `value` the bytes. What begins
---with a dot is left out; links are refused.
---
---    for file in cfkv.rows.dir "site" do print(file.key, #file.value) end
---@param path string
---@return fun(): { key: string, value: string }? next
function cfkv.rows.dir(path) end

---From here on expected failures raise, at the line of the call, instead of giving `nil, err`; keys that
---failed singly, too. As `cfkv run --strict`.
---
---    cfkv.strict()
---    print(cfkv.namespace.get("shop-cache-dev").id)  -- raises when there is none
---@param on? boolean false: they do not
---@return boolean was what was so before
function cfkv.strict(on) end

---@alias cfkv.migration_run fun(ns: cfkv.namespace_name, name: string)
---@alias cfkv.migration_rewrite fun(key: string, value: string, metadata: any): string?, (string|table)?, any

---A step of cfkv.migrate: `run` does what it likes, or `rewrite` is asked about each key. Without both it is only
---recorded, as one whose work is over.
---@class cfkv.migration_step
---@field name string by which it is recorded, for ever
---@field run? cfkv.migration_run what it does; expected failures raise in it
---@field rewrite? cfkv.migration_rewrite what becomes of a key: its name then, value and metadata; nil: it stays
---@field prefix? string of the keys that `rewrite` gets; all unless given
---@field allow_mass_delete? boolean the old names of keys may go though they are many
---@field allow_data_loss? boolean and though the namespace is protected
---@field was? string|string[] what it was called

---@class cfkv.migrate_options
---@field prefix? string of the keys that record it: "cfkv/" unless given

---@class cfkv.migrated
---@field ran string[] names of the steps that were left to do
---@field done integer steps that are done now

---Runs named steps once each, in order, for changing the shape of keys and values. What was done is recorded in the
---namespace itself, a key for each step (cfkv/migrations/NAME), so that it goes wherever the data goes. A run that was
---killed or failed is run again: it goes on with the step that was not finished, so a step must be one that may run
---again; so it may also where a read of Workers KV is older than the record. New steps go to the end.
---
---`rewrite` gives the new name of a key and, where they change, its value and metadata (cfkv.null: none); nil leaves
---the key as it is. Expiry stays. All is written, over a backup of what was there, before the first of the old keys
---goes.
---
---    local r = assert(cfkv.migrate(ns, {
---      { name = "2026-11 users/ID", prefix = "user:", rewrite = function(key) return "users/" .. key:sub(6) end },
---    }))
---    print(#r.ran, r.done) --> 1 1
---@param namespace cfkv.namespace_name
---@param steps cfkv.migration_step[]
---@param options? cfkv.migrate_options
---@return cfkv.migrated? result
---@return cfkv.error? err code "locked" where somebody else is at it, "invalid" where a step seems to be renamed
function cfkv.migrate(namespace, steps, options) end

-- ---- More declarations: in configurations --------------------------------------------------------

---Records a value that `cfkv output` prints. Secrets are refused.
---
---    cfkv.output("cache_id", ns.id)
---@param name string
---@param value string|number|boolean|table|cfkv.deferred
function cfkv.output(name, value) end

---@class cfkv.removed_fields
---@field title? string what it was titled,
---@field address? string or its address
---@field allow_data_loss? boolean though it holds keys; they are backed up first
---@field allow_mass_delete? boolean though it is one of many

---The reviewed word that a namespace, whose declaration was taken out, may go. Harmless once it has.
---
---    cfkv.removed { address = "shop/config/dev", allow_data_loss = true }
---@param fields cfkv.removed_fields
function cfkv.removed(fields) end

---A name, or names by section: { top_level = "CACHE", production = "PROD_CACHE", previews = "PREVIEW_CACHE" }
---@alias cfkv.binding_name string|table<string, string>

---@class cfkv.wrangler_fields
---@field path string wrangler.toml or wrangler.jsonc, below the project root
---@field top_level? string the env whose bindings stand outside [env.*], where `wrangler dev` looks
---@field environments? table<string, string|string[]> our env to wrangler's: { prod = "production" }, or to several
---@field previews? string the env whose bindings stand in [previews]
---@field app? string only namespaces of this app
---@field select? string|string[] only these addresses or titles; * matches anything
---@field bindings? table<string, cfkv.binding_name> names in this file, by address or title (* matches anything)
---@field ids? "fill"|"auto" "auto": what has no id stays without one, for `wrangler deploy` to make its namespace
---@field persist_to? string as wrangler's --persist-to, relative to the folder of the config

---A wrangler configuration to keep in step, and whose local store is seeded.
---
---A namespace is bound in each section that `top_level`, `environments` and `previews` say for its
---env; where they say none, in the environment of its env's name, without an env at the top level.
---
---    cfkv.wrangler { path = "wrangler.toml", top_level = "dev", environments = { prod = "production" } }
---@param fields cfkv.wrangler_fields
function cfkv.wrangler(fields) end

---@class cfkv.var_options
---@field default? string|number|boolean what it is unless it is given
---@field type? "string"|"integer"|"number"|"boolean"|"duration"|"time" the default's unless given
---@field oneof? (string|number|boolean)[] the only values that it may have
---@field doc? string what it is for, as cfkv inputs tells

---A declared input: `--var name=value`, else CFKV_VAR_name, else the default. CFKV_VAR_name set but
---empty is an error, with a default a warning and the default; `default = ""` accepts it. A duration
---(`--var ttl=1h`) and a time (of RFC 3339) are given as seconds.
---
---    local region = cfkv.var("region", { default = "eu", oneof = { "eu", "us" }, doc = "where users are" })
---    ns:put("region", region)
---@param name string
---@param options? cfkv.var_options
---@return string|number|boolean
function cfkv.var(name, options) end

---@class cfkv.getenv_options
---@field default? string what it is unless it is set
---@field secret? boolean its value is never printed
---@field doc? string what it is for, as cfkv inputs tells

---A declared environment variable, of the process or of a file of --env-file. CLOUDFLARE_*, CF_* and
---CFKV_* are refused. One that is set but empty is an error, with a default a warning and the
---default; `default = ""` accepts it.
---
---    local commit = cfkv.getenv("GIT_COMMIT", { default = "unknown" })
---    local key = cfkv.getenv("PAYMENT_KEY", { default = "", secret = true })
---    ns:put("build", { commit = commit, key = key })
---@param name string
---@param options? cfkv.getenv_options
---@return string|cfkv.deferred
function cfkv.getenv(name, options) end

---A value that no plan, log, error or output prints.
---
---    ns:put("signing_key", cfkv.secret(cfkv.file.text "signing.key"))
---@param value cfkv.value
---@return cfkv.deferred
function cfkv.secret(value) end

---@class cfkv.policy_put
---@field key string
---@field policy "managed"|"once"
---@field metadata? any
---@field expiration_ttl? integer seconds, at least 60; 0: none
---@field expiration? integer
---@field bytes? integer size of the value when it is known

---What was declared, with what came of it: `title`, `address`, `protect`, `account_id`
---and, if it has a name, `account`.
---@class cfkv.policy_view: cfkv.namespace_fields
---@field title string
---@field address string
---@field protect boolean
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

-- ---- Values and files: in configurations and scripts ---------------------------------------------

---JSON's null.
---
---    print(cfkv.json.encode { discount = cfkv.null })  --> {"discount":null}
---@type lightuserdata
cfkv.null = nil

---Marks a table as a JSON array, so that an empty one is [] and not {}.
---
---    print(cfkv.json.encode { tags = cfkv.array {} })  --> {"tags":[]}
---@param t? table
---@return table
function cfkv.array(t) end

---Names of environments. What makes titles and takes them apart is a module: require "cfkv.naming".
cfkv.naming = {}

---The name of an environment out of that of a branch: lower case, [a-z0-9-], no dash at an end, no two
---in a row. A text that is such a name stays as it is; where it had to be changed or cut, seven digits of
---a hash of it come behind, so that two branches never get the same one silently. The same everywhere,
---always. An empty text is an error.
---
---    print(cfkv.naming.slug "add-cart", cfkv.naming.slug "Feature/Cart")  --> add-cart feature-cart-f388674
---@param text string
---@param max? integer characters at most, from 12 up; 28 unless given
---@return string
function cfkv.naming.slug(text, max) end

---Files below the project root (of a script: below its folder, or --root), read when they are called
---for.
cfkv.file = {}

---A text; a file that is no valid UTF-8 is an error.
---
---    local banner = cfkv.file.text "banner.txt"
---    print(#banner)
---@param path string
---@return string text
function cfkv.file.text(path) end

---The bytes of a file as they are.
---
---    local logo = cfkv.file.bytes "logo.png"
---    print(#logo)
---@param path string
---@return string bytes
function cfkv.file.bytes(path) end

---What a JSON file holds.
---
---    for name, enabled in pairs(cfkv.file.json "flags.json") do print(name, enabled) end
---@param path string
---@return any
function cfkv.file.json(path) end

---Files for ns:bulk and cfkv.bulk.put, streamed: memory does not grow with them. A file may be compressed with gzip
---(`seed/products.jsonl.gz`); state and plans then know the size and digest of what is in it.
cfkv.source = {}

---A JSON array in wrangler's bulk format.
---
---    local source = cfkv.source.json "seed/dev.json"  -- [{"key":"a","value":"1"}, …]
---@param path string
---@return cfkv.source
function cfkv.source.json(path) end

---One JSON object per line.
---
---    local source = cfkv.source.jsonl "seed/products.jsonl.gz"
---@param path string
---@return cfkv.source
function cfkv.source.jsonl(path) end

---CSV with a header that names the columns: key and value, and what else there is of base64,
---expiration, expiration_ttl and metadata (JSON), in any order. An empty cell of these is absent.
---
---    local source = cfkv.source.csv "products.csv"  -- key,value,expiration_ttl
---@param path string
---@return cfkv.source
function cfkv.source.csv(path) end

---The files of a folder: the path below it is the key, the bytes are the value. What begins with a
---dot is left out; links are refused.
---
---    local source = cfkv.source.dir "pages"  -- pages/en/index.html has the key en/index.html
---@param path string
---@return cfkv.source
function cfkv.source.dir(path) end

---JSON as values have it.
cfkv.json = {}

---Canonical JSON: members sorted, no white space.
---
---    print(cfkv.json.encode { b = 1, a = { true, cfkv.null } })  --> {"a":[true,null],"b":1}
---@param value any
---@return string|cfkv.deferred
function cfkv.json.encode(value) end

---The value of a JSON text: cfkv.null stands for null, and an empty array stays one.
---
---    print(cfkv.json.decode '{"limits":[1,2]}'.limits[2])  --> 2
---@param text string
---@return any
function cfkv.json.decode(text) end

return cfkv
