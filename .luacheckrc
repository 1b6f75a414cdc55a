-- The globals of each kind of Lua file. `make check` runs luacheck with it.

std = "lua54"
max_line_length = 120

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

local function library(text)
  return { fields = words(text) }
end

-- What evaluated files see: the allow-list of lua/cfkv/sandbox.lua, and no more.
local sandbox = words [[
  _G _VERSION assert error getmetatable ipairs load next pairs pcall print rawequal rawget rawlen
  rawset require select setmetatable tonumber tostring type xpcall]]
sandbox.coroutine = library "close create isyieldable resume running status wrap yield"
sandbox.math = library [[
  abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad
  sin sqrt tan tointeger type ult]]
sandbox.string = library [[
  byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper]]
sandbox.table = library "concat insert move pack remove sort unpack"
sandbox.utf8 = library "char charpattern codepoint codes len offset"
stds.sandbox = { read_globals = sandbox }

-- What is open in the host state (src/host/host.c).
stds.host = { read_globals = words [[
  _G assert error getmetatable ipairs math next pairs pcall rawequal rawget rawlen rawset require
  select setmetatable string table tonumber tostring type utf8 xpcall]] }

files["lua/host"] = { std = "host" }
files["examples"] = { std = "sandbox" }
files["stdlib"] = { std = "sandbox" }

-- Scripts (cfkv run) have all of Lua.
files["examples/migrate"] = { std = "lua54" }
files["examples/seeding"] = { std = "lua54" }
files["examples/versioned"] = { std = "lua54" }
files["examples/ci/wrangler.lua"] = { std = "lua54" }
files["tests/**/*_spec.lua"] = { std = "lua54+busted" }
files["tests/golden"] = { std = "sandbox" }

exclude_files = { "build", "tests/fuzz/corpus", "tests/peers/node_modules" }
