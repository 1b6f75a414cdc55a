-- What `cfkv export` says beside a manifest, in its annotations `cfkv/…`: a text each, in which what is no text
-- stands as JSON.
--
-- A `doc` is { annotations =, into =, line = }, and may have a `hint` of its own.

local attributes = require "attributes"
local proto = require "import.planton.proto"
local text = require "text"
local view = require "view"

local beside = {}


-- By a word as it stands there ("ttl-seconds"); nil: nothing says it.
function beside.text(doc, word)
  local value = doc.annotations["cfkv/" .. word]
  return type(value) == "string" and value or nil
end


local function refuse(doc, word, value, expected, hint)
  doc.into.refuse(doc.line, "import.field", ("metadata.annotations.cfkv/%s is %s, and %s is expected"):format(word,
    text.quoted(value), expected), doc.hint or hint)
end


-- By the kinds of `attributes`: what a text says; nil, and that is told: it does not.
local READ = {}


function READ.integer(doc, word, value)
  if not (#value <= 18 and value:find "^%-?%d+$") then
    return refuse(doc, word, value, "a whole number", "write one, such as \"3600\"")
  end
  return math.tointeger(tonumber(value))
end


function READ.boolean(doc, word, value)
  if value ~= "true" and value ~= "false" then
    return refuse(doc, word, value, "true or false", "write \"true\" or \"false\"")
  end
  return value == "true"
end


function READ.table(doc, word, value)
  local object = text.json(value)
  if not view.is_object(object) then
    return refuse(doc, word, value, "a JSON object", "write one, such as '{}'")
  end
  return object
end


-- Name → value of the fields of `attributes`, in these rows.
function beside.fields(doc, rows)
  return attributes.read(rows, function(name, kind)
    local word = name:gsub("_", "-")
    local value = beside.text(doc, word)
    if value and READ[kind] then
      return READ[kind](doc, word, value)
    end
    return value
  end)
end


-- Whether an annotation says so.
function beside.flag(doc, word)
  local value = beside.text(doc, word)
  return value and READ.boolean(doc, word, value)
end


local function read_noted_key(doc, ref, path, item)
  local key = proto.open(doc.into, { path = path, line = doc.line }, item)
  local bytes = key and proto.string(key, "base64")
  bytes = bytes and text.from_base64(bytes)
  if key and bytes then
    local fields = attributes.read(attributes.KEY, function(name)
      return item[name]
    end)
    fields.ref, fields.line, fields.key, fields.metadata, fields.value = ref, doc.line, item.key, item.metadata, bytes
    doc.into.key(fields)
  elseif key then
    doc.into.refuse(doc.line, "import.field", path .. " has no bytes in base64", "write them, or take the item out")
  end
end


-- Keys that no manifest can hold, in an annotation of their namespace: [{ key, base64, … }].
function beside.noted_keys(doc, ref)
  local word = beside.text(doc, "keys")
  local list = word and text.json(word)
  if word and not view.is_array(list) then
    return refuse(doc, "keys", word, "a JSON array", "write one, such as '[]'")
  end
  for i, item in ipairs(list or {}) do
    read_noted_key(doc, ref, ("metadata.annotations.cfkv/keys[%d]"):format(i - 1), item)
  end
end


return beside
