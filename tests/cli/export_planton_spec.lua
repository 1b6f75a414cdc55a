-- cfkv export --to planton: manifests that another YAML parser reads, of which each is one that Planton
-- takes, and which say all that was declared when they are imported.
local emulator = require "support.emulator"
local lyaml = require "lyaml"
local project = require "support.project"
local strange = require "support.strange"

local HEAD, STRANGE, SHOP = strange.HEAD, strange.LINES, strange.shop()


-- All manifests of a folder by name, as another parser has them.
local function manifests(p, folder)
  local all, n = {}, 0
  for _, path in ipairs(p:files(folder)) do
    local documents = lyaml.load(p:read(folder .. "/" .. path), { all = true })
    assert.equal(1, #documents, path) -- Planton reads the first one only
    all[documents[1].metadata.name] = documents[1]
    assert.equal(documents[1].metadata.name .. ".yaml", path)
    n = n + 1
  end
  return all, n
end


describe("cfkv export --to planton", function()
  after_each(emulator.cleanup_all)

  it("writes a manifest a file, which another parser reads, and no secret", function()
    local p, e = emulator.quick()
    p:write("kv.lua", SHOP)
    project.ok(e:run(p, "apply", "--yes"))
    project.ok(p:run("export", "--to", "planton", "-o", "out"))
    local all, n = manifests(p, "out")
    assert.equal(7, n)
    local ns = all["shop-config-prod"]
    assert.same({ "cloudflare.planton.dev/v1", "CloudflareKvNamespace" }, { ns.apiVersion, ns.kind })
    assert.same({ namespaceName = "shop-config-prod", accountId = emulator.ACCOUNT }, ns.spec)
    assert.equal("prod", ns.metadata.env)
    assert.same({ ["cfkv/app"] = "shop", ["cfkv/purpose"] = "config", ["cfkv/ttl-seconds"] = "3600",
      ["cfkv/description"] = "costs $$ ${x}: 5 # not", ["cfkv/owner"] = "edge", ["cfkv/protect"] = "true",
      ["cfkv/on-remove"] = "keep", ["cfkv/binding"] = "CONFIG", ["cfkv/exported"] = "true" }, ns.metadata.annotations)
    assert.truthy(ns.status.outputs.namespaceId:find "^%x+$")
    local pair = all["shop-config-prod-flags-a-b"]
    assert.same({ accountId = emulator.ACCOUNT, keyName = "flags/a%b", value = '{"dark":true}',
      metadata = '{"by":"me"}', namespaceId = { valueFrom = { kind = "CloudflareKvNamespace",
        name = "shop-config-prod", fieldPath = "status.outputs.namespace_id" } } }, pair.spec)
    assert.equal(STRANGE, all["shop-config-prod-lines"].spec.value)
    assert.equal("null", all["shop-config-prod-true"].spec.value)
    assert.is_nil(all["shop-config-prod-token"].spec.value)
    assert.equal("😀 pages: - [x] #1", all["pages-x-1"].spec.namespaceName)
    for _, path in ipairs(p:files "out") do
      assert.falsy(p:read("out/" .. path):find("s3cret", 1, true))
    end
  end)

  it("says how what is there is taken over, a command a line", function()
    local p, e = emulator.quick()
    p:write("kv.lua", SHOP)
    project.ok(e:run(p, "apply", "--yes"))
    project.ok(p:run("export", "--to", "planton", "-o", "out"))
    local id = e:run(p, "kv", "namespace", "get", "shop-config-prod", "--json").json().id
    local head = p:read "out/shop-config-prod-flags-a-b.yaml"
    assert.truthy(head:find(("\n#   pulumi import cloudflare:index/workersKv:WorkersKv kv-pair %s/%s/flags%%2Fa%%25b\n")
      :format(emulator.ACCOUNT, id), 1, true), head)
    assert.truthy(p:read("out/shop-config-prod.yaml"):find(
      ("\n#   tofu import cloudflare_workers_kv_namespace.main %s/%s\n"):format(emulator.ACCOUNT, id), 1, true))
  end)

  it("tells what Planton refuses, and what it cannot say", function()
    local p = project.quick { ["kv.lua"] = HEAD .. [[
cfkv.project { name = "x", title_max = 100 }
local ns = cfkv.namespace { title = ("long "):rep(14) .. "title" }
ns:put("empty", "")
ns:put("logo", "\xFF")
]] }
    local r = project.ok(p:run("export", "--to", "planton", "-o", "out"))
    for _, words in ipairs { "refuses more than 64", "refuses an empty value", "its value is no text",
      "names no account" } do
      assert.truthy(r.err:find(words, 1, true), words)
    end
    local all, n = manifests(p, "out")
    assert.equal(2, n)
    for _, manifest in pairs(all) do
      assert.equal(manifest.kind == "CloudflareKvNamespace" and '[{"base64":"/w==","key":"logo"}]' or nil,
        manifest.metadata.annotations and manifest.metadata.annotations["cfkv/keys"])
    end
  end)
end)
