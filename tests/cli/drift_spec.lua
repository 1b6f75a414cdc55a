-- Drift is the plan's own comparison: what somebody else changed since the last apply, and no more.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local FAR = 2000000000 -- an absolute expiration, seconds since the epoch

local CONFIG = [[
  local cfkv = require "cfkv"
  cfkv.project { name = "shop" }
  local plain = cfkv.namespace { title = "plain" }
  plain:put("text", "v1")
  plain:put("object", { limit = 1, on = true }, { metadata = { owner = "a" } })
  plain:put("hour", "h", { expiration_ttl = 3600 })
  plain:put("fixed", "f", { expiration = 2000000000 })
  plain:put("once", "o", { policy = "once" })
  plain:put("password", cfkv.secret "hidden-1")
  plain:bulk(cfkv.source.json "seed.json")
  plain:bulk { { key = "in/a", value = "1" } }
  plain:prune "legacy/"
  local cache = cfkv.namespace { title = "cache", ttl_seconds = 7200 }
  cache:put("default", "d")
  cache:bulk(cfkv.source.json "cache.json")
  local marked = cfkv.namespace { title = "marked", fingerprint = true }
  marked:put("m", "v1", { metadata = { owner = "a" } })
  marked:bulk(cfkv.source.json "seed.json")
]]

local SEED = cjson.encode {
  { key = "s/a", value = "1" },
  { key = "s/b", value = "2", metadata = { lang = "en" } },
  { key = "s/c", value = "3", expiration_ttl = 3600 },
}

describe("drift", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG, ["seed.json"] = SEED, ["cache.json"] = '[{"key":"c/a","value":"1"}]' }
    e = emulator.start(p, "--memory")
    assert.equal(0, e:run(p, "apply", "--yes").code)
  end)

  after_each(emulator.cleanup_all)


  local function id(title)
    return e:run(p, "kv", "namespace", "get", title, "--json").json().id
  end


  local function path(title, rest)
    return ("/accounts/%s/storage/kv/namespaces/%s%s"):format(emulator.ACCOUNT, id(title), rest or "")
  end


  local function asked(...)
    local status, answer = e:ask(...)
    assert.equal(200, status, cjson.encode(answer))
  end


  local function put(title, pair)
    asked("PUT", path(title, "/bulk"), cjson.encode { pair }, { ["Content-Type"] = "application/json" })
  end


  local function delete(title, key)
    asked("DELETE", path(title, "/values/" .. key:gsub("/", "%%2F")))
  end


  local function drift(...)
    local r = e:run(p, "drift", "--json", ...)
    local document = r.json()
    assert.equal(#document.drift > 0 and 2 or 0, r.code, r.err)
    return document.drift, r
  end


  local function said(items)
    local list = {}
    for i, item in ipairs(items) do
      list[i] = ("%s %s %s%s: %s"):format(item.change, item.kind, item.title, item.key ~= cjson.null
        and "/" .. item.key or "", item.detail)
    end
    return table.concat(list, "\n")
  end


  -- The keys (or sources) that the next apply would do something about.
  local function planned()
    local keys = {}
    for _, action in ipairs(e:run(p, "plan", "--json").json().actions) do
      keys[#keys + 1] = action.key ~= cjson.null and action.key or action.title
    end
    return table.concat(keys, " ")
  end

  it("is empty after an apply", function()
    assert.equal("", said(drift()))
    local r = e:run(p, "drift")
    assert.equal(0, r.code, r.err)
    assert.matches("Drift: 0 differences in 3 namespaces.\n$", r.out)
  end)

  -- What somebody does, what drift says of it, what the plan would do about.
  local WROTE = "its value or metadata is not what cfkv wrote"
  local EXPIRY = "its expiry is not what cfkv set"
  local CHANGES = {
    { "a value", function() put("plain", { key = "text", value = "v2" }) end,
      "changed key plain/text: " .. WROTE, "text" },
    { "metadata", function()
      put("plain", { key = "object", value = '{"limit":1,"on":true}', metadata = { owner = "b" } })
    end, "changed key plain/object: " .. WROTE, "object" },
    { "an expiry that is set", function() put("plain", { key = "text", value = "v1", expiration_ttl = 600 }) end,
      "changed key plain/text: " .. EXPIRY, "text" },
    { "an expiry that is removed", function() put("plain", { key = "hour", value = "h" }) end,
      "changed key plain/hour: " .. EXPIRY, "hour" },
    { "an expiry that is later", function() put("plain", { key = "hour", value = "h", expiration_ttl = 9000 }) end,
      "changed key plain/hour: " .. EXPIRY, "hour" },
    { "a fixed expiry that moved", function() put("plain", { key = "fixed", value = "f", expiration = FAR + 1 }) end,
      "changed key plain/fixed: " .. EXPIRY, "fixed" },
    { "an expiry by default that is removed", function() put("cache", { key = "default", value = "d" }) end,
      "changed key cache/default: " .. EXPIRY, "default" },
    { "a key that is gone", function() delete("plain", "text") end,
      "deleted key plain/text: the key is gone", "text" },
    { "a key with a ttl that is gone", function() delete("plain", "hour") end,
      "expired key plain/hour: it expired or was deleted", "hour" },
    { "a secret", function() put("plain", { key = "password", value = "hidden-2" }) end,
      "changed key plain/password: " .. WROTE, "password" },
    { "a seeded value", function() put("plain", { key = "s/a", value = "9" }) end,
      "changed bulk plain/seed.json: 1 key changed: 's/a'", "seed.json" },
    { "seeded metadata", function() put("plain", { key = "s/b", value = "2" }) end,
      "changed bulk plain/seed.json: 1 key changed: 's/b'", "seed.json" },
    { "a seeded expiry", function() put("plain", { key = "s/c", value = "3" }) end,
      "changed bulk plain/seed.json: 1 key changed: 's/c'", "seed.json" },
    { "a seeded key that is gone", function() delete("plain", "s/a") end,
      "changed bulk plain/seed.json: 1 key missing: 's/a'", "seed.json" },
    { "several of a source", function()
      delete("plain", "s/a")
      put("plain", { key = "s/b", value = "9" })
      put("plain", { key = "s/c", value = "9" })
    end, "changed bulk plain/seed.json: 1 key missing, 2 changed: 's/a', 's/b', 's/c'", "seed.json" },
    { "an inline item", function() put("plain", { key = "in/a", value = "2" }) end,
      "changed bulk plain/inline:1: 1 key changed: 'in/a'", "inline:1" },
    { "a seeded expiry by default", function() put("cache", { key = "c/a", value = "1" }) end,
      "changed bulk cache/cache.json: 1 key changed: 'c/a'", "cache.json" },
    { "a key under a pruned prefix", function() put("plain", { key = "legacy/x", value = "1" }) end,
      "added key plain/legacy/x: not declared, under 'legacy/'", "legacy/x" },
    { "a value with a fingerprint", function()
      put("marked", { key = "m", value = "v2", metadata = { owner = "a" } })
    end, "changed key marked/m: " .. WROTE, "m" },
    { "metadata beside a fingerprint", function()
      local _, listed = e:ask("GET", path("marked", "/keys?prefix=m"))
      local metadata = listed.result[1].metadata
      metadata.owner = "b"
      put("marked", { key = "m", value = "v1", metadata = metadata })
    end, "changed key marked/m: " .. WROTE, "m" },
    { "a seeded value with a fingerprint", function() put("marked", { key = "s/a", value = "9" }) end,
      "changed bulk marked/seed.json: 1 key changed: 's/a'", "seed.json" },
    { "a title", function() asked("PUT", path "cache", '{"title":"theirs"}') end,
      "renamed namespace cache: it is titled 'theirs' now", "cache" },
    { "a namespace that is gone", function() asked("DELETE", path "cache") end,
      "deleted namespace cache: the namespace is gone", "cache default cache.json" },
  }

  for _, case in ipairs(CHANGES) do
    it("finds " .. case[1] .. ", as plan does", function()
      case[2]()
      assert.equal(case[3], said(drift()))
      assert.equal(case[4], planned())
    end)
  end

  -- What the next apply would do is no drift.
  local EDITS = {
    { "a value", '"v1"%)', '"v2")' },
    { "metadata", 'owner = "a"', 'owner = "b"' },
    { "a relative ttl", "3600 }%)", "7200 })" },
    { "a ttl that goes", ", { expiration_ttl = 3600 }", "" },
    { "a default ttl", "ttl_seconds = 7200", "ttl_seconds = 600" },
    { "a default ttl that goes", ", ttl_seconds = 7200", "" },
    { "a put more", "$", 'plain:put("more", "1")' },
    { "a put less", 'plain:put%("text", "v1"%)', "" },
    { "a source more", "$", 'cache:bulk { { key = "in/b", value = "1" } }' },
    { "a source less", 'marked:bulk%(cfkv.source.json "seed.json"%)', "" },
    { "fingerprints turned on", 'title = "plain"', 'title = "plain", fingerprint = true' },
    { "fingerprints turned off", ", fingerprint = true", "" },
    { "a title", 'title = "cache"', 'title = "store", renamed_from = "cache"' },
    { "a namespace more", "$", 'cfkv.namespace { title = "more" }:put("k", "v")' },
    { "a namespace less", 'local cache.-local marked', "local marked" },
    { "a prefix more", "$", 'plain:put("once/x", "1"); plain:prune "in/"; plain:prune "o"' },
    { "a fixed expiry", "expiration = 2000000000", "expiration = 2000000001" },
    { "a fixed expiry that goes", ", { expiration = 2000000000 }", "" },
    { "a fixed expiry that comes", 'plain:put%("text", "v1"', 'plain:put("text", "v1", { expiration = 2000000000 }' },
    { "a prune less", 'plain:prune "legacy/"', "" },
  }

  for _, edit in ipairs(EDITS) do
    it("is not " .. edit[1] .. " that the configuration changed", function()
      p:write("kv.lua", (CONFIG:gsub(edit[2], edit[3])))
      assert.equal("", said(drift()))
    end)
  end

  it("compares a put whose declaration changed with what was recorded of it", function()
    p:write("kv.lua", (CONFIG:gsub('"v1"%)', '"v3")'):gsub("3600 }%)", "7200 })")))
    put("plain", { key = "text", value = "v2" })
    put("plain", { key = "hour", value = "h" })
    assert.equal("changed key plain/hour: " .. EXPIRY .. "\nchanged key plain/text: " .. WROTE, said(drift()))
  end)

  it("compares a fixed expiry that the configuration changed with the one that was applied", function()
    p:write("kv.lua", (CONFIG:gsub("expiration = 2000000000", "expiration = 2000000002")))
    put("plain", { key = "fixed", value = "f", expiration = FAR + 1 })
    assert.equal("changed key plain/fixed: " .. EXPIRY, said(drift()))
  end)

  it("finds nothing that lay under a prefix before it was pruned", function()
    put("plain", { key = "later/x", value = "1" })
    p:write("kv.lua", CONFIG .. 'plain:prune "later/"')
    assert.equal("later/x", planned())
    assert.equal("", said(drift()))
    assert.equal(0, e:run(p, "apply", "--yes").code)
    put("plain", { key = "later/x", value = "1" })
    assert.equal("added key plain/later/x: not declared, under 'later/'", said(drift()))
  end)

  it("compares a put that is declared no more with what was recorded of it", function()
    p:write("kv.lua", (CONFIG:gsub('plain:put%("text", "v1"%)', "")))
    put("plain", { key = "text", value = "v2" })
    assert.equal("changed key plain/text: " .. WROTE, said(drift()))
  end)

  it("tells once of sources that changed since, and judges neither their keys nor what is pruned", function()
    p:write("seed.json", '[{"key":"s/a","value":"5"}]')
    put("plain", { key = "s/a", value = "9" })
    put("plain", { key = "legacy/x", value = "1" })
    local items, r = drift()
    assert.equal("", said(items))
    assert.equal("warning: 2 bulk sources changed since the last apply, so their keys cannot be compared: "
      .. "'seed.json' of 'marked' and others\n"
      .. "  hint: 'cfkv plan' shows what differs from the sources as they are now\n", r.err)
  end)

  it("gives what was applied and what is there, and counts of a source", function()
    put("plain", { key = "object", value = '{"limit":2}', expiration = FAR })
    put("plain", { key = "s/a", value = "9" })
    local items = drift()
    assert.same({ metadata = { owner = "a" }, value = '{"limit":1,"on":true}' }, items[1].before)
    assert.same({ expiration = FAR, value = '{"limit":2}' }, items[1].after)
    assert.same({ changed = 1, new = 0, unchanged = 2 }, items[2].counts)
    assert.same({ "s/a" }, items[2].keys)
  end)

  it("is shown as a plan is: by path, by line, in words", function()
    put("plain", { key = "object", value = '{"limit":2,"on":true}', metadata = { owner = "b" } })
    put("plain", { key = "hour", value = "h" })
    put("plain", { key = "s/a", value = "9" })
    delete("plain", "text")
    asked("PUT", path "cache", '{"title":"theirs"}')
    local r = e:run(p, "drift")
    assert.equal(2, r.code, r.err)
    assert.equal([[

cache
  ~ renamed from 'cache' to 'theirs'

plain
  ~ key 'hour' changed  (its expiry is not what cfkv set)
      expires: 1 h after it is written -> never
  ~ key 'object' changed  (its value or metadata is not what cfkv wrote)
      ~ limit: 1 -> 2
      metadata:
      ~ owner: "a" -> "b"
  - key 'text' deleted  (the key is gone)
      - (value): "v1"
  ~ bulk 'seed.json' changed  (1 key changed: 's/a')

Drift: 5 differences in 3 namespaces.
]], r.out:match "^Target: [^\n]*\n(.*)$")
  end)

  it("has the formats of a plan, and shows others no value that cfkv did not write", function()
    put("plain", { key = "text", value = "by-somebody" })
    for format, want in pairs {
      text = "~ key 'text' changed",
      json = '"change": "changed"',
      markdown = "! key 'text' changed",
      github = "Drift: 1 difference in 3 namespaces.",
      gitlab = '{"create":0,"delete":0,"update":1}',
    } do
      local r = e:run(p, "drift", "--format", format)
      assert.equal(2, r.code, r.err)
      assert.truthy(r.out:find(want, 1, true), r.out)
      local shown = r.out:find("by-somebody", 1, true) ~= nil
      assert.equal(format == "text" or format == "json", shown, r.out)
    end
    assert.truthy(e:run(p, "drift", "--format", "markdown", "--show-values").out:find("by-somebody", 1, true))
    local summary = e:run(p, "drift", "--summary").out
    assert.matches("\nDrift: 1 difference in 3 namespaces.\n$", summary)
  end)

  it("tells what changed alike in many namespaces once, and counts by environment", function()
    p:write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop" }
      for i = 1, 6 do
        local ns = cfkv.namespace { title = "n" .. i, env = i < 3 and "dev" or "prod" }
        ns:put("flags", { limit = 60 })
      end
    ]])
    assert.equal(0, e:run(p, "apply", "--yes", "--allow-data-loss=*", "--allow-mass-delete").code)
    for i = 1, 6 do
      put("n" .. i, { key = "flags", value = '{"limit":90}' })
    end
    delete("n1", "flags")
    assert.equal([[

~ key 'flags' changed in 5 namespaces: limit 60 -> 90  (its value or metadata is not what cfkv wrote)
    n2, n3, n4 and 2 more

n1
  - key 'flags' deleted  (the key is gone)
      - (value): {"limit":60}

Drift: 6 differences in 6 namespaces.
]], e:run(p, "drift").out:match "^Target: [^\n]*\n(.*)$")
    assert.matches("\ndev: 2 differences\nprod: 4 differences\nDrift: 6 differences in 6 namespaces.\n$",
      e:run(p, "drift", "--summary").out)
    assert.matches("| environment | differences |\n|---|---:|\n| dev | 2 |\n| prod | 4 |\n",
      e:run(p, "drift", "--format", "markdown").out, 1, true)
  end)

  it("never shows a secret, nor what stands in its place", function()
    put("plain", { key = "password", value = "hidden-2" })
    for _, words in ipairs { {}, { "--json" } } do
      local r = e:run(p, "drift", table.unpack(words))
      assert.is_nil(r.out:find("hidden", 1, true))
    end
  end)

  it("reads no values where fingerprints tell", function()
    local before = #e:requests()
    assert.equal("", said(drift("--only", "marked")))
    local sent = e:requests()
    assert.equal("key_list", sent[#sent].endpoint)
    for i = before + 1, #sent do
      assert.is_nil(sent[i].endpoint:find "get")
    end
  end)

  it("is narrowed by --only", function()
    put("plain", { key = "text", value = "v2" })
    put("cache", { key = "default", value = "e" })
    assert.equal("changed key cache/default: " .. WROTE, said(drift("--only", "cache")))
  end)
end)
