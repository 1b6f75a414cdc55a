--- The credentials of a state's host: which go there, which do not, and that they are nowhere else.

local cjson = require "cjson"
local emulator = require "support.emulator"
local state_server = require "support.state_server"

local ACCOUNT, API_TOKEN = emulator.ACCOUNT, emulator.TOKEN
local ACCESS, SECRET = state_server.ACCESS, state_server.SECRET
local TOKEN, USER, PASSWORD = state_server.TOKEN, state_server.USER, state_server.PASSWORD
local SESSION = "s3ssion-token-of-the-spec"
local AS_ROOT = io.popen "id -u":read "l" == "0"
local NEVER = { SECRET, TOKEN, PASSWORD, SESSION, API_TOKEN }


describe("the credentials of a state's host", function()
  local p, e, s

  before_each(function()
    p, e = emulator.quick()
  end)

  after_each(state_server.cleanup_all)

  -- A project whose state `fields` say (Lua), or `s` alone.
  local function with_state(fields)
    p:write("kv.lua", ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = "%s", state = %s }
cfkv.namespace { title = "shop" }
]]):format(ACCOUNT, fields or ("%q"):format(s.url)))
  end

  local function start(mode, options)
    s = state_server.start(p, mode, options)
    with_state()
  end

  local function named_by_project(endpoint)
    p:sh "rm -rf .cfkv" -- what was named before is asked about
    with_state(('{ url = "s3://bucket/kv.json", endpoint = "%s" }'):format(endpoint))
  end

  -- No credential is printed, whatever comes of it, and whatever is asked for. A program has its 30
  -- seconds in 3.
  local function run(env, ...)
    local all = e:env { CFKV_WAIT_UNIT_MS = p:exists ".aws" and "100" or nil }
    for name, value in pairs(env) do
      all[name] = value
    end
    local words = { ... }
    words[#words + 1] = { env = all }
    local r = p:run(table.unpack(words))
    for _, secret in ipairs(NEVER) do
      assert.is_nil((r.out .. r.err):find(secret, 1, true), r.out .. r.err)
    end
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

  -- What the host was sent to say who asks, request by request; each once.
  local function shown()
    local all, seen = {}, {}
    for _, request in ipairs(s:requests()) do
      local said = request.headers.authorization or "nothing"
      said = said:match "Credential=([^/]+)" or said
      if not seen[said] then
        seen[said] = true
        all[#all + 1] = said
      end
      for _, value in pairs(request.headers) do
        assert.is_nil(value:find(API_TOKEN, 1, true))
      end
    end
    return all
  end

  local function aws(more)
    local env = { AWS_ACCESS_KEY_ID = ACCESS, AWS_SECRET_ACCESS_KEY = SECRET, AWS_REGION = "auto" }
    for name, value in pairs(more or {}) do
      env[name] = value
    end
    return env
  end

  local function configure(files)
    for name, text in pairs(files) do
      p:write(".aws/" .. name, text)
      p:sh("chmod 600 .aws/" .. name)
    end
  end

  local function program(name, text)
    p:write(name, "#!/bin/sh\n" .. text .. "\n")
    p:sh("chmod 755 '" .. name .. "'")
    return p:path(name)
  end


  describe("that speaks S3", function()
    before_each(function()
      start "s3"
    end)

    it("are AWS's variables where the user names the endpoint", function()
      for _, name in ipairs { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL" } do
        assert_ok(aws { [name] = s.endpoint .. "/" }, "plan")
      end
      assert.same({ ACCESS }, shown())
    end)

    it("are no project's to send elsewhere: nothing is signed, and nothing sent", function()
      named_by_project(s.endpoint)
      local all = aws { AWS_SESSION_TOKEN = SESSION, AWS_ENDPOINT_URL_S3 = "https://minio.example.com",
        CFKV_STATE_TOKEN_127_0_0_1 = TOKEN, TF_HTTP_USERNAME = USER, TF_HTTP_PASSWORD = PASSWORD }
      for _, words in ipairs { { "plan" }, { "apply", "--yes" }, { "state", "list" }, { "doctor" }, { "drift" } } do
        run(all, table.unpack(words))
      end
      local r = assert_refused(1, "the state's endpoint " .. s.endpoint .. " is named by the project alone",
        all, "plan")
      assert.matches("AWS_ENDPOINT_URL_S3=" .. s.endpoint .. " names it outside the project", r.err, 1, true)
      assert.matches("it is now named by AWS_ENDPOINT_URL_S3", r.err, 1, true)
      assert.same({}, s:requests())
      p:write("my.env", "AWS_ENDPOINT_URL_S3=" .. s.endpoint .. "\nAWS_ENDPOINT_URL=" .. s.endpoint .. "\n")
      all.AWS_ENDPOINT_URL_S3 = false
      r = assert_refused(1, "is named by the project alone", all, "plan", "--env-file", "my.env")
      assert.matches("only from the environment itself: AWS_ENDPOINT_URL_S3 (my.env:1)", r.err, 1, true)
      assert.same({}, s:requests())
    end)

    it("go there once the user names the same endpoint", function()
      named_by_project(s.endpoint .. "/")
      assert_ok(aws { AWS_ENDPOINT_URL_S3 = s.endpoint }, "plan")
      assert.same({ ACCESS }, shown())
    end)

    it("go to R2 of no other account than the one that is worked on", function()
      local host = "https://%s.r2.cloudflarestorage.com"
      for _, endpoint in ipairs { host:format(("9"):rep(32)), host:format(("9"):rep(32) .. ".eu") } do
        named_by_project(endpoint)
        local r = assert_refused(1, "is R2 of another account than '" .. ACCOUNT .. "'", aws(), "plan")
        assert.matches(endpoint, r.err, 1, true)
      end
      for _, endpoint in ipairs { host:format(ACCOUNT) .. ":8443", host:format(ACCOUNT .. ".evil"),
        "https://" .. ACCOUNT .. ".r2.cloudflarestorage.com.example.org",
        "https://s3.amazonaws.com.example.org", "https://x.execute-api.eu-west-1.amazonaws.com" } do
        named_by_project(endpoint)
        assert_refused(1, "is named by the project alone", aws(), "plan")
      end
    end)

    it("go to R2 of the project's account for who evaluates nothing, too", function()
      named_by_project("https://" .. ("9"):rep(32) .. ".r2.cloudflarestorage.com")
      assert_ok({}, "validate")
      assert.equal(ACCOUNT, cjson.decode(p:read ".cfkv/state.json").states["kv.lua"].account_id)
      assert_refused(1, "is R2 of another account than '" .. ACCOUNT .. "'", aws(), "kv", "key", "list", "--namespace",
        "shop")
      p:write(".cfkv/state.json", (p:read ".cfkv/state.json":gsub('"account_id": "%x+",', "")))
      assert_refused(1, "which account is worked on is not known", aws(), "kv", "key", "list", "--namespace", "shop")
    end)

    it("are those of the user's AWS files", function()
      configure {
        credentials = ("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"):format(ACCESS, SECRET),
        config = ("[default]\nregion = auto\nendpoint_url = %s\n"):format(s.endpoint),
      }
      assert_ok({}, "plan")
      p:sh "mkdir elsewhere && mv .aws/* elsewhere/"
      assert_ok({ AWS_CONFIG_FILE = p:path "elsewhere/config",
        AWS_SHARED_CREDENTIALS_FILE = p:path "elsewhere/credentials" }, "plan")
      assert.same({ ACCESS }, shown())
    end)

    it("are those of a profile, with the endpoint of its services", function()
      configure {
        credentials = "[default]\naws_access_key_id = other\naws_secret_access_key = other\n",
        config = ([[
[profile   "my work"]
services = local
region = auto
aws_access_key_id = %s   # mine
aws_secret_access_key = %s
[services local]
s3 =
  endpoint_url = %s
dynamodb =
  endpoint_url = https://example.com
]]):format(ACCESS, SECRET, s.endpoint) }
      assert_ok({ AWS_PROFILE = "my work" }, "plan")
      assert.same({ ACCESS }, shown())
      assert_refused(64, "AWS_PROFILE is 'other', and there is no such profile", { AWS_PROFILE = "other" }, "plan")
    end)

    it("are those that credential_process prints, asked for when they are about to end", function()
      local mine = program("my keys", ([[
[ "$1" = "two words" ] && [ "$2" = '$HOME' ] || exit 9
echo x >>%s
printf '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s", "SessionToken": "%s", "Expiration": "%%s"}' \
  "$(date -u -d '+60 seconds' +%%Y-%%m-%%dT%%H:%%M:%%SZ)"]]):format(p:path "runs", ACCESS, SECRET, SESSION))
      configure { config = ('[default]\nregion = auto\ncredential_process = "%s" "two words" $HOME\n'):format(mine) }
      assert_ok({ AWS_ENDPOINT_URL_S3 = s.endpoint }, "apply", "--yes")
      assert.same({ ACCESS }, shown())
      assert.equal(SESSION, s:requests()[1].headers["x-amz-security-token"])
      assert.equal(#s:requests(), #p:read "runs":gsub("\n", ""))
    end)

    it("are asked for once where they last", function()
      local mine = program("mine", ("echo x >>%s; echo '%s'"):format(p:path "runs", cjson.encode {
        Version = 1, AccessKeyId = ACCESS, SecretAccessKey = SECRET }))
      configure { config = "[default]\nregion = auto\ncredential_process = " .. mine .. "\n" }
      assert_ok({ AWS_ENDPOINT_URL_S3 = s.endpoint }, "apply", "--yes")
      assert.equal("x\n", p:read "runs")
    end)

    it("are not what credential_process prints badly, which is not shown", function()
      for text, words in pairs {
        ["exit 3"] = "ended with exit code 3",
        ["echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"" .. SECRET .. "\"}'"] = 'no JSON with "Version": 1',
        ["echo '{\"Version\":1,\"SecretAccessKey\":\"" .. SECRET .. "\"}'"] = 'printed no "AccessKeyId"',
        ["echo '{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\","
          .. "\"Expiration\":\"2020-01-01T00:00:00Z\"}'"] = "have expired already",
        ["echo '" .. SECRET .. "'"] = 'no JSON with "Version": 1',
      } do
        configure { config = "[default]\nregion = auto\ncredential_process = " .. program("mine", text) .. "\n" }
        local r = assert_refused(1, words, { AWS_ENDPOINT_URL_S3 = s.endpoint }, "plan")
        assert.matches("credential_process of profile 'default'", r.err, 1, true)
      end
      assert.same({}, s:requests())
    end)

    it("are not taken from files that others could have written", function()
      for _, name in ipairs { "config", "credentials" } do
        configure { [name] = "[default]\nregion = auto\ncredential_process = touch " .. p:path "ran" .. "\n" }
        p:sh("chmod 664 .aws/" .. name)
        assert_refused(5, p:path(".aws/" .. name) .. "' is writable by its group", aws(), "plan")
        p:sh("chmod 600 .aws/" .. name .. (AS_ROOT and " && chown 12345 .aws/" .. name or ""))
        if AS_ROOT then
          assert_refused(5, "belongs to another user", aws(), "plan")
        end
        p:sh "rm -r .aws"
      end
      assert.is_false(p:exists "ran")
    end)

    it("come from --env-file, but not where they go", function()
      p:write("my.env", ("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\nAWS_REGION=auto\n")
        :format(ACCESS, SECRET))
      assert_ok({ AWS_ENDPOINT_URL_S3 = s.endpoint }, "plan", "--env-file", "my.env")
      assert.same({ ACCESS }, shown())
    end)

    it("are whole, or refused", function()
      local env = { AWS_ENDPOINT_URL_S3 = s.endpoint }
      env.AWS_ACCESS_KEY_ID = ACCESS
      assert_refused(64, "AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY", env, "plan")
      env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN = SECRET, SESSION .. "\nHost: example.com"
      assert_refused(64, "the session token of AWS_ACCESS_KEY_ID holds a character", env, "plan")
      configure { credentials = "[default]\naws_secret_access_key = " .. SECRET .. "\n" }
      assert_refused(3, "has aws_secret_access_key, but no aws_access_key_id",
        { AWS_ENDPOINT_URL_S3 = s.endpoint }, "plan")
      assert.same({}, s:requests())
    end)

    it("are told to be missing, with what would give them", function()
      local env = { AWS_ENDPOINT_URL_S3 = s.endpoint }
      local r = assert_refused(1, "there are no credentials for the state's host " .. s.endpoint, env, "plan")
      assert.matches("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", r.err, 1, true)
      configure { config = "[default]\nsso_session = work\n" }
      r = assert_refused(1, "there are no credentials", env, "plan")
      assert.matches("aws configure export-credentials --profile default --format process", r.err, 1, true)
    end)

    it("are in no file, no lease and no argument that is left", function()
      assert_ok(aws { AWS_SESSION_TOKEN = SESSION, AWS_ENDPOINT_URL_S3 = s.endpoint }, "apply", "--yes", "--verbose")
      for _, secret in ipairs { SECRET, SESSION, API_TOKEN } do
        assert.equal("", p:sh("grep -rlF -e " .. secret .. " . --exclude-dir=.run* || :").out)
        for _, written in ipairs(s:written()) do
          assert.is_nil(cjson.encode(written.document):find(secret, 1, true))
        end
      end
    end)
  end)


  describe("that speaks Terraform's protocol", function()
    local function token_of(port)
      return "CFKV_STATE_TOKEN_127_0_0_1" .. (port and "_" .. port or "")
    end

    local function basic()
      return { TF_HTTP_USERNAME = USER, TF_HTTP_PASSWORD = PASSWORD }
    end

    it("are the token of its host, or of its port alone", function()
      start "http"
      assert_ok({ [token_of()] = TOKEN }, "plan")
      assert_ok({ [token_of()] = "of-another-port", [token_of(s.port)] = TOKEN }, "plan")
      assert.same({ "Bearer " .. TOKEN }, shown())
    end)

    it("are not those of another host or port, of Terraform elsewhere, of AWS or of the API", function()
      start "http"
      local env = aws { [token_of "1"] = TOKEN, CFKV_STATE_TOKEN_example_com = TOKEN, CFKV_STATE_TOKEN = TOKEN,
        CFKV_STATE_TOKEN_localhost = TOKEN, TF_TOKEN_127_0_0_1 = TOKEN, TF_HTTP_USERNAME = USER,
        TF_HTTP_PASSWORD = PASSWORD, TF_HTTP_ADDRESS = s.url .. "x", AWS_ENDPOINT_URL_S3 = s.endpoint,
        CLOUDFLARE_API_TOKEN_EINS = API_TOKEN }
      local r = assert_refused(1, "401", env, "plan")
      assert.matches("set " .. token_of(), r.err, 1, true)
      assert.matches("TF_HTTP_ADDRESS=" .. s.url, r.err, 1, true)
      run(env, "apply", "--yes")
      run(env, "doctor")
      p:write("my.env", ("TF_HTTP_ADDRESS=%s\n"):format(s.url))
      env.TF_HTTP_ADDRESS = false
      run(env, "plan", "--env-file", "my.env")
      assert.is_true(#s:requests() > 0)
      assert.same({ "nothing" }, shown())
    end)

    it("are Terraform's variables where TF_HTTP_ADDRESS is the URL, or --state names it", function()
      start "gitlab"
      local env = basic()
      env.TF_HTTP_ADDRESS = s.url
      assert_ok(env, "plan")
      p:sh "rm -rf .cfkv"
      p:write("kv.lua", [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "shop" }
]])
      assert_ok(basic(), "plan", "--state", s.url)
      local all = shown()
      assert.equal(1, #all)
      assert.matches("^Basic ", all[1])
    end)

    it("come from --env-file", function()
      start "http"
      p:write("my.env", token_of(s.port) .. "=" .. TOKEN .. "\n")
      assert_ok({}, "plan", "--env-file", "my.env")
      assert.same({ "Bearer " .. TOKEN }, shown())
    end)

    it("are never the token of the API", function()
      start "http"
      assert_refused(1, token_of() .. " is the token of Cloudflare's API, which no state host gets",
        { [token_of()] = API_TOKEN }, "plan")
      assert_refused(1, "TF_HTTP_PASSWORD is the token of Cloudflare's API",
        { TF_HTTP_USERNAME = USER, TF_HTTP_PASSWORD = API_TOKEN, TF_HTTP_ADDRESS = s.url }, "plan")
      assert.same({}, s:requests())
    end)

    it("forge no header", function()
      start "http"
      assert_refused(64, token_of() .. " holds a character that no header may carry",
        { [token_of()] = "a\r\nX-Evil: b" }, "plan")
      assert.same({}, s:requests())
    end)

    it("are not the project's to lead elsewhere by the address of its lock", function()
      start "http"
      local mine = s
      s = state_server.start(p, "http")
      for _, field in ipairs { "lock_address", "unlock_address" } do
        with_state(('{ url = "%s", %s = "%s" }'):format(mine.url, field, s.url))
        assert_refused(3, field, { [token_of()] = TOKEN }, "apply", "--yes")
      end
      assert.same({}, s:requests())
    end)

    it("are in no lock, file or output", function()
      start "http"
      assert_ok({ [token_of()] = TOKEN }, "apply", "--yes", "--verbose")
      for _, secret in ipairs { TOKEN, API_TOKEN } do
        assert.equal("", p:sh("grep -rlF -e " .. secret .. " . || :").out)
        for _, request in ipairs(s:requests()) do
          assert.is_nil((request.path .. request.query .. (request.body or "")):find(secret, 1, true))
        end
      end
    end)
  end)


  it("stand in no URL, which is not shown", function()
    start "http"
    for _, url in ipairs { "https://user:" .. SECRET .. "@state.example.com/x",
      "https://" .. TOKEN .. "@state.example.com/x", "s3://" .. SECRET .. "@bucket/kv.json" } do
      with_state(("%q"):format(url))
      run({}, "plan")
      assert.is_true(run({}, "validate").code == 3)
      p:write("kv.lua", 'require "cfkv".project { name = "shop" }\n')
      assert.equal(64, run({}, "plan", "--state", url).code)
    end
    assert_refused(64, "AWS_ENDPOINT_URL_S3", aws { AWS_ENDPOINT_URL_S3 = "https://user:" .. SECRET .. "@example.com" },
      "plan", "--state", "s3://bucket/kv.json")
  end)
end)
