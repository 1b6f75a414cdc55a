-- The environment of evaluated files: what is on the list below exists, nothing else does.
--
-- Runs once, before any user code, with three arguments: native helpers, Lua's own libraries, and
-- the guarded functions that replace some of theirs (src/script/guard.c says why). Everything is
-- captured in locals here; nothing below is looked up again where user code could have changed it.

local native, lib, guard = ...

local setmetatable, type, rawpairs = lib.setmetatable, lib.type, guard.pairs
local raise, quote, nearest = native.raise, native.quote, native.nearest

local OUTSIDE = "evaluated files have no clock, files, shell or network; "
  .. "see cfkv.file, cfkv.var and cfkv.getenv"
local RANDOM = "the same input must give the same result, so there is no randomness"

-- Why a name that plain Lua has is missing.
local hints = {
  os = OUTSIDE, io = OUTSIDE, package = "modules are found by require \"x.y\"",
  debug = "evaluated files cannot look into the program that runs them",
  dofile = "use require \"x.y\"", loadfile = "use require \"x.y\"",
  loadstring = "use load", unpack = "use table.unpack", setfenv = "use load", getfenv = "use load",
  collectgarbage = "memory is capped and looks after itself", warn = "use print",
  ["math.random"] = RANDOM, ["math.randomseed"] = RANDOM,
  ["string.dump"] = "only text can be loaded",
  ["table.getn"] = "use #t", ["table.maxn"] = "use #t",
}

local function names_of(fields)
  local names = {}
  for name in rawpairs(fields) do
    names[#names + 1] = name
  end
  return names
end

-- Raises about a name that is not there; `prefix` is "string." or "" for globals.
local function unknown(kind, prefix, name, names)
  local hint = type(name) == "string" and hints[prefix .. name]
  local near = type(name) == "string" and nearest(name, names)
  if not hint and near then
    hint = "did you mean '" .. prefix .. near .. "'?"
  end
  raise(kind .. " " .. (type(name) == "string" and "'" .. prefix .. name .. "'" or quote(name)), hint or nil)
end

-- A view of `fields` that user code can read and nobody can change. Reading a name that is not
-- there is an error: in a configuration it is a slip of the pen. Options: `optional` names may be
-- nil, `any` names may be; `names` are the known ones, `unknown` the word for another, `assign` and
-- `call` metamethods.
local function lock(what, fields, options)
  options = options or {}
  local names = options.names or names_of(fields)
  local optional = options.optional or {}
  local prefix = what and what .. "." or ""
  if not options.any then
    setmetatable(fields, {
      __index = function(_, name)
        if not optional[name] then
          unknown(options.unknown or "unknown name", prefix, name, names)
        end
      end,
    })
  end
  return setmetatable({}, {
    __index = fields,
    __newindex = options.assign or function(_, name)
      raise((what or "this table") .. " cannot be changed (field " .. quote(name) .. ")")
    end,
    __pairs = function() return (rawpairs(fields)) end,
    __len = function() return #fields end,
    __call = options.call,
    __metatable = false,
  })
end

-- The names of a library that evaluated files get; guarded ones win.
local function library(name, list)
  local fields = {}
  for word in list:gmatch("%S+") do
    fields[word] = guard[name .. "." .. word] or lib[name][word]
  end
  return fields
end

local strings = library("string", "byte char find format gmatch gsub len lower match pack packsize "
  .. "rep reverse sub unpack upper")

local globals = {
  string = lock("string", strings),
  table = lock("table", library("table", "concat insert move pack remove sort unpack")),
  math = lock("math", library("math", "abs acos asin atan ceil cos deg exp floor fmod huge log max "
    .. "maxinteger min mininteger modf pi rad sin sqrt tan tointeger type ult")),
  utf8 = lock("utf8", library("utf8", "char charpattern codepoint codes len offset")),
  coroutine = lock("coroutine", library("coroutine", "close create isyieldable resume running "
    .. "status wrap yield")),
  _VERSION = lib._VERSION,
}

for word in ("assert error getmetatable ipairs rawequal rawget rawlen select tonumber type"):gmatch("%S+") do
  globals[word] = lib[word]
end
for word in ("load next pairs pcall print rawset require setmetatable tostring xpcall"):gmatch("%S+") do
  globals[word] = guard[word]
end

local global_names = names_of(globals)
global_names[#global_names + 1] = "_G"

local environment = lock(nil, globals, {
  names = global_names,
  unknown = "unknown global",
  assign = function(_, name)
    raise("global " .. quote(name) .. " assigned", "declare it: local " .. (type(name) == "string" and name or "x")
      .. " = …")
  end,
})
globals._G = environment

native.lock_strings(strings)

return environment, {
  lock = lock, raise = raise, quote = quote, pairs = rawpairs, type = type,
  integer = lib.math.tointeger, setmetatable = setmetatable,
}
