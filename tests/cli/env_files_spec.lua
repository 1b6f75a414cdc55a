--- --env-file: what a .env gives, what it never does, and what is said of it.

local emulator = require "support.emulator"

local ACCOUNT, TOKEN = emulator.ACCOUNT, emulator.TOKEN
local OTHER = "cf000000000000000000000000000002"
local CONFIG = [[
local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "shop" }
ns:put("region", cfkv.getenv("REGION", { default = "none" }))
]]


describe("--env-file", function()
  local p, e

  before_each(function()
    p, e = emulator.quick()
    p:write("kv.lua", CONFIG)
  end)

  after_each(emulator.cleanup_all)

  -- As the account, but for what a file is to give.
  local function run(env, ...)
    local all, words = e:env { CLOUDFLARE_API_TOKEN = false }, { ... }
    for name, value in pairs(env) do
      all[name] = value
    end
    words[#words + 1] = { env = all }
    return p:run(table.unpack(words))
  end

  local function assert_ok(env, ...)
    local r = run(env, ...)
    assert.equal(0, r.code, r.err)
    return r
  end

  local function assert_refused(code, message, env, ...)
    local r = run(env, ...)
    assert.equal(code, r.code, r.err)
    assert.matches(message, r.err, 1, true)
    assert.is_nil((r.out .. r.err):find("s3cret", 1, true))
    return r
  end

  local function region(...)
    local model = assert_ok({}, "eval", ...).json()
    return model.namespaces[1].puts[1].value
  end

  describe("gives", function()
    before_each(function()
      p:write(".env", ('CLOUDFLARE_API_TOKEN="%s"\nexport CLOUDFLARE_ACCOUNT_ID=%s # ours\nREGION=eu\n')
        :format(TOKEN, ACCOUNT))
    end)

    it("credentials and the account to every command that needs them", function()
      assert_ok({}, "apply", "--yes", "--env-file", ".env")
      for _, words in ipairs {
        { "plan", "--detailed-exitcode" }, { "drift" }, { "audit" }, { "kv", "namespace", "list" },
        { "kv", "key", "get", "region", "--namespace", "shop" }, { "backup", "shop", "-o", "b.jsonl" },
      } do
        words[#words + 1] = "--env-file=.env"
        assert_ok({}, table.unpack(words))
      end
      p:write("s.lua", "print(os.getenv 'CLOUDFLARE_API_TOKEN', require 'cfkv'.key.get('shop', 'region'))")
      assert.equal("nil\teu\n", assert_ok({}, "run", "s.lua", "--env-file", ".env").out)
      for _, request in ipairs(e:requests()) do
        assert.not_equal("accounts", request.endpoint)
      end
    end)

    it("what cfkv.getenv asks for", function()
      assert.equal("eu", region("--env-file", ".env"))
      assert.equal("none", region())
    end)

    it("less than the environment, which wins where it is not empty", function()
      local function value(env)
        return assert_ok(env, "eval", "--env-file", ".env").json().namespaces[1].puts[1].value
      end
      assert.equal("us", value { REGION = "us" })
      assert.equal("eu", value { REGION = "" })
      local r = assert_ok({ CLOUDFLARE_ACCOUNT_ID = OTHER }, "plan", "--env-file", ".env")
      assert.matches("account " .. OTHER, r.out, 1, true)
    end)

    it("more in a later file", function()
      p:write("more.env", "REGION=ap\n")
      assert.equal("ap", region("--env-file", ".env", "--env-file", "more.env"))
      assert.equal("eu", region("--env-file", "more.env", "--env-file", ".env"))
    end)

    it("nothing unasked", function()
      assert_refused(64, "needs a target, and none was given", {}, "plan")
    end)

    it("it to who works elsewhere, too, and through a shell's pipe", function()
      assert.equal(0, p:run("plan", "-C", "sub", "--env-file", "../.env",
        { before = "mkdir sub;", env = { CLOUDFLARE_API_BASE_URL = e.url } }).code)
      local r = p:sh("bash -c 'cfkv eval --env-file <(echo REGION=ap)'")
      assert.equal(0, r.code, r.err)
      assert.equal("ap", r.json().namespaces[1].puts[1].value)
    end)
  end)

  it("gives the token of a named account", function()
    p:write("kv.lua", ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", accounts = { prod = "%s" }, defaults = { account = "prod" } }
cfkv.namespace { title = "shop" }
]]):format(ACCOUNT))
    p:write(".env", "CLOUDFLARE_API_TOKEN_PROD=" .. TOKEN)
    assert_ok({}, "plan", "--env-file", ".env")
  end)

  it("is named by what plan --out says to type next", function()
    p:write("my env", "CLOUDFLARE_API_TOKEN=" .. TOKEN)
    local r = assert_ok({}, "plan", "--out", "saved", "--env-file", "my env")
    assert.matches("cfkv apply --plan saved --env-file 'my env'", r.err, 1, true)
    assert_ok({}, "apply", "--yes", "--plan", "saved", "--env-file", "my env")
  end)

  it("never says where requests go and what is loaded, and tells so", function()
    p:write(".env", ([[
CLOUDFLARE_API_TOKEN=%s
CLOUDFLARE_API_BASE_URL=http://127.0.0.1:1/s3cret
https_proxy=http://127.0.0.1:1
LD_PRELOAD=s3cret.so
CFKV_VAR_x=s3cret
CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false
]]):format(TOKEN))
    local r = assert_ok({}, "plan", "--env-file", ".env")
    assert.matches("not taken from a file, only from the environment itself: CLOUDFLARE_API_BASE_URL (.env:2), "
      .. "https_proxy (.env:3), LD_PRELOAD (.env:4), CFKV_VAR_x (.env:5)\n", r.err, 1, true)
    p:write("kv.lua", 'require "cfkv".namespace { title = require "cfkv".getenv("https_proxy", { default = "own" }) }')
    assert.equal("own", assert_ok({}, "eval", "--env-file", ".env").json().namespaces[1].title)
  end)

  describe("refuses", function()
    local function refused(code, message, text, ...)
      p:write(".env", text)
      return assert_refused(code, message, {}, "plan", "--env-file", ".env", ...)
    end

    it("a file that is not there, is a folder, or does not end", function()
      assert_refused(1, "--env-file: cannot open 'none'", {}, "plan", "--env-file", "none")
      assert.not_equal(0, run({}, "plan", "--env-file", ".").code)
      assert_refused(1, "not a regular file", {}, "plan", "--env-file", "/dev/zero")
    end)

    it("what is no NAME=VALUE, by its line, and never shows it", function()
      refused(3, ".env:2: this is no NAME=VALUE", "A=a\ns3cret\n")
      refused(3, ".env:1: a quotation mark opens a value, and none ends it", 'CLOUDFLARE_API_TOKEN="s3cret\n')
      refused(3, ".env: this is UTF-16", "\xff\xfeA\0=\0")
    end)

    it("a credential that names another variable", function()
      refused(3, ".env:1: CLOUDFLARE_API_TOKEN names another variable, which cfkv does not replace",
        "CLOUDFLARE_API_TOKEN=${s3cret}\n")
    end)

    it("credentials that contradict each other or are none, by their place", function()
      refused(64, "CLOUDFLARE_API_TOKEN (.env:1) and CLOUDFLARE_API_TOKEN_FILE (.env:2) are both set",
        "CLOUDFLARE_API_TOKEN=s3cret\nCLOUDFLARE_API_TOKEN_FILE=x\n")
      refused(64, "CLOUDFLARE_EMAIL (.env:1) is set, but not CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL=s3cret@x\n")
      refused(64, "CLOUDFLARE_ACCOUNT_ID (.env:2) is no account id",
        "CLOUDFLARE_API_TOKEN=t\nCLOUDFLARE_ACCOUNT_ID=s3cret\n")
      refused(64, [[CLOUDFLARE_API_TOKEN (.env:1) begins with a quotation mark]], [[CLOUDFLARE_API_TOKEN="'s3cret'"]])
    end)
  end)

  it("gives an input that names another variable as a problem of the configuration", function()
    p:write(".env", "REGION=eu-$s3cret\n")
    assert_refused(3, "kv.lua:3: error: environment variable 'REGION' (.env:1) names another one", {},
      "validate", "--env-file", ".env")
    p:write(".env", "REGION=eu-\\$1\n")
    assert.equal("eu-$1", region("--env-file", ".env"))
  end)

  describe("is what a refusal without credentials names", function()
    local REFUSED = "'plan' needs a target, and none was given"

    it("when a .env is there", function()
      local r = assert_refused(64, REFUSED, {}, "plan")
      assert.is_nil(r.err:find(".env", 1, true))
      p:write(".env", "")
      r = assert_refused(64, REFUSED, {}, "plan")
      assert.matches(".env is there, and read only with --env-file .env", r.err, 1, true)
      r = assert_refused(64, REFUSED, {}, "plan", "--env-file", ".env")
      assert.is_nil(r.err:find("is there", 1, true))
      assert.matches("wrangler dev reads; .env has none of them\n", r.err, 1, true)
    end)

    it("when one lies beside the configuration", function()
      p:write("sub/kv.lua", CONFIG)
      p:write("sub/.env", "")
      local r = assert_refused(64, REFUSED, {}, "plan", "-f", "sub/kv.lua")
      assert.matches("sub/.env is there, and read only with --env-file sub/.env", r.err, 1, true)
    end)

    it("and wrangler's old names, set or in the file", function()
      local r = assert_refused(64, REFUSED, { CF_API_TOKEN = "s3cret" }, "plan")
      assert.matches("CF_API_TOKEN is set, which is called CLOUDFLARE_API_TOKEN by now", r.err, 1, true)
      p:write(".env", "CF_API_TOKEN=s3cret\n")
      r = assert_refused(64, REFUSED, {}, "plan", "--env-file", ".env")
      assert.matches("CF_API_TOKEN (.env:1) is not read: it is called CLOUDFLARE_API_TOKEN by now", r.err, 1, true)
    end)
  end)

  it("is no option of who neither evaluates nor needs credentials", function()
    local r = run({}, "version", "--env-file", ".env")
    assert.equal(64, r.code)
  end)
end)
