--- Plans for a reviewer, as text, markdown and JSON: tests/golden/plan_*.txt. The emulator is the account.
---
--- GOLDEN=write writes the files anew, to be read before they are committed.
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'


-- A value as a configuration writes it.
local function settings(n, limit)
  local members = {}
  for i = 1, n do
    members[i] = ("s%02d = %d"):format(i, i == 31 and limit or i)
  end
  return "{ " .. table.concat(members, ", ") .. " }"
end


local function page(line)
  return [["<html>\n  <head>\n    <title>Shop</title>\n  </head>\n  <body>\n    ]] .. line ..
    [[\n  </body>\n</html>\n"]]
end


local function one_key(value, more)
  return HEAD .. ('cfkv.namespace { title = "shop" }:put("k", %s%s)'):format(value, more or "")
end


local function hundred(limit)
  return HEAD .. ([[
for i = 1, 100 do
  cfkv.namespace { title = ("shop-%%03d"):format(i), env = i %% 2 == 0 and "dev" or "prod" }
    :put("flags", { limits = { per_minute = %d }, on = true })
end]]):format(limit)
end


local function accounts(value)
  return HEAD .. ([[
local A, B = "cf000000000000000000000000000001", ("b"):rep(32)
cfkv.project { name = "p", accounts = { main = A, other = B } }
for _, account in ipairs { "main", "other" } do
  cfkv.namespace { app = "shop", purpose = "config", env = "prod", account = account }:put("k", account .. %q)
end]]):format(value)
end




-- Namespaces whose addresses stay, with these titles.
local function titled(...)
  local lines = { HEAD }
  for i, title in ipairs { ... } do
    lines[#lines + 1] = ('cfkv.namespace { app = "shop", purpose = "p%d", env = "prod", namespace_name = %q }')
      :format(i, title)
  end
  return table.concat(lines, "\n")
end


-- Name to the configuration that was applied, and the one that is planned; `brief`: of the JSON the
-- counts and the first ones.
local CASES = {
  settings = { one_key(settings(60, 31)), one_key(settings(60, 90)) },
  page = { one_key(page "<p>old</p>"), one_key(page "<p>new</p>") },
  binary = { one_key [["\0\1\xff\xfe"]], one_key [["\0\1\xff\xfe\2"]] },
  metadata = { one_key('"v"', ', { metadata = { owner = "a", team = 1 } }'),
    one_key('"v"', ', { metadata = { owner = "b", team = 1 } }') },
  expiry = { one_key('"v"', ", { expiration_ttl = 18000 }"), one_key '"v"' },
  namespaces = { hundred(60), hundred(90), brief = true },
  refusals = { HEAD .. 'for i = 1, 900 do cfkv.namespace { title = ("n%03d"):format(i), protect = true } end',
    HEAD .. 'cfkv.namespace { title = "n001", protect = true }', brief = true },
  accounts = { accounts "1", accounts "2" },
  renames = { titled("a", "b", "c"), titled("b", "c", "d") },
  outputs = { HEAD .. 'cfkv.output("url", "a") cfkv.output("gone", 1)',
    HEAD .. 'cfkv.output("url", "b") cfkv.output("new", { x = true })' },
}


describe("a plan for a reviewer", function()
  local p, service

  before_each(function()
    p = project.quick()
    service = emulator.start(p, "--memory")
  end)
  after_each(emulator.cleanup_all)

  local function run(...)
    return service:run(p, ...)
  end

  local function document(...)
    local r = run("plan", ...)
    return ("== cfkv plan %s\n%s-- exit %d\n%s"):format(table.concat({ ... }, " "), r.out, r.code, r.err)
  end

  local function brief()
    local d = run("plan", "--json").json()
    return ("== cfkv plan --json: %d actions, %d diagnostics\n%s\n"):format(#d.actions, #d.diagnostics,
      cjson.encode(d.summary.put) .. " put, " .. cjson.encode(d.summary.delete) .. " deleted")
  end

  for name, case in pairs(CASES) do
    it("is what it was: " .. name, function()
      p:write("kv.lua", case[1])
      local r = run("apply", "--yes", "--quiet")
      assert.equal(0, r.code, r.err)
      p:write("kv.lua", case[2])
      golden.check("plan_" .. name, golden.masked(document() .. document("--format", "markdown") ..
        (case.brief and brief() or document "--json")))
    end)
  end
end)
