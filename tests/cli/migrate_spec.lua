-- cfkv.migrate: named steps, once each, recorded in the namespace.
local emulator = require "support.emulator"
local project = require "support.project"

local PRELUDE = "local cfkv = require 'cfkv'; "

-- `migrate { … }` prints the names of the steps that ran, or the error.
local MIGRATE = PRELUDE .. [[
  local function migrate(steps, options)
    local r, err = cfkv.migrate("shop", steps, options)
    if r then print(("%d: %s"):format(r.done, table.concat(r.ran, " "))) else print(err.code, err) end
  end
  local function step(name, was)
    return { name = name, was = was, run = function(ns, given) io.write(ns, "/", given, " ") end }
  end
]]

local p, e

local function run(code, ...)
  p:write("migrate.lua", MIGRATE .. code)
  local words = { "run", "migrate.lua", ... }
  words[#words + 1] = e and { env = e:env() } or "--local"
  return p:run(table.unpack(words))
end

local function keys()
  local r = project.ok(run [[for k in cfkv.key.list "shop" do io.write(k.key, "\n") end]])
  return r.out
end

local function start(target)
  if target == "the emulator" then
    p, e = emulator.quick()
  else
    p, e = project.quick(), nil
  end
  project.ok(run [[assert(cfkv.namespace.create "shop")]])
end


for _, target in ipairs { "the local target", "the emulator" } do
  describe("cfkv.migrate on " .. target, function()
    before_each(function() start(target) end)
    after_each(target == "the emulator" and emulator.cleanup_all or project.cleanup)

    it("runs each step once, in order, and records it", function()
      assert.equal("shop/a shop/b 2: a b\n", project.ok(run [[migrate { step "a", step "b" }]]).out)
      assert.equal("cfkv/migrations/a\ncfkv/migrations/b\n", keys())
      assert.equal("2: \n", project.ok(run [[migrate { step "a", step "b" }]]).out)
      assert.equal("shop/c 3: c\n", project.ok(run [[migrate { step "a", step "b", step "c" }]]).out)
      assert.equal("shop/a 1: a\n", project.ok(run [[migrate({ step "a" }, { prefix = "other:" })]]).out)
      assert.matches("other:migrations/a", keys(), 1, true)
    end)

    it("goes on with the step that failed, as it was written then", function()
      local r = run [[migrate { step "a",
        { name = "b", run = function(ns) cfkv.key.put(ns, "k", "1") cfkv.key.get(ns, "nope") error "not here" end },
        step "c" }
        print(cfkv.key.get("shop", "nope"))]]
      assert.equal(0, r.code, r.err) -- the error was looked at
      assert.equal("shop/a not_found\tstep 'b': there is no key 'nope' in namespace 'shop'\n" ..
        "nil\tthere is no key 'nope' in namespace 'shop'\n", r.out) -- strict in steps alone
      assert.equal("cfkv/migrations/a\nk\n", keys())
      assert.equal("shop/b shop/c 3: b c\n", project.ok(run [[migrate { step "a", step "b", step "c" }]]).out)
    end)

    it("raises what a step raises, and lets go", function()
      local r = run [[
        print(pcall(cfkv.migrate, "shop", { { name = "a", run = function() error("no way") end } }))
        print(pcall(cfkv.migrate, "shop", { { name = "a", run = function() error({ my = 1 }) end } }))
        cfkv.strict()
        local reads = { { name = "a", run = function(ns) cfkv.key.get(ns, "x") end } }
        print(select(2, pcall(cfkv.migrate, "shop", reads)).code)
        local ok, err = pcall(cfkv.migrate, "nope", {})
        print(ok, err.code)
        print(pcall(cfkv.migrate, "shop", { { name = "a", run = function(ns) cfkv.migrate(ns, {}) end } }))
      ]]
      assert.matches("^false\tmigrate.lua:%d+: no way\nfalse\ttable: 0x%x+\nnot_found\nfalse\tnot_found\n" ..
        "false\tmigrate.lua:%d+: a step cannot migrate the namespace that it is a step of\n$", r.out)
      assert.equal("", keys())
    end)

    it("is told when nobody looks at its failure", function()
      local r = run [[cfkv.migrate("shop", { { name = "a", run = function(ns) cfkv.key.get(ns, "x") end } })]]
      assert.matches("1 write or deletion failed, and the script did not look at it", r.err, 1, true)
    end)

    it("knows renamed steps by `was`, and refuses what it cannot tell from them", function()
      project.ok(run [[migrate { step "a", step "b", step "c" }]])
      assert.equal("3: \n", project.ok(run [[migrate { step "a", step("bee", "b"), step("sea", { "see", "c" }) }]]).out)
      -- The first are not needed for ever.
      assert.equal("2: \n", project.ok(run [[migrate { step "b", step "c" }]]).out)
      assert.equal("shop/d 2: d\n", project.ok(run [[migrate { { name = "c" }, step "d" }]]).out)
      local r = run [[migrate { step "a", step "bee", step "c", step "d" }]]
      assert.matches("^invalid\tstep 'bee' of namespace 'shop' is not done, but 'd' behind it is\nhint: " ..
        "new steps go to the end; if it was renamed, was = \"its old name\" in the step says so " ..
        "%(done, and not listed: 'b'%)\n", r.out)
      r = run [[migrate { step "e" }]]
      assert.matches("^invalid\tstep 'd', the last that was done on namespace 'shop', is not among the steps\n", r.out)
      assert.equal("0: \n", project.ok(run [[migrate {}]]).out)
    end)

    it("writes nothing and shows all in a dry run", function()
      project.ok(run [[migrate { step "a" }]])
      local code = [[migrate { step "a", { name = "b", run = function(ns) cfkv.key.put(ns, "k", "v") end },
        { name = "c", run = function(ns) print(cfkv.key.get(ns, "k")) end } }]]
      local r = project.ok(run(code, "--dry-run"))
      assert.equal("v\n3: b c\n", r.out)
      assert.matches("+ put 'cfkv/migrations/c'", r.err, 1, true)
      assert.matches("+ put 'k'", r.err, 1, true)
      assert.is_nil(r.err:find("migrating", 1, true))
      assert.equal("cfkv/migrations/a\n", keys())
    end)
  end)


  describe("a step that rewrites on " .. target, function()
    before_each(function()
      start(target)
      project.ok(run [[
        for i = 1, 3 do
          assert(cfkv.key.put("shop", "user:" .. i, '{"n":' .. i .. "}", { metadata = { i = i },
            expiration_ttl = i == 2 and 86400 or i == 3 and 60 or nil }))
        end
        assert(cfkv.key.put("shop", "bytes", "\0\255", { metadata = { m = true } }))
      ]])
    end)
    after_each(target == "the emulator" and emulator.cleanup_all or project.cleanup)

    -- Keys with value, metadata and whether they expire.
    local function all()
      return project.ok(run [[for k in cfkv.key.list "shop" do
        if k.key:sub(1, 5) ~= "cfkv/" then
          print(("%s=%q %s%s"):format(k.key, cfkv.key.get("shop", k.key), cfkv.json.encode(k.metadata or cfkv.null),
            k.expiration and " expires" or ""))
        end
      end]]).out
    end

    it("gives keys other names, with value, metadata and expiry, and takes the old ones away behind", function()
      local r = project.ok(run [[migrate { { name = "names", prefix = "user:",
        rewrite = function(key) return "users/" .. key:sub(6) end } }]])
      assert.equal("1: names\n", r.out)
      assert.equal('bytes="\\0\255" {"m":true}\nuser:3="{\\"n\\":3}" {"i":3} expires\n' .. -- this goes in a minute
        'users/1="{\\"n\\":1}" {"i":1}\nusers/2="{\\"n\\":2}" {"i":2} expires\n', all())
    end)

    it("gives values and metadata, and leaves what it says nothing of", function()
      project.ok(run [[migrate { { name = "values", rewrite = function(key, value, metadata)
        assert(key:sub(1, 5) ~= "cfkv/")
        if key == "bytes" then return key, value .. "\1", cfkv.null end
        if key == "user:1" then return key, { n = cfkv.json.decode(value).n + 1 }, { was = metadata.i } end
      end } }]])
      assert.equal('bytes="\\0\255\\1" null\nuser:1="{\\"n\\":2}" {"was":1}\nuser:2="{\\"n\\":2}" {"i":2} expires\n' ..
        'user:3="{\\"n\\":3}" {"i":3} expires\n', all())
      local kept = p:run("backup", "list", "--json", e and { env = e:env() } or "--local").json().backups
      assert.equal("overwrite", kept[1].namespaces[1].reason)
      assert.equal(2, kept[1].keys)
    end)

    it("is not caught in names that begin with its own prefix", function()
      project.ok(run [[migrate { { name = "names", prefix = "user:",
        rewrite = function(key) return "user:" .. key end } }]])
      assert.matches("\nuser:user:1=.*\nuser:user:2=", all())
      assert.is_nil(all():find("user:user:user", 1, true))
    end)

    it("refuses two keys that become one, and a guard judges what goes", function()
      local r = run [[migrate { { name = "names", prefix = "user:", rewrite = function() return "one" end } }]]
      assert.matches("^failed\tstep 'names': [^\n]*keys 'user:1' and 'user:2' both become 'one'", r.out)
      assert.matches("user:1=", all())
      project.ok(run [[local list = {} for i = 1, 200 do list[i] = { key = "k" .. i, value = "v" } end
        assert(cfkv.bulk.put("shop", list))]])
      local code = [[migrate { { name = "names", prefix = "k", %s rewrite = function(key) return "l" .. key end } }]]
      r = run(code:format "")
      assert.matches("^guard\tstep 'names': ", r.out)
      assert.matches("\nk1=", all())
      assert.equal("1: names\n", project.ok(run(code:format "allow_mass_delete = true,")).out)
      assert.is_nil(all():find("\nk", 1, true))
      assert.matches("\nlk200=", all())
    end)
  end)
end


describe("cfkv.migrate", function()
  before_each(function() start "the local target" end)
  after_each(project.cleanup)

  it("takes its arguments strictly", function()
    local cases = {
      { "migrate(7)", "cfkv.migrate takes an array of steps, got 7" },
      { "migrate { name = 'a' }", "cfkv.migrate takes an array of steps, got a table" },
      { "migrate { 'a' }", "step 1: a step must be a table, got 'a'" },
      { "migrate { { run = print } }", "step 1: a step of cfkv.migrate needs field 'name'" },
      { "migrate { { name = '' } }", "step 1: the name of a step is empty" },
      { "migrate { { name = 'a', rum = print } }", "step 1: unknown field 'rum' in a step of cfkv.migrate" },
      { "migrate { { name = 'a', run = 'x' } }", "step 1: field 'run' must be a function, got 'x'" },
      { "migrate { { name = 'a', was = 7 } }", "step 1: field 'was' of a step of cfkv.migrate must be a list" },
      { "migrate { { name = 'a', was = { '' } } }", "step 1: the name of a step is empty" },
      { "migrate { step 'a', step 'a' }", "step 2: the name 'a' is there twice" },
      { "migrate { step 'a', step('b', 'a') }", "step 2: the name 'a' is there twice" },
      { "migrate { { name = 'a', run = print, rewrite = print } }",
        "step 1: fields 'run' and 'rewrite' cannot both be given" },
      { "migrate { { name = 'a', run = print, prefix = 'x' } }", "step 1: field 'prefix' needs 'rewrite'" },
      { "migrate({}, { prefx = 'x' })", "unknown field 'prefx' in the options of cfkv.migrate" },
      { "migrate({}, { prefix = '' })", "the prefix is empty" },
      { "cfkv.migrate(7, {})", "the namespace must be a string or a table with id or title, got 7" },
    }
    for _, case in ipairs(cases) do
      local r = run(case[1])
      assert.equal(1, r.code, case[1])
      assert.matches(case[2], r.err, 1, true)
    end
    assert.equal("", keys())
  end)

  it("takes names and namespaces of any spelling", function()
    local r = project.ok(run [[
      local ns = assert(cfkv.namespace.get "shop")
      for _, name in ipairs { "a b", "é", "../x", "'", ("n"):rep(200), "a/b", "migrating" } do
        print(assert(cfkv.migrate(ns, { { name = name } }, { prefix = name .. "/" })).done,
          #assert(cfkv.migrate(ns.id, { { name = name } }, { prefix = name .. "/" })).ran)
      end
      print(pcall(cfkv.migrate, ns, { { name = ("n"):rep(600), run = print } }))
      print(pcall(cfkv.migrate, ns, { { name = "\255", run = print } }))
    ]])
    assert.matches("^" .. ("1\t0\n"):rep(7) .. "false\t[^\n]*the name makes a key of 616 bytes, more than 512\n" ..
      "false\t[^\n]*the name '\\xFF' is not valid UTF%-8\n$", r.out)
  end)

  it("lets one at a time in, and goes on where one was killed", function()
    assert(os.execute("mkfifo " .. p:path "gate" .. " " .. p:path "open"))
    local code = [[migrate { step "a", { name = "wait", run = function()
      if arg[1] then io.open("open", "w"):close() io.open("gate"):close() end
    end }, step "c" }]]
    p:write("migrate.lua", MIGRATE .. code)
    local first = p:start("run", "--local", "migrate.lua", "slow")
    p:sh "cat open"
    local r = run(code)
    assert.matches("^locked\tnamespace 'shop' is being migrated by pid " .. first.pid() .. " on host [^\n]*, since " ..
      "[%d-]+ [%d:]+ UTC\nhint: wait for it; if it was killed, " ..
      "cfkv kv key delete 'cfkv/migrating/[^']*' %-%-namespace 'shop' %-%-local lets go of it",
      r.out)
    p:sh "echo >gate"
    assert.equal("shop/a shop/c 3: a wait c\n", first.wait().out)
    assert.equal("3: \n", run(code).out)

    code = code:gsub("step \"c\"", "%0, step \"d\""):gsub("name = \"wait\"", "name = \"later\"")
    code = code:gsub("step \"a\", ", "step \"a\", { name = \"wait\" }, step \"c\", ")
      :gsub(", step \"c\", step \"d\"", "")
    p:write("migrate.lua", MIGRATE .. code)
    local killed = p:start("run", "--local", "migrate.lua", "slow")
    p:sh "cat open"
    os.execute("kill -KILL " .. killed.pid())
    killed.wait()
    assert.matches("cfkv/migrating/", keys(), 1, true)
    r = project.ok(run(code))
    assert.equal("4: later\n", r.out)
    assert.is_nil(keys():find("migrating", 1, true))
  end)

  it("lets one of many in that come at once", function()
    p:write("race.lua", MIGRATE .. [[migrate { { name = "a", run = function()
      local f <close> = assert(io.open("log", "a"))
      f:write("x")
    end } }]])
    for _ = 1, 3 do
      p:sh "for i in 1 2 3 4 5 6; do cfkv run --local race.lua >out.$i 2>&1 & done; wait"
      assert.equal("x", p:read "log", p:sh("cat out.*").out)
      assert.equal("cfkv/migrations/a\n", keys())
      p:sh "rm log; cfkv kv key delete --local --namespace shop cfkv/migrations/a --yes"
    end
  end)

  local function claim(name, metadata)
    project.ok(p:run("kv", "key", "put", "--local", "--namespace", "shop", "cfkv/migrating/" .. name, "",
      "--metadata", metadata))
  end

  it("respects the claim of another host, and what makes no sense is none", function()
    local code = [[migrate { step "a" }]]
    for i, metadata in ipairs { '"x"', "7", "{}", '{"host":7}', "[]", '{"host":""}' } do
      claim("none" .. i, metadata)
      assert.equal(i == 1 and "shop/a 1: a\n" or "1: \n", project.ok(run(code)).out)
    end
    claim("x", '{"host":"build-7","pid":1,"since":1790000000}')
    code = [[migrate { step "a", step "b" }]]
    assert.matches("^locked\tnamespace 'shop' is being migrated by pid 1 on host build%-7, since 2026", run(code).out)
    assert.matches("cfkv/migrating/x", keys(), 1, true) -- it is not ours to take away
    local r = run "assert(cfkv.migrate('shop', { step 'a', step 'b' }))"
    assert.equal(75, r.code, r.err)
    assert.matches("^cfkv: migrate.lua:%d+: namespace 'shop' is being migrated by pid 1 on host build%-7", r.err)
  end)

  it("stops when its claim is taken away, and records nothing of the step", function()
    local r = project.ok(run [[migrate { { name = "a", run = function(ns)
      for key in cfkv.key.list(ns, { prefix = "cfkv/migrating/" }) do cfkv.key.delete(ns, key.key) end
    end } }]])
    assert.matches("^locked\tthe claim on namespace 'shop' was taken away or expired while step 'a' ran\n", r.out)
    assert.equal("", keys())
  end)

  it("takes a record that somebody else wrote as it is", function()
    project.ok(p:run("kv", "key", "put", "--local", "--namespace", "shop", "cfkv/migrations/a", "whatever"))
    assert.equal("shop/b 2: b\n", project.ok(run [[migrate { step "a", step "b" }]]).out)
  end)

  it("keeps its record, and the life of keys, where the namespace has a default one", function()
    p:write("kv.lua", PRELUDE .. 'cfkv.project { name = "s" } ' ..
      'cfkv.namespace { title = "shop", ttl_seconds = 3600 }:put("k", "v", { expiration_ttl = 0 })')
    project.ok(p:run("apply", "--local", "--yes"))
    local r = project.ok(run [[
      cfkv.migrate("shop", { { name = "a", prefix = "k", rewrite = function(key) return "l" .. key end } })
      for k in cfkv.key.list "shop" do print(k.key, k.expiration) end
    ]])
    assert.equal("cfkv/migrations/a\tnil\nlk\tnil\n", r.out)
  end)

  it("is a live call", function()
    p:write("kv.lua", PRELUDE .. "cfkv.migrate('n', {})")
    assert.matches("cfkv.migrate is a live call", p:run("validate").err, 1, true)
  end)
end)


describe("cfkv.strict", function()
  before_each(function() start "the local target" end)
  after_each(project.cleanup)

  it("says what was so before", function()
    local code = "print(cfkv.strict(), cfkv.strict(false), cfkv.strict(false))"
    assert.equal("false\ttrue\tfalse\n", project.ok(run(code)).out)
    assert.equal("true\ttrue\tfalse\n", project.ok(run(code, "--strict")).out)
  end)
end)
