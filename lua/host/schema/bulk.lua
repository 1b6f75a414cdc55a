-- Files of pairs, which users write: what kv bulk put and cfkv.source.json take. A schema cannot say all
-- that is checked (a key's bytes, what metadata comes to); what it refuses is refused.

local shape = require "shape"

-- The largest unit first, each once (base/duration.h).
local DURATION = "^(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"

-- A moment of RFC 3339.
local MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"

local BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


local function number(field)
  local of = { type = "integer", minimum = field.min, maximum = field.max }
  return field.or_zero and shape.either("a number", { { const = 0 }, of }) or of
end


local function timed(field, pattern)
  return shape.either(field.doc, { number(field), { type = "string", pattern = pattern } })
end


-- What may be written for a field, by its type (fields_describe).
local WRITTEN = {
  any = function(field)
    return shape.any(field.doc)
  end,
  boolean = function(field)
    return shape.flag(field.doc)
  end,
  duration = function(field)
    return timed(field, DURATION)
  end,
  string = function(field)
    return { type = "string", minLength = 1, maxLength = field.max_bytes, description = field.doc }
  end,
  time = function(field)
    return timed(field, MOMENT)
  end,
}


local function item(fields)
  local members = {}
  for _, field in ipairs(fields) do
    local written = WRITTEN[field.type](field)
    members[field.name] = field.required and written or shape.optional(written)
  end
  members.key = shape.both(members.key, { ["not"] = { enum = { ".", ".." } } })
  members.value = shape.text("the value, as text: JSON that is to be stored is a string, too")
  return shape.both(shape.object("a pair", members), {
    ["if"] = { properties = { base64 = { const = true } }, required = { "base64" } },
    ["then"] = { properties = { value = { type = "string", pattern = BASE64 } } },
  })
end


return {
  {
    name = "bulk",
    about = "a file of pairs that kv bulk put and cfkv.source.json read",
    shape = function(all)
      return shape.list("the pairs; no key twice", shape.named("item", item(all.item)))
    end,
  },
}
