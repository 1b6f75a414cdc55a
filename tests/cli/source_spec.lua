-- Seeds from files of every kind, as a configuration names them.

local project = require "support.project"

local function with(bulks, files)
  files["kv.lua"] = [[
    local cfkv = require "cfkv"
    cfkv.project { name = "shop" }
    local ns = cfkv.namespace { title = "shop", ttl_seconds = 0 }
  ]] .. bulks
  return project.new(files)
end

describe("a seed source", function()
  after_each(project.cleanup)

  it("may be CSV, a folder, or compressed, and applies once", function()
    local p = with([[
      ns:bulk(cfkv.source.csv "seed/rows.csv")
      ns:bulk(cfkv.source.dir "seed/pages")
      ns:bulk(cfkv.source.jsonl "seed/more.jsonl.gz")
    ]], {
      ["seed/rows.csv"] = "key,value,metadata\na,\"1,2\",\"{\"\"x\"\":1}\"\nb,2,\n",
      ["seed/pages/en/index.html"] = "<p>",
      ["seed/pages/de/index.html"] = "<b>",
      ["seed/pages/.draft"] = "",
      ["seed/more.jsonl"] = '{"key":"c","value":"3"}\n',
    })
    assert.equal(0, p:sh("gzip seed/more.jsonl").code)
    local plan = p:run("plan", "--local", "--json")
    assert.equal(0, plan.code, plan.err)
    assert.equal(5, plan.json().summary.put)
    local apply = p:run("apply", "--local", "--yes")
    assert.equal(0, apply.code, apply.err)
    local again = p:run("plan", "--local", "--detailed-exitcode")
    assert.equal(0, again.code, again.out .. again.err)
  end)

  it("says where each of its problems is", function()
    local p = with([[
      ns:bulk(cfkv.source.csv "rows.csv")
      ns:bulk(cfkv.source.dir "pages")
    ]], {
      ["rows.csv"] = "key,valeu\na,1\n",
      ["pages/a"] = "1",
    })
    p:sh("ln -s a pages/link")
    local r = p:run("validate")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("rows.csv:1: error: header: unknown column 'valeu'", 1, true), r.err)
    assert.truthy(r.err:find("did you mean 'value'?", 1, true), r.err)
    assert.truthy(r.err:find("pages/link: error: 'pages/link' is a symbolic link", 1, true), r.err)
    assert.truthy(r.err:find("key 'a' at pages/a is also at rows.csv:2 (item 1, byte 10)", 1, true), r.err)
  end)

  it("that ends too early is refused before anything is written", function()
    local p = with([[ns:bulk(cfkv.source.json "seed.json.gz")]], { ["seed.json"] = '[{"key":"a","value":"1"}]' })
    p:sh("gzip seed.json && truncate -s -4 seed.json.gz")
    local r = p:run("apply", "--local", "--yes")
    assert.equal(3, r.code, r.err)
    assert.truthy(r.err:find("of the compressed file: it ends too early", 1, true), r.err)
    assert.is_false(p:exists(".wrangler"))
  end)
end)
