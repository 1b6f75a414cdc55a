-- `cfkv run --dry-run`: a script that writes nothing sees what it would have written, and so does the user.
local emulator = require "support.emulator"
local project = require "support.project"

local PRELUDE = "local cfkv = require 'cfkv'; "

local p, e

-- Each example on both targets: `run(code, …)` runs it, `words` are those that choose the target.
local function on_both_targets(name, examples)
  for _, target in ipairs { "the local target", "the emulator" } do
    describe(name .. " on " .. target, function()
      local run = function(code, ...)
        p:write("seed.lua", PRELUDE .. code)
        local words = { "run", "seed.lua", ... }
        if e then
          words[#words + 1] = { env = e:env() }
        else
          words[#words + 1] = "--local"
        end
        return p:run(table.unpack(words))
      end
      before_each(function()
        if target == "the emulator" then
          p, e = emulator.quick()
        else
          p, e = project.quick(), nil
        end
      end)
      after_each(target == "the emulator" and emulator.cleanup_all or project.cleanup)
      examples(run)
    end)
  end
end

-- What stderr says, without the warning about keys that are written again and again.
local function told(r)
  return (r.err:gsub("warning: key [^\n]*: Workers KV takes one write a second[^\n]*\n  hint: [^\n]*\n", ""))
end

local SEED = [[
  local ns = assert(cfkv.namespace.create "shop")
  assert(cfkv.bulk.put(ns, { { key = "a", value = "1" }, { key = "b", value = { limit = 1 } },
    { key = "c", value = "3", metadata = { m = 1 } }, { key = "gone", value = "x" } }))
]]


on_both_targets("a dry run", function(run)
  it("writes nothing, not even a backup, and tells what it would write", function()
    project.ok(run(SEED))
    local before = p:files()
    local r = project.ok(run([[
      local ns = assert(cfkv.namespace.get "shop")
      assert(cfkv.key.put(ns, "b", { limit = 2 }))
      assert(cfkv.bulk.put(ns, { { key = "a", value = "1" }, { key = "new", value = "n" } }))
      assert(cfkv.key.put(ns, "c", "3"))
      print(cfkv.key.delete(ns, "gone"), cfkv.key.delete(ns, "never"))
      assert(cfkv.key.put(assert(cfkv.namespace.create "other"), "k", "v"))
    ]], "--dry-run"))
    assert.equal("true\ttrue\n", r.out)
    assert.matches([[

shop
  ! overwrite 'b'
      ~ limit: 1 -> 2
  ! overwrite 'c'
      metadata:
]], told(r), 1, true)
    assert.matches([[
  - delete 'gone'
  + put 'new'
      + n
  4 keys would be put: 1 new, 2 with another value, metadata or expiry, 1 as it is there
  1 key would be deleted

other
  + create
  + put 'k'
      + v
  1 key would be put: 1 new

Dry run: nothing was written. Without --dry-run: 1 namespace created, 2 keys put, 2 keys overwritten, ]] ..
      [[1 key written as it is, 1 key deleted.
Cost: 5 writes, 2 deletes.
]], told(r), 1, true)
    assert.same(before, p:files())
    r = project.ok(run [[
      for ns in cfkv.namespace.list() do print(ns.title) end
      print(cfkv.key.get("shop", "b"), cfkv.key.get("shop", "gone"), cfkv.key.metadata("shop", "c").m)
    ]])
    assert.equal('shop\n{"limit":1}\tx\t1\n', r.out)
  end)

  it("lets what is read see what was written before it", function()
    project.ok(run(SEED))
    local r = project.ok(run([[
      local ns = assert(cfkv.namespace.get "shop")
      assert(cfkv.key.put(ns, "b", "2", { metadata = { x = 1 }, expiration_ttl = 600 }))
      assert(cfkv.key.put(ns, "bb", "4"))
      assert(cfkv.key.delete(ns, "a"))
      for k in cfkv.key.list(ns) do io.write(k.key, " ") end
      local got = cfkv.bulk.get(ns, { "a", "b", "bb", "c" })
      print(got.a, got.b, got.bb, got.c, cfkv.key.metadata(ns, "b").x)
      assert(cfkv.namespace.rename("shop", "store"))
      print(select(2, cfkv.namespace.get "shop").code, cfkv.namespace.get("store").id == ns.id)
      print(select(2, cfkv.namespace.create "store").code)
      local new = assert(cfkv.namespace.create "shop")
      print(select(2, cfkv.key.get(new, "c")).code, cfkv.key.list(new)())
      assert(cfkv.namespace.delete(new))
      print(select(2, cfkv.key.put(new, "k", "v")).code)
    ]], "--dry-run"))
    assert.equal("b bb c gone nil\t2\t4\t3\t1\nnot_found\ttrue\nexists\nnot_found\tnil\nnot_found\n", r.out)
    assert.matches("\nstore\n  ~ rename from 'shop' to 'store'\n", told(r), 1, true)
    assert.is_nil(told(r):find("+ create", 1, true))
  end)

  it("is judged by the guards, and shows what a permitted deletion would take", function()
    project.ok(run(SEED))
    local r = project.ok(run([[
      print(select(2, cfkv.namespace.delete "shop").code)
      print(cfkv.namespace.delete("shop", { allow_data_loss = true }))
    ]], "--dry-run"))
    assert.equal("guard\ntrue\n", r.out)
    assert.matches("shop\n  - delete\n  4 keys would be deleted\n", told(r), 1, true)
    assert.matches("Without --dry-run: 1 namespace deleted, 4 keys deleted.", told(r), 1, true)
    r = project.ok(run([[
      assert(cfkv.namespace.delete("shop", { allow_data_loss = true }))
      local ns = assert(cfkv.namespace.create "shop")
      assert(cfkv.key.put(ns, "k", "v"))
      for k in cfkv.key.list(ns) do print(k.key) end
    ]], "--dry-run"))
    assert.equal("k\n", r.out)
    assert.matches("1 namespace created, 1 namespace deleted, 1 key put, 4 keys deleted", told(r), 1, true)
    project.ok(run [[assert(cfkv.key.get("shop", "a") == "1")]])
  end)

  it("refuses what the target would refuse", function()
    project.ok(run(SEED))
    local r = project.ok(run([[
      print(pcall(cfkv.key.put, "shop", "", "v"))
      print(select(2, cfkv.key.put("nope", "k", "v")).code)
      print(select(2, cfkv.key.put({ id = ("0"):rep(32) }, "k", "v")).code)
      print(select(2, cfkv.namespace.rename("nope", "x")).code)
    ]], "--dry-run"))
    assert.matches("key '' is empty", r.out, 1, true)
    assert.matches("not_found\nnot_found\nnot_found\n$", r.out)
  end)

  it("ends with the script's code, and tells also what a script that failed would have written", function()
    local r = run([[
      assert(cfkv.key.put(assert(cfkv.namespace.create "n"), "k", "v"))
      error "enough"
    ]], "--dry-run")
    assert.equal(1, r.code)
    assert.matches("enough", r.err)
    assert.matches("Without --dry-run: 1 namespace created, 1 key put.", r.err, 1, true)
    assert.equal(7, run("os.exit(7)", "--dry-run").code)
    assert.matches("Without --dry-run: nothing.\n", run("print(1)", "--dry-run").err, 1, true)
  end)

  it("gives one document with --json, and puts what the script prints on stderr", function()
    project.ok(run(SEED))
    local r = run([[
      print("hello") io.write("there\n")
      for i = 1, 15 do assert(cfkv.key.put("shop", ("k%02d"):format(i), "v")) end
      assert(cfkv.key.put("shop", "a", "2"))
      error "enough"
    ]], "--dry-run", "--json")
    assert.equal(1, r.code)
    assert.matches("hello\nthere\n", r.err, 1, true)
    local doc = r.json()
    assert.equal(1, doc.exit_code)
    assert.matches("enough", doc.diagnostics[1].message)
    assert.same({ create = 0, delete = 0, delete_keys = 0, overwrite = 1, put = 15, rename = 0, unchanged = 0 },
      doc.summary)
    assert.same({ writes = 16, deletes = 0 }, doc.cost)
    local ns = doc.namespaces[1]
    assert.equal("shop", ns.title)
    assert.equal(6, ns.more)
    assert.same({ action = "put", key = "a", overwrite = true }, ns.changes[1])
    assert.equal(10, #ns.changes)
    assert.same({ new = 15, changed = 1, unchanged = 0, deleted = 0 }, ns.keys)
  end)

  it("shows no value that looks like a secret, and ten keys unless --verbose", function()
    local code = [[
      local ns = assert(cfkv.namespace.create "n")
      assert(cfkv.key.put(ns, "api_token", "]] .. "ghp_" .. ("a1B2"):rep(9) .. [["))
      for i = 1, 20 do assert(cfkv.key.put(ns, ("k%02d"):format(i), "v")) end
    ]]
    local r = project.ok(run(code, "--dry-run"))
    assert.is_nil(r.err:find("ghp_", 1, true))
    assert.matches("+ put 'api_token'\n      + (secret)\n", r.err, 1, true)
    assert.matches("    and 11 more (--verbose shows all)\n", r.err, 1, true)
    assert.is_nil(r.err:find("'k12'", 1, true))
    assert.matches("'k20'", run(code, "--dry-run", "--verbose").err, 1, true)
  end)
end)


describe("a dry run", function()
  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function run(code, ...)
    p:write("seed.lua", PRELUDE .. code)
    return p:run("run", "--local", "seed.lua", ...)
  end

  it("shows nothing in CI of what is there and may be anybody's", function()
    project.ok(run(SEED))
    p:write("seed.lua", PRELUDE .. [[assert(cfkv.key.put("shop", "b", { limit = 2 }))]])
    local r = project.ok(p:run("run", "--local", "--dry-run", "seed.lua", { env = { CI = "true" } }))
    assert.matches("! overwrite 'b'\n", r.err, 1, true)
    assert.is_nil(r.err:find("1 -> 2", 1, true))
  end)

  it("makes no local store where there is none", function()
    project.ok(run(SEED, "--dry-run"))
    assert.same({ "seed.lua" }, p:files())
  end)

  -- The same steps, of which some are real: what is listed and read at the end is the same.
  it("reads as a real run does, however the steps are divided", function()
    local steps = [[
      local seed, from, to = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
      local state = seed
      local function random(n) state = (state * 1103515245 + 12345) % 2147483648 return state // 65536 % n + 1 end
      if from == 1 then cfkv.namespace.create "n" end
      for step = 1, 120 do
        local what, first, n = random(4), random(3000), random(900)
        local list = {}
        for i = first, first + n do
          local key = ("%05d"):format(i * 7 % 3001)
          list[#list + 1] = what == 1 and key or { key = key, value = step .. "/" .. i,
            metadata = i % 5 == 0 and { step = step } or nil }
        end
        if step >= from and step <= to then
          if what == 1 then assert(cfkv.bulk.delete("n", list, { allow_mass_delete = true, backup = false }))
          else assert(cfkv.bulk.put("n", list)) end
        end
      end
      if to == 120 then
        for _, prefix in ipairs { "", "0", "01", "02999", "x" } do
          local keys = {}
          for k in cfkv.key.list("n", { prefix = prefix }) do
            keys[#keys + 1] = k.key .. cfkv.json.encode(k.metadata or {})
          end
          print(prefix, #keys, table.concat(keys, " "))
        end
        for key, value in cfkv.bulk.get("n", cfkv.key.list "n") do print(key, value) end
      end
    ]]
    for seed = 1, 2 do
      local want = project.ok(run(steps, seed, 1, 120)).out
      assert.is_true(#want > 10000)
      for _, real in ipairs { 1, 60, 119 } do
        p:remove()
        p = project.quick()
        project.ok(run(steps, seed, 1, real))
        assert.equal(want, project.ok(run(steps, seed, real + 1, 120, "--dry-run", "--quiet")).out)
      end
      p:remove()
      p = project.quick()
    end
  end)

  it("keeps memory small however much is written", function()
    local code = [[
      local i, value = 0, ("x"):rep(50000)
      assert(cfkv.bulk.put(assert(cfkv.namespace.create "n"), function()
        i = i + 1
        if i <= 4000 then return { key = "k" .. i, value = value } end
      end))
    ]]
    p:write("seed.lua", PRELUDE .. code)
    if not project.is_sanitized() then
      local r = p:run("run", "--local", "seed.lua", "--dry-run", { before = "ulimit -v 150000;" })
      assert.equal(0, r.code, r.err)
      assert.matches("4000 keys put", r.err, 1, true)
    end
  end)

  it("is told about a temporary folder that is full", function()
    if os.execute "test -w /dev/full" then
      p:write("seed.lua", PRELUDE .. [[
        local ns = assert(cfkv.namespace.create "n")
        for i = 1, 60 do print(cfkv.key.put(ns, "k" .. i, ("x"):rep(1000000))) end
      ]])
      local r = p:run("run", "--local", "seed.lua", "--dry-run", { before = "ulimit -f 4000;" })
      assert.is_true(r.code ~= 0 or r.out:find("nil\t", 1, true) ~= nil, r.out .. r.err)
      assert.same({ "seed.lua" }, p:files())
    end
  end)

  it("is of scripts only, and --json is of dry runs", function()
    p:write("seed.lua", "")
    local r = p:run("run", "--local", "seed.lua", "--json")
    assert.equal(64, r.code)
    assert.matches("--json needs --dry-run", r.err, 1, true)
    assert.equal(64, p:run("apply", "--local", "--dry-run").code)
  end)
end)
