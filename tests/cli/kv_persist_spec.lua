-- --persist-to: local keys in a folder that wrangler was given for them.
local project = require "support.project"

local ID = ("0a"):rep(16)

describe("--persist-to", function()
  local p

  before_each(function()
    p = project.quick { ["wrangler.toml"] = ('[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'):format(ID),
      ["sub/x"] = "" }
  end)

  after_each(project.cleanup)

  local function kv(...)
    return p:run("kv", ...)
  end

  local function put(value, ...)
    local r = kv("key", "put", "k", value, "--local", ...)
    assert.equal(0, r.code, r.err)
  end

  local function get(...)
    local r = kv("key", "get", "k", "--local", ...)
    return r.code == 0 and r.out or r.code
  end


  it("has the keys of a binding in DIR/v3/kv, relative to the current folder, and nowhere else", function()
    put("kept", "--binding", "CACHE", "--persist-to", "data")
    assert.is_true(p:exists("data/v3/kv/" .. ID .. "/blobs"))
    assert.is_false(p:exists ".wrangler")
    assert.equal("kept", get("--binding", "CACHE", "--persist-to", "data"))
    assert.equal("kept", get("--binding", "CACHE", "--persist-to", "../data", { cwd = "sub" }))
    assert.equal("kept", get("--binding", "CACHE", "--persist-to", p:path "data", { cwd = "sub" }))
    assert.equal("kept", get("--binding", "CACHE", "--persist-to", "data", "-C", "..", { cwd = "sub" }))
    assert.equal(1, get("--binding", "CACHE", "--persist-to", "data", { cwd = "sub" }))
    assert.is_false(p:exists "sub/data")
    assert.equal(1, get("--binding", "CACHE"))
  end)

  it("takes any id, as wrangler does, and the titles of the project's local store", function()
    put("by id", "--namespace-id", "whatever", "--persist-to", "data")
    assert.equal("by id", get("--namespace-id", "whatever", "--persist-to", "data"))
    assert.equal(1, get("--namespace-id", "whatever"))
    assert.equal(1, get("--namespace", "shop", "--persist-to", "data"))
    assert.equal(0, kv("namespace", "create", "shop", "--local").code)
    put("at home", "--namespace", "shop")
    assert.equal(1, get("--namespace", "shop", "--persist-to", "data"))
    put("away", "--namespace", "shop", "--persist-to", "data")
    assert.equal("at home", get("--namespace", "shop"))
    assert.equal("away", get("--namespace", "shop", "--persist-to", "data"))
  end)

  it("is an option of each verb on keys", function()
    p:write("pairs.json", '[{"key":"a","value":"1"},{"key":"b","value":"2"}]')
    p:write("keys.json", '["a"]')
    local function data(words)
      for _, word in ipairs { "--local", "--binding", "CACHE", "--persist-to", "data" } do
        words[#words + 1] = word
      end
      local r = kv(table.unpack(words))
      assert.equal(0, r.code, r.err)
      return r
    end
    data { "bulk", "put", "pairs.json" }
    assert.equal("a\nb\n", data({ "key", "list" }).out)
    assert.equal("1", data({ "bulk", "get", "keys.json" }).json()[1].value)
    data { "bulk", "delete", "keys.json", "--yes" }
    data { "key", "delete", "b" }
    assert.equal("", data({ "key", "list" }).out)
  end)

  it("is refused without --local, and by verbs that are of no folder", function()
    local r = kv("key", "get", "k", "--binding", "CACHE", "--persist-to", "data",
      { env = { CLOUDFLARE_API_TOKEN = "t" } })
    assert.equal(64, r.code)
    assert.matches("--persist-to goes with --local, which was not given", r.err, 1, true)
    for _, verb in ipairs { "list", "clear", "delete" } do
      r = kv("namespace", verb, "--local", "--persist-to", "data")
      assert.equal(64, r.code)
      assert.matches("'kv namespace " .. verb .. "' has no option '--persist-to'", r.err, 1, true)
    end
  end)
end)
