-- cfkv export: what is declared as another tool declares it.
local cjson = require "cjson"
local emulator = require "support.emulator"
local lyaml = require "lyaml"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'
local SHOP = HEAD .. [[
cfkv.project { name = "shop" }
local ns = cfkv.namespace {
  app = "shop", purpose = "config", env = "prod", ttl_seconds = 3600, description = "costs $$ ${x}", protect = true,
  on_remove = "keep",
}
ns:put("flags/a%b", { dark = true }, { metadata = { by = "me" } })
ns:put("token", cfkv.secret "s3cret")
ns:put("once", "", { policy = "once", expiration_ttl = 0 })
cfkv.namespace { title = "😀 pages", env = "dev" }
]]


describe("cfkv export", function()
  after_each(emulator.cleanup_all)

  local function export(p, ...)
    return p:run("export", "--to", "pulumi", ...)
  end

  local function applied(text)
    local p, e = emulator.quick()
    p:write("kv.lua", text)
    project.ok(e:run(p, "apply", "--yes"))
    return p, e
  end

  it("takes ids from the state, asks nobody, and needs no credentials", function()
    local p, e = applied(SHOP)
    local before = e:logged()
    local r = project.ok(export(p, "-o", "out"))
    assert.equal(before, e:logged())
    local ids = {}
    for _, ns in ipairs(e:run(p, "kv", "namespace", "list", "--json").json()) do
      ids[ns.title] = emulator.ACCOUNT .. "/" .. ns.id
    end
    local imports = {}
    for _, resource in ipairs(cjson.decode(p:read "out/import.json").resources) do
      imports[resource.name] = resource.id
    end
    assert.same({
      ["shop-config-prod"] = ids["shop-config-prod"], pages = ids["😀 pages"],
      ["shop-config-prod-flags-a-b"] = ids["shop-config-prod"] .. "/flags%2Fa%25b",
      ["shop-config-prod-once"] = ids["shop-config-prod"] .. "/once",
      ["shop-config-prod-token"] = ids["shop-config-prod"] .. "/token",
    }, imports)
    assert.falsy(r.err:find("no recorded id", 1, true))
  end)

  it("writes what the other tool's parser reads, and no secret", function()
    local p = applied(SHOP)
    project.ok(export(p, "-o", "out"))
    local text = p:read "out/Pulumi.yaml"
    assert.falsy(text:find("s3cret", 1, true))
    local program = lyaml.load(text)
    assert.equal("shop", program.name)
    assert.equal("yaml", program.runtime)
    local ns = program.resources["shop-config-prod"]
    assert.same({ protect = true, retainOnDelete = true }, ns.options)
    assert.same({ accountId = emulator.ACCOUNT, title = "shop-config-prod" }, ns.properties)
    assert.same({ accountId = emulator.ACCOUNT, namespaceId = "${shop-config-prod.id}", keyName = "flags/a%b",
      value = '{"dark":true}', metadata = '{"by":"me"}' }, program.resources["shop-config-prod-flags-a-b"].properties)
    assert.equal("", program.resources["shop-config-prod-once"].properties.value)
    assert.same({ type = "string", secret = true }, program.config["shop-config-prod-token-value"])
    assert.equal("${shop-config-prod-token-value}", program.resources["shop-config-prod-token"].properties.value)
    assert.equal("costs $$$$ $${x}", program.variables.cfkv.attributes[1].description)
  end)

  it("is narrowed by --env and --only", function()
    local p = project.quick { ["kv.lua"] = SHOP }
    project.ok(export(p, "--env", "dev", "-o", "out"))
    local program = lyaml.load(p:read "out/Pulumi.yaml")
    assert.truthy(program.resources.pages)
    assert.is_nil(program.resources["shop-config-prod"])
    assert.equal(64, export(p, "--only", "nothing", "-o", "out").code)
  end)

  it("writes over nothing unasked, and keeps what was there", function()
    local p = project.quick { ["kv.lua"] = SHOP, ["out/Pulumi.yaml"] = "mine\n", ["out/Pulumi.yaml.old"] = "older\n" }
    local r = export(p, "-o", "out")
    assert.equal(5, r.code)
    assert.matches("-o PATH, or add --yes", r.err, 1, true)
    assert.equal("mine\n", p:read "out/Pulumi.yaml")
    assert.is_nil(p:read "out/import.json")
    project.ok(export(p, "-o", "out", "--yes"))
    assert.equal("mine\n", p:read "out/Pulumi.yaml.old.2")
    assert.equal("older\n", p:read "out/Pulumi.yaml.old")
    r = project.ok(export(p, "-o", "out")) -- the same again
    assert.matches("'out/Pulumi.yaml' is as it was", r.err, 1, true)
    assert.is_nil(p:read "out/Pulumi.yaml.old.3")
  end)
end)
