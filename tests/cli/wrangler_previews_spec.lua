-- A preview_id beside an id: `wrangler dev` looks there, and what cfkv did not write is somebody's.
local bound = require "support.bound"
local emulator = require "support.emulator"
local ok = require("support.project").ok

local A, B, C = ("a1"):rep(16), ("b2"):rep(16), ("c3"):rep(16)

local CONFIG = bound.CONFIG

describe("a preview_id", function()
  local p, e

  before_each(function()
    p, e = bound.start()
  end)

  after_each(emulator.cleanup_all)

  local on = bound.of(function()
    return p, e
  end)
  local holds, ids, dev_put, keys, apply = on.holds, on.ids, on.dev_put, on.keys, on.apply

  -- The id of a live namespace of that title.
  local function make(title)
    ok(e:run(p, "kv", "namespace", "create", title))
    for _, ns in ipairs(ok(e:run(p, "kv", "namespace", "list", "--json")).json()) do
      if ns.title == title then
        return ns.id
      end
    end
  end


  it("is in the account of its namespace, be it named", function()
    p:write("kv.lua", ([[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", account_id = "%s", accounts = { eu = "%s" } }
      cfkv.namespace { title = "a", account = "eu", preview = true, binding = "A" }
    ]]):format(A, B))
    for _, ns in ipairs(ok(p:run "eval").json().namespaces) do
      assert.equal(B, ns.account_id, ns.title)
    end
  end)


  it("of somebody's keeps the local data, whatever runs", function()
    local id, preview = make "cache", make "theirs"
    holds(id, preview)
    dev_put "dev"
    local text = p:read "wrangler.toml"
    for _, target in ipairs { "local", "account", "local", "account", "local" } do
      apply(target)
      assert.equal(text, p:read "wrangler.toml")
      assert.same({ "dev", "seed" }, keys(preview))
      assert.same({}, keys(id))
    end
    assert.equal(0, e:run(p, "wrangler", "--check").code)
  end)


  it("counts also when it is all that there is", function()
    holds(nil, B)
    dev_put "dev"
    apply "local"
    apply "account"
    apply "local"
    local _, preview = ids()
    assert.equal(B, preview)
    assert.same({ "dev", "seed" }, keys(B))
  end)


  it("that equals the id keeps the data too", function()
    local id = make "cache"
    holds(id, id)
    dev_put "dev"
    for _, target in ipairs { "local", "account", "local" } do
      apply(target)
      assert.same({ "dev", "seed" }, keys(id))
    end
  end)


  it("is said to count, in the plan and behind an apply", function()
    holds(A, B)
    local why = "wrangler dev looks under the preview_id " .. B .. ", not under the id"
    assert.matches(why, ok(p:run("plan", "--local")).out, 1, true)
    assert.matches(why, ok(p:run("plan", "--local", "--json")).json().actions[1].reason, 1, true)
    local r = apply "local"
    assert.matches("seeded under the preview_id, where wrangler dev looks, not under the id: 'CACHE'", r.err, 1, true)
    assert.falsy(p:run("apply", "--local", "--yes").err:find("seeded under", 1, true))
  end)


  it("of somebody's, and what is under it, outlive the declaration", function()
    local id, preview = make "cache", make "theirs"
    holds(id, preview)
    dev_put "dev"
    apply "local"
    apply "account"
    local text = p:read "wrangler.toml"
    p:write("kv.lua", (CONFIG:gsub("cfkv.namespace[^\n]*\n", 'cfkv.namespace { title = "other" }\n')))
    assert.matches("forget", ok(p:run("plan", "--local")).out, 1, true)
    apply "local"
    local r = apply "account"
    assert.matches("cfkv did not write its preview_id " .. preview, r.err, 1, true)
    assert.equal(text, p:read "wrangler.toml")
    assert.same({ "dev", "seed" }, keys(preview))
  end)


  it("that is changed by hand takes the data along, and leaves it where it was", function()
    holds(A, B)
    dev_put "dev"
    apply "local"
    holds(A, C)
    apply "local"
    assert.same({ "dev", "seed" }, keys(C))
    assert.same({ "dev", "seed" }, keys(B))
    holds(A, B)
    apply "local"
    assert.same({ "dev", "seed" }, keys(B))
  end)


  it("is replaced by a declared one only with --take-over, and then the data follows", function()
    local id, preview = make "cache", make "theirs"
    holds(id, preview)
    dev_put "dev"
    apply "local"
    apply "account"
    p:write("kv.lua", (CONFIG:gsub('binding = "CACHE"', '%0, preview = true')))
    assert.equal(5, e:run(p, "apply", "--yes").code)
    local r = apply("account", "--take-over")
    assert.matches("wrangler dev has local data under '" .. preview .. "'", r.err, 1, true)
    local _, ours = ids()
    assert.not_equal(preview, ours)
    apply "local"
    assert.same({ "dev", "seed" }, keys(ours))
    assert.same({ "dev", "seed" }, keys(preview))
  end)


  it("that is declared no more goes, and the data follows the id", function()
    holds(nil, nil)
    p:write("kv.lua", (CONFIG:gsub('binding = "CACHE"', '%0, preview = true')))
    apply "account"
    apply "local"
    local id, preview = ids()
    assert.same({ "seed" }, keys(preview))
    p:write("kv.lua", CONFIG)
    local r = apply("account", "--allow-data-loss=*")
    assert.matches("the next 'cfkv apply --local' brings what it put there along", r.err, 1, true)
    apply "local"
    assert.same({ "seed" }, keys(id))
    assert.same({}, keys(preview))
  end)


  it("whose data no local run has seen is not said to follow by itself", function()
    holds(("a"):rep(32), nil)
    dev_put "dev"
    local r = apply "account"
    assert.matches("wrangler dev has local data under 'aaaaaaaa", r.err, 1, true)
    assert.matches("'cfkv apply --local' beforehand takes it along", r.err, 1, true)
  end)
end)
