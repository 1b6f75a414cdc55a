-- Several accounts in one project: their names, and ACCOUNT:address.

local emulator = require "support.emulator"
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


describe("an address of one of two accounts", function()
  local p, e

  after_each(emulator.cleanup_all)

  -- Both accounts hold shop/cache/prod, titled shop-cache-prod; prod one more.
  local SHARED = [[
for _, account in ipairs { "prod", "staging" } do
  cfkv.namespace { app = "shop", purpose = "cache", env = "prod", account = account,
    protect = account == "prod" }
end
]]

  local function applied(rest)
    p = project.new { ["kv.lua"] = configuration(BOTH, SHARED .. (rest or "")) }
    e = emulator.start(p, "--memory")
    local r = e:run(p, "apply", "--yes")
    assert.equal(0, r.code, r.err)
  end

  local function addresses()
    local list = {}
    for _, ns in ipairs(p:run("state", "list", "--json").json().namespaces) do
      list[#list + 1] = (ns.account or ns.account_id) .. ":" .. ns.address
    end
    return list
  end

  it("is listed behind its account's name, and by a glob", function()
    applied 'cfkv.namespace { title = "more", account = "prod" }'
    local out = p:run("state", "list").out
    assert.matches("\nprod:shop/cache/prod  +%x+  shop%-cache%-prod\n", out)
    assert.matches("\nstaging:shop/cache/prod ", out)
    local globbed = p:run("state", "list", "staging:*").out
    assert.matches("^staging:shop/cache/prod [^\n]+\n$", globbed)
    assert.matches("^prod:more [^\n]+\n$", p:run("state", "list", PROD .. ":m*").out)
    assert.matches("matches nothing that is recorded", p:run("state", "list", "prod:x").err, 1, true)
  end)

  it("is refused without its account by every command on the state, with both ways to write it", function()
    applied()
    for _, words in ipairs { { "show" }, { "rm", "--yes" }, { "mv", "x" }, { "unprotect" } } do
      local r = p:run("state", words[1], "shop/cache/prod", table.unpack(words, 2))
      assert.equal(1, r.code, words[1])
      assert.matches("'shop/cache/prod' is recorded in accounts prod and staging", r.err, 1, true)
      assert.matches("say which: 'prod:shop/cache/prod' or 'staging:shop/cache/prod'", r.err, 1, true)
    end
  end)

  it("is shown, with its account, by name and by id", function()
    applied()
    local out = p:run("state", "show", "prod:shop/cache/prod").out
    assert.matches("account      " .. PROD .. " (prod)\n", out, 1, true)
    assert.equal(out, p:run("state", "show", PROD .. ":shop/cache/prod").out)
    assert.not_equal(out, p:run("state", "show", "staging:shop/cache/prod").out)
    local r = p:run("state", "show", "stagin:shop/cache/prod")
    assert.equal(1, r.code)
    assert.matches("did you mean 'staging:shop/cache/prod'?", r.err, 1, true)
  end)

  it("is unprotected in its account only", function()
    applied()
    local r = p:run("state", "unprotect", "prod:shop/cache/prod")
    assert.equal(0, r.code, r.err)
    assert.matches("'prod:shop/cache/prod' is no longer protected", r.err, 1, true)
    assert.is_false(p:run("state", "show", "prod:shop/cache/prod", "--json").json().protect)
  end)

  it("is forgotten in its account only", function()
    applied()
    local r = p:run("state", "rm", "staging:shop/cache/prod", "--yes")
    assert.equal(0, r.code, r.err)
    assert.matches("'staging:shop/cache/prod' is forgotten", r.err, 1, true)
    assert.same({ "prod:shop/cache/prod" }, addresses())
  end)

  it("moves within its account, and to no other", function()
    applied()
    local r = p:run("state", "mv", "staging:shop/cache/prod", "staging:shop/cache/stage")
    assert.equal(0, r.code, r.err)
    assert.matches("'staging:shop/cache/prod' is now 'staging:shop/cache/stage'", r.err, 1, true)
    assert.same({ "prod:shop/cache/prod", "staging:shop/cache/stage" }, addresses())
    assert.equal(0, p:run("state", "mv", "shop/cache/stage", "lone").code)
    assert.same({ "prod:shop/cache/prod", "staging:lone" }, addresses())
    r = p:run("state", "mv", "lone", "prod:lone")
    assert.equal(64, r.code)
    assert.matches("'prod:lone' is in another account than 'staging:lone'", r.err, 1, true)
  end)

  it("is not what a title with a colon is taken for", function()
    applied 'cfkv.namespace { title = "prod:shop/cache/prod", account = "staging" }'
    local shown = p:run("state", "show", "prod:shop/cache/prod", "--json").json()
    assert.equal("staging", shown.account)
    assert.equal("prod:shop/cache/prod", shown.address)
    assert.equal("prod", p:run("state", "show", PROD .. ":shop/cache/prod", "--json").json().account)
    assert.equal("staging",
      p:run("state", "show", "staging:prod:shop/cache/prod", "--json").json().account)
  end)

  local function put(value, account)
    local r = p:run("kv", "key", "put", "k", value, "--namespace", account .. ":shop-cache-prod", { env = e:env() })
    assert.equal(0, r.code, r.err)
  end

  local function get(word, ...)
    return p:run("kv", "key", "get", "k", "--namespace", word, ..., { env = e:env() })
  end

  it("is what kv verbs take, by title, address and id, without a default account", function()
    applied()
    put("p", "prod")
    put("s", STAGING)
    local id = p:run("state", "show", "staging:shop/cache/prod", "--json").json().id
    for _, word in ipairs { "staging:shop-cache-prod", "staging:shop/cache/prod", "staging:" .. id,
      STAGING .. ":shop-cache-prod" } do
      assert.equal("s", get(word).out, word)
    end
    assert.equal("p", get("prod:shop/cache/prod").out)
    for _, words in ipairs { id, "staging:" .. id } do
      assert.equal("s", p:run("kv", "key", "get", "k", "--namespace-id", words, { env = e:env() }).out)
    end
    local r = get "shop/cache/prod"
    assert.equal(1, r.code)
    assert.matches("several namespaces are recorded as 'shop/cache/prod'", r.err, 1, true)
    assert.matches("say which: 'prod:shop/cache/prod' or 'staging:shop/cache/prod'", r.err, 1, true)
  end)

  it("is what kv verbs find without its account where it is recorded in one", function()
    applied 'cfkv.namespace { app = "shop", purpose = "only", env = "here", account = "staging" }'
    local r = p:run("kv", "key", "put", "k", "v", "--namespace", "shop/only/here", { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.matches("in account " .. STAGING .. " (staging)", r.err, 1, true)
  end)

  it("is asked about with the account it is in", function()
    applied()
    put("s", "staging")
    local r = p:run("kv", "key", "delete", "k", "--namespace", "staging:shop-cache-prod", "--yes", { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.matches("account " .. STAGING .. " (staging)", r.err, 1, true)
    assert.no.matches(PROD, r.err, 1, true)
  end)

  it("is backed up, restored and copied", function()
    applied()
    put("s", "staging")
    local r = p:run("backup", "staging:shop/cache/prod", "-o", "b.jsonl", { env = e:env() })
    assert.equal(0, r.code, r.err)
    r = p:run("restore", "b.jsonl", "--namespace", "prod:shop/cache/prod", "--yes", { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.equal("s", get("prod:shop-cache-prod").out)
    put("p", "prod")
    r = p:run("copy", "prod:shop-cache-prod", "staging:shop-cache-prod", "--yes", { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.equal("p", get("staging:shop-cache-prod").out)
    r = p:run("restore", "b.jsonl", "--yes", { env = e:env() }) -- where it was made of
    assert.equal(0, r.code, r.err)
    assert.same({ "p", "s" }, { get("prod:shop-cache-prod").out, get("staging:shop-cache-prod").out })
    r = p:run("copy", "prod:shop-cache-prod", "staging:fresh", "--create", "--yes", { env = e:env() })
    assert.equal(0, r.code, r.err)
    assert.equal("p", get("staging:fresh").out)
  end)

  it("is what a script means by it, dry or not", function()
    applied()
    p:write("s.lua", [[
      local cfkv = require "cfkv"
      cfkv.strict()
      for _, ns in ipairs { "prod:shop-cache-prod", "staging:shop-cache-prod" } do
        cfkv.key.put(ns, "k", ns .. arg[1])
        cfkv.migrate(ns, { { name = arg[1], run = function() cfkv.key.put(ns, "m", arg[1]) end } })
      end
      for _, ns in ipairs { "prod:shop-cache-prod", "staging:shop-cache-prod" } do
        local got = cfkv.bulk.get(ns, { "k", "m" })
        print(got.k, got.m, cfkv.key.get(ns, "k"))
        for key in cfkv.key.list(ns) do io.write(key.key, " ") end
      end
    ]])
    local function expected(word)
      return (("prod:shop-cache-prod%s\t%s\tprod:shop-cache-prod%s\ncfkv/migrations/%s k m " ..
        "staging:shop-cache-prod%s\t%s\tstaging:shop-cache-prod%s\ncfkv/migrations/%s k m "):gsub("%%s", word))
    end
    local dry = p:run("run", "--dry-run", "s.lua", "1", { env = e:env() })
    assert.equal(expected "1", dry.out, dry.err)
    assert.matches("\nprod:shop/cache/prod %(shop%-cache%-prod%)\n.*\nstaging:shop/cache/prod %(", dry.err)
    assert.equal("", p:run("kv", "key", "list", "--namespace", "prod:shop-cache-prod", { env = e:env() }).out)
    local r = p:run("run", "s.lua", "2", { env = e:env() })
    assert.equal(expected "2", r.out, r.err)
  end)


  it("is what renamed_from takes, in its own account", function()
    applied()
    local renamed = configuration(BOTH, [[
      cfkv.namespace { app = "shop", purpose = "cache", env = "prod", account = "prod", protect = true }
      cfkv.namespace { title = "new", account = "staging", renamed_from = "%s:shop/cache/prod" }]])
    p:write("kv.lua", renamed:format "staging")
    local actions = e:run(p, "plan", "--json").json().actions
    assert.equal("rename", actions[1].action)
    assert.equal(STAGING, actions[1].account_id)
    p:write("kv.lua", renamed:format "prod")
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.matches("renamed_from 'prod:shop/cache/prod' is in another account than namespace 'new'", r.err, 1, true)
  end)

  it("is told apart by every command that shows both", function()
    applied()
    put("p", "prod")
    put("s", "staging")
    p:write("kv.lua", configuration(BOTH, [[
      for _, account in ipairs { "prod", "staging" } do
        local ns = cfkv.namespace { app = "shop", purpose = "cache", env = "prod", account = account }
        ns:put("new", account)
        cfkv.output("of_" .. account, ns.id)
      end]]))
    local TARGET = ("^Target: accounts %s %%(prod%%) and %s %%(staging%%)\n"):format(PROD, STAGING)
    for _, command in ipairs { "plan", "drift", "audit", "destroy" } do
      local r = e:run(p, command, table.unpack(command == "destroy" and { "--yes" } or {}))
      assert.matches(TARGET, r.out, nil, command)
    end
    local plan = e:run(p, "plan").out
    assert.matches("\nprod:shop/cache/prod (shop-cache-prod)\n", plan, 1, true)
    assert.matches("\nstaging:shop/cache/prod (shop-cache-prod)\n", plan, 1, true)
    assert.matches("\n  + staging:of_staging: ", plan, 1, true)
    local audit = e:run(p, "audit").out
    assert.matches("shop-cache-prod  (account prod)", audit, 1, true)
    assert.matches("shop-cache-prod  (account staging)", audit, 1, true)
    local refused = e:run(p, "destroy", "--yes").err
    assert.matches("namespace 'prod:shop/cache/prod' is protected", refused, 1, true)
    assert.matches("cfkv state unprotect 'prod:shop/cache/prod'", refused, 1, true)
    assert.matches("--allow-data-loss=staging:shop/cache/prod", refused, 1, true)
    assert.equal(0, e:run(p, "apply", "--yes").code)
    assert.equal(2, #e:run(p, "plan", "--json").json().accounts)
    local ids = p:run("output", "--json").json()
    assert.not_equal(ids.of_prod, ids.of_staging)
  end)

  it("is kept by a saved plan for one of them", function()
    applied()
    p:write("kv.lua", configuration(BOTH, SHARED .. [[
      cfkv.namespace { title = "more", account = "prod" }
      cfkv.namespace { title = "more", account = "staging" }]]))
    assert.equal(0, e:run(p, "plan", "--only", "staging:m*", "--out", "p.plan").code)
    local r = e:run(p, "apply", "--plan", "p.plan", "--yes")
    assert.equal(0, r.code, r.err)
    assert.same({ "prod:shop/cache/prod", "staging:more", "staging:shop/cache/prod" }, addresses())
  end)

  it("is what --only takes", function()
    applied()
    p:write("kv.lua", configuration(BOTH, SHARED:gsub("prod\", account", "prod\", ttl_seconds = 60, account")))
    local function updated(...)
      local list = {}
      for _, a in ipairs(e:run(p, "plan", "--json", ...).json().actions) do
        list[#list + 1] = a.account_id
      end
      return list
    end
    assert.same({ PROD, STAGING }, updated())
    assert.same({ STAGING }, updated("--only", "staging:shop/cache/*"))
    assert.same({ PROD }, updated("--only", "prod:shop-cache-prod"))
    assert.same({ PROD }, updated("--only", PROD .. ":*"))
    assert.equal(64, e:run(p, "plan", "--only", "prod:other").code)
  end)

  it("is what permissions take and refusals print", function()
    applied()
    for _, account in ipairs { PROD, STAGING } do
      assert.equal(0, p:run("kv", "key", "put", "k", "v", "--namespace", "shop-cache-prod",
        { env = e:env { CLOUDFLARE_ACCOUNT_ID = account } }).code)
    end
    p:run("state", "unprotect", "prod:shop/cache/prod")
    p:write("kv.lua", configuration(BOTH, [[
      cfkv.namespace { title = "a", account = "prod" }
      cfkv.namespace { title = "b", account = "staging" }]]))
    local r = e:run(p, "plan")
    assert.matches("namespace 'staging:shop-cache-prod' would be deleted", r.err, 1, true)
    assert.matches("--allow-data-loss=staging:shop/cache/prod lets it go", r.err, 1, true)
    r = e:run(p, "plan", "--allow-data-loss=staging:shop/cache/prod")
    assert.no.matches("'staging:shop-cache-prod' would be deleted", r.err, 1, true)
    assert.matches("'prod:shop-cache-prod' would be deleted", r.err, 1, true)
    p:write("kv.lua", p:read "kv.lua" .. [[
      cfkv.removed { address = "prod:shop/cache/prod", allow_data_loss = true }]])
    r = e:run(p, "plan", "--allow-data-loss=staging:shop/cache/prod")
    assert.no.matches("would be deleted", r.err, 1, true)
  end)
end)


describe("tokens of accounts", function()
  local p, e

  after_each(emulator.cleanup_all)

  local OWN = { prod = "T0ken-of-prod_nowhere-else", staging = "T0ken-of-staging_nowhere-else" }

  -- Each account is seen by its own token only.
  before_each(function()
    p = project.new { ["kv.lua"] = configuration(BOTH, [[
      for _, account in ipairs { "prod", "staging" } do
        local ns = cfkv.namespace { title = "cache", account = account }
        ns:put("k", account)
      end]]) }
    e = emulator.start(p, "--memory", { faults = { accounts = {
      { id = PROD, name = "P", token = OWN.prod }, { id = STAGING, name = "S", token = OWN.staging } } } })
  end)

  local function env(more)
    local vars = { CLOUDFLARE_API_BASE_URL = e.url, CFKV_WAIT_UNIT_MS = "2" }
    for name, value in pairs(more) do
      vars[name] = value
    end
    return { env = vars }
  end

  local BY_NAME = { CLOUDFLARE_API_TOKEN_PROD = OWN.prod, CLOUDFLARE_API_TOKEN_STAGING = OWN.staging }

  it("go with their account's requests, and with no other's", function()
    local r = p:run("apply", "--yes", env(BY_NAME))
    assert.equal(0, r.code, r.err)
    r = p:run("plan", "--detailed-exitcode", env(BY_NAME))
    assert.equal(0, r.code, r.err)
    for _, request in ipairs(e:requests()) do
      assert.is_true(request.status < 400, request.path)
    end
  end)

  it("stand beside the common one, which is for all other accounts", function()
    local r = p:run("apply", "--yes", env { CLOUDFLARE_API_TOKEN = OWN.prod,
      CLOUDFLARE_API_TOKEN_STAGING = OWN.staging })
    assert.equal(0, r.code, r.err)
  end)

  it("are named where they are refused, and shown nowhere", function()
    local r = p:run("plan", "--verbose", env { CLOUDFLARE_API_TOKEN_PROD = OWN.prod,
      CLOUDFLARE_API_TOKEN_STAGING = "wrong-" .. OWN.prod })
    assert.equal(1, r.code)
    assert.matches("the token in CLOUDFLARE_API_TOKEN_STAGING is active", r.err, 1, true)
    assert.no.matches(OWN.prod, r.err .. r.out, 1, true)
  end)

  it("are asked for where the common one will not do", function()
    local r = p:run("plan", env { CLOUDFLARE_API_TOKEN = OWN.prod })
    assert.equal(1, r.code)
    assert.matches("a token of its own in CLOUDFLARE_API_TOKEN_STAGING", r.err, 1, true)
  end)

  it("are asked for where there is no common one", function()
    local r = p:run("plan", env { CLOUDFLARE_API_TOKEN_PROD = OWN.prod })
    assert.equal(1, r.code)
    assert.matches("there are no credentials for account '" .. STAGING .. "'", r.err, 1, true)
    assert.matches("set CLOUDFLARE_API_TOKEN_STAGING, or CLOUDFLARE_API_TOKEN", r.err, 1, true)
  end)

  it("of one account are enough for its part of the plan", function()
    local with = env { CLOUDFLARE_API_TOKEN_PROD = OWN.prod }
    local r = p:run("apply", "--yes", "--only", "prod:*", with)
    assert.equal(0, r.code, r.err)
    r = p:run("plan", with)
    assert.equal(1, r.code)
    assert.matches("account staging (1 namespace declared, 0 recorded)", r.err, 1, true)
    assert.matches("set CLOUDFLARE_API_TOKEN_STAGING, or CLOUDFLARE_API_TOKEN; " ..
      "--only 'prod:*' leaves it out", r.err, 1, true)
  end)

  it("are asked for where the last declaration of an account went", function()
    assert.equal(0, p:run("apply", "--yes", env(BY_NAME)).code)
    p:write("kv.lua", configuration(BOTH, 'cfkv.namespace { title = "cache", account = "prod" }'))
    local r = p:run("plan", env { CLOUDFLARE_API_TOKEN_PROD = OWN.prod })
    assert.equal(1, r.code)
    assert.matches("account staging (0 namespaces declared, 1 recorded)", r.err, 1, true)
    assert.matches("'cfkv state rm staging:ADDRESS' forgets", r.err, 1, true)
    local with = env(BY_NAME)
    r = p:run("apply", "--yes", "--allow-data-loss=staging:cache", with)
    assert.equal(0, r.code, r.err)
    assert.equal(PROD, p:run("state", "list", "--json").json().accounts[1])
    assert.equal(1, #p:run("state", "list", "--json").json().accounts)
  end)

  it("let destroy empty every account that is recorded", function()
    assert.equal(0, p:run("apply", "--yes", env(BY_NAME)).code)
    local r = p:run("destroy", "--yes", "--allow-data-loss=prod:*", "--allow-data-loss=staging:*", env(BY_NAME))
    assert.equal(0, r.code, r.err)
    assert.same({}, p:run("state", "list", "--json").json().namespaces)
  end)

  it("must be no text that no header may carry, and in no quotation marks", function()
    for _, case in ipairs { { "a\nb", "holds a character that no header may carry" },
        { '"quoted"', "CLOUDFLARE_API_TOKEN_PROD begins with a quotation mark" },
        { "\u{201C}quoted\u{201D}", "CLOUDFLARE_API_TOKEN_PROD begins with a quotation mark" },
        { "bearer T0ken", "CLOUDFLARE_API_TOKEN_PROD begins with 'Bearer'" } } do
      local r = p:run("plan", env { CLOUDFLARE_API_TOKEN_PROD = case[1] })
      assert.equal(64, r.code)
      assert.matches("CLOUDFLARE_API_TOKEN_PROD", r.err, 1, true)
      assert.matches(case[2], r.err, 1, true)
    end
  end)

  it("are those of the state's names where nothing is evaluated", function()
    assert.equal(0, p:run("apply", "--yes", env(BY_NAME)).code)
    local with = env(BY_NAME)
    with.env.CLOUDFLARE_ACCOUNT_ID = STAGING
    local r = p:run("kv", "key", "get", "k", "--namespace", "cache", with)
    assert.equal(0, r.code, r.err)
    assert.equal("staging", r.out)
  end)
end)


describe("serve on a project with several accounts", function()
  after_each(emulator.cleanup_all)

  local function served(fields, rest)
    local p = project.new { ["kv.lua"] = ([[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", accounts = %s, %s }
      %s]]):format(BOTH, fields, rest) }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    local e = emulator.start(p)
    local _, answer = e:ask("GET", "/accounts")
    local list = {}
    for i, account in ipairs(answer.result) do
      list[i] = account.id .. " " .. account.name
    end
    local ended = e:stop()
    return list, ended.err
  end

  it("lists them by their names, the project's own first, and says so when it starts", function()
    local list, err = served(('account_id = "%s"'):format(STAGING), [[
      cfkv.namespace { title = "a" }
      cfkv.namespace { title = "a", account = "prod" }]])
    assert.same({ STAGING .. " staging", PROD .. " prod" }, list)
    assert.matches("export CLOUDFLARE_ACCOUNT_ID=" .. STAGING, err, 1, true)
    assert.matches("it has these accounts too: " .. PROD .. " (prod)", err, 1, true)
  end)

  it("lists the one that has the data before the others", function()
    local list = served(('account_id = "%s"'):format(STAGING), 'cfkv.namespace { title = "a", account = "prod" }')
    assert.same({ PROD .. " prod", STAGING .. " staging" }, list)
  end)
end)
