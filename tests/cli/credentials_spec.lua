--- The credentials of the API: the program that prints them, which of them count, and what is said
-- where there are none, or where they are refused.

local emulator = require "support.emulator"

local ACCOUNT, TOKEN = emulator.ACCOUNT, emulator.TOKEN
local SECRET = "s3cret-of-this-spec"
local CONFIG = [[
local cfkv = require "cfkv"
cfkv.namespace { title = "shop" }
]]
local AS_ROOT = io.popen "id -u":read "l" == "0"


describe("credentials", function()
  local p, e

  before_each(function()
    p, e = emulator.quick()
    p:write("kv.lua", CONFIG)
  end)

  after_each(emulator.cleanup_all)

  -- A program in the project's folder; its "30 seconds" are three.
  local function program(name, text)
    p:write(name, "#!/bin/sh\n" .. text .. "\n")
    p:sh("chmod 755 " .. name)
    return p:path(name)
  end

  local function run(env, ...)
    local all, words = e:env { CLOUDFLARE_API_TOKEN = false, CFKV_WAIT_UNIT_MS = "100" }, { ... }
    for name, value in pairs(env) do
      all[name] = value
    end
    words[#words + 1] = { env = all }
    local r = p:run(table.unpack(words))
    assert.is_nil((r.out .. r.err):find(SECRET, 1, true))
    assert.is_nil((r.out .. r.err):find(TOKEN, 1, true))
    return r
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
    return r
  end

  local function by(command)
    return { CFKV_CREDENTIALS_COMMAND = command }
  end

  local function configure(text, mode)
    p:write(".config/cfkv/config", text)
    p:sh("chmod " .. (mode or "644") .. " .config/cfkv/config")
  end


  describe("that a program prints", function()
    it("are a token alone, blanks around it dropped", function()
      assert_ok(by(program("mine", "printf '\\n  %s \\n\\n' " .. TOKEN)), "plan")
    end)

    it("are what `wrangler auth token --json` prints", function()
      for _, json in ipairs {
        '{ "type": "oauth", "token": "%s" }',
        '{"type":"api_token","token":"%s"}',
        '{\n  "type": "api_key",\n  "key": "%s",\n  "email": "a@b.example"\n}',
      } do
        p:write("printed", json:format(TOKEN) .. "\n")
        assert_ok(by "cat printed", "plan")
      end
    end)

    it("are asked for by words between blanks, without a shell", function()
      local mine = program("mine", [=[[ "$#" = 3 ] && [ "$2" = "'a" ] && [ "$3" = '$HOME' ] && echo ]=] .. TOKEN)
      assert_ok(by("  " .. mine .. "  x  'a\t$HOME "), "plan")
    end)

    it("are asked for once a command, and only where the account is", function()
      local mine = by(program("mine", "echo x >>" .. p:path "runs" .. "; echo " .. TOKEN))
      assert_ok(mine, "apply", "--yes")
      assert.equal("x\n", p:read "runs")
      assert_ok(mine, "plan", "--local")
      assert_ok(mine, "eval")
      assert.equal("x\n", p:read "runs")
    end)

    it("do not count beside a variable", function()
      assert_ok({ CFKV_CREDENTIALS_COMMAND = "false", CLOUDFLARE_API_TOKEN = TOKEN }, "plan")
      p:write("my.env", "CLOUDFLARE_API_TOKEN=" .. TOKEN .. "\n")
      assert_ok(by "false", "plan", "--env-file", "my.env")
    end)

    it("are found with what the user's environment has, but cfkv's own credentials", function()
      local mine = program("mine", "env >" .. p:path "seen" .. "; echo " .. TOKEN)
      local env = by(mine)
      env.DBUS_SESSION_BUS_ADDRESS = "unix:path=/run/bus"
      env.CLOUDFLARE_API_TOKEN_EINS = SECRET
      env.CFKV_STATE_TOKEN_state_example_com = SECRET
      p:write("my.env", "AWS_SECRET_ACCESS_KEY=" .. SECRET .. "\n")
      assert_ok(env, "plan", "--env-file", "my.env")
      local seen = p:read "seen"
      assert.matches("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus", seen, 1, true)
      assert.matches("HOME=" .. p.dir, seen, 1, true)
      assert.is_nil(seen:find(SECRET, 1, true))
    end)

    it("are no output: stderr passes through, stdout is nowhere, be it with --verbose", function()
      local r = assert_ok(by(program("mine", "echo 'touch the key' >&2; echo " .. TOKEN)), "plan", "--verbose")
      assert.matches("touch the key", r.err, 1, true)
    end)

    it("are in no file that is left", function()
      assert_ok(by(program("mine", "echo " .. TOKEN)), "apply", "--yes")
      assert.equal("./mine\n", p:sh("grep -rl -e " .. TOKEN .. " .").out)
    end)
  end)


  describe("that a program does not print", function()
    local NAME = "CFKV_CREDENTIALS_COMMAND"

    it("are a failure, with what was wrong and never what was said", function()
      local cases = {
        { "exit 7", "ended with exit code 7" },
        { "echo " .. SECRET .. "; exit 1", "ended with exit code 1" },
        { "", "printed nothing" },
        { "echo; echo '  '", "printed nothing" },
        { "echo two " .. SECRET, "what it prints is no token" },
        { "printf 'a\\nb'", "what it prints is no token" },
        { "echo '{\"type\":\"oauth\"}'", "it printed JSON without a token" },
        { "echo '{\"token\":\"" .. SECRET .. "'", "it printed JSON without a token" },
        { "echo '{\"key\":\"" .. SECRET .. "\"}'", "it printed JSON without a token" },
        { "echo '\"" .. SECRET .. "\"'", "begins with a quotation mark" },
        { "printf 'a\\000b'", "printed a NUL byte" },
        { "head -c 70000 /dev/zero | tr '\\0' a", "printed more than 64 KiB" },
        { "kill -9 $$", "was ended by a signal" },
      }
      for _, case in ipairs(cases) do
        local r = assert_refused(1, case[2], by(program("mine", case[1])), "plan")
        assert.matches(NAME, r.err, 1, true)
      end
      assert.equal(0, #e:requests())
    end)

    it("are waited for 30 seconds", function()
      local env = by(program("mine", "exec sleep 100"))
      env.CFKV_WAIT_UNIT_MS = "1"
      assert_refused(1, "did not end within 30 seconds", env, "plan")
    end)

    it("are nowhere where there is no such program", function()
      assert_refused(1, "cannot run 'no-such-program'", by "no-such-program --json", "plan")
    end)
  end)


  describe("named in the user's configuration", function()
    it("are asked for by the program that stands there", function()
      configure(('# mine\n\ncredentials_command = "%s"  # prints it\n'):format(program("mine", "echo " .. TOKEN)))
      assert_ok({}, "plan")
      p:sh "mkdir other && mv .config/cfkv other/"
      assert_ok({ XDG_CONFIG_HOME = p:path "other" }, "plan")
      assert_refused(64, "needs a target", {}, "plan")
    end)

    it("do not count beside the variable", function()
      configure 'credentials_command = "false"\n'
      assert_ok(by(program("mine", "echo " .. TOKEN)), "plan")
    end)

    it("are not taken from a file that others could have written", function()
      for mode, words in pairs { ["664"] = "is writable by its group", ["646"] = "is writable by everybody" } do
        configure('credentials_command = "touch ran"\n', mode)
        local r = assert_refused(5, words, {}, "plan")
        assert.matches("chmod go-w " .. p:path ".config/cfkv/config", r.err, 1, true)
      end
      assert.is_false(p:exists "ran")
    end)

    it("are not taken from a file of another user's", AS_ROOT and function()
      configure 'credentials_command = "touch ran"\n'
      p:sh "chown 12345 .config/cfkv/config"
      assert_refused(5, "belongs to another user", {}, "plan")
      assert.is_false(p:exists "ran")
    end or nil)

    it("are not taken from what is no settings file", function()
      local path = p:path ".config/cfkv/config"
      for text, words in pairs {
        ["credential_command = x\n"] = path .. ":1: there is no setting 'credential_command'",
        ["[cfkv]\ncredentials_command = x\n"] = path .. ":1: there is no setting 'cfkv'",
        [SECRET .. "\n"] = path .. ":1: this is no NAME = VALUE",
        ["credentials_command = a\0b\n"] = path .. ":1: it holds a NUL byte",
      } do
        configure(text)
        assert_refused(3, words, {}, "plan")
      end
      p:sh "rm .config/cfkv/config && mkfifo .config/cfkv/config && chmod 600 .config/cfkv/config"
      assert_refused(1, "config", {}, "plan")
    end)

    it("are refused in a project", function()
      for _, field in ipairs { "credentials", "credentials_command", "token", "api_token" } do
        p:write("kv.lua", ('require "cfkv".project { name = "shop", %s = "touch ran" }\n'):format(field))
        local r = assert_refused(3, field, {}, "validate")
        assert.matches("CFKV_CREDENTIALS_COMMAND", r.err, 1, true)
      end
    end)
  end)


  describe("that are not there", function()
    it("are not looked for in wrangler's login, which is named", function()
      p:write(".config/.wrangler/config/default.toml", 'oauth_token = "' .. SECRET .. '"\n')
      local words = "wrangler is logged in (" .. p:path ".config/.wrangler/config/default.toml" ..
        "), and asked only by CFKV_CREDENTIALS_COMMAND='wrangler auth token --json'"
      assert_refused(64, words, {}, "plan")
      p:sh "mv .config/.wrangler .wrangler"
      assert_refused(64, p:path ".wrangler/config/default.toml", {}, "plan")
      p:sh "mkdir x && mv .wrangler x/ && mv x/.wrangler/config/default.toml x/.wrangler/config/default.enc"
      assert_refused(64, "default.enc, its key in a keyring)", { XDG_CONFIG_HOME = p:path "x" }, "plan")
    end)

    it("are not looked for in files and variables that are there, which are named", function()
      p:write(".env", "CLOUDFLARE_API_TOKEN=" .. SECRET .. "\n")
      local r = assert_refused(64, ".env is there, and read only with --env-file", { CF_API_TOKEN = SECRET }, "plan")
      assert.matches("CF_API_TOKEN is set, which is called CLOUDFLARE_API_TOKEN by now", r.err, 1, true)
    end)
  end)


  describe("that are refused", function()
    local function refusing(env)
      emulator.cleanup()
      e = emulator.start(p, "--memory", { faults = { rules = {
        { match = { endpoint = "namespace_list" }, fault = "status", status = 403, code = 10000 } } } })
      env.CLOUDFLARE_ACCOUNT_ID = ACCOUNT
      return assert_refused(1, "account " .. ACCOUNT, env, "plan")
    end

    it("are told with the account and where they came from", function()
      assert.matches("does not take the token of CLOUDFLARE_API_TOKEN: GET",
        refusing { CLOUDFLARE_API_TOKEN = TOKEN }.err, 1, true)
      assert.matches("does not take the token of CFKV_CREDENTIALS_COMMAND: GET",
        refusing(by(program("mine", "echo " .. TOKEN))).err, 1, true)
      configure(('credentials_command = "%s"\n'):format(p:path "mine"))
      assert.matches("does not take the token of credentials_command of " .. p:path ".config/cfkv/config" .. ":1: GET",
        refusing({}).err, 1, true)
    end)

    it("are told by the account's own variable", function()
      p:write("kv.lua", ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = "%s", accounts = { ["eins-zwei"] = "%s" } }
cfkv.namespace { title = "shop" }
]]):format(ACCOUNT, ACCOUNT))
      assert.matches("does not take the token of CLOUDFLARE_API_TOKEN_EINS_ZWEI: GET",
        refusing({ CLOUDFLARE_API_TOKEN_EINS_ZWEI = TOKEN }).err, 1, true)
    end)
  end)
end)
