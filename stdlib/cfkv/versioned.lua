--- Values that carry a version, so that a reader can tell a stale one.
---
--- Workers KV is eventually consistent: for a minute and more after a write, another place may still
--- read the old value. Wrapped, a value is {"t":TIME,"v":VERSION,"value":…}, and whoever knows which
--- version to expect notices:
---
---     local versioned = require "cfkv.versioned"
---     ns:put("flags", versioned.wrap({ dark_mode = true }, 7))               -- in a configuration
---
---     local flags, version = versioned.unwrap(cfkv.key.get(ns, "flags"))     -- in a script
---     if versioned.is_stale(version, 7) then … read again later … end
---
--- The time is given by who calls: a configuration has no clock, a script has os.time().

local cfkv = require "cfkv"

local versioned = {}

---@class cfkv.envelope
---@field v integer version, counted up by each write
---@field t? integer|string when it was written: seconds since 1970, or a text such as an ISO date
---@field value any

local failure = { __tostring = function(err) return err.message end }

local function fail(message)
  return nil, setmetatable({ code = "format", message = message }, failure)
end

local function check_version(version, what)
  if math.type(version) ~= "integer" or version < 0 then
    error(what .. " must be a whole number from 0 on, got " .. tostring(version), 3)
  end
end

---The envelope of a value, for ns:put or cfkv.key.put. `value` is anything that JSON can say.
---
---    local versioned = require "cfkv.versioned"
---    print(cfkv.json.encode(versioned.wrap({ dark_mode = true }, 7)))  --> {"v":7,"value":{"dark_mode":true}}
---@param value any
---@param version integer
---@param time? integer|string
---@return cfkv.envelope
function versioned.wrap(value, version, time)
  check_version(version, "the version")
  if value == nil then
    error("there is no value to wrap; JSON's null is cfkv.null", 2)
  end
  if time ~= nil and math.type(time) ~= "integer" and type(time) ~= "string" then
    error("the time must be seconds since 1970 or a string, got " .. tostring(time), 2)
  end
  return { v = version, t = time, value = value }
end

---What is inside. Takes what cfkv.key.get returns as it is: nil and an error are passed on. A text
---that is no envelope is nil and an error with code "format".
---
---    local versioned = require "cfkv.versioned"
---    local flags, version = versioned.unwrap '{"v":7,"value":{"dark_mode":true}}'
---    print(flags.dark_mode, version)  --> true 7
---@param text string?
---@param err? any
---@return any value
---@return integer|any version or, behind nil, the error
---@return integer|string|nil time
function versioned.unwrap(text, err)
  if text == nil then
    return nil, err
  end
  local ok, envelope = pcall(cfkv.json.decode, text)
  if not ok or type(envelope) ~= "table" then
    return fail "the value is no versioned one: it is no JSON object"
  end
  if math.type(envelope.v) ~= "integer" or envelope.value == nil then
    return fail "the value is no versioned one: it lacks v or value"
  end
  return envelope.value, envelope.v, envelope.t
end

---true when what was read is older than `least`. Takes a version, an envelope, the text of one, or
---nil (there was nothing to read, or nothing that has a version), which is stale.
---
---    local versioned = require "cfkv.versioned"
---    print(versioned.is_stale(6, 7))  --> true
---@param read integer|cfkv.envelope|string|nil
---@param least integer
---@return boolean
function versioned.is_stale(read, least)
  check_version(least, "the least version")
  local version = read
  if type(read) == "string" then
    local _
    _, version = versioned.unwrap(read)
  elseif type(read) == "table" then
    version = read.v
  end
  return math.type(version) ~= "integer" or version < least
end

return versioned
