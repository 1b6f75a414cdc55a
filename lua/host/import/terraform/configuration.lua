-- Configurations in Terraform's JSON syntax: cdk.tf.json, which CDKTF writes, and main.tf.json, as `cfkv export`
-- writes it. They say what is to be there, not what is: ids stand in `import` blocks only.

local attributes = require "attributes"
local address = require "import.terraform.address"
local layout = require "layout"
local member = require "import.terraform.member"
local references = require "import.terraform.references"
local resources = require "import.terraform.resources"
local scope = require "import.terraform.scope"
local template = require "import.terraform.template"
local text = require "text"
local views = require "view"

local configuration = {}

local COUNT_MAX = 10000 -- what `count` makes, over all blocks of a file

local BLOCKS = { "resource", "import", "data", "terraform", "provider" }


local function ends_with(s, tail)
  return type(s) == "string" and s:sub(-#tail) == tail
end


-- `file`: its name. A list or an object of types that are Cloudflare's says it, too.
function configuration.recognises(value, file)
  if ends_with(file, ".tf.json") then
    return true
  end
  local blocks = member.get(value, "resource")
  local list = member.is_array(blocks) and blocks or { blocks }
  for _, object in ipairs(list) do
    for name in pairs(member.is_object(object) and object or {}) do
      if name:sub(1, 11) == "cloudflare_" then
        return true
      end
    end
  end
  return member.is_object(member.get(value, "terraform")) and member.get(value, "provider") ~= nil
end


-- ---- Loops ---------------------------------------------------------------------------------------

-- The texts of 'toset(["a", "b"])' or '["a", "b"]'; nil: it is something else.
local function literal_set(s)
  local inner = s:match "^%s*%$%{%s*toset%(%s*%[(.*)%]%s*%)%s*%}%s*$"
  if not inner then
    return nil
  end
  local list, at = {}, 1
  while not inner:find("^%s*$", at) do
    local _, last, item = inner:find('^%s*"([^"\\$%%]*)"%s*,?', at)
    if not item then
      return nil
    end
    list[#list + 1] = item
    at = last + 1
  end
  return list
end


-- The instances of a block: { { index, loop }, … }; nil: nobody can say.
local function counted(known, count)
  local n = math.type(count) == "float" and math.tointeger(count) or count
  if math.type(n) ~= "integer" or n < 0 or n > COUNT_MAX - known.counted then
    return nil
  end
  known.counted = known.counted + n
  local list = {}
  for i = 1, n do
    list[i] = { index = i - 1, loop = { count = { index = i - 1 } } }
  end
  return list
end


local function looped(each)
  local list = {}
  if member.is_object(each) then
    for key, value in views.sorted(each) do
      list[#list + 1] = { index = key, loop = { each = { key = key, value = value } } }
    end
    return list
  end
  for i, item in ipairs(type(each) == "string" and literal_set(each) or {}) do
    list[i] = { index = item, loop = { each = { key = item, value = item } } }
  end
  return #list > 0 and list or nil
end


local function instances_of(known, body)
  local count, each = member.get(body, "count"), member.get(body, "for_each")
  if count ~= nil then
    return counted(known, count)
  elseif each ~= nil then
    return looped(each)
  end
  return { { loop = nil } }
end


-- ---- What a block says beside its members --------------------------------------------------------

local NOTES = { [resources.NAMESPACE] = attributes.NAMESPACE, [resources.KEY] = attributes.KEY }


-- What `cfkv export` wrote into "//", for Terraform a comment.
local function noted(body)
  local comment = member.get(body, "//")
  local ours = member.is_object(comment) and member.get(comment, "cfkv")
  return member.is_object(ours) and ours or nil
end


local function ignores(list, name)
  if list == "all" then
    return true
  end
  for _, ignored in ipairs(member.is_array(list) and list or {}) do
    if ignored == name or ignored == "all" then
      return true
    end
  end
  return false
end


local function more_of(context, kind, body)
  local ours = noted(body)
  local more = attributes.read(ours and NOTES[kind] or {}, function(name)
    return member.get(ours, name)
  end)
  if kind == resources.NAMESPACE then
    more.exact, more.title = context.ours or nil, ours and member.get(ours, "title")
  end
  local lifecycle = scope.body(member.get(body, "lifecycle"))
  if lifecycle and kind == resources.NAMESPACE then
    more.protect = member.get(lifecycle, "prevent_destroy") == true or nil
  elseif lifecycle and kind == resources.KEY and ignores(member.get(lifecycle, "ignore_changes"), "value") then
    more.policy = more.policy or "once"
  end
  return more
end


-- The keys that a namespace of ours has beside those that Terraform can have: values that are no text.
local function tell_noted_keys(context, resource, ours)
  local keys = member.take(context, ours, "keys", "array", resource.line, resource.address)
  for key in member.objects(context, keys, resource.line, resource.address .. ".keys") do
    local value = member.take(context, key, "base64", "string", resource.line, "key")
    local fields = attributes.read(attributes.KEY, function(name)
      return member.get(key, name)
    end)
    fields.ref, fields.key, fields.metadata = resource.address, member.get(key, "key"), member.get(key, "metadata")
    fields.value = value and text.from_base64(value)
    fields.line, fields.of = resource.line, resource.address
    context.into.key(fields)
  end
  local binding = member.get(ours, "binding")
  if binding ~= nil then
    context.into.binding { ref = resource.address, name = binding, line = resource.line }
  end
  if member.get(ours, "bulks") ~= nil and member.once(context, "bulks") then
    context.into.warn(resource.line, "import.bulk", resource.address .. " had bulk sources, which were not exported",
      "declare them with ns:bulk again; the keys are where they were")
  end
end


-- ---- Blocks --------------------------------------------------------------------------------------

local function is_sensitive(known, value)
  local words = type(value) == "string" and value:match "^%s*%$%{(.*)%}%s*$"
  words = words and template.words(words)
  local variable = words and words[1] == "var" and scope.variable(known, words[2])
  return variable and member.get(variable, "sensitive") == true or false
end


local TOLD = { title = true, account_id = true, namespace_id = true, key = true, key_name = true, value = true,
  metadata = true }

-- Members that become texts, whatever they are written as.
local TEXTS = { "title", "key", "key_name", "value" }


local function tell_unknown(context, resource, path, expression)
  if path == "value" and resource.type == resources.KEY then
    resource.more.why = ("its value is %s in Terraform"):format(layout.shown(expression))
  end
  if not TOLD[path] and not path:find("namespace_id", 1, true) or resource.secret[path]
    or path == "account_id" and context.ours then
    return
  end
  context.said.account = context.said.account or path == "account_id"
  context.into.warn(resource.line, "import.expression", ("%s.%s is %s, which only Terraform can say"):format(
    resource.address, path, expression),
    "import the state as well (terraform state pull >state.json), or write it into kv.lua yourself")
end


local function add_instance(context, known, list, block, instance)
  local body = block.body
  local resource = { mode = block.mode, type = block.type, name = block.name, index = instance.index,
    resource = block.resource, address = block.resource .. address.index(instance.index), line = block.line,
    secret = { value = is_sensitive(known, member.get(body, "value")) or nil }, refs = {},
    account = known.account, more = more_of(context, block.type, body) }
  if block.type ~= resources.NAMESPACE and block.type ~= resources.KEY then
    resource.more = nil
  elseif block.mode == "data" and not noted(body) then
    resource.more = nil
  end
  resource.values = template.evaluated(body, scope.of(known, instance.loop), function(path, expression)
    tell_unknown(context, resource, path, expression)
  end, "")
  for _, name in ipairs(TEXTS) do
    resource.values[name] = template.as_text(resource.values[name]) or resource.values[name]
  end
  list[#list + 1] = resource
end


local function add_block(context, known, list, block)
  local instances = instances_of(known, block.body)
  if not instances then
    context.into.warn(block.line, "import.expression", block.resource .. " is made in a loop over what only Terraform "
      .. "can say", "import the state, which has each of them: terraform state pull >state.json")
    return
  end
  for _, instance in ipairs(instances) do
    add_instance(context, known, list, block, instance)
  end
end


local function add_body(context, known, list, block)
  if resources.OF_CONCERN[block.type] then
    add_block(context, known, list, block)
  else
    list[#list + 1] = { mode = block.mode, type = block.type, name = block.name, resource = block.resource,
      address = block.resource, line = block.line, secret = {}, values = block.body }
  end
end


-- A preview comes with the namespace that it is the preview of.
local function is_preview(body)
  local ours = noted(body)
  return ours ~= nil and member.get(ours, "preview_of") ~= nil
end


local function add_type(context, known, list, mode, kind, named)
  if not member.is_object(named) then
    member.tell(context, context.line, kind, "object", named)
    return
  end
  for name, value in views.sorted(named) do
    local body = scope.body(value)
    if name ~= "//" and not body then
      member.tell(context, context.line, kind .. "." .. name, "object", value)
    elseif name ~= "//" and not is_preview(body) then
      add_body(context, known, list, { mode = mode, type = kind, name = name, body = body,
        line = member.line(body, context), resource = address.resource(nil, mode, kind, name) })
    end
  end
end


-- ---- Imports -------------------------------------------------------------------------------------

-- A resource that only an import block has.
local function imported(list, to, line)
  local kind, name = to:match "^([%w_]+)%.([%w_-]+)"
  if kind ~= resources.NAMESPACE and kind ~= resources.KEY then
    return nil
  end
  local resource = { mode = "managed", type = kind, name = name, resource = address.configured(to), address = to,
    line = line, secret = {}, values = setmetatable({}, { __metatable = "object" }) }
  list[#list + 1] = resource
  return resource
end


local function add_imports(context, known, list, blocks)
  local by_address = {}
  for _, resource in ipairs(list) do
    by_address[resource.address] = resource
  end
  for block in member.objects(context, blocks, context.line, "import") do
    local line = member.line(block, context)
    local to = member.take(context, block, "to", "string", line, "import")
    local id = member.take(context, block, "id", "string", line, "import")
    local said = id and template.value(id, scope.of(known))
    if member.get(block, "for_each") ~= nil or said == template.UNKNOWN then
      context.into.warn(line, "import.expression", ("the id to import %s is what only Terraform can say")
        :format(to or "a resource"), "import the state as well: terraform state pull >state.json")
    elseif to and said then
      local resource = by_address[to] or imported(list, to, line)
      if resource then
        references.set_import(context, resource, said)
      end
    end
  end
end


-- ---- All of it -----------------------------------------------------------------------------------

-- The account of provider versions 2 and 3, which stands on the provider.
local function account_of(context, root)
  local provider = scope.blocks(context, root, "provider").cloudflare
  local body = scope.body(provider)
  local account = body and member.get(body, "account_id")
  return type(account) == "string" and #account == 32 and account or nil
end


local function known_of(context, root)
  local known = { variables = scope.blocks(context, root, "variable"), locals = scope.blocks(context, root, "locals"),
    bodies = {}, account = account_of(context, root), counted = 0 }
  for mode, prefix in pairs { resource = "", data = "data." } do
    for kind, named in pairs(scope.blocks(context, root, mode)) do
      known.bodies[prefix .. kind] = member.is_object(named) and named or nil
    end
  end
  return known
end


local function tell_notes(context, list, known)
  for _, resource in ipairs(list) do
    local bodies = resource.type == resources.NAMESPACE
      and known.bodies[(resource.mode == "data" and "data." or "") .. resource.type]
    local body = bodies and scope.body(bodies[resource.name])
    local ours = body and noted(body)
    if ours then
      tell_noted_keys(context, resource, ours)
    end
  end
end


local function imports_of(context, root)
  local imports = member.get(root, "import")
  if member.is_object(imports) then
    return views.array { imports }
  end
  return member.take(context, root, "import", "array", context.line)
end


-- The resources that a configuration declares.
function configuration.resources(context, root)
  local list = {}
  local found = false
  for _, name in ipairs(BLOCKS) do
    found = found or member.get(root, name) ~= nil
  end
  if not found then
    context.into.refuse(context.line, "import.format", "there is neither a resource nor an import in here",
      "import the file that has the resources, or the state: terraform state pull >state.json")
    return nil
  end
  local known = known_of(context, root)
  context.ours = noted(root) ~= nil
  context.quiet_accounts = context.ours
  for kind, named in views.sorted(scope.blocks(context, root, "resource")) do
    add_type(context, known, list, "managed", kind, named)
  end
  local data = scope.blocks(context, root, "data")[resources.NAMESPACE]
  if data ~= nil then
    add_type(context, known, list, "data", resources.NAMESPACE, data)
  end
  add_imports(context, known, list, imports_of(context, root))
  tell_notes(context, list, known)
  return list, "terraform"
end


return configuration
