-- cfkv.wrangler: a wrangler config from outputs. Here in plain Lua; tests/cli/examples_spec.lua has it
-- in the program.
local assert_raises = require "support.raises"

package.path = "stdlib/?.lua;" .. package.path
local wrangler = require "cfkv.wrangler"

local ID = ("0123456789abcdef"):rep(2)

describe("wrangler.toml", function()
  it("writes settings by name, then tables, then environments", function()
    assert.equal([=[
compatibility_date = "2026-04-01"
compatibility_flags = ["nodejs_compat"]
main = "src/index.js"
name = "shop"

[[durable_objects.bindings]]
class_name = "Cart"
name = "CART"

[[kv_namespaces]]
binding = "CACHE"
id = "c"

[[kv_namespaces]]
binding = "CONFIG"
id = "a"
preview_id = "b"
remote = true

[[routes]]
pattern = "shop.example/*"
zone = { id = "z" }

[vars]
LOG = "debug"

[vars.limits]
per_minute = 60

[env.production]
name = "shop-live"

[[env.production.kv_namespaces]]
binding = "CONFIG"
id = "p"

[env.production.vars]
LOG = "error"

[env.staging]
workers_dev = true
]=], wrangler.toml {
      name = "shop", main = "src/index.js", compatibility_date = "2026-04-01",
      compatibility_flags = { "nodejs_compat" },
      kv = { CONFIG = { id = "a", preview_id = "b", remote = true }, CACHE = "c" },
      vars = { LOG = "debug", limits = { per_minute = 60 } },
      routes = { { pattern = "shop.example/*", zone = { id = "z" } } },
      durable_objects = { bindings = { { name = "CART", class_name = "Cart" } } },
      env = {
        staging = { workers_dev = true },
        production = { name = "shop-live", vars = { LOG = "error" }, kv = { CONFIG = "p" } },
      },
    })
  end)

  it("says so when an environment has no namespaces, and names one that has nothing", function()
    assert.equal("kv_namespaces = []\n\n[env.a]\nkv_namespaces = []\n\n[env.b]\n",
      wrangler.toml { kv = {}, env = { a = { kv = {} }, b = {} } })
    assert.equal("", wrangler.toml {})
    assert.equal("", wrangler.toml { env = {} })
    assert.equal("[vars]\n", wrangler.toml { vars = {} })
  end)

  it("quotes names and texts that need it", function()
    assert.equal('"" = ""\n"a b" = "\\"\\\\\\n\\u0000\\u007F"\n\n["é.x"]\n"\\n" = "é $x \'"\n'
      .. '\n[[env."my env".kv_namespaces]]\nbinding = "$A_1"\nid = "x"\n', wrangler.toml {
      [""] = "", ["a b"] = '"\\\n\0\127', ["é.x"] = { ["\n"] = "é $x '" },
      env = { ["my env"] = { kv = { ["$A_1"] = "x" } } },
    })
  end)

  it("writes numbers so that they are read back", function()
    assert.equal("a = 3600\nb = 0.1\nc = -5\nd = 1e+300\ne = 9223372036854775807\nf = 0.30000000000000004\n",
      wrangler.toml { a = 3600.0, b = 0.1, c = -5, d = 1e300, e = math.maxinteger, f = 0.1 + 0.2 })
  end)

  it("keeps lists that are no tables on their line", function()
    assert.equal('x = [1, { a = ["b"], c = "d" }, [true]]\n',
      wrangler.toml { x = { 1, { a = { "b" }, c = "d" }, { true } } })
    assert.equal("x = [{ a = {} }, 1]\n", wrangler.toml { x = { { a = {} }, 1 } })
  end)
end)

describe("wrangler.json", function()
  it("writes the same as JSON", function()
    assert.equal([[
{
  "kv_namespaces": [
    {
      "binding": "CONFIG",
      "id": "a"
    }
  ],
  "name": "sh\"op\n",
  "vars": {},
  "env": {
    "production": {
      "kv_namespaces": []
    }
  }
}
]], wrangler.json { name = 'sh"op\n', kv = { CONFIG = "a" }, vars = {}, env = { production = { kv = {} } } })
    assert.equal("{}\n", wrangler.json {})
  end)
end)

-- Both formats refuse the same.
local function assert_refused(message, config)
  assert_raises("cfkv.wrangler: " .. message, wrangler.toml, config)
  assert_raises("cfkv.wrangler: " .. message, wrangler.json, config)
end

describe("a config that cannot be one", function()
  it("is refused at the line that calls, with the place of the bad member", function()
    assert_refused("the config must be a table, got nil", nil)
    assert_refused("env must be a table from names to environments, got 7", { env = 7 })
    assert_refused("env.prod must be a table, got true", { env = { prod = true } })
    assert_refused("env has an environment whose name is no string: 1", { env = { {} } })
    assert_refused("env.prod.env is an environment in another one", { env = { prod = { env = {} } } })
    assert_refused('vars."a b".x[2] must be a string, number, boolean or table, got ' .. tostring(print),
      { vars = { ["a b"] = { x = { 1, print } } } })
    assert_refused("vars.n must be a finite number", { vars = { n = 0 / 0 } })
    assert_refused("env.prod.vars.n must be a finite number", { env = { prod = { vars = { n = -math.huge } } } })
    assert_refused("vars.t must be UTF-8", { vars = { t = "\xff" } })
    assert_refused("routes is a list, and has x beside", { routes = { "a", x = 1 } })
    assert_refused("vars has a member whose name is no string: true", { vars = { [true] = 1 } })
    local loop = {}
    loop.x = { loop }
    assert_refused("vars.x[1] holds itself", { vars = loop })
  end)

  it("is told so of its bindings", function()
    assert_refused("kv_namespaces is written from kv, a table from bindings to ids", { kv_namespaces = {} })
    assert_refused("kv must be a table from bindings to ids, got x", { kv = "x" })
    assert_refused("kv has a binding that is no identifier: MY-KV", { kv = { ["MY-KV"] = "x" } })
    assert_refused("kv has a binding that is no identifier: 1", { kv = { "x" } })
    assert_refused("env.prod.kv.A must be an id, or a table with one, got 7",
      { env = { prod = { kv = { A = 7 } } } })
    assert_refused("kv.A needs an id", { kv = { A = { preview_id = "x" } } })
    assert_refused("kv.A.id must be a string, and not an empty one, got ", { kv = { A = "" } })
    assert_refused("kv.A.remote must be a boolean, got yes",
      { kv = { A = { id = "x", remote = "yes" } } })
    assert_refused("kv.A has an unknown field 'title'; it takes id, preview_id and remote",
      { kv = { A = { id = "x", title = "t" } } })
  end)
end)

describe("wrangler.bindings", function()
  it("groups ids by environment, and names them after their purpose", function()
    assert.same({ dev = { CONFIG = ID, RATE_LIMIT = ID }, prod = { CONFIG = ID } },
      wrangler.bindings({ ["config-dev"] = ID, ["config-prod"] = ID, ["rate limit-dev"] = ID }, "{purpose}-{env}"))
    assert.same({ dev = { CONFIG = ID } },
      wrangler.bindings({ shop_config_dev = ID, url = "x" }, "shop_{purpose}_{env}"))
    assert.same({}, wrangler.bindings({}, "{purpose}_{env}"))
  end)

  it("leaves out what is no id and what has another name", function()
    assert.same({ dev = { CONFIG = ID } }, wrangler.bindings({
      config_dev = ID, limits_dev = { max = 1 }, url_dev = "kv://" .. ID, name_dev = ID:upper(), directory = ID,
    }, "{purpose}_{env}"))
  end)

  it("does not guess, but takes what is known, which also chooses", function()
    local outputs = { user_session_prod = ID }
    assert_raises("cfkv.wrangler: output 'user_session_prod' follows '{purpose}_{env}' in more than one way; "
      .. "say which names are known", wrangler.bindings, outputs, "{purpose}_{env}")
    assert.same({ prod = { USER_SESSION = ID } }, wrangler.bindings(outputs, "{purpose}_{env}", { env = { "prod" } }))
    assert.same({ dev = { CONFIG = ID } }, wrangler.bindings({ shop_config_dev = ID, blog_cache_dev = ID },
      "{app}_{purpose}_{env}", { app = { "shop" } }))
  end)

  it("raises about two outputs that are one binding", function()
    assert_raises("cfkv.wrangler: outputs 'a_x_dev' and 'b_x_dev' are both dev.X", wrangler.bindings,
      { a_x_dev = ID, b_x_dev = ID }, "{app}_{purpose}_{env}")
  end)

  it("raises about what is no table of outputs and no template", function()
    assert_raises("cfkv.wrangler: the outputs must be a table from names to values, got nil", wrangler.bindings)
    for _, template in ipairs { "{env}", "{purpose}", "{purpose}_{env" } do
      assert_raises("cfkv.wrangler: the template must have {purpose} and {env}, got " .. template, wrangler.bindings,
        {}, template)
    end
    assert_raises("cfkv.wrangler: template '{purpose}_{env}{' has a brace without its other half", wrangler.bindings,
      {}, "{purpose}_{env}{")
  end)
end)
