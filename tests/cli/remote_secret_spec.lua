-- The token is in nothing that anybody may see, whatever happens.
local emulator = require "support.emulator"
local project = require "support.project"

local TOKEN = emulator.TOKEN

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local ns = cfkv.namespace { title = "one" }
ns:put("k", cfkv.var("value", { default = "1" }))
ns:put("theirs", "ours")
if cfkv.var("less", { default = "" }) == "" then
  cfkv.namespace { title = "two" }:bulk { { key = "b", value = "2" } }
end
cfkv.output("id", ns.id)
]]

describe("the token is not", function()
  local p, e

  before_each(function()
    p = project.quick { ["kv.lua"] = CONFIG }
  end)

  after_each(emulator.cleanup_all)


  -- In no file below the project, and in nothing a run has said.
  local function assert_hidden(r, name)
    assert.falsy((r.out .. r.err):find(TOKEN, 1, true), name .. " said it")
    local found = p:sh("grep -rlF -- " .. project.quote(TOKEN) .. " .")
    assert.equal("", found.out, name .. " wrote it")
  end


  local function serve(faults)
    if e then
      e:stop()
    end
    e = emulator.start(p, "--memory", { faults = faults })
  end


  local function run(...)
    local words = { ... }
    words[#words + 1] = { env = e:env(), before = "ulimit -c unlimited;" }
    local r = p:run(table.unpack(words))
    assert_hidden(r, table.concat({ ... }, " "))
    return r
  end


  local COMMANDS = {
    { "plan" }, { "plan", "--json" }, { "plan", "--out", "saved.plan" }, { "apply", "--yes", "--plan", "saved.plan" },
    { "drift" }, { "drift", "--json" }, { "output" }, { "output", "--json" }, { "state", "list" },
    { "state", "show", "one" }, { "plan", "--var", "value=2" }, { "apply", "--yes", "--json", "--var", "value=3" },
    { "apply", "--yes", "--var", "less=1", "--allow-data-loss=*", "--allow-mass-delete=*" },
    { "destroy", "--yes", "--allow-data-loss=*" },
  }

  for _, how in ipairs { "", "--verbose" } do
    it("in what commands say and write " .. how, function()
      serve()
      for _, command in ipairs(COMMANDS) do
        local words = table.move(command, 1, #command, 1, {})
        words[#words + 1] = how ~= "" and how or nil
        local r = run(table.unpack(words))
        assert.is_true(r.code == 0 or r.code == 2, table.concat(words, " ") .. ": " .. r.err)
        if how ~= "" and command[1] == "plan" then
          assert.matches("→ 200", r.err, 1, true)
        end
      end
      assert.is_true(p:exists "kv.state.json")
      assert.is_true(p:exists "saved.plan")
      assert.is_true(p:exists ".cfkv/backups")
    end)
  end

  -- What a service, or somebody who plays one, may send back.
  local ECHOES = {
    ["a message"] = { fault = "status", status = 400, code = 10012, message = "bad header: Bearer " .. TOKEN },
    ["a message of a 403"] = { fault = "status", status = 403, code = 10000, message = TOKEN },
    ["a page"] = { fault = "html", status = 403, message = "Authorization: Bearer " .. TOKEN },
    ["a body of another kind"] = { fault = "body", status = 400, body = TOKEN },
    ["a body that is no JSON"] = { fault = "body", body = '{"' .. TOKEN },
    ["a name in a body"] = { fault = "body", body = ('{"success":true,"result":{"%s":1}}'):format(TOKEN) },
    ["a member that is there twice"] = { fault = "body",
      body = ('{"success":true,"%s":1,"%s":2,"result":7}'):format(TOKEN, TOKEN) },
    ["an error in parts"] = { fault = "body", status = 400, body = ('{"success":false,"errors":[{"code":1,' ..
      '"message":"a"},{"code":2,"message":"%s"}],"messages":["%s"],"result":null}'):format(TOKEN, TOKEN) },
    ["a redirect"] = { fault = "redirect", location = "http://127.0.0.1:1/" .. TOKEN },
  }

  for name, rule in pairs(ECHOES) do
    it("shown where it comes back in " .. name, function()
      for _, endpoint in ipairs { "account_list", "namespace_list", "namespace_create", "bulk_put" } do
        rule.match = { endpoint = endpoint }
        serve { rules = { rule } }
        run("apply", "--yes", "--verbose", "--json")
        assert.is_true(#e:requests(endpoint) > 0)
        run("apply", "--yes")
        os.remove(p:path "kv.state.json")
      end
    end)
  end

  it("shown when answers are malformed, cut, or senseless", function()
    for _, fault in ipairs { "malformed", "truncate", "deep", "bad_utf8", "wrong_types", "duplicate", "null_result" } do
      serve { rules = { { match = { endpoint = "namespace_list" }, fault = fault } } }
      assert.is_true(run("plan", "--verbose").code ~= 0)
    end
  end)

  it("shown when it is refused itself", function()
    for _, token in ipairs { TOKEN .. "\nX-Forged: 1", TOKEN .. "\r", TOKEN .. "é" } do
      serve()
      local r = p:run("plan", { env = e:env { CLOUDFLARE_API_TOKEN = token } })
      assert.equal(64, r.code, r.err)
      assert_hidden(r, "plan")
      assert.same({}, e:requests())
    end
  end)

  it("shown when nobody answers", function()
    serve()
    e:stop()
    assert.equal(1, run("plan", "--verbose").code)
  end)

  describe("left behind by a run that is ended", function()
    local elsewhere

    before_each(function()
      elsewhere = project.quick { token = TOKEN .. "\n" }
    end)


    -- The token comes from a file, since the shell that sees it end shows its environment.
    local function end_with(signal)
      serve { rules = { { match = { endpoint = "bulk_put", nth = 1 }, fault = "hang", ms = 600000 } } }
      local apply = p:start("apply", "--yes", "--verbose", { before = "ulimit -c unlimited;",
        env = e:env { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_TOKEN_FILE = elsewhere:path "token" } })
      e:wait_for '"fault":"hang"'
      os.execute(("kill -%s %d"):format(signal, apply.pid()))
      assert_hidden(apply.wait(), "apply")
      assert.is_true(#p:files() > 2)
    end


    it("by SIGKILL, in its state, journal or lock", function()
      end_with "KILL"
    end)

    it("by SIGABRT, in a dump of its memory", function()
      end_with "ABRT"
    end)
  end)

  it("said when it is the key of an account", function()
    serve()
    local r = p:run("plan", "--verbose", { env = e:env { CLOUDFLARE_API_TOKEN = false, CLOUDFLARE_API_KEY = TOKEN,
      CLOUDFLARE_EMAIL = "a@b.example" } })
    assert.equal(0, r.code, r.err)
    assert_hidden(r, "plan")
  end)
end)
