--- The target is always named: in plans, questions, results and JSON.
local emulator = require "support.emulator"
local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "a" }:put("k", "v")
]]

describe("the target", function()
  local p

  before_each(function() p = project.new { ["kv.lua"] = CONFIG } end)
  after_each(emulator.cleanup_all)

  local function first_line(r)
    assert.equal(0, r.code, r.err)
    return r.out:match "^[^\n]*"
  end

  local function last_line(r)
    assert.equal(0, r.code, r.err)
    return r.out:match "([^\n]*)\n$"
  end

  local function check_named(words, cfkv)
    local target = "Target: " .. words
    assert.equal(target, first_line(cfkv "plan"))
    assert.equal(target, first_line(cfkv("apply", "--yes")))
    assert.equal(target, first_line(cfkv "plan"))
    assert.equal(target, first_line(cfkv "drift"))
    assert.equal(target, first_line(cfkv "audit"))
    local r = cfkv("destroy", "--yes", "--allow-data-loss")
    assert.equal(target, first_line(r))
    assert.equal("applied: 1 namespace deleted, in " .. words, last_line(r))
  end

  local function remote(account)
    local e = emulator.start(p, "--memory")
    return e, function(...)
      local words = { ... }
      words[#words + 1] = { env = e:env { CLOUDFLARE_ACCOUNT_ID = account } }
      return p:run(table.unpack(words))
    end
  end

  it("is the local store", function()
    check_named("the local store", function(...) return p:run("--local", ...) end)
  end)

  it("is the account, with the name that came along when it was looked for", function()
    local _, cfkv = remote(false)
    check_named(("account %s (cfkv serve)"):format(emulator.ACCOUNT), cfkv)
  end)

  it("is the account that was given, and no request is spent on its name", function()
    local e, cfkv = remote(emulator.ACCOUNT)
    check_named("account " .. emulator.ACCOUNT, cfkv)
    for _, request in ipairs(e:requests()) do
      assert.truthy(request.path:find("/storage/kv/", 1, true), request.path)
    end
  end)

  it("is in every JSON document of what is planned, applied or compared", function()
    local _, cfkv = remote(emulator.ACCOUNT)
    local commands = { { "plan" }, { "apply", "--yes" }, { "drift" }, { "audit" },
      { "destroy", "--yes", "--allow-data-loss" } }
    for _, words in ipairs(commands) do
      table.insert(words, "--json")
      local r = cfkv(table.unpack(words))
      assert.equal("cloudflare", r.json().target, words[1])
      assert.same({ emulator.ACCOUNT }, r.json().accounts, words[1])
      table.insert(words, "--local")
      r = p:run(table.unpack(words))
      assert.equal("local", r.json().target, words[1])
      assert.same({}, r.json().accounts, words[1])
    end
  end)

  it("is in the JSON document of every verb that changes something", function()
    p:write("a.json", '[{"key":"a","value":"1"}]')
    p:write("keys.json", '["a"]')
    local _, cfkv = remote(emulator.ACCOUNT)
    for name, run in pairs { cloudflare = cfkv, ["local"] = function(...) return p:run("--local", ...) end } do
      for _, words in ipairs {
        { "kv", "namespace", "create", "m" },
        { "kv", "namespace", "rename", "m", "n" },
        { "kv", "key", "put", "k", "v", "--namespace", "n" },
        { "kv", "bulk", "put", "a.json", "--namespace", "n" },
        { "kv", "bulk", "delete", "keys.json", "--namespace", "n", "--yes" },
        { "kv", "key", "delete", "a", "--namespace", "n", "--yes" },
        { "copy", "n", "o", "--create" },
        { "kv", "namespace", "clear", "n", "--yes" },
        { "kv", "namespace", "delete", "n", "--yes" },
      } do
        words[#words + 1] = "--json"
        local document = run(table.unpack(words)).json()
        local where = table.concat(words, " ")
        assert.equal(name, document.target, where)
        assert.same(name == "local" and {} or { emulator.ACCOUNT }, document.accounts, where)
      end
    end
  end)

  it("names every account where there are several, by id", function()
    local other = ("b"):rep(32)
    p:write("kv.lua", CONFIG .. ('cfkv.namespace { title = "b", account_id = %q }'):format(other))
    local _, cfkv = remote(emulator.ACCOUNT)
    local r = cfkv("plan", "--refresh", "none")
    assert.equal(("Target: accounts %s and %s"):format(other, emulator.ACCOUNT), first_line(r))
    assert.same({ other, emulator.ACCOUNT }, cfkv("plan", "--refresh", "none", "--json").json().accounts)
  end)

  for words, cfkv in pairs {
    ["the local store"] = function() return function(...) return p:run("--local", ...) end end,
    ["account " .. emulator.ACCOUNT] = function() return select(2, remote(emulator.ACCOUNT)) end,
  } do
    it("is in what every imperative verb says it did: " .. words, function()
      local run = cfkv()
      local function said(...)
        local r = run(...)
        assert.equal(0, r.code, r.err)
        assert.matches(", in " .. words .. "\n", r.err, 1, true)
      end
      p:write("a.json", '[{"key":"a","value":"1"}]')
      p:write("keys.json", '["a"]')
      said("kv", "namespace", "create", "n")
      said("kv", "key", "put", "k", "v", "--namespace", "n")
      said("kv", "bulk", "put", "a.json", "--namespace", "n")
      said("backup", "n", "-o", "n.jsonl")
      said("restore", "n.jsonl", "--namespace", "m", "--create")
      said("copy", "n", "o", "--create")
      said("kv", "key", "delete", "k", "--namespace", "n", "--yes")
      said("kv", "bulk", "delete", "keys.json", "--namespace", "n", "--yes")
      said("kv", "namespace", "rename", "n", "new")
      said("kv", "namespace", "clear", "m", "--yes")
      said("kv", "namespace", "delete", "m", "--yes")
    end)
  end


  it("is named in questions", function()
    local r = p:sh "script -qec 'cfkv apply --local' /dev/null"
    assert.truthy(r.out:find("the local store: Apply these changes? Only 'yes' is accepted: ", 1, true), r.out)
  end)
end)
