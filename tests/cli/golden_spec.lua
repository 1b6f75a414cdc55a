-- Every document that a program may read (eval, plan, output, state, the state file), of the examples
-- and of the configurations in tests/golden: what a change of the code alters in them shows in the
-- change of a golden file.
--
-- A folder of tests/golden is a project; with next.lua the configuration changes to that once it was
-- applied. GOLDEN=write writes the files anew, to be read before they are committed.
local emulator = require "support.emulator"
local golden = require "support.golden"
local project = require "support.project"

local EXAMPLES = { "account", "ci", "matrix", "quickstart" }


local function folders(path)
  local list = {}
  for name in io.popen("ls " .. path):lines() do
    if not name:find(".", 1, true) then
      list[#list + 1] = name
    end
  end
  return list
end


-- Runs it with the emulator as the account.
local function run(p, ...)
  return p.service:run(p, ...)
end


local function document(p, ...)
  local r = run(p, ...)
  return ("== cfkv %s\n%s-- exit %d\n"):format(table.concat({ ... }, " "), r.out, r.code)
end


local function addresses(p)
  local r = run(p, "state", "list", "--json")
  local list = {}
  for _, ns in ipairs(r.code == 0 and r.json().namespaces or {}) do
    list[#list + 1] = ns.address
  end
  return list
end


-- A configuration with errors is not applied.
local function apply(p)
  local r = run(p, "apply", "--yes", "--allow-data-loss=*", "--allow-mass-delete=*")
  assert.is_truthy(r.code == 0 or r.code == 3, r.err)
end


-- Everything about the project as it stands, and after it was applied.
local function documents(p)
  local parts = { document(p, "eval"), document(p, "plan", "--local", "--json"), document(p, "plan", "--json") }
  apply(p)
  parts[#parts + 1] = document(p, "output", "--json")
  parts[#parts + 1] = document(p, "state", "list", "--json")
  for _, address in ipairs(addresses(p)) do
    parts[#parts + 1] = document(p, "state", "show", address, "--json")
  end
  parts[#parts + 1] = "== kv.state.json\n" .. (p:read "kv.state.json" or "none\n")
  return table.concat(parts)
end


local function whole(folder)
  local p = project.quick()
  p:copy(folder)
  if folder:find "^examples/" then -- what a run of it leaves
    p:sh "rm -rf .wrangler .cfkv wrangler.toml kv.state.json*"
  end
  p.service = emulator.start(p, "--memory")
  if folder == "examples/account" then -- made by another team
    assert.equal(0, run(p, "kv", "namespace", "create", "company-directory").code)
  end
  local text = documents(p)
  if p:exists "next.lua" then
    p:write("kv.lua", p:read "next.lua")
    text = text .. "==== after the change\n" .. documents(p)
  end
  return golden.masked(text)
end


describe("the documents of", function()
  after_each(emulator.cleanup_all)

  for _, name in ipairs(EXAMPLES) do
    it("the example " .. name .. " are what they were", function()
      golden.check("example_" .. name, whole("examples/" .. name))
    end)
  end

  for _, name in ipairs(folders "tests/golden") do
    it("the configuration " .. name .. " are what they were", function()
      golden.check(name, whole("tests/golden/" .. name))
    end)
  end
end)
