--- Absence is not intent: an emptied file, a project without a name, a state that is not there.
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'
local NAMED = HEAD .. 'cfkv.project { name = "shop" }\n'
local THREE = 'for _, n in ipairs { "a", "b", "c" } do cfkv.namespace { title = n } end\n'

describe("what is absent", function()
  local p

  before_each(function() p = project.quick { ["kv.lua"] = NAMED .. THREE } end)
  after_each(emulator.cleanup_all)

  -- `check` on both targets: it gets a function that runs the program there.
  local function on_both(what, check)
    it(what .. ", on the local store", function()
      check(function(...) return p:run("--local", ...) end)
    end)
    it(what .. ", on the account", function()
      local e = emulator.start(p, "--memory")
      check(function(...)
        local words = { ... }
        words[#words + 1] = { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }
        return p:run(table.unpack(words))
      end)
    end)
  end

  local function titles(cfkv)
    return cfkv("kv", "namespace", "list").out:gsub("%x+  ", "")
  end

  on_both("is refused when it is the name of the project that the state knows", function(cfkv)
    assert.equal(0, cfkv("apply", "--yes").code)
    for _, text in ipairs { "", HEAD .. THREE } do
      p:write("kv.lua", text)
      for _, words in ipairs { { "plan" }, { "apply", "--yes" }, { "drift" }, { "destroy", "--yes" } } do
        local r = cfkv(table.unpack(words))
        assert.equal(1, r.code, r.out)
        assert.truthy(r.err:find("belongs to project 'shop', and 'kv.lua' names no project", 1, true), r.err)
        assert.truthy(r.err:find('add cfkv.project { name = "shop" }', 1, true), r.err)
      end
    end
    assert.equal("a\nb\nc\n", (titles(cfkv)))
  end)

  it("is fine when there never was a name", function()
    p:write("kv.lua", HEAD .. THREE)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)

  on_both("is told by destroy when it is the state, with what exists of what is declared", function(cfkv)
    p:write("kv.lua", NAMED .. 'cfkv.namespace { title = "a" }\ncfkv.namespace { title = "b" }\n')
    assert.equal(0, cfkv("apply", "--yes").code)
    p:sh "rm -f kv.state.json; sqlite3 .wrangler/state/v3/cfkv.sqlite 'delete from documents' 2>/dev/null"
    p:write("kv.lua", NAMED .. THREE)
    if p:exists ".wrangler" and not cfkv("state", "list").err:find("nothing is recorded", 1, true) then
      return pending "the local state cannot be taken away here"
    end
    local r = cfkv("destroy", "--yes", "--allow-data-loss=*")
    assert.equal(5, r.code, r.out)
    assert.matches("^Target: [^\n]+\na  %x+\nb  %x+\n$", r.out)
    assert.truthy(r.err:find("there is no state", 1, true), r.err)
    assert.truthy(r.err:find("2 declared namespaces exist: 'a', 'b'", 1, true), r.err)
    assert.equal("a\nb\n", (titles(cfkv)))
    local message = cfkv("destroy", "--yes", "--json").json().diagnostics[1].message
    assert.truthy(message:find("2 declared namespaces exist", 1, true), message)
  end)

  on_both("is told by destroy when it is the state and all of what is declared", function(cfkv)
    local r = cfkv("destroy", "--yes")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.err:find("there is no state, and nothing that is declared exists", 1, true), r.err)
  end)

  on_both("is told by plan, apply and drift when it is the state", function(cfkv)
    assert.truthy(cfkv("plan").out:find("There is no state yet, and nothing is deleted.", 1, true))
    assert.truthy(cfkv("drift").err:find("there is no state: nothing is recorded", 1, true))
    assert.truthy(cfkv("apply", "--yes").out:find("There is no state yet", 1, true))
    assert.falsy(cfkv("plan").out:find("no state", 1, true))
  end)

  it("is asked for by destroy: the project's name, not yes", function()
    p:run("apply", "--local", "--yes")
    local r = p:on_terminal("yes\\n", "destroy --local")
    assert.equal(5, r.code, r.out)
    assert.truthy(r.out:find("the local store: Destroy all of this? Only 'shop' is accepted: ", 1, true), r.out)
    r = p:on_terminal("shop\\n", "destroy --local")
    assert.equal(0, r.code, r.out)
    assert.equal("", p:run("kv", "namespace", "list", "--local").out)
  end)
end)
