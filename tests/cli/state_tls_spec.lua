-- A state behind TLS that asks for a certificate of ours (openssl s_server). Plain http goes to loopback
-- only, so this is how any real service is reached.
local project = require "support.project"

local quote = project.quote

local ENVELOPE = [[{"cfkv_state":1,"lease":null,"lineage":"11111111-2222-4333-8444-555555555555",
"nonce":"0123456789abcdef0123456789abcdef","serial":1,"state":null}]]

local MAKE = [[cd %s && for name in server client other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout $name.key -out $name.pem 2>/dev/null || exit
done]]

local SERVE = [[cd %s && mkfifo out && { openssl s_server -WWW -accept 127.0.0.1:0 -cert server.pem \
  -key server.key -CAfile client.pem -Verify 2 -verify_return_error >out 2>/dev/null & echo $! >pid; }]]

describe("a state behind TLS", function()
  local p, dir, url, pid

  setup(function()
    p = project.quick {}
    dir = p.dir .. ".tls"
    assert(os.execute("mkdir " .. quote(dir)))
    assert(os.execute(MAKE:format(quote(dir))))
    local state = assert(io.open(dir .. "/state", "w"))
    state:write(ENVELOPE)
    state:close()
    assert(os.execute(SERVE:format(quote(dir))))
    local out = assert(io.open(dir .. "/out"))
    local port
    repeat
      local line = assert(out:read "l", "it did not start")
      port = line:match "^ACCEPT .*:(%d+)$"
    until port
    out:close()
    pid = project.slurp(dir .. "/pid")
    url = ("https://localhost:%s/state"):format(port)
    p:write("kv.lua", ([[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", state = %q }
    ]]):format(url))
  end)

  teardown(function()
    os.execute("kill " .. pid)
    os.execute("rm -rf " .. quote(dir))
    project.cleanup()
  end)


  -- Reads the state with these certificates: the names of files.
  local function pull(ca, certificate, key)
    local env = { TF_HTTP_ADDRESS = url }
    env.TF_HTTP_CLIENT_CA_CERTIFICATE_PEM = ca and project.slurp(dir .. "/" .. ca)
    env.TF_HTTP_CLIENT_CERTIFICATE_PEM = certificate and project.slurp(dir .. "/" .. certificate)
    env.TF_HTTP_CLIENT_PRIVATE_KEY_PEM = key and project.slurp(dir .. "/" .. key)
    return p:run("state", "pull", { env = env })
  end


  it("is read with the certificate that its service knows", function()
    local r = pull("server.pem", "client.pem", "client.key")
    assert.matches("there is no state at", r.err, 1, true) -- the document says so
  end)


  it("is not asked for where the service's own certificate is not trusted", function()
    local r = pull(nil, "client.pem", "client.key")
    assert.equal(1, r.code)
    assert.matches("is not trusted", r.err, 1, true)
  end)


  it("says which certificate is wanted, and does not try again", function()
    for _, given in ipairs { {}, { "other.pem", "other.key" } } do
      local r = pull("server.pem", given[1], given[2])
      assert.equal(1, r.code)
      assert.matches("does not let us in without a client certificate that it knows", r.err, 1, true)
      assert.not_matches("trying again", r.err, 1, true)
    end
  end)


  it("says when the key is another certificate's, and does not show it", function()
    local r = pull("server.pem", "client.pem", "other.key")
    assert.equal(1, r.code)
    assert.matches("cannot be used", r.err, 1, true)
    assert.not_matches("PRIVATE", r.err, 1, true)
    assert.not_matches("trying again", r.err, 1, true)
  end)
end)
