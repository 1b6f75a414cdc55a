-- What stands for an id and is none: it is filled, said, and what `wrangler dev` has under it comes
-- along.
local bound = require "support.bound"
local emulator = require "support.emulator"
local ok = require("support.project").ok

local HEAD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
]]

local CONFIG, TOML = bound.CONFIG, bound.TOML

local A = ("a1"):rep(16)

local WORDS = {
  "<YOUR_ID>", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$KV_ID", "a/b:c?d*e|f'g", "..", "../up", "{{ id }}", "日本",
  ("w"):rep(300), "CACHE", ("0"):rep(31),
}

describe("a placeholder", function()
  local p, e

  before_each(function()
    p, e = bound.start()
  end)

  after_each(emulator.cleanup_all)

  local on = bound.of(function()
    return p, e
  end)
  local holds, ids, dev_put, keys, apply = on.holds, on.ids, on.dev_put, on.keys, on.apply


  for _, word in ipairs(WORDS) do
    local shown = #word > 40 and "a very long one" or word

    it(("is filled, and what dev has under it comes along: %s"):format(shown), function()
      holds(word)
      dev_put "dev"
      local plan = ok(p:run("plan", "--local", "--json")).json()
      local moves = {}
      for _, action in ipairs(plan.actions) do
        moves[#moves + 1] = action.kind == "namespace" and action.reason or nil
      end
      assert.equal(1, #moves)
      assert.matches("takes what wrangler dev has under '", moves[1], 1, true)
      apply "local"
      local id = ids()
      assert.matches("^" .. ("%x"):rep(32) .. "$", id)
      assert.same({ "dev", "seed" }, keys(id))
      assert.same({}, keys(word))
    end)


    it(("is filled by a run to the account, too: %s"):format(shown), function()
      holds(word)
      local r = apply "account"
      assert.matches("replaces the placeholder", r.out, 1, true)
      assert.equal(ok(e:run(p, "kv", "namespace", "list", "--json")).json()[1].id, (ids()))
      assert.equal(0, e:run(p, "wrangler", "--check").code)
    end)
  end


  it("is named in the plan", function()
    holds "<YOUR_ID>"
    assert.matches("replaces the placeholder <YOUR_ID>", ok(p:run("plan", "--local")).out, 1, true)
    assert.matches("CACHE  id (known after apply) replaces the placeholder <YOUR_ID>", ok(e:run(p, "plan")).out, 1,
      true)
  end)


  it("that is empty, or a word with a dot before it, is filled without anything to take", function()
    for _, word in ipairs { "", ".hidden" } do
      holds(word)
      assert.falsy(ok(p:run("plan", "--local")).out:find("takes what", 1, true))
      apply "local"
      assert.matches("^%x+$", (ids()))
    end
  end)


  it("of a preview_id is filled for dev alone, and stays on the account, which says so once", function()
    holds("<YOUR_ID>", "<YOUR_PREVIEW_ID>")
    local r = apply "account"
    assert.matches("has the placeholder '<YOUR_PREVIEW_ID>' for its preview_id, which stays", r.err, 1, true)
    assert.falsy(e:run(p, "plan").err:find("placeholder", 1, true))
    dev_put "dev"
    local id, preview = ids()
    assert.equal("<YOUR_PREVIEW_ID>", preview)
    apply "local"
    local same, filled = ids()
    assert.equal(id, same)
    assert.matches("^%x+$", filled)
    assert.not_equal(id, filled) -- dev --remote would write to it
    assert.same({ "dev", "seed" }, keys(filled))
    apply "account"
    assert.same({ id, filled }, { ids() })
    apply "local"
    assert.same({ "dev", "seed" }, keys(filled))
  end)


  it("of a declared preview is filled by the account", function()
    holds("<YOUR_ID>", "<YOUR_PREVIEW_ID>")
    p:write("kv.lua", (CONFIG:gsub('binding = "CACHE"', '%0, preview = true')))
    apply "account"
    local id, preview = ids()
    assert.matches("^%x+$", id)
    assert.matches("^%x+$", preview)
  end)


  it("under which dev has something is told by a run to the account", function()
    holds "<YOUR_ID>"
    dev_put "dev"
    local r = ok(e:run(p, "plan"))
    assert.matches("wrangler dev has local data under '<YOUR_ID>', where it stays", r.err, 1, true)
    assert.matches("'cfkv apply --local' beforehand takes it along", r.err, 1, true)
    apply "local"
    assert.same({ "dev", "seed" }, keys((ids())))
    apply "account"
    apply "local"
    assert.same({ "dev", "seed" }, keys((ids())))
  end)


  it("is filled by 'cfkv wrangler', which tells of dev's data as well", function()
    holds "x"
    apply "account"
    holds "<YOUR_ID>"
    dev_put "dev"
    assert.equal(2, e:run(p, "wrangler", "--check").code)
    assert.matches("has local data under '<YOUR_ID>'", ok(e:run(p, "wrangler")).err, 1, true)
    assert.matches("^%x+$", (ids()))
    assert.same({ "dev" }, keys "<YOUR_ID>")
  end)


  it("that several bindings have leaves each what dev had, and nothing behind", function()
    p:write("kv.lua", HEAD .. [[
      cfkv.namespace { title = "cache", binding = "CACHE" }
      cfkv.namespace { title = "config", binding = "CONFIG" }
      cfkv.wrangler { path = "wrangler.toml" }
    ]])
    p:write("wrangler.toml", TOML .. 'id = "<YOUR_ID>"\n\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "<YOUR_ID>"\n')
    dev_put "dev"
    apply "local"
    local seen = 0
    for id in p:read("wrangler.toml"):gmatch '\nid = "(%x+)"' do
      assert.same({ "dev" }, keys(id))
      seen = seen + 1
    end
    assert.equal(2, seen)
    assert.same({}, keys "<YOUR_ID>")
  end)


  it("that a binding of somebody's keeps is copied from", function()
    holds "<YOUR_ID>"
    p:write("wrangler.toml", p:read "wrangler.toml" .. '\n[[kv_namespaces]]\nbinding = "MINE"\nid = "<YOUR_ID>"\n')
    dev_put "dev"
    apply "local"
    assert.same({ "dev", "seed" }, keys((ids())))
    assert.same({ "dev" }, keys "<YOUR_ID>")
  end)


  it("whose key the namespace has with another value leaves that one, and says so", function()
    apply "local"
    local id = ids()
    ok(p:run("kv", "key", "put", "both", "ours", "--local", "--namespace-id", id))
    holds "<YOUR_ID>"
    dev_put "both"
    dev_put "dev"
    local r = apply "local"
    assert.same({ "both", "dev", "seed" }, keys(id))
    assert.equal("ours", ok(p:run("kv", "key", "get", "both", "--local", "--namespace-id", id)).out)
    assert.same({ "both" }, keys "<YOUR_ID>")
    assert.matches("1 key of the local store stays under '<YOUR_ID>'", r.err, 1, true)
  end)


  it("is none where an id is absent: the name of the binding counts", function()
    holds(nil)
    dev_put "dev"
    assert.matches("takes what wrangler dev has under 'CACHE'", ok(p:run("plan", "--local")).out, 1, true)
    apply "local"
    assert.same({ "dev", "seed" }, keys((ids())))
  end)


  describe('with ids = "auto"', function()
    before_each(function()
      p:write("kv.lua", (CONFIG:gsub('path = "wrangler.toml"', '%0, ids = "auto"')))
    end)


    it("an absent id stays absent, and seeds go under the binding's name", function()
      holds(nil)
      dev_put "dev"
      local text = p:read "wrangler.toml"
      for _, target in ipairs { "local", "account", "local" } do
        apply(target)
        assert.equal(text, p:read "wrangler.toml")
        assert.same({ "dev", "seed" }, keys "CACHE")
      end
      assert.equal(0, e:run(p, "wrangler", "--check").code)
    end)


    it("a placeholder is filled all the same, and a new binding gets its id", function()
      holds "<YOUR_ID>"
      apply "account"
      assert.matches("^%x+$", (ids()))
      p:write("wrangler.toml", 'name = "shop"\n')
      apply "account"
      assert.matches("^%x+$", (ids()))
    end)


    it("a placeholder beside one leads wrangler dev to the binding's name in both sections", function()
      p:write("kv.lua", HEAD .. [[
        cfkv.namespace { title = "cache", env = "prod", binding = "CACHE" }:put("seed", "v")
        cfkv.wrangler { path = "wrangler.toml", top_level = "prod", environments = { prod = "live" }, ids = "auto" }
      ]])
      p:write("wrangler.toml", TOML .. '\n[[env.live.kv_namespaces]]\nbinding = "CACHE"\nid = "<YOUR_ID>"\n')
      dev_put "dev"
      apply "local"
      assert.same({ "dev", "seed" }, keys "CACHE")
      assert.equal("CACHE", select(2, ids()))
      assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    end)


    it("it is filled once that is declared, and the data follows", function()
      holds(nil)
      dev_put "dev"
      apply "local"
      p:write("kv.lua", CONFIG)
      apply "local"
      assert.same({ "dev", "seed" }, keys((ids())))
      assert.same({}, keys "CACHE")
    end)
  end)


  -- As an adopted one it would only be forgotten, and a created one deleted.
  for _, whose in ipairs { "of wrangler dev", "of its own" } do
    for _, words in ipairs { { "<YOUR_ID>" }, { A, "<PREVIEW>" } } do
      it(("filled for a namespace %s is filled anew once another has its place: %s"):format(whose,
        table.concat(words, ", ")), function()
        local found = whose == "of wrangler dev"
        holds(words[1], words[2])
        if found then
          dev_put "dev"
        end
        apply "local"
        local id, preview = ids()
        local was = preview or id
        p:write("kv.lua", (CONFIG:gsub('title = "cache"', 'title = "other"')))
        apply("local", "--allow-data-loss")
        id, preview = ids()
        if words[2] then
          assert.equal(A, id) -- somebody's
        end
        assert.not_equal(was, preview or id)
        assert.same({ "seed" }, keys(preview or id))
        assert.same(found and { "dev", "seed" } or {}, keys(was))
      end)
    end
  end
end)
