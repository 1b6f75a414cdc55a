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
