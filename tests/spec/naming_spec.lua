-- cfkv.naming: titles from parts and back.
local assert_raises = require "support.raises"

package.path = "stdlib/?.lua;" .. package.path
local naming = require "cfkv.naming"

describe("naming.render", function()
  it("puts parts into their places", function()
    assert.equal("shop-cache-dev", naming.render(naming.default, { app = "shop", purpose = "cache", env = "dev" }))
    assert.equal("kv/shop", naming.render("kv/{app}", { app = "shop", env = "not asked for" }))
    assert.equal("a.a", naming.render("{x}.{x}", { x = "a" }))
    assert.equal("plain", naming.render("plain", {}))
    assert.equal("", naming.render("", {}))
  end)

  it("takes parts as they are, whatever they hold", function()
    assert.equal("{env}-%1", naming.render("{app}-{env}", { app = "{env}", env = "%1" }))
  end)

  it("raises about a part that is missing, empty or no string", function()
    assert_raises("template '{app}-{env}' needs env", naming.render, "{app}-{env}", { app = "shop" })
    assert_raises("template '{app}' needs app", naming.render, "{app}", { app = "" })
    assert_raises("template '{app}' needs app", naming.render, "{app}", { app = 7 })
    assert_raises("the parts must be a table, got nil", naming.render, "{app}")
  end)

  it("raises about a template that is none", function()
    assert_raises("the template must be a string, got nil", naming.render)
    for _, template in ipairs { "{app", "app}", "{}", "{a-b}", "{{app}}" } do
      assert_raises("template '" .. template .. "' has a brace without its other half", naming.render, template, {})
    end
  end)
end)

describe("naming.parse", function()
  it("finds the parts of a title", function()
    assert.same({ app = "shop", purpose = "cache", env = "dev" }, naming.parse(naming.default, "shop-cache-dev"))
    assert.same({ app = "shop" }, naming.parse("kv/{app}", "kv/shop"))
    assert.same({ x = "ab" }, naming.parse("{x}.{x}", "ab.ab"))
    assert.same({}, naming.parse("plain", "plain"))
  end)

  it("gives back what render took", function()
    local parts = { app = "größe", purpose = "a%d.*", env = "😀" }
    assert.same(parts, naming.parse(naming.default, naming.render(naming.default, parts)))
  end)

  it("says nil and why about a title that does not follow", function()
    for template, title in pairs { [naming.default] = "shop-cache", ["{x}.{x}"] = "a.b", ["kv/{app}"] = "kv/",
      plain = "plainly" } do
      local parts, why, ambiguous = naming.parse(template, title)
      assert.is_nil(parts)
      assert.is_nil(ambiguous)
      assert.equal(("title '%s' does not follow '%s'"):format(title, template), why)
    end
  end)

  it("does not guess among several ways, but takes what is known", function()
    local parts, why, ambiguous = naming.parse(naming.default, "my-shop-cache-dev")
    assert.is_nil(parts)
    assert.is_true(ambiguous)
    assert.equal("title 'my-shop-cache-dev' follows '{app}-{purpose}-{env}' in more than one way", why)
    assert.same({ app = "my-shop", purpose = "cache", env = "dev" },
      naming.parse(naming.default, "my-shop-cache-dev", { app = { "shop", "my-shop" } }))
    assert.is_nil(naming.parse(naming.default, "shop-cache-dev", { env = { "prod" } }))
    assert.is_nil(naming.parse(naming.default, "shop-cache-dev", { env = {} }))
  end)

  it("raises about what is no title, template or list of what is known", function()
    assert_raises("the title must be a string, got 7", naming.parse, "{app}", 7)
    assert_raises("template '{app' has a brace without its other half", naming.parse, "{app", "x")
    assert_raises("what is known must be a table of lists, got true", naming.parse, "{app}", "x", true)
  end)
end)

describe("cfkv.naming.slug", function()
  local project = require "support.project"
  after_each(project.cleanup)

  -- What a file that is evaluated gets, and a script.
  local function both(code)
    local p = project.new { ["kv.lua"] = code, ["script.lua"] = code }
    local evaluated, script = p:run "validate", p:run("run", "--local", "script.lua")
    return evaluated, script
  end

  it("gives evaluated files and scripts the same names, everywhere and always", function()
    local evaluated, script = both [[
      local cfkv = require "cfkv"
      for _, branch in ipairs { "main", "Feature/Cart", "feature/cart", "日本", "///", ("x"):rep(29) } do
        print(cfkv.naming.slug(branch), cfkv.naming.slug(branch, 12))
      end
    ]]
    assert.equal("main\tmain\nfeature-cart-f388674\tfeat-f388674\nfeature-cart-c39f4df\tfeat-c39f4df\n"
      .. "cf2abf0\tcf2abf0\n732c4e9\t732c4e9\nxxxxxxxxxxxxxxxxxxxx-1702245\txxxx-1702245\n", script.out)
    assert.equal(script.out, evaluated.err)
  end)

  it("makes environments of strange branches that the rules take", function()
    local p = project.new { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "p", environments = { "main" }, ephemeral = { match = "pr-*" } }
      for i, branch in ipairs { "a\0b", "\xff\xfe", ("/x"):rep(5000), "'; rm -rf ~ #", "${{ secrets.X }}", " " } do
        cfkv.namespace { app = "shop", purpose = "cache", env = "pr-" .. cfkv.naming.slug(branch), binding = "B" .. i }
      end
    ]] }
    project.ok(p:run "validate")
  end)

  it("raises about nothing, and about what is no text or no length", function()
    for code, message in pairs {
      ['""'] = "cfkv.naming.slug: the text is empty\n  hint: is the variable set",
      [""] = "cfkv.naming.slug takes a text, got nothing",
      ["7"] = "cfkv.naming.slug takes a text, got 7",
      ['"a", 11'] = "takes a length of 12 to 512 characters, got 11",
      ['"a", "20"'] = "takes a length of 12 to 512 characters, got '20'",
      ['"a", 20.5'] = "takes a length of 12 to 512 characters, got 20.5",
      ['"a", 513'] = "takes a length of 12 to 512 characters, got 513",
    } do
      local evaluated, script = both(('require "cfkv".naming.slug(%s)'):format(code))
      for _, r in ipairs { evaluated, script } do
        assert.truthy(r.told():find(message, 1, true), r.err)
        assert.not_equal(0, r.code)
      end
    end
  end)

  it("stands beside the module of that name", function()
    local _, script = both 'print(require "cfkv".naming.render)'
    local hint = "hint: that is a name of the module: require \"cfkv.naming\".render"
    assert.truthy(script.err:find(hint, 1, true), script.err)
  end)
end)
