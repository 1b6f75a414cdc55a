-- A FIFO in the place of a file is told, and never waited for.
local project = require "support.project"

local quote = project.quote

describe("a FIFO instead of", function()
  local p

  before_each(function()
    p = project.quick {
      ["kv.lua"] = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
        .. 'cfkv.namespace { title = "one" }:put("k", ("v"):rep(10))\n',
    }
  end)

  after_each(project.cleanup)


  local function fifo(path)
    os.remove(p:path(path))
    assert(os.execute("mkfifo " .. quote(p:path(path))))
  end


  local function told(path, ...)
    local words = { ... }
    if type(words[#words]) ~= "table" then
      words[#words + 1] = {}
    end
    words[#words].timeout = 20
    local r = p:run(table.unpack(words))
    assert.is_true(r.code ~= 0 and r.code < 100, ("exit %d: %s"):format(r.code, r.err))
    assert.matches(path, r.err, 1, true)
    assert.matches("not a regular file", r.err, 1, true)
  end


  local function found(pattern)
    local pipe = assert(io.popen(("cd %s && find . -path '%s' -type f"):format(quote(p.dir), pattern)))
    local path = pipe:read "l"
    pipe:close()
    return (assert(path, "no " .. pattern):gsub("^%./", ""))
  end


  local function apply()
    local r = p:run("apply", "--local", "--yes")
    assert.equal(0, r.code, r.err)
  end

  it("a value of the local store", function()
    apply()
    local blob = found "*/blobs/*"
    fifo(blob)
    local name = blob:match "[^/]+$"
    told(name, "kv", "key", "get", "k", "--namespace", "one", "--local")
    told(name, "backup", "one", "-o", "b.jsonl", "--local")
    told(name, "plan", "--local")
  end)

  it("a database of the local store", function()
    apply()
    for _, pattern in ipairs { "*KVNamespaceObject/*.sqlite", "*/v3/cfkv.sqlite" } do
      local path = found(pattern)
      os.rename(p:path(path), p:path "kept")
      fifo(path)
      told(path:match "[^/]+$", "plan", "--local")
      told(path:match "[^/]+$", "kv", "key", "put", "k", "v", "--namespace", "one", "--local")
      os.remove(p:path(path))
      os.rename(p:path "kept", p:path(path))
    end
  end)

  it("what a seed, a configuration or a script is read from", function()
    apply()
    fifo "keys.json"
    told("keys.json", "kv", "bulk", "put", "keys.json", "--namespace", "one", "--local")
    told("keys.json", "restore", "keys.json", "--namespace", "one", "--local", "--yes")
    told("keys.json", "run", "keys.json", "--local")
    told("keys.json", "validate", "keys.json")
    told("keys.json", "apply", "--plan", "keys.json", "--local", "--yes")
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
      .. 'cfkv.namespace { title = "one" }:bulk(cfkv.source.json("keys.json"))\n')
    told("keys.json", "validate")
    fifo "wrangler.toml"
    p:write("kv.lua", 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
      .. 'cfkv.wrangler { path = "wrangler.toml" }\n')
    told("wrangler.toml", "plan", "--local")
  end)

  it("a state, its journal or its lock", function()
    for _, name in ipairs { "kv.state.json", "kv.state.json.lock" } do
      fifo(name)
      told(name, "apply", "--yes", { env = { CLOUDFLARE_API_TOKEN = "x",
        CLOUDFLARE_ACCOUNT_ID = ("0"):rep(32), CLOUDFLARE_API_BASE_URL = "http://127.0.0.1:1" } })
      os.remove(p:path(name))
    end
  end)

  it("a file does not take the pipe that a shell makes of a command", function()
    apply()
    p:write("a.json", '[{"key":"a","value":"1"}]')
    local r = p:sh "bash -c 'cfkv kv bulk put <(cat a.json) --format json --namespace one --local'"
    assert.equal(0, r.code, r.err)
    assert.equal("1", p:run("kv", "key", "get", "a", "--namespace", "one", "--local").out)
  end)
end)
