-- `cfkv schema`. That documents are what it says is judged by tests/peers/documents.test.mjs.

local cjson = require "cjson"
local project = require "support.project"

-- Commands that take --json and print no document of their own.
local WITHOUT = {}


describe("cfkv schema", function()
  local p

  before_each(function()
    p = project.quick()
  end)
  after_each(project.cleanup)


  local function listed()
    return project.ok(p:run("schema", "--json")).json().documents
  end


  local function schema(name)
    local words = {}
    for word in name:gmatch "%S+" do
      words[#words + 1] = word
    end
    return cjson.decode(project.ok(p:run("schema", table.unpack(words))).out)
  end


  it("lists the documents, a line each at least", function()
    local r = project.ok(p:run "schema")
    assert.matches("\ndiagnostics +why there is no other document", "\n" .. r.out)
    for _, document in ipairs(listed()) do
      assert.matches("\n" .. document.name .. "  ", "\n" .. r.out, 1, true)
    end
  end)


  it("prints each of them, always the same", function()
    for _, document in ipairs(listed()) do
      assert.equal(document.about, schema(document.name).title)
    end
    assert.equal(p:run("schema", "plan").out, p:run("schema", "plan", "--json").out)
  end)


  it("takes the name of a command for that of what it prints", function()
    assert.equal("urn:cfkv:schema:apply:1", schema "destroy"["$id"])
    assert.equal("urn:cfkv:schema:kv-key-delete:1", schema "kv namespace clear"["$id"])
  end)


  it("knows every command that takes --json", function()
    local known = {}
    for _, document in ipairs(listed()) do
      for _, command in ipairs(document.commands) do
        assert.is_nil(known[command], command)
        known[command] = true
      end
    end
    local help = project.ok(p:run("help", "--json")).json()
    for _, command in ipairs(help.commands) do
      local takes = false
      for _, place in ipairs(command.options) do
        takes = takes or help.options[place + 1].name == "json"
      end
      assert.equal(takes and not WITHOUT[command.name], known[command.name] or false, command.name)
    end
  end)


  it("has the fields of declarations with their words and limits", function()
    local namespace = schema "eval".properties.namespaces.items
    assert.equal(256, namespace.properties.description.maxLength)
    assert.same({ "delete", "keep" }, { table.unpack(namespace.properties.on_remove.enum, 1, 2) })
    assert.is_nil(namespace.properties.namespace_name)
    assert.equal(64, schema "audit".properties.namespaces.items.properties.owner.maxLength)
  end)


  it("refuses what there is not, with the nearest", function()
    local r = p:run("schema", "plam")
    assert.equal(64, r.code)
    assert.equal("", r.out)
    assert.matches("there is no document 'plam'\n  hint: did you mean 'plan'?", r.err, 1, true)
    assert.matches("'cfkv schema' lists them", p:run("schema", "\27[31m", "x").err, 1, true)
  end)


  it("needs no configuration, and survives a full disk as others do", function()
    local r = p:run("schema", "plan", { stdout = "/dev/full" })
    assert.equal(1, r.code)
    assert.matches("cannot write to stdout", r.err, 1, true)
  end)
end)
