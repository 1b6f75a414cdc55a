-- cfkv export --to crossplane: manifests that another YAML parser reads, and which say all that was declared when
-- they are read back.
local cjson = require "cjson"
local emulator = require "support.emulator"
local lyaml = require "lyaml"
local project = require "support.project"
local reader = require "support.reader"
local strange = require "support.strange"
local views = require "support.views"

local HEAD, STRANGE = strange.HEAD, strange.LINES
local SHOP = strange.shop [[
ns:put("empty", "")
ns:put("logo", "\xFF\0", { metadata = { w = 1 } })
]]


local function exported(lua)
  local p, e = emulator.quick()
  p:write("kv.lua", lua)
  project.ok(e:run(p, "apply", "--yes"))
  local r = project.ok(p:run("export", "--to", "crossplane"))
  return p, e, r
end


-- What importing the text would find.
local function inventory_of(p, text)
  p:write("crossplane.yaml", text)
  return cjson.decode(views.call("import", { { "input", reader.seen(p.dir, "crossplane.yaml") }, { "inventory", {} } }))
end


describe("cfkv export --to crossplane", function()
  after_each(emulator.cleanup_all)

  it("writes one file of manifests, which another parser reads, and no secret", function()
    local _, _, r = exported(SHOP)
    local by_name = {}
    for _, document in ipairs(lyaml.load(r.out, { all = true })) do
      by_name[document.metadata.name] = document
      assert.equal("workers.upjet-cloudflare.upbound.io/v1alpha1", document.apiVersion)
    end
    local ns = by_name["shop-config-prod"]
    assert.equal("KvNamespace", ns.kind)
    assert.equal("Orphan", ns.spec.deletionPolicy)
    assert.same({ accountId = emulator.ACCOUNT, title = "shop-config-prod" }, ns.spec.forProvider)
    assert.truthy(ns.metadata.annotations["crossplane.io/external-name"]:find "^%x+$")
    assert.equal("costs $$ ${x}: 5 # not", ns.metadata.annotations["cfkv/description"])
    local kv = by_name["shop-config-prod-flags-a-b"]
    assert.same({ accountId = emulator.ACCOUNT, namespaceIdRef = { name = "shop-config-prod" }, keyName = "flags/a%b",
      value = '{"dark":true}', metadata = '{"by":"me"}' }, kv.spec.forProvider)
    assert.equal(STRANGE, by_name["shop-config-prod-lines"].spec.forProvider.value)
    assert.equal("", by_name["shop-config-prod-empty"].spec.forProvider.value)
    assert.same({ value = "yes" }, by_name["shop-config-prod-once"].spec.initProvider)
    assert.is_nil(by_name["shop-config-prod-token"].spec.forProvider.value)
    assert.equal("😀 pages: - [x] #1", by_name["pages-x-1"].spec.forProvider.title)
    assert.falsy(r.out:find("s3cret", 1, true))
    assert.truthy(r.err:find("its value is no text", 1, true))
  end)

  it("says all of it again when it is read back", function()
    local p, e, r = exported(SHOP)
    local all = inventory_of(p, r.out)
    assert.same({}, all.problems)
    local ids = {}
    for _, ns in ipairs(e:run(p, "kv", "namespace", "list", "--json").json()) do
      ids[ns.title] = ns.id
    end
    local shop, pages = all.namespaces[1], all.namespaces[2]
    assert.same({ "shop", "config", "prod", 3600, "costs $$ ${x}: 5 # not", "edge", true, "keep", true,
      emulator.ACCOUNT, ids["shop-config-prod"] }, { shop.app, shop.purpose, shop.env, shop.ttl_seconds,
      shop.description, shop.owner, shop.protect, shop.on_remove, shop.exact, shop.account, shop.id })
    assert.equal("CONFIG", shop.bindings[1].name)
    assert.same({ "😀 pages: - [x] #1", "dev" }, { pages.title, pages.env })
    local keys = {}
    for _, key in ipairs(shop.keys) do
      keys[key.key] = key
    end
    assert.same({ '{"dark":true}', '{"by":"me"}' }, { keys["flags/a%b"].value, keys["flags/a%b"].metadata })
    assert.same({ "once", 0, "yes" }, { keys.once.policy, keys.once.expiration_ttl, keys.once.value })
    assert.same({ "", STRANGE, "null" }, { keys.empty.value, keys.lines.value, keys["true"].value })
    assert.same({ true }, { keys.token.secret, keys.token.value })
    assert.truthy(keys.logo.metadata)
  end)

  it("names what exists only as what is looked at", function()
    local p, e = emulator.quick()
    project.ok(e:run(p, "kv", "namespace", "create", "legacy"))
    local id = e:run(p, "kv", "namespace", "get", "legacy", "--json").json().id
    p:write("kv.lua", HEAD .. 'cfkv.project { name = "x" }\ncfkv.namespace { title = "legacy", create = false }\n')
    project.ok(e:run(p, "apply", "--yes"))
    local r = project.ok(p:run("export", "--to", "crossplane"))
    local document = lyaml.load(r.out)
    assert.same({ "Observe" }, document.spec.managementPolicies)
    assert.equal(id, document.metadata.annotations["crossplane.io/external-name"])
    assert.is_false(inventory_of(p, r.out).namespaces[1].create)
  end)
end)
