-- Several accounts in one project: their names, and ACCOUNT:address.

local project = require "support.project"

local PROD = ("a"):rep(31) .. "1"
local STAGING = ("a"):rep(31) .. "2"

local function configuration(accounts, rest)
  return ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", accounts = %s }
%s]]):format(accounts, rest or "")
end

local BOTH = ('{ prod = "%s", staging = "%s" }'):format(PROD, STAGING)


describe("cfkv.project { accounts }", function()
  after_each(project.cleanup)

  local function validate(accounts, rest)
    return project.new { ["kv.lua"] = configuration(accounts, rest) }:run "validate"
  end

  it("names accounts, which namespaces go to by name", function()
    local p = project.new { ["kv.lua"] = configuration(BOTH, [[
      cfkv.namespace { title = "a", account = "prod" }
      cfkv.namespace { title = "b", account_id = "]] .. STAGING .. [[" }]]) }
    local document = p:run("eval").json()
    assert.same({ prod = PROD, staging = STAGING }, document.project.accounts)
    assert.same({ PROD, "prod" }, { document.namespaces[1].account_id, document.namespaces[1].account })
    assert.same({ STAGING, "staging" }, { document.namespaces[2].account_id, document.namespaces[2].account })
  end)

  it("may have an account among the defaults, which a namespace's own replaces, by either word", function()
    local p = project.new { ["kv.lua"] = ([[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", accounts = %s, defaults = { account = "prod" } }
      cfkv.namespace { title = "a" }
      cfkv.namespace { title = "b", account = "staging" }
      cfkv.namespace { title = "c", account_id = "%s" }]]):format(BOTH, STAGING) }
    local found = {}
    for _, ns in ipairs(p:run("eval").json().namespaces) do
      found[ns.title] = ns.account
    end
    assert.same({ a = "prod", b = "staging", c = "staging" }, found)
  end)

  local REFUSED = {
    { "what is no account id", '{ prod = "x" }', "account 'prod' is 'x', which is not 32" },
    { "two names of one account", ('{ a = "%s", b = "%s" }'):format(PROD, PROD),
      "accounts 'a' and 'b' are one account" },
    { "a name that is no identifier", ('{ ["1 b"] = "%s" }'):format(PROD), "'1 b' is no identifier" },
    { "a name that reads as an id", ('{ %s = "%s" }'):format(PROD, PROD), "reads as an account id" },
    { "the name file, whose variable is taken", ('{ File = "%s" }'):format(PROD), "CLOUDFLARE_API_TOKEN_FILE" },
    { "the name local, which is the local store", ('{ ["local"] = "%s" }'):format(PROD), "the local store" },
    { "two names of one spelling", ('{ ["eu-1"] = "%s", EU_1 = "%s" }'):format(PROD, STAGING),
      "one variable for their tokens, CLOUDFLARE_API_TOKEN_EU_1" },
    { "a value that is no string", "{ prod = 1 }", "member 'prod': must be a string" },
  }
  for _, case in ipairs(REFUSED) do
    it("refuses " .. case[1], function()
      local r = validate(case[2])
      assert.equal(3, r.code)
      assert.matches(case[3], r.err, 1, true)
    end)
  end

  it("refuses an account that it does not name, with the nearest", function()
    local r = validate(BOTH, 'cfkv.namespace { title = "a", account = "pord" }')
    assert.equal(3, r.code)
    assert.matches("account 'pord' is not in the accounts of cfkv.project", r.err, 1, true)
    assert.matches("did you mean 'prod'?", r.err, 1, true)
  end)

  it("refuses account beside account_id", function()
    local r = validate(BOTH, ('cfkv.namespace { title = "a", account = "prod", account_id = "%s" }'):format(STAGING))
    assert.equal(3, r.code)
    assert.matches(("both account 'prod' and account_id '%s' are given"):format(STAGING), r.err, 1, true)
  end)

  it("says which word takes a name", function()
    local r = validate(BOTH, 'cfkv.namespace { title = "a", account_id = "prod" }')
    assert.equal(3, r.code)
    assert.matches("account = 'prod' takes a name", r.err, 1, true)
  end)

  it("takes one title in each account, and none twice in one, whichever word names it", function()
    local twice = 'cfkv.namespace { title = "a", account = "prod" }\n' ..
      'cfkv.namespace { title = "a", account_id = "%s" }'
    assert.equal(0, validate(BOTH, twice:format(STAGING)).code)
    local r = validate(BOTH, twice:format(PROD))
    assert.equal(3, r.code)
    assert.matches("title 'a' is declared twice", r.err, 1, true)
  end)
end)
