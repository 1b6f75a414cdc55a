--- Files as Terraform and CDKTF write them, from short tables; the fixtures are those of tests/import/terraform.
---
---     local tf = require "support.terraform"
---
---     tf.id "shop"                            the id of the namespace of that title, the same each time
---     tf.ns("shop", more?), tf.key("shop", "flags", "on", more?)    attributes, as version 5 has them
---     tf.state { resources }, tf.one(name, attributes, more?)       a state and what is in it
---     tf.text(value)                          its JSON, members sorted
---     tf.view(value, file)                    what the host state gets of it: with a line in each record
---
--- nil of a table is null: tf.null. A member `PROVIDER` of tf is the provider's address.
local cjson = require "cjson"
local emulator = require "support.emulator"

local tf = { null = cjson.null, ACCOUNT = emulator.ACCOUNT, OTHER = ("e"):rep(32) }

local HOST = "registry." .. "terraform.io"

tf.PROVIDER = ('provider["%s/cloudflare/cloudflare"]'):format(HOST)
tf.HOST = HOST
tf.TOFU = ('provider["registry.%s/cloudflare/cloudflare"]'):format "opentofu.org"
tf.NAMESPACE, tf.KEY = "cloudflare_workers_kv_namespace", "cloudflare_workers_kv"

-- Members that are removed stand as tf.none in `more`.
tf.none = {}

tf.ids = {} -- by title: those that are not made up


function tf.id(title)
  if not tf.ids[title] then
    local hash = 5381
    for i = 1, #title do
      hash = (hash * 33 + title:byte(i)) % 2 ^ 32
    end
    tf.ids[title] = ("%08x"):format(math.tointeger(hash)):rep(4)
  end
  return tf.ids[title]
end


local function with(base, more)
  for name, value in pairs(more or {}) do
    base[name] = value ~= tf.none and value or nil
  end
  return base
end

tf.with = with


function tf.list(items)
  return type(items) == "string" and items or setmetatable(items or {}, { __metatable = "array" })
end


function tf.object(members)
  return setmetatable(members or {}, { __metatable = "object" })
end


function tf.ns(title, more)
  return with({ account_id = tf.ACCOUNT, id = tf.id(title), supports_url_encoding = true, title = title }, more)
end


-- As versions 2 to 4 have them.
function tf.old_ns(title, more)
  return with({ account_id = tf.ACCOUNT, id = tf.id(title), title = title }, more)
end


function tf.key(title, key, value, more)
  return with({ account_id = tf.ACCOUNT, id = key, key_name = key, metadata = tf.null, namespace_id = tf.id(title),
    value = value }, more)
end


function tf.old_key(title, key, value, more)
  return with({ account_id = tf.ACCOUNT, id = tf.id(title) .. "/" .. key, key = key, metadata = "",
    namespace_id = tf.id(title), value = value }, more)
end


-- ---- States --------------------------------------------------------------------------------------

function tf.instance(attributes, more)
  return with({ attributes = attributes, schema_version = 500, sensitive_attributes = tf.list {} }, more)
end


-- A resource: `name` is TYPE.NAME, or NAME of a namespace; `instances`: attributes, or a list of instances.
function tf.resource(name, instances, more)
  local kind, last = name:match "^(.-)%.(.*)$"
  if #instances == 0 then
    instances = { tf.instance(instances) }
  end
  return with({ mode = "managed", type = kind or tf.NAMESPACE, name = last or name, provider = tf.PROVIDER,
    instances = tf.list(instances) }, more)
end


function tf.state(resources, more)
  return with({ version = 4, terraform_version = "1.9.8", serial = 12, lineage = "6a1b2c3d-0000-1111-2222-333344445555",
    outputs = tf.object(), resources = tf.list(resources), check_results = tf.null }, more)
end


-- ---- terraform show -json ------------------------------------------------------------------------

-- A resource of `values`; `address` is of a resource, with its module and index.
function tf.value(address, values, more)
  local kind, name = address:match "(cloudflare_[%w_]+)%.([%w_-]+)"
  return with({ address = address, mode = "managed", type = kind, name = name, schema_version = 500,
    provider_name = HOST .. "/cloudflare/cloudflare", values = values, sensitive_values = tf.object() }, more)
end


function tf.module(resources, children, address)
  return { address = address, resources = tf.list(resources), child_modules = children and tf.list(children) }
end


function tf.show(root, more)
  return with({ format_version = "1.0", terraform_version = "1.9.8", values = { outputs = tf.object(),
    root_module = root } }, more)
end


function tf.change(address, change, more)
  local kind, name = address:match "(cloudflare_[%w_]+)%.([%w_-]+)"
  return with({ address = address, mode = "managed", type = kind, name = name,
    provider_name = HOST .. "/cloudflare/cloudflare",
    change = with({ actions = tf.list { "no-op" }, before = tf.null, after = tf.null, after_unknown = tf.object(),
      before_sensitive = false, after_sensitive = tf.object() }, change) }, more)
end


function tf.plan(prior, changes, more)
  return with({ format_version = "1.2", terraform_version = "1.9.8", planned_values = { root_module = tf.object() },
    resource_changes = tf.list(changes), prior_state = prior and { format_version = "1.0", terraform_version = "1.9.8",
      values = { root_module = prior } } }, more)
end


-- ---- As text -------------------------------------------------------------------------------------

local RECORDS = { resources = true, resource_changes = true, items = true }

local function is_array(value)
  return type(value) == "table" and (getmetatable(value) == "array" or #value > 0)
end


-- Levels below the whole at which blocks of a configuration are objects.
local BLOCKS = { resource = 2, import = 1 }

-- Adds the lines of a value to `out`, and a copy of it with the lines of records and blocks. `out.line` is that of
-- the next; `below`: how many levels below there are blocks, 0: in nothing here.
local function write(value, indent, out, is_records, below)
  if type(value) ~= "table" then
    out[#out + 1] = cjson.encode(value)
    return value
  end
  local array, copy, names = is_array(value), {}, {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  out[#out + 1] = array and "[" or "{"
  for i, name in ipairs(names) do
    out[#out + 1] = (i == 1 and "\n" or ",\n") .. indent .. "  " .. (array and "" or cjson.encode(name) .. ": ")
    out.line = out.line + 1
    local line = out.line
    copy[name] = write(value[name], indent .. "  ", out, not array and RECORDS[name],
      below and below > 1 and not is_array(value[name]) and below - 1 or indent == "" and BLOCKS[name]
        and is_array(value[name]) == (name == "import") and BLOCKS[name] or nil)
    if type(copy[name]) == "table" and (array and is_records or below == 1 and not is_array(value[name])) then
      copy[name]["@line"] = line
    end
  end
  if #names > 0 then
    out[#out + 1] = "\n" .. indent
    out.line = out.line + 1
  end
  out[#out + 1] = array and "]" or "}"
  return setmetatable(copy, { __metatable = array and "array" or "object" })
end


function tf.text(value)
  local out = { line = 1 }
  write(value, "", out)
  return table.concat(out) .. "\n"
end


function tf.view(value, file)
  return { file = file, syntax = "json",
    documents = { { line = 1, number = 1, skipped = 0, value = write(value, "", { line = 1 }) } } }
end


return tf
