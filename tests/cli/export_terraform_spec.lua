-- cfkv export --to terraform: one configuration in JSON, judged by Terraform itself in tests/fault.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'
local SHOP = HEAD .. [[
cfkv.project { name = "shop" }
local ns = cfkv.namespace {
  app = "shop", purpose = "config", env = "prod", ttl_seconds = 3600, description = "costs ${x}", protect = true,
  on_remove = "keep", binding = "CONFIG",
}
ns:put("flags/a%b${c}", { dark = "%{if}" }, { metadata = { by = "${me}" } })
ns:put("token", cfkv.secret "s3cret")
ns:put("once", "", { policy = "once", expiration_ttl = 90 })
ns:put("logo", "\xFF\x00")
ns:put("e\u{301}", "é")
ns:bulk { { key = "row", value = "1" } }
cfkv.namespace { title = "😀 pages" }
cfkv.namespace { title = "- pages!" }
]]

local N, K = "cloudflare_workers_kv_namespace", "cloudflare_workers_kv"


describe("cfkv export --to terraform", function()
  after_each(emulator.cleanup_all)

  local function exported(p)
    local r = project.ok(p:run("export", "--to", "terraform"))
    return cjson.decode(r.out), r
  end

  it("has a resource for each, and import blocks with the ids of the state", function()
    local p, e = emulator.quick()
    p:write("kv.lua", SHOP)
    project.ok(e:run(p, "apply", "--yes"))
    local all = exported(p)
    local ids, imports = {}, {}
    for _, ns in ipairs(e:run(p, "kv", "namespace", "list", "--json").json()) do
      ids[ns.title] = emulator.ACCOUNT .. "/" .. ns.id
    end
    for _, block in ipairs(all.import) do
      imports[block.to] = block.id
    end
    assert.same({
      [N .. ".shop-config-prod"] = ids["shop-config-prod"], [N .. ".pages"] = ids["- pages!"],
      [N .. ".pages-2"] = ids["😀 pages"],
      [K .. ".shop-config-prod-flags-a-b-c"] = ids["shop-config-prod"] .. "/flags%2Fa%25b%24%7Bc%7D",
      [K .. ".shop-config-prod-once"] = ids["shop-config-prod"] .. "/once",
      [K .. ".shop-config-prod-token"] = ids["shop-config-prod"] .. "/token",
    }, imports)
    assert.same({ account_id = emulator.ACCOUNT, title = "😀 pages" }, all.resource[N]["pages-2"])
  end)

  it("says in members what Terraform knows, in comments what it does not, and no secret", function()
    local p = project.quick { ["kv.lua"] = SHOP }
    local all, r = exported(p)
    assert.falsy(r.out:find("s3cret", 1, true))
    assert.same({ source = "cloudflare/cloudflare", version = "~> 5.0" }, all.terraform.required_providers.cloudflare)
    local ns, keys = all.resource[N]["shop-config-prod"], all.resource[K]
    assert.same({ prevent_destroy = true }, ns.lifecycle)
    assert.same({ app = "shop", purpose = "config", env = "prod", ttl_seconds = 3600, description = "costs ${x}",
      on_remove = "keep", binding = "CONFIG", bulks = 1, keys = { { key = "e\u{301}", base64 = "w6k=" },
      { key = "logo", base64 = "/wA=" } } }, ns["//"].cfkv)
    assert.same({ account_id = "${var.account_id}", key_name = "flags/a%b$${c}", value = '{"dark":"%%{if}"}',
      metadata = '{"by":"$${me}"}', namespace_id = "${" .. N .. ".shop-config-prod.id}" },
      keys["shop-config-prod-flags-a-b-c"])
    assert.same({ ignore_changes = { "value", "metadata" } }, keys["shop-config-prod-once"].lifecycle)
    assert.same({ policy = "once", expiration_ttl = 90 }, keys["shop-config-prod-once"]["//"].cfkv)
    assert.equal("${var.shop_config_prod_token_value}", keys["shop-config-prod-token"].value)
    assert.is_true(all.variable.shop_config_prod_token_value.sensitive)
    assert.equal("string", all.variable.account_id.type)
    assert.is_nil(all.import)
    assert.matches("key 'logo' stands in a comment only", r.err, 1, true)
  end)

  it("looks up what must be there already, and leaves out what has no title", function()
    local p = project.quick { ["kv.lua"] = HEAD .. [[
      cfkv.project { name = "shop", account_id = ("a"):rep(32) }
      cfkv.namespace { title = "theirs", id = ("1"):rep(32), create = false }:put("k", "v")
      cfkv.namespace { id = ("2"):rep(32) }]] }
    local all, r = exported(p)
    assert.same({ theirs = { ["//"] = { cfkv = { create = false, title = "theirs" } }, account_id = ("a"):rep(32),
      namespace_id = ("1"):rep(32) } }, all.data[N])
    assert.equal("${data." .. N .. ".theirs.namespace_id}", all.resource[K]["theirs-k"].namespace_id)
    assert.is_nil(all.resource[N])
    assert.matches("its title is not known", r.err, 1, true)
  end)
end)
