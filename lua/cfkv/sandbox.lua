-- The environment of evaluated files: what is on the list below exists, nothing else does.
--
-- Runs once, before any user code, with four arguments: native helpers, Lua's own libraries, the
-- guarded functions that replace some of theirs (src/script/guard.c says why), and what lock.lua
-- returned. Everything is captured in locals here; nothing below is looked up again where user code
-- could have changed it.

local native, lib, guard, tools = ...

local lock, raise, quote, type, names_of = tools.lock, tools.raise, tools.quote, tools.type, tools.names_of

local OUTSIDE = "evaluated files have no clock, files, shell or network; "
  .. "see cfkv.file, cfkv.var and cfkv.getenv"
local RANDOM = "the same input must give the same result, so there is no randomness"

-- Why a name that plain Lua has is missing.
local hints = {
  cfkv = "write local cfkv = require \"cfkv\" first",
  os = OUTSIDE, io = OUTSIDE, package = "modules are found by require \"x.y\"",
  debug = "evaluated files cannot look into the program that runs them",
  dofile = "use require \"x.y\"", loadfile = "use require \"x.y\"",
  loadstring = "use load", unpack = "use table.unpack", setfenv = "use load", getfenv = "use load",
  collectgarbage = "memory is capped and looks after itself", warn = "use print",
  ["math.random"] = RANDOM, ["math.randomseed"] = RANDOM,
  ["string.dump"] = "only text can be loaded",
  ["table.getn"] = "use #t", ["table.maxn"] = "use #t",
}

-- The names of a library that evaluated files get; guarded ones win.
local function library(name, list)
  local fields = {}
  for word in list:gmatch("%S+") do
    fields[word] = guard[name .. "." .. word] or lib[name][word]
  end
  return fields
end

local function locked(name, list)
  return lock(name, library(name, list), { hints = hints })
end

local strings = library("string", "byte char find format gmatch gsub len lower match pack packsize "
  .. "rep reverse sub unpack upper")

local globals = {
  string = lock("string", strings, { hints = hints }),
  table = locked("table", "concat insert move pack remove sort unpack"),
  math = locked("math", "abs acos asin atan ceil cos deg exp floor fmod huge log max "
    .. "maxinteger min mininteger modf pi rad sin sqrt tan tointeger type ult"),
  utf8 = locked("utf8", "char charpattern codepoint codes len offset"),
  coroutine = locked("coroutine", "close create isyieldable resume running "
    .. "status wrap yield"),
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
  hints = hints,
  otherwise = "quotes make a text of it; a variable is declared first: local name = …",
  assign = function(_, name)
    raise("global " .. quote(name) .. " assigned", "declare it: local " .. (type(name) == "string" and name or "x")
      .. " = …")
  end,
})
globals._G = environment

native.lock_strings(strings)

return environment
