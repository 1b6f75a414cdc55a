-- What editors and luacheck are to know of kv.lua.

local layout = require "layout"
local text = require "text"

local editor = {}

local LUARC = [[
{
  "runtime.version": "Lua 5.4",
  "workspace.library": [%s],
  "workspace.checkThirdParty": false
}
]]

-- The allow-list of evaluated files (lua/cfkv/sandbox.lua); a test compares the two.
local GLOBALS = [[_G _VERSION assert error getmetatable ipairs load next pairs pcall print rawequal rawget rawlen
  rawset require select setmetatable tonumber tostring type xpcall]]
local LIBRARIES = {
  { "coroutine", "close create isyieldable resume running status wrap yield" },
  { "math", [[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad sin
    sqrt tan tointeger type ult]] },
  { "string", [[byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper]] },
  { "table", "concat insert move pack remove sort unpack" },
  { "utf8", "char charpattern codepoint codes len offset" },
}

local LUACHECKRC = [[
-- luacheck: what a configuration of cfkv may use (kv.lua and its modules). They run in a sandbox: no
-- clock, files, shell or network.

local function words(text)
  local list = {}
  for word in text:gmatch "%%S+" do
    list[#list + 1] = word
  end
  return list
end

local globals = words [=[
%s]=]
%s
stds.cfkv = { read_globals = globals }
std = "cfkv"
max_line_length = false -- names and values are as long as they are

-- Scripts (cfkv run) have all of Lua.
files["scripts"] = { std = "lua54" }

exclude_files = { "node_modules", ".wrangler", ".cfkv" }
]]


local function filled(words, indent)
  return indent .. layout.wrap(words, #indent, 96)
end


local function library_lines(name, list)
  list = list:gsub("%s+", " ")
  local line = ('globals.%s = { fields = words "%s" }\n'):format(name, list)
  return #line <= 100 and line or ("globals.%s = { fields = words [=[\n%s]=] }\n"):format(name, filled(list, "  "))
end


local function luacheckrc()
  local libraries = {}
  for i, library in ipairs(LIBRARIES) do
    libraries[i] = library_lines(library[1], library[2])
  end
  return LUACHECKRC:format(filled((GLOBALS:gsub("%s+", " ")), "  "), table.concat(libraries))
end


-- `stdlib`: the folder in which `make install` puts the description of the module.
function editor.files(stdlib)
  return {
    { path = ".luarc.json", text = LUARC:format(text.string(stdlib)) },
    { path = ".luacheckrc", text = luacheckrc() },
  }
end


return editor
