local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'

local CONFIG = HEAD .. [[
for _, env in ipairs { "dev", "prod" } do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG" }
  ns:put("flags", { limit = 17 })
  cfkv.output("id_" .. env, ns.id)
end
]]

local p

local function start(config)
  p = project.new { ["kv.lua"] = config or CONFIG }
end

local function apply(...)
  return p:run("apply", "--local", "--yes", ...)
end

local function applied(...)
  local r = apply(...)
  assert.equal(0, r.code, r.err)
  return r
end

local function summary(...)
  local r = p:run("plan", "--local", "--json", ...)
  assert.equal(0, r.code, r.err)
  return r.json().summary
end

local function is_clean()
  return p:run("plan", "--local", "--detailed-exitcode").code == 0
end

local function on_terminal(answer, meanwhile)
  return p:on_terminal(answer, "apply --local", { meanwhile = meanwhile })
end

describe("apply", function()
  before_each(function() start() end)
  after_each(project.cleanup)

  it("does what the plan says, tells what it did, and prints the outputs", function()
    local r = applied()
    assert.truthy(r.out:find("outputs:\n  id_dev = %x+\n  id_prod = %x+\n"))
    assert.truthy(r.out:find("\napplied: 2 namespaces created, 2 keys put, 2 outputs changed, in the local store\n$"))
    assert.is_true(is_clean())
  end)

  it("run twice does nothing the second time, and leaves every file as it was", function()
    applied()
    local function sums()
      return p:sh("find . -type f ! -name '*-shm' ! -name '*-wal' -exec sha256sum {} + | sort -k2").out
    end
    local before = sums()
    local r = applied()
    assert.truthy(r.out:find("no changes", 1, true))
    assert.falsy(r.out:find("applied:", 1, true))
    assert.equal(before, sums())
  end)

  it("ends with one JSON document on stdout, the plan on stderr", function()
    local r = applied "--json"
    local document = r.json()
    assert.equal(1, document.format_version)
    assert.equal(2, document.applied.create)
    assert.equal(2, document.applied.put)
    assert.same({}, document.failed)
    assert.equal(32, #document.outputs.id_dev)
    assert.truthy(r.err:find("shop-config-dev", 1, true))
  end)

  it("says less with --quiet and more with --verbose", function()
    assert.equal("", applied("--json", "--quiet").err)
    p:write("kv.lua", (CONFIG:gsub("17", "18")))
    local r = applied "--quiet"
    assert.falsy(r.out:find("Plan:", 1, true))
    assert.falsy(r.out:find "^\n")
    assert.truthy(r.out:find("\napplied: 2 keys put, in the local store\n$"))
    p:write("kv.lua", (CONFIG:gsub("17", "19")))
    assert.truthy(applied("--verbose").err:find("cfkv: done: put 'flags' in 'shop-config-dev'", 1, true))
  end)

  describe("asks", function()
    it("and refuses, exit 5, where there is no terminal to ask on", function()
      local r = p:run("apply", "--local")
      assert.equal(5, r.code)
      assert.truthy(r.err:find("add --yes", 1, true))
      assert.is_false(is_clean())
      assert.equal("failure.refused", p:run("apply", "--local", "--json").json().diagnostics[1].code)
    end)

    it("and goes ahead on yes", function()
      local r = on_terminal "yes\\n"
      assert.equal(0, r.code, r.out)
      assert.is_true(is_clean())
    end)

    it("and takes everything else as no, exit 5", function()
      for _, answer in ipairs { "y\\n", "YES\\n", "\\n", "yes please\\n", "\\004" } do
        start()
        local r = on_terminal(answer)
        assert.equal(5, r.code, answer .. r.out)
        assert.truthy(r.out:find("declined; nothing was changed", 1, true))
        assert.is_false(is_clean())
      end
    end)

    it("and ends with 130 on Ctrl-C, nothing changed", function()
      local r = on_terminal "\\003"
      assert.equal(130, r.code, r.out)
      assert.truthy(r.out:find("interrupted; nothing was changed", 1, true))
      assert.is_false(is_clean())
    end)

    it("nothing when there is nothing to do", function()
      applied()
      assert.equal(0, p:run("apply", "--local").code)
    end)
  end)

  it("refuses while another run holds the lock, naming it, and goes on after it", function()
    local r = on_terminal("yes\\n", [[cfkv apply --local --yes >/dev/null 2>second; echo "code $?" >>second]])
    assert.equal(0, r.code, r.out)
    local second = p:read "second"
    assert.truthy(second:find("in use by pid %d+ on host %S+ %(cfkv apply%)"), second)
    assert.truthy(second:find("--lock-timeout", 1, true))
    assert.truthy(second:find("code 75", 1, true))
    applied()
  end)

  it("waits for the lock as long as --lock-timeout says", function()
    local r = on_terminal("yes\\n", "cfkv apply --local --yes --lock-timeout 20 >second 2>&1 & second=$!")
    assert.equal(0, r.code, r.out)
    -- The second run was started while the first held the lock, and found everything done.
    assert.is_true(is_clean())
  end)

  it("ends in order on Ctrl-C: what was done is recorded, and the next apply does the rest", function()
    start(HEAD .. [[
      for i = 1, 200 do
        local ns = cfkv.namespace { title = "n" .. i }
        for k = 1, 20 do ns:put("key" .. k, "value") end
      end
    ]])
    -- Nobody reads what --verbose tells, so the run cannot come to its end before the signal.
    local r = p:sh [[
      mkfifo talk
      cfkv apply --local --yes --verbose 2>talk & pid=$!
      exec 3<talk
      read -r first <&3
      kill -INT $pid
      cat <&3 >&2
      wait $pid]]
    assert.equal(130, r.code, r.err)
    assert.truthy(r.out:find("\ninterrupted; applied so far: %d+ namespaces? created[^\n]*\n$"), r.out)
    assert.is_false(is_clean())
    applied()
    assert.is_true(is_clean())
  end)

  it("creates a pinned namespace that the local store does not have, under that id", function()
    local id = ("0123456789abcdef"):rep(2)
    start(HEAD .. ([[
      local ns = cfkv.namespace { title = "pinned", id = "%s" }
      ns:put("key", "value")
      cfkv.output("id", ns.id)
    ]]):format(id))
    applied()
    assert.equal(id .. "\n", p:run("output", "--local", "id").out)
    assert.is_true(p:exists(".wrangler/state/v3/kv/" .. id .. "/blobs"))
    assert.is_true(is_clean())
  end)

  it("has a namespace that is pinned without a title under its id", function()
    local id = ("0123456789abcdef"):rep(2)
    start(HEAD .. ('cfkv.namespace { id = "%s", env = "dev" }:put("key", "value")'):format(id))
    local seen = project.ok(p:run("eval")).json().namespaces[1]
    assert.same({ id, id }, { seen.id, seen.address })
    assert.equal(require("cjson").null, seen.title)
    applied()
    assert.is_true(p:exists(".wrangler/state/v3/kv/" .. id .. "/blobs"))
    assert.is_true(is_clean())
  end)

  it("says once that two namespaces without a title have one id, and where that is declared once", function()
    local one = ('cfkv.namespace { id = "%s" }\n'):format(("0123456789abcdef"):rep(2))
    start(HEAD .. one .. one)
    local r = p:run("validate")
    assert.equal(3, r.code)
    assert.equal(1, select(2, r.err:gsub("is declared twice", "")))
    assert.truthy(r.err:find("hint: declare it once: cfkv.wrangler may bind its env in several", 1, true), r.err)
  end)

  it("makes no preview of a namespace without a title", function()
    start(HEAD .. ('cfkv.namespace { id = "%s", preview = true }'):format(("0123456789abcdef"):rep(2)))
    local r = p:run("validate")
    assert.equal(3, r.code)
    assert.truthy(r.err:find("has preview = true and no title, of which the preview's is made", 1, true), r.err)
  end)

  it("tells once what failed many keys for one reason", function()
    start(HEAD .. [[
      local ns = cfkv.namespace { title = "many" }
      for k = 1, 50 do ns:put("key" .. k, "value") end
    ]])
    local n = 0
    for number in p:sh("CFKV_FAULT_LOG=log cfkv apply --local --yes >&2; grep blob.create log; rm -rf .wrangler log")
                    .out:gmatch "(%d+) blob.create" do
      n = number
    end
    local r = apply { env = { CFKV_FAULT = "fail:" .. n } }
    assert.equal(4, r.code)
    assert.truthy(r.err:find("and 47 more for the same reason", 1, true), r.err)
    applied()
    assert.is_true(is_clean())
  end)

  -- What an apply tells of an account that refuses each create.
  local function told_of_refused()
    local refused = { match = { endpoint = "namespace_create" }, fault = "status", status = 403, code = 10000,
      message = "no good" }
    local e = emulator.start(p, "--memory", { faults = { rules = { refused } } })
    local r = e:run(p, "apply", "--yes")
    e:stop()
    assert.equal(1, r.code)
    return (r.err:gsub("account %x+ %(cfkv serve%) does not take the token of CLOUDFLARE_API_TOKEN: ", "")
      :gsub("POST /%S+", "POST …"):gsub(" %(cf%-ray [^)]*%)", ""):gsub("hint: check[^\n]*", "hint"))
  end

  it("tells a failure once, and its hint once in a row; the last line counts", function()
    start()
    assert.equal([[
cfkv: cannot create 'shop-config-dev': POST … HTTP 403, code 10000: no good
  hint
cfkv: cannot create 'shop-config-prod': POST … HTTP 403, code 10000: no good
cfkv: cannot put 'flags' in 'shop-config-dev': skipped, since namespace 'shop-config-dev' is not ready
cfkv: cannot put 'flags' in 'shop-config-prod': skipped, since namespace 'shop-config-prod' is not ready
cfkv: 4 of 4 actions failed
]], told_of_refused())
  end)

  it("tells three of those that one cause refused, and counts the others", function()
    start(HEAD .. [[
      for i = 1, 9 do cfkv.namespace { title = "n" .. i, binding = "N" .. i }:put("a", "1") end
    ]])
    assert.equal([[
cfkv: cannot create 'n1': POST … HTTP 403, code 10000: no good
  hint
cfkv: cannot create 'n2': POST … HTTP 403, code 10000: no good
cfkv: cannot create 'n3': POST … HTTP 403, code 10000: no good
cfkv: and 6 more for the same reason
cfkv: cannot put 'a' in 'n1': skipped, since namespace 'n1' is not ready
cfkv: cannot put 'a' in 'n2': skipped, since namespace 'n2' is not ready
cfkv: cannot put 'a' in 'n3': skipped, since namespace 'n3' is not ready
cfkv: and 6 more for the same reason
cfkv: 18 of 18 actions failed
]], told_of_refused())
  end)

  it("changes nothing when stdout does not take the plan", function()
    local r = apply { stdout = "/dev/full" }
    assert.equal(1, r.code)
    assert.truthy(r.err:find("cannot write to stdout", 1, true))
    assert.is_false(is_clean())
  end)

  it("stops at an invalid configuration before it touches anything", function()
    p:write("kv.lua", CONFIG .. "cfkv.namespace { title = 'x', ttl_seconds = 1 }")
    local r = apply "--json"
    assert.equal(3, r.code)
    assert.equal("namespace.ttl_seconds", r.json().diagnostics[1].code)
    assert.same({ "kv.lua" }, p:files())
  end)

  describe("of a removed namespace", function()
    local ONLY_DEV = HEAD .. [[
      local ns = cfkv.namespace { app = "shop", purpose = "config", env = "dev", binding = "CONFIG" }
      ns:put("flags", { limit = 17 })
    ]]

    before_each(function()
      applied()
      p:write("kv.lua", ONLY_DEV)
    end)

    it("refuses, exit 5, while it has keys; says what to type; and changes nothing", function()
      local r = apply()
      assert.equal(5, r.code)
      assert.truthy(r.err:find("cfkv: refused: ", 1, true), r.err)
      assert.truthy(r.err:find("--allow-data-loss", 1, true))
      assert.truthy(r.err:find("nothing was changed: 1 guard refused", 1, true))
      assert.equal("guard.data_loss", apply("--json").json().diagnostics[1].code)
      assert.equal(1, summary().delete)
    end)

    it("deletes it with --allow-data-loss, after a backup that it names", function()
      local r = applied "--allow-data-loss"
      assert.truthy(r.out:find("1 namespace deleted", 1, true))
      local path = r.err:match "backed up to (%S+)"
      assert.truthy(p:read(path):find('"key":"flags"', 1, true))
      assert.equal("600\n", p:sh("stat -c %a " .. path).out)
      assert.equal("700\n", p:sh("stat -c %a .cfkv/backups").out)
      assert.equal("*\n", p:read ".cfkv/backups/.gitignore")
      assert.is_true(is_clean())
    end)

    it("deletes it without one with --no-backup, and forecasts that", function()
      local cost = p:run("plan", "--local", "--json", "--no-backup", "--allow-data-loss").json().cost
      local r = applied("--allow-data-loss", "--no-backup")
      assert.equal(0, cost.reads)
      assert.falsy(r.err:find("backed up", 1, true))
      assert.falsy(p:exists ".cfkv/backups")
    end)

    it("lets it go by its address or title, and no other", function()
      assert.equal(5, apply("--allow-data-loss=shop/*/dev").code)
      assert.matches("1 namespace deleted", applied("--allow-data-loss=shop-config-pro?").out, 1, true)
    end)
  end)

  it("backs up what it overwrites, and only what cfkv did not write", function()
    applied()
    p:sh [[
      for db in .wrangler/state/v3/kv/miniflare-KVNamespaceObject/*.sqlite; do
        sqlite3 "$db" "UPDATE _mf_entries SET metadata = '{\"by\":\"hand\"}'"
      done]]
    assert.equal(2, summary().overwrite)
    local r = applied()
    assert.truthy(r.out:find("2 keys overwritten", 1, true), r.out)
    assert.truthy(r.err:find("backed up to", 1, true))
    p:write("kv.lua", (CONFIG:gsub("17", "18")))
    assert.falsy(applied().err:find("backed up to", 1, true))
  end)

  it("refuses another project's state", function()
    applied()
    p:write("kv.lua", (CONFIG:gsub('name = "shop"', 'name = "other"')))
    local r = apply()
    assert.equal(1, r.code)
    assert.truthy(r.err:find("'shop'", 1, true), r.err)
  end)

  it("keeps two configurations in one folder apart", function()
    p:write("b.lua", 'require "cfkv".namespace { title = "b" }')
    applied()
    local r = p:run("apply", "--local", "--yes", "-f", "b.lua")
    assert.equal(0, r.code, r.err)
    assert.is_true(is_clean())
    r = p:run("destroy", "--local", "--yes", "-f", "b.lua")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("1 namespace deleted", 1, true))
    assert.is_true(is_clean())
  end)

  it("renames without touching data: a swap of two titles", function()
    start(HEAD .. [[
      for _, t in ipairs { "a", "b" } do
        cfkv.namespace { app = "x", purpose = "y", env = t, title = t }:put("who", t)
      end
    ]])
    applied()
    local ids = p:run("state", "list", "--local").out
    p:write("kv.lua", HEAD .. [[
      for t, new in pairs { a = "b", b = "a" } do
        cfkv.namespace { app = "x", purpose = "y", env = t, title = new }:put("who", t)
      end
    ]])
    local s = summary()
    assert.equal(2, s.rename)
    assert.equal(0, s.delete + s.put + s.create)
    applied()
    assert.is_true(is_clean())
    local swapped = p:run("state", "list", "--local").out
    assert.equal(ids:match "x/y/a +(%x+)", swapped:match "x/y/a +(%x+)")
    assert.truthy(swapped:find("x/y/a +%x+  b\n"))
  end)

  it("narrowed by --env leaves the rest and its outputs alone", function()
    applied()
    p:write("kv.lua", (CONFIG:gsub("17", "18")))
    local r = applied("--env", "dev", "--json")
    assert.equal(1, r.json().applied.put)
    assert.truthy(r.json().outputs.id_prod)
    assert.equal(1, summary().put)
  end)
end)

describe("destroy", function()
  before_each(function() start() end)
  after_each(project.cleanup)

  it("removes everything that the state holds, after asking", function()
    applied()
    assert.equal(5, p:run("destroy", "--local").code)
    local r = p:run("destroy", "--local", "--yes", "--allow-data-loss=*")
    assert.equal(0, r.code, r.err)
    assert.truthy(r.out:find("2 namespaces deleted", 1, true))
    assert.equal("", p:run("state", "list", "--local").out)
    assert.equal(2, summary().create)
  end)

  it("still guards data", function()
    applied()
    local r = p:run("destroy", "--local", "--yes")
    assert.equal(5, r.code)
    assert.truthy(r.err:find("--allow-data-loss", 1, true))
  end)

  it("has nothing to do before the first apply", function()
    local r = p:run("destroy", "--local", "--yes", "--json")
    assert.equal(0, r.code, r.err)
    assert.equal(0, r.json().applied.delete)
  end)
end)
