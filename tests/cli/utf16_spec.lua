--- What Windows' tools save as "Unicode" is told as UTF-16, with the file that it is.

local project = require "support.project"


describe("UTF-16 is told, with the name of what is read, in", function()
  local p
  before_each(function()
    p = project.new()
  end)
  after_each(project.cleanup)

  local KV = 'local cfkv = require "cfkv"\ncfkv.project { name = "p" }\n' ..
    'local n = cfkv.namespace { title = "n", binding = "N" }\n'

  local function write(name, text)
    p:write(name, "\xff\xfe" .. text:gsub(".", "%0\0"))
  end

  local function told(name, ...)
    local r = p:run(...)
    assert.not_equal(0, r.code, r.out)
    assert.truthy(r.err:find(name, 1, true), r.err)
    assert.truthy(r.told():find("this is UTF-16\n  hint: save it as UTF-8\n", 1, true), r.err)
    assert.is_nil(r.err:find("item 0", 1, true), r.err)
  end

  it("a configuration", function()
    write("kv.lua", KV)
    told("kv.lua:1", "validate")
  end)

  it("a file of a configuration, and a source", function()
    write("seed.json", '[{"key":"a","value":"b"}]')
    for _, line in ipairs { 'n:put("a", cfkv.file.json "seed.json")', 'n:bulk(cfkv.source.json "seed.json")',
      'n:bulk(cfkv.source.csv "seed.json")', 'n:bulk(cfkv.source.jsonl "seed.json")' } do
      p:write("kv.lua", KV .. line)
      told("seed.json", "validate")
    end
  end)

  it("files of keys", function()
    p:write("kv.lua", KV)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    for _, name in ipairs { "a.json", "a.jsonl", "a.csv" } do
      write(name, '[{"key":"a","value":"b"}]')
      told(name, "kv", "bulk", "put", name, "--namespace", "n", "--local")
    end
    told("a.json", "kv", "bulk", "delete", "a.json", "--namespace", "n", "--local", "--yes")
  end)

  it("a wrangler config", function()
    for _, name in ipairs { "wrangler.toml", "wrangler.jsonc" } do
      write(name, '{"name":"x"}')
      p:write("kv.lua", KV .. ("cfkv.wrangler { path = %q }"):format(name))
      told(name, "plan", "--local")
    end
  end)

  it("a state, a saved plan and a token's file", function()
    p:write("kv.lua", KV)
    write("kv.state.json", '{"version":2}')
    told("kv.state.json", "state", "list")
    os.remove(p:path "kv.state.json")
    write("plan.json", "{}")
    told("plan.json", "apply", "--plan", "plan.json", "--local")
    write("token", "abc")
    told("token", "plan", { env = { CLOUDFLARE_API_TOKEN_FILE = "token" } })
  end)
end)
