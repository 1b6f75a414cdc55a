--- `cfkv import` of wrangler configs, with the account at hand: all of tests/wrangler/corpus, as one monorepo and
--- each by itself. Behind it a plan makes the namespaces that bindings wait for and does nothing else, what the
--- apply of that writes are their ids, and a second import changes nothing.
local emulator = require "support.emulator"
local project = require "support.project"
local reader = require "support.reader"

local CORPUS = "tests/wrangler/corpus"
local REAL = "^" .. ("%x"):rep(32) .. "$"


-- { name, text, config } of those that are for people to edit.
local function corpus()
  local list = {}
  for _, view in ipairs(reader.configs(CORPUS)) do
    if view.config then
      list[#list + 1] = { name = view.file, text = project.slurp(CORPUS .. "/" .. view.file), config = view.config }
    end
  end
  return list
end


local function each_id(shape, visit)
  for _, binding in ipairs(shape.config.bindings) do
    for _, id in ipairs { binding.id, binding.preview_id } do
      if type(id) == "string" and id:find(REAL) then
        visit(id)
      end
    end
  end
end


-- An account in which the ids of configs are those of namespaces, by what they were.
local Account = {}
Account.__index = Account

local function account(e, shapes)
  local ids, n = {}, 0
  for _, shape in ipairs(shapes) do
    each_id(shape, function(id)
      n = n + (ids[id:lower()] and 0 or 1)
      ids[id:lower()] = ids[id:lower()] or ("namespace-%03d"):format(n)
    end)
  end
  local p = project.quick { ["kv.lua"] = ([[
local cfkv = require "cfkv"
cfkv.project { name = "there" }
for i = 1, %d do
  cfkv.namespace { title = ("namespace-%%03d"):format(i) }
end
]]):format(n) }
  project.ok(e:run_in_account(p, "apply", "--yes"))
  local by_title = {}
  for _, ns in ipairs(e:run_in_account(p, "kv", "namespace", "list", "--json").json()) do
    by_title[ns.title] = ns.id
  end
  for id, title in pairs(ids) do
    ids[id] = by_title[title]
  end
  return setmetatable({ ids = ids }, Account)
end


-- The text of a config of the corpus with ids that there are, and without accounts of others.
function Account:config(shape)
  local text = shape.text
  each_id(shape, function(id)
    local there = self.ids[id:lower()]
    text = text:gsub(id, id:find "%u" and there:upper() or there)
  end)
  return (text:gsub('(account_id"?%s*[=:]%s*")%x+"', "%1" .. emulator.ACCOUNT .. '"'))
end


local function file_of(shape)
  return "wrangler" .. shape.name:match "%.%l+$"
end


-- What a plan would do, in words of the plan: { create = 1, write = 1 }.
local function plan_of(p, e)
  local summary, counts = project.ok(e:run_in_account(p, "plan", "--json")).json().summary, {}
  for name, n in pairs(summary) do
    counts[name] = n ~= 0 and name ~= "unchanged" and n or nil
  end
  return counts
end


-- The laws, for configs at `paths`.
local function check(p, e, paths)
  local before = {}
  for _, path in ipairs(paths) do
    before[path] = p:read(path)
  end
  project.ok(e:run_in_account(p, "import", table.unpack(paths)))
  local written = p:read "kv.lua"
  local plan = plan_of(p, e)
  local waits = plan.create or 0
  assert.same({ create = plan.create, write = waits > 0 and plan.write or nil }, plan, written)
  local again = project.ok(e:run_in_account(p, "import", table.unpack(paths)))
  assert.equal(written, p:read "kv.lua", again.err)
  project.ok(e:run_in_account(p, "apply", "--yes"))
  assert.same({}, plan_of(p, e))
  for _, path in ipairs(paths) do
    if waits == 0 then
      assert.equal(before[path], p:read(path), path)
    end
  end
end


describe("cfkv import of wrangler configs", function()
  after_each(emulator.cleanup_all)

  it("keeps a monorepo of all shapes in step", function()
    local p, e = emulator.quick()
    local shapes, paths = corpus(), {}
    local there = account(e, shapes)
    for i, shape in ipairs(shapes) do
      paths[i] = shape.name:gsub("%W", "-") .. "/" .. file_of(shape)
      p:write(paths[i], there:config(shape))
    end
    assert.is_true(#paths > 100)
    check(p, e, paths)
  end)

  it("refuses what a build tool wrote, with nothing written", function()
    local p = project.quick { ["wrangler.json"] = project.slurp "tests/import/wrangler/generated.json" }
    local r = p:run("import", "wrangler.json")
    assert.equal(3, r.code)
    assert.matches("'wrangler.json' is no config to edit: a build tool made it from '../../wrangler.toml'\n"
      .. "  hint: name the config that you edit yourself", r.err, 1, true)
    assert.same({ "wrangler.json" }, p:files())
  end)

  it("pins what has an id where nobody can be asked for titles, and leaves the config as it is", function()
    local config = project.slurp "tests/import/wrangler/inline-env.toml"
    local p = project.quick { ["apps/api/wrangler.toml"] = config }
    project.ok(p:run("import", "apps/api/wrangler.toml"))
    assert.matches('cfkv.namespace { id = "2f2ac74b498b48028cb68387c421e279", ', p:read "kv.lua", 1, true)
    assert.matches('cfkv.wrangler { path = "apps/api/wrangler.toml" }', p:read "kv.lua", 1, true)
    project.ok(p:run("validate", "--strict"))
    assert.equal(config, p:read "apps/api/wrangler.toml")
  end)

  it("leaves a config to the cfkv.wrangler that names it, and tells outside of the project", function()
    local p = project.quick { ["wrangler.toml"] = project.slurp "tests/import/wrangler/inline-env.toml" }
    project.ok(p:run("import", "wrangler.toml"))
    p:write("wrangler.toml", p:read "wrangler.toml"
      .. '[[env.staging.kv_namespaces]]\nbinding = "NEW"\nid = "' .. ("5f"):rep(16) .. '"\n')
    p:write("wrangler.toml", (p:read "wrangler.toml":gsub("%[%[env%.staging", "[[env.production")))
    project.ok(p:run("import", "wrangler.toml", "-o", "more.lua"))
    assert.matches('cfkv.namespace { id = "' .. ("5f"):rep(16) .. '", env = "production", binding = "NEW" }',
      p:read "more.lua", 1, true)
    assert.matches("'wrangler.toml' has a cfkv.wrangler in the configuration already", p:read "more.lua", 1, true)
    p:write("kv.lua", p:read "kv.lua" .. 'require "more"\n')
    project.ok(p:run("validate", "--strict"))
    local written = p:read "more.lua"
    project.ok(p:run("import", "wrangler.toml", "-o", "more.lua"))
    assert.equal(written, p:read "more.lua")
    p:write("sub/.git/HEAD", "")
    project.ok(p:run("-C", "sub", "import", "../wrangler.toml"))
    assert.matches("\n-- Not kept in step: '", p:read "sub/kv.lua", 1, true)
  end)

  it("joins a config to what another tool says of the same namespaces", function()
    local p, e = emulator.quick()
    local a, b = ("a"):rep(32), ("b"):rep(32)
    local there = account(e, { { config = { bindings = { { id = a }, { id = b } } } } })
    local id, prod = there.ids[a], there.ids[b]
    p:write("kv.yaml", ([[
apiVersion: cloudflare.planton.dev/v1
kind: CloudflareKvNamespace
metadata: { name: cache, env: staging }
spec: { namespaceName: namespace-001, accountId: %s }
---
apiVersion: cloudflare.planton.dev/v1
kind: CloudflareKvNamespace
metadata: { name: cache, env: prod }
spec: { namespaceName: namespace-002, accountId: %s }
]]):format(emulator.ACCOUNT, emulator.ACCOUNT))
    p:write("wrangler.toml", ([[
name = "shop"
kv_namespaces = [ { binding = "CACHE", id = "%s" } ]
[env.production]
kv_namespaces = [ { binding = "CACHE", id = "%s" } ]
]]):format(id, prod))
    check(p, e, { "kv.yaml", "wrangler.toml" })
    assert.matches('environments = { prod = "production" }', p:read "kv.lua", 1, true)
    assert.matches('top_level = "staging"', p:read "kv.lua", 1, true)
  end)

  for _, shape in ipairs(os.getenv "SLOW" and corpus() or {}) do
    it("keeps " .. shape.name .. " in step", function()
      local p, e = emulator.quick()
      if #shape.config.bindings > 0 then
        p:write(file_of(shape), account(e, { shape }):config(shape))
        check(p, e, { file_of(shape) })
      end
    end)
  end
end)
