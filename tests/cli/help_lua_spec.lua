-- `cfkv help lua`: every name has an example, and the examples do what they say.
local cjson = require "cjson"
local project = require "support.project"

local FILES = {
  ["wrangler.toml"] = 'name = "shop"\n',
  ["seed/products.jsonl"] = '{"key":"p/1","value":"one"}\n',
  ["seed/products.jsonl.gz"] = '{"key":"p/1","value":"one"}\n', -- by its bytes, not by its name
  ["seed/dev.json"] = '[{"key":"a","value":"1"}]',
  ["products.csv"] = "key,value\np/1,one\n",
  ["pages/en/index.html"] = "<p>",
  ["articles.csv"] = 'Artikel;price\r\n"a;1";1,50\r\n',
  ["events.jsonl.gz"] = '{"kind":"click"}\n',
  ["site/index.html"] = "<p>",
  ["signing.key"] = "k3y",
  ["banner.txt"] = "Hello",
  ["logo.png"] = "\137PNG\r\n\0",
  ["flags.json"] = '{"dark_mode":true}',
}

-- What stands before an example, of a name that cfkv.project has to come before.
local function configuration(name)
  local prelude = 'local cfkv = require "cfkv"\n'
  return name == "cfkv.project" and prelude
    or prelude .. 'local ns = cfkv.namespace { title = "n", binding = "N", env = "dev" }\n'
      .. 'cfkv.namespace { title = "p", binding = "N", env = "prod" }\n'
end

local SCRIPT = 'local cfkv = require "cfkv"\nlocal ns = assert(cfkv.namespace.get "n")\n'


local function names()
  local list = project.new():run("help", "--json").json().lua
  for _, name in ipairs(list) do
    name.call = name.call ~= cjson.null and name.call
    name.example = name.example ~= cjson.null and name.example
  end
  return list
end


-- What the lines say that they print.
local function promised(example)
  local lines = {}
  for line in (example .. "\n"):gmatch "%-%->%s*(.-)\n" do
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n")
end


describe("the example of", function()
  local p
  after_each(project.cleanup)

  local function evaluate(name)
    p:write("kv.lua", configuration(name.name) .. name.example .. "\n")
    local r = project.ok(p:run("validate"))
    assert.is_nil(r.err:find("error:", 1, true), r.err)
    project.ok(p:run("plan", "--local"))
    return r.err
  end

  local function script(name)
    p:sh [[
      for n in n shop-cache-dev; do cfkv kv namespace create $n --local; done
      cfkv kv key put flags '{"dark_mode":true}' --metadata '{"owner":"web"}' --namespace n --local
      for k in a b product/1 old/1; do cfkv kv key put $k 1 --namespace n --local; done]]
    p:write("s.lua", SCRIPT .. name.example .. "\n")
    return (project.ok(p:run("run", "--local", "s.lua")).out:gsub("\t", " "):gsub("\n$", ""))
  end

  for _, name in ipairs(names()) do
    if name.call or name.example then
      it(name.name .. " does what it says", function()
        assert.is_string(name.example, "it has none")
        p = project.quick(FILES)
        if name.place:find "configurations" then
          evaluate(name)
        end
        if name.place:find "scripts" then
          local printed, wanted = script(name), promised(name.example)
          assert.equal(wanted ~= "" and wanted or printed, printed)
        end
      end)
    end
  end
end)


describe("help lua", function()
  local p

  before_each(function() p = project.new() end)
  after_each(project.cleanup)

  local function page(...)
    return project.ok(p:run("help", "lua", ...)).out
  end

  it("lists what there is, by where it can be called", function()
    local out = page()
    for _, name in ipairs(names()) do
      local call = name.module == "cfkv" and name.call
      assert.truthy(not call or out:find("\n  " .. call, 1, true), call)
    end
    assert.matches("\nin configurations:\n  cfkv.project", out)
    assert.matches("\n  cfkv.naming ", out, 1, true)
  end)


  it("explains each name, with what it takes, gives and an example", function()
    for _, name in ipairs(names()) do
      local out = page(name.name)
      assert.truthy(out:find(name.call or name.name, 1, true), out)
      for _, member in ipairs(name.params) do
        assert.truthy(out:find("\n  " .. member.name, 1, true), name.name .. ": " .. member.name)
      end
      assert.truthy(not name.example or out:find("\nexample:\n    ", 1, true), name.name)
    end
    local out = page "cfkv.bulk.put"
    assert.matches("in scripts (cfkv run)", out, 1, true)
    assert.matches("\n    ttl?  ", out, 1, true)
    assert.matches("\n    local r = assert(cfkv.bulk.put(", out, 1, true)
    assert.matches('local naming = require "cfkv.naming"', page "cfkv.naming.render", 1, true)
  end)


  it("takes the end of a name, a call and the name of a type or a module", function()
    assert.equal(page "cfkv.bulk.put", page "bulk.put")
    assert.equal(page "cfkv.bulk.put", page "cfkv.bulk.put(ns, items)")
    assert.equal(page "cfkv.namespace", page "cfkv.namespace { title = 'x' }")
    for _, call in ipairs { "ns:put(", "cfkv.key.put(", "cfkv.bulk.put(" } do
      assert.truthy(page "put":find(call, 1, true), call)
    end
    assert.matches("fields:\n  expiration_ttl", page "cfkv.put_options", 1, true)
    local both = page "cfkv.wrangler"
    assert.matches('^require "cfkv.wrangler"\n', both)
    assert.matches("\ncfkv.wrangler(fields)\n", both, 1, true)
  end)


  it("tells where a field is, and help alone knows what looks like a name in Lua", function()
    local out = page "ttl_seconds"
    assert.matches("\n  cfkv.project(fields), in defaults\n", out, 1, true)
    assert.matches("\n  cfkv.namespace { … } ", out, 1, true)
    assert.matches("at least 60", out, 1, true)
    assert.equal(out, project.ok(p:run("help", "ttl_seconds")).out)
    assert.equal(page "ns:put", project.ok(p:run("help", "ns:put")).out)
    assert.equal(page "cfkv.bulk.put", project.ok(p:run("help", "bulk.put")).out)
    assert.equal("cfkv: unknown command 'guard'\n  hint: did you mean 'guards'?\n", p:run("help", "guard").err)
    assert.equal(64, p:run("help", "no.such_name").code)
  end)


  it("refuses what there is not, with the nearest", function()
    local r = p:run("help", "lua", "cfkv.bulk.putt")
    assert.equal(64, r.code)
    assert.equal("cfkv: there is no Lua name 'cfkv.bulk.putt'\n  hint: did you mean 'cfkv.bulk.put'?\n", r.err)
    for _, name in ipairs { "", ".", "%", "[", "cfkv.", "\27[31m", ("x"):rep(3000), "ns:", "function" } do
      r = p:run("help", "lua", name)
      assert.equal(64, r.code, name)
      assert.is_nil(r.err:find("\27", 1, true))
      assert.is_nil(r.err:find("a bug in cfkv", 1, true), r.err)
    end
  end)


  it("fits the terminal", function()
    for _, columns in ipairs { 80, 40 } do
      for _, words in ipairs { {}, { "cfkv.var" }, { "cfkv.naming" } } do
        words[#words + 1] = { env = { COLUMNS = tostring(columns) } }
        for line in page(table.unpack(words)):gmatch "[^\n]+" do
          local is_code = line:find "^    " or line:find "^  [%w_]+%??  " or line:find "^  [%w:%.]+[%({ ]"
          assert.is_true(utf8.len(line) <= columns or is_code ~= nil, line)
        end
      end
    end
  end)
end)
