-- Ninety slips of people who use cfkv for the first time: tests/cli/messages_spec.lua. `says` are the value that is
-- wrong, where it is, and what to do about it, as the message has them; the program's own guess where it has one.
local NS = 'local ns = cfkv.namespace { title = "shop", binding = "SHOP" }\nns:put("k", "v")\n'
local APPLY = { "apply", "--local", "--yes" }
local LIST = { "kv", "namespace", "list" }
local ID = ("0123456789abcdef"):rep(2)
local TOKEN = { CLOUDFLARE_API_TOKEN = "x", CLOUDFLARE_ACCOUNT_ID = ID,
    CLOUDFLARE_API_BASE_URL = "http://127.0.0.1:1",
  CFKV_WAIT_UNIT_MS = "0" }

local cases = {}

local function add(case)
  cases[#cases + 1] = case
end


-- A configuration in whose `line` it is.
local function slip(code, name, text, line, says)
  add { code, name = name, lua = text, says = { "kv.lua:" .. line .. ": ", table.unpack(says) } }
end


local function typed(name, words, says, more)
  local case = more or {}
  case[1], case.name, case.run, case.says = case[1] or "failure.usage", name, words, says
  add(case)
end


-- ---- Typos in a configuration
slip("declare.field", "a field: titel", 'cfkv.namespace { titel = "a" }', 2, { "'titel'", "did you mean 'title'?" })
slip("declare.field", "a field: bindings", 'cfkv.namespace { title = "a", bindings = "A" }', 2,
  { "'bindings'", "'binding'" })
slip("declare.field", "a field: desc", 'cfkv.namespace { title = "a", desc = "x" }', 2, { "'desc'", "'description'" })
slip("declare.field", "a field: ttl", 'cfkv.namespace { title = "a", ttl = 60 }', 2, { "'ttl'", "'ttl_seconds'" })
slip("declare.field", "a field: expirationTtl", NS
    .. 'ns:put("a", "b", { expirationTtl = 60 })', 4, { "'expirationTtl'",
  "'expiration_ttl'" })
slip("declare.field", "a field: token", 'cfkv.project { name = "a", token = "x" }', 2,
  { "'token'", "CFKV_CREDENTIALS_COMMAND" })
slip("declare.field", "a field: expires", NS
    .. 'ns:put("a", "b", { expires = 60 })', 4, { "'expires'", "did you mean" })
slip("declare.field", "a field of an item", NS
    .. 'ns:bulk {\n  { key = "a", value = "b" },\n  { key = "c", vaule = "d" },\n}', 6,
  { "item 2", "'vaule'", "did you mean 'value'?" })
slip("declare.field", "a field of another table", 'cfkv.project { name = "p", mass_percent = 5 }', 2,
  { "'mass_percent'", "guards" })
slip("declare.field", "a field of the project", 'cfkv.project { name = "p", protected = { "prod" } }', 2,
  { "'protected'",
  "'protected_envs'" })
slip("declare.field", "a field of wrangler", 'cfkv.wrangler { file = "wrangler.toml" }', 2,
  { "'file'", "did you mean 'path'?" })
slip("lua.error", "a function: namespce", 'cfkv.namespce { title = "a" }', 2,
  { "'cfkv.namespce'", "'cfkv.namespace'" })
slip("lua.error", "a method: putt", NS .. 'ns:putt("a", "b")', 4, { "putt", "did you mean 'put'?" })
slip("lua.error", "a source: jsnl", NS
    .. 'ns:bulk(cfkv.source.jsnl "a")', 4, { "'cfkv.source.jsnl'", "'cfkv.source.jsonl'" })
slip("lua.error", "a library: string.formt", 'local x = string.formt("a")', 2,
  { "'string.formt'", "'string.format'" })
slip("lua.error", "a variable", 'local name = "a"\ncfkv.namespace { title = nmae }', 3,
  { "'nmae'", "quotes make a text of it" })
slip("lua.error", "a global that is set", 'name = "a"', 2, { "'name'", "local name = …" })
slip("namespace.jurisdiction", "a choice", 'cfkv.namespace { title = "a", jurisdiction = "EU" }', 2,
  { "'EU'", "'eu'" })
slip("declare.type", "a policy", NS
    .. 'ns:put("a", "b", { policy = "onec" })', 4, { "'onec'", "'managed' or 'once'" })
slip("declare.type", "on_remove", 'cfkv.namespace { title = "a", on_remove = "kept" }', 2,
  { "'kept'", "'delete' or 'keep'" })
slip("namespace.env", "an environment", 'cfkv.project { name = "p", environments = { "dev", "prod" } }\n'
  .. 'cfkv.namespace { app = "a", purpose = "p", env = "prd" }', 3, { "'prd'", "'prod'" })
slip("project.naming", "a placeholder", 'cfkv.project { name = "p", naming = "{app}-{prupose}" }', 2,
  { "'prupose'", "'{purpose}'" })
slip("project.protected_envs", "a protected environment", 'cfkv.project { name = "p", environments = { "prod" }, '
  .. 'protected_envs = { "prodd" } }', 2, { "'prodd'", "'prod'" })
slip("wrangler.environment", "an environment of a config",
  'cfkv.namespace { title = "a", env = "prod", binding = "A" }\n'
  .. 'cfkv.wrangler { path = "wrangler.toml", top_level = "prood" }', 3, { "'prood'", "'prod'" })
slip("namespace.account", "an account", 'cfkv.project { name = "p", accounts = { prod = ("1"):rep(32) } }\n'
  .. 'cfkv.namespace { title = "a", account = "prd" }', 3, { "'prd'", "accounts" })

-- ---- Wrong types and values
slip("declare.type", "a title that is a number", "cfkv.namespace { title = 5 }", 2, { "got 5", "write it in quotes" })
slip("declare.type", "a number in quotes", 'cfkv.project { name = "p", title_max = "60" }', 2,
  { "got '60'", "write 60, without quotes" })
slip("declare.type", "a boolean in quotes", 'cfkv.namespace { title = "a", protect = "true" }', 2,
  { "got 'true'", "must be true or false" })
slip("declare.type", "a table where a text is", 'cfkv.namespace { title = { "a" } }', 2,
  { "got a table", "must be a string" })
slip("declare.type", "one environment as a text", 'cfkv.project { name = "p", accounts = "prod" }', 2,
  { "'prod'", "a table such as" })
slip("declare.type", "a duration that is none", 'cfkv.namespace { title = "a", ttl_seconds = "1 hour" }', 2,
  { "'1 hour'", "'15m' or '7d'" })
slip("declare.type", "a namespace without a table", 'cfkv.namespace("a")', 2,
  { "got 'a'", "takes a table of named fields" })
slip("namespace.ttl_seconds", "a ttl that is too short", 'cfkv.namespace { title = "a", ttl_seconds = 10 }', 2,
  { "'10", "at least 60" })
slip("key.expiration_ttl", "a ttl of a key", NS
    .. 'ns:put("a", "b", {\n  expiration_ttl = "30s",\n})', 5, { "30", "at least 60 seconds" })
slip("key.expiration", "milliseconds", NS .. 'ns:put("a", "b", { expiration = 1900000000000 })', 4, { "1900000000000",
  "milliseconds", "1900000000" })
slip("key.type", "a key that is a number", NS .. 'ns:put(5, "b")', 4, { "got 5", "tostring(key)" })
slip("value.type", "a value that is a number", NS .. 'ns:put("a", 5)', 4, { "got 5", "tostring(v)" })
slip("value.type", "a value that is nil", NS .. 'ns:put("a", nil)', 4, { "must be a string or a table" })
slip("key.length", "a key that is empty", NS .. 'ns:put("", "b")', 4, { "key ''", "give it a name" })
slip("key.duplicate", "a key twice", NS .. 'ns:put("k", "w")', 4, { "'k'", "kv.lua:3", "one value under a key" })
slip("namespace.title", "a title twice, in a loop",
  'for i = 1, 2 do\n  cfkv.namespace { title = "a", binding = "B" .. i }\nend', 3,
  { "'a'", "in a loop" })
slip("namespace.title", "no title", 'cfkv.namespace { binding = "A" }', 2, { "no title", "give title" })
slip("namespace.binding", "a binding with a dash", 'cfkv.namespace { title = "a", binding = "my-kv" }', 2,
  { "'my-kv'", "'my_kv'" })
slip("namespace.id", "a placeholder for an id", 'cfkv.namespace { title = "a", id = "<YOUR_KV_ID>" }', 2,
  { "'<YOUR_KV_ID>'",
  "kv namespace list" })
slip("namespace.id", "an id in capitals", 'cfkv.namespace { title = "a", id = ("AB"):rep(16) }', 2,
  { "'ABAB", "32 lowercase" })
slip("project.account_id", "the account's name for its id", 'cfkv.project { name = "p", account_id = "Acme" }', 2,
  { "'Acme'", "dashboard" })
slip("declare.required", "a project without a name", "cfkv.project {}", 2, { "'name'", "add name = …" })
slip("bulk.source", "a path for a source", NS
    .. 'ns:bulk "seed.json"', 4, { "'seed.json'", "cfkv.source.json(path)" })
slip("bulk.list", "one item for a list", NS
    .. 'ns:bulk { key = "a", value = "b" }', 4, { "names as keys", "write { {" })
slip("output.name", "an output with a dash", 'cfkv.output("my-id", "x")', 2, { "'my-id'", "letters, digits and _" })
slip("lua.error", "a live call", 'cfkv.key.put("a", "b", "c")', 2, { "cfkv.key.put", "cfkv run" })
slip("lua.error", "os.getenv", 'local user = os.getenv "USER"', 2, { "'os'", "cfkv.getenv" })
slip("lua.error", "a method with a dot", NS .. 'ns.put("a", "b")', 4, { "ns:put" })

-- ---- Lua
slip("lua.syntax", "a comma that is missing", 'cfkv.namespace {\n  title = "a"\n  binding = "A",\n}', 4,
  { "'binding'", "comma" })
slip("lua.syntax", "a quote that is missing", 'cfkv.namespace { title = "a }', 2,
  { "unfinished string", "close the quote" })
slip("lua.syntax", "a bracket that is missing", 'cfkv.namespace { title = "a"\ncfkv.output("x", "y")', 3,
  { "'cfkv'", "comma" })
slip("lua.syntax", "an end that is missing", 'for i = 1, 2 do\n  print(i)', 3, { "'end' expected", "line 2" })
slip("lua.syntax", "a key in quotes", 'cfkv.namespace { "title" = "a" }', 2, { "'='", '["…"] = …' })
slip("lua.syntax", "two equals signs", 'local a == 1', 2, { "'=='" })
add { "lua.error", name = "no require", bare = 'cfkv.namespace { title = "a" }\n',
  says = { "kv.lua:1", "'cfkv'", 'require "cfkv"' } }
add { "lua.error", name = "a module in another folder", lua = 'local x = require "libs.names"',
    files = { ["lib/names.lua"] = "" },
  says = { "kv.lua:2", "'libs.names'", "libs/names.lua" } }

-- ---- Files
add { "source.path", name = "a seed that is not there", lua = NS .. 'ns:bulk(cfkv.source.csv "seed/dev.cvs")',
  files = { ["seed/dev.csv"] = "key,value\na,b\n" }, says = { "kv.lua:4", "'seed/dev.cvs'", "'seed/dev.csv'" } }
add { "source.column", name = "a header with a slip", lua = NS .. 'ns:bulk(cfkv.source.csv "s.csv")',
    files = { ["s.csv"] = "key,valu\na,b\n" },
  says = { "s.csv:1", "'valu'", "'value'" } }
add { "source.syntax", name = "a comma behind the last", lua = NS .. 'ns:bulk(cfkv.source.json "s.json")',
  files = { ["s.json"] = '[\n {"key":"a","value":"b"},\n]' }, says = { "s.json:3", "no comma behind the last" } }
add { "source.item", name = "an array for lines", lua = NS .. 'ns:bulk(cfkv.source.jsonl "s.json")',
    files = { ["s.json"] = "[1]\n" },
  says = { "s.json:1", "an array", "cfkv.source.json" } }
add { "source.path", name = "a file outside", lua = NS
    .. 'ns:bulk(cfkv.source.json "../s.json")', says = { "kv.lua:4", "'../s.json'", "below the project root" } }
add { "wrangler.config", name = "a config that is broken", lua = NS
    .. 'cfkv.wrangler { path = "wrangler.toml" }', run = { "plan", "--local" },
  files = { ["wrangler.toml"] = 'name = "w"\nmain =\n' }, says = { "kv.lua:4", "line 2", "mend it there" } }
typed("no configuration", { "plan", "--local" }, { "'kv.lua'", "cfkv init", "-f FILE" }, { "failure.not_found" })
typed("another name", { "plan", "--local", "-f", "kv.luа" }, { "kv.lu", "did you mean" }, { "failure.not_found",
    lua = NS })
typed("a script", { "run", "seeds.lua", "--local" }, { "'seeds.lua'", "'seed.lua'" }, { "failure.not_found",
    json = false, files = { ["seed.lua"] = "" } })
typed("a wrong folder", { "-C", "ap", "plan", "--local" }, { "'ap'", "'app'" }, { "failure.not_found",
    files = { ["app/kv.lua"] = "" } })
typed("a folder for a file", { "kv", "bulk", "put", "d", "--namespace", "shop", "--local", "--backup", "--jobs",
  "0" }, { "--jobs", "0" })
typed("a backup", { "restore", "b.jsonl", "--namespace", "shop", "--local" }, { "'b.jsonl'", "cfkv backup list" },
  { "failure.not_found" })

-- ---- Words of other tools, and options
typed("deploy", { "deploy" }, { "'deploy'", "cfkv apply" })
typed("preview", { "preview" }, { "'preview'", "plan" })
typed("kv:key", { "kv:key", "list" }, { "'kv:key'", "kv key" })
typed("aply", { "aply" }, { "'aply'", "'apply'" })
typed("kv key lst", { "kv", "key", "lst" }, { "'kv key lst'", "'kv key list'" })
typed("--auto-approve", { "apply", "--auto-approve" }, { "'--auto-approve'", "--yes" })
typed("-out", { "plan", "-out", "p" }, { "'-out'", "--out" })
typed("--lcoal", { "plan", "--lcoal" }, { "'--lcoal'", "'--local'" })
typed("--env without a value", { "plan", "--env", "--local" }, { "'--local'", "--env NAME --local" })
typed("an option of another command", { "plan", "--yes" }, { "'--yes'", "leave it out", "'apply'" })
typed("a format", { "plan", "--format", "yaml", "--local" }, { "'yaml'", "text|json" })
typed("a namespace that is not said", { "kv", "key", "get", "k", "--local" }, { "'kv key get'", "--namespace TITLE" })
typed("a namespace with a slip", { "kv", "key", "get", "k", "--namespace", "shp", "--local" }, { "'shp'", "'shop'" },
  { "failure.not_found", lua = NS, before = { APPLY } })
typed("an environment that is none", { "plan", "--env", "prod", "--local" }, { "'prod'", "cfkv eval" }, { lua = NS })
typed("a variable with a slip", { "validate", "--var", "evn=dev" }, { "'evn'", "'env'" },
  { "input.unknown", lua = 'cfkv.var("env", { default = "dev" })' })

-- ---- Who and where
typed("no target", { "plan" }, { "'plan'", "CLOUDFLARE_API_TOKEN", "--local" }, { lua = NS })
typed("a token in quotes", LIST, { "CLOUDFLARE_API_TOKEN", "quotation mark" },
  { env = { CLOUDFLARE_API_TOKEN = "'x'" } })
typed("a token that is empty", LIST, { "CLOUDFLARE_API_TOKEN" }, { env = { CLOUDFLARE_API_TOKEN = "" } })
typed("an account that is none", LIST, { "'acme'", "32 hexadecimal digits" },
  { env = { CLOUDFLARE_API_TOKEN = "x", CLOUDFLARE_ACCOUNT_ID = "acme" } })
typed("nothing answers", LIST, { "127.0.0.1", "CLOUDFLARE_API_BASE_URL" }, { "failure.failed", env = TOKEN })
typed("a token that is refused", LIST, { "HTTP 401", "cfkv doctor" }, { "failure.failed", account = { rules = { {
  match = {}, fault = "status", status = 401, code = 10000, message = "Authentication error" } } } })
typed("an account that is somebody else's", LIST, { ID, "CLOUDFLARE_ACCOUNT_ID" }, { "failure.failed",
    env = { CLOUDFLARE_ACCOUNT_ID = ID },
  account = { rules = { { match = {}, fault = "status", status = 403, code = 10000,
  message = "Authentication error" } } } })
typed("nobody is asked", { "apply", "--local" }, { "no terminal", "--yes" }, { "failure.refused", lua = NS })
add { "declare.field", name = "in a narrow terminal",
    lua = 'cfkv.namespace { title = "a title of many words, as some are", bindin = "A" }',
  env = { COLUMNS = "40" }, says = { "kv.lua:2", "'bindin'", "^~~~~~", "'binding'" } }

return cases
