-- cfkv import of what Terraform writes, with an account that has it. All shapes: tests/spec; each of them imported:
-- tests/fault.
local emulator = require "support.emulator"
local imported = require "support.imported"
local project = require "support.project"
local tf = require "support.terraform"


describe("cfkv import from Terraform", function()
  after_each(emulator.cleanup_all)

  -- An account that has what a state has, and that state with its ids.
  local function shop()
    return imported.account("terraform", function()
      return "terraform.tfstate"
    end, function()
      return { { value = tf.state { tf.resource("kv_A1B2C3D4", tf.ns "shop"),
        tf.resource(tf.KEY .. ".flag_0F9E8D7C", tf.key("shop", "flag", "on")) } } }
    end)
  end

  it("takes what the state says of what is, and the program's output of what is to be", function()
    local p, e, all = shop()
    p:write("state.json", tf.text(all[1].value))
    p:write("cdk.tf.json", tf.text { resource = {
      [tf.NAMESPACE] = { kv_A1B2C3D4 = { account_id = tf.ACCOUNT, title = "shop",
        lifecycle = { prevent_destroy = true } } },
      [tf.KEY] = { flag_0F9E8D7C = { account_id = tf.ACCOUNT, key_name = "flag", value = "${file(\"flag.txt\")}",
        namespace_id = "${" .. tf.NAMESPACE .. ".kv_A1B2C3D4.id}", lifecycle = { ignore_changes = "all" } } } } })
    local r = project.ok(e:run_in_account(p, "import", "cdk.tf.json", "state.json"))
    assert.matches("is ${file(\"flag.txt\")}, which only Terraform can say", r.err, 1, true)
    local lua = p:read "kv.lua"
    assert.matches('cfkv.namespace { title = "shop", protect = true }', lua, 1, true)
    assert.matches('shop:put("flag", "on", { policy = "once" })', lua, 1, true)
    project.ok(e:run_in_account(p, "plan", "--detailed-exitcode"))
  end)

  it("reads a state from standard input, and touches nothing in the account", function()
    local p, e, all = shop()
    p:write("state.json", tf.text(all[1].value))
    local env = e:env { CLOUDFLARE_ACCOUNT_ID = tf.ACCOUNT }
    local before = e:logged()
    project.ok(p:sh("cfkv import - <state.json", { env = env }))
    for i, request in ipairs(e:requests()) do
      assert.is_true(i <= before or request.method == "GET")
    end
    project.ok(e:run_in_account(p, "plan", "--detailed-exitcode"))
  end)

  it("answers a configuration in HCL with what can be imported, and writes nothing", function()
    local p = project.quick { ["main.tf"] = 'resource "cloudflare_workers_kv_namespace" "x" {\n  title = "x"\n}\n' }
    local r = p:run("import", "main.tf")
    assert.equal(3, r.code)
    assert.matches("terraform state pull >state.json", r.err, 1, true)
    assert.is_nil(p:read "kv.lua")
  end)
end)
