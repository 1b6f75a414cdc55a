--- Hand-made views of plans (lua/host/plan), and what a format makes of them.
--
--     local views = require "support.views"
--
--     local out = views.show("text", { accounts = 1 }, {
--       views.section("shop/config", { views.put("flags", { value = views.json { … } }) }),
--     })
--
-- views.show(format, head, sections, tail)  what the module makes of all of it; the members of `head`
--                                           and `tail` replace those of a plan of the account
-- views.call(module, lines)                 what calls of { function, view } add up to
-- views.section(address, entries, more?)    of one namespace; `more`: further members
-- views.put(key, more?)                     an entry: a put of a key that differs
-- views.entry(action, kind, more?)          any other
-- views.changes(changes, more?)             a DIFF of JSON
-- views.summary(counts?)                    all counts, 0 unless given
-- views.null                                null

local cjson = require "cjson"
local project = require "support.project"

local views = { null = cjson.null, NOW = 1764504000 } -- 2025-11-30 12:00 UTC

local HELPER = project.program:match "^(.*)/" .. "/support/host_text"


local function with(base, more)
  for name, value in pairs(more or {}) do
    base[name] = value
  end
  return base
end


local function list(items)
  return #items > 0 and items or cjson.empty_array
end


function views.summary(counts)
  return with({ create = 0, adopt = 0, rename = 0, update = 0, delete = 0, forget = 0, put = 0, overwrite = 0,
    delete_keys = 0, write = 0, outputs = 0, unchanged = 0 }, counts)
end


function views.entry(action, kind, more)
  return with({ action = action, kind = kind, overwrite = false, protected = false, pruned = false,
    key = cjson.null, old_title = cjson.null, title = "t", address = "a", id = cjson.null, reason = "",
    counts = cjson.null, value = cjson.null, metadata = cjson.null, expiry = cjson.null,
    namespaces = cjson.null }, more)
end


function views.put(key, more)
  return views.entry("put", "key", with({ key = key, reason = "its value or metadata differs" }, more))
end


function views.changes(changes, more)
  return { kind = "json", changes = changes, more = more or 0, cut = false }
end


function views.section(address, entries, more)
  return with({ env = cjson.null, account = cjson.null, address = address, title = address, entries = list(entries),
    more = 0 }, more)
end


local function head_of(more)
  return with({ command = "plan", target = "account 0123 (Acme)", by = cjson.null, accounts = {}, now = views.NOW,
    utc_offset = 0, local_time = false, width = 80, color = false, verbose = false, public = false, fresh = false,
    adopts = false, summary = views.summary(), environments = cjson.empty_array, diagnostics = cjson.empty_array },
    more)
end


local function tail_of(more)
  return with({ outputs = cjson.empty_array, summary = views.summary(), cost = cjson.null, left_out = 0, unsure = 0,
    checked = 0, saved = cjson.null }, more)
end


function views.call(module, calls)
  local input, lines = os.tmpname(), {}
  for i, call in ipairs(calls) do
    lines[i] = call[1] .. " " .. cjson.encode(call[2]) .. "\n"
  end
  local f = assert(io.open(input, "wb"))
  assert(f:write(table.concat(lines)))
  f:close()
  local pipe = assert(io.popen(("%s %s <%s 2>&1"):format(project.quote(HELPER), module, input)))
  local out = pipe:read "a"
  local ok = pipe:close()
  os.remove(input)
  assert(ok, out)
  return out
end


function views.show(format, head, sections, tail)
  local calls = { { "open", head_of(head) } }
  for _, section in ipairs(sections or {}) do
    calls[#calls + 1] = { "section", section }
  end
  calls[#calls + 1] = { "close", tail_of(tail) }
  return views.call("plan." .. format, calls)
end


return views
