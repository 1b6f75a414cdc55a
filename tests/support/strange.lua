--- A configuration whose exports take care: line ends of all kinds, bytes that may not stand there as they are,
--- what another language would read as its own.
local strange = { HEAD = 'local cfkv = require "cfkv"\n' }

local LUA = [=["a\r\n\tb ]] \\ \u{2028} \u{FEFF} \u{85} \u{9F} \u{7F} \u{FFFE} é€ 'q' \"d\"\n\n"]=]

strange.LINES = load("return " .. LUA)() -- the value of the key `lines`


--- `more`: Lua behind the puts of `ns`.
function strange.shop(more)
  return strange.HEAD .. [=[
cfkv.project { name = "shop" }
local ns = cfkv.namespace {
  app = "shop", purpose = "config", env = "prod", ttl_seconds = 3600, description = "costs $$ ${x}: 5 # not",
  owner = "edge", protect = true, on_remove = "keep", binding = "CONFIG",
}
ns:put("flags/a%b", { dark = true }, { metadata = { by = "me" } })
ns:put("token", cfkv.secret "s3cret")
ns:put("once", "yes", { policy = "once", expiration_ttl = 0 })
ns:put("lines", ]=] .. LUA .. ")\n" .. [=[
ns:put("true", "null")
]=] .. (more or "") .. 'cfkv.namespace { title = "😀 pages: - [x] #1", env = "dev" }\n'
end


return strange
