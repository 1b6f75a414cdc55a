-- Disks that are full or read-only: a clear error, a non-zero exit, and what was there before is
-- there still.
local emulator = require "support.emulator"
local project = require "support.project"
local world = require "fault.world"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
local ns = cfkv.namespace { title = "shop" }
ns:put("small", "1")
]]

local BIGGER = CONFIG .. [[
for i = 1, 20 do
  ns:put("big/" .. i, ("x"):rep(40000))
end
]]

local is_root = io.popen("id -u"):read "n" == 0


local function applied()
  local p = project.new { ["kv.lua"] = CONFIG }
  assert.equal(0, p:run("apply", "--local", "--yes").code)
  return p
end


-- The run failed, and said why in a way that names the trouble.
local function assert_refused(r, reason)
  assert.is_true(r.code == 1 or r.code == 4, ("exit %s\n%s"):format(r.code, r.err))
  assert.matches("cfkv: ", r.err, 1, true)
  assert.matches(reason, r.err)
end


-- What a failed apply left is readable, holds at least what was there, and is finished by the next.
local function assert_recovers(p)
  assert.equal(0, p:run("state", "list", "--local").code)
  assert.equal("1", world.look(p).keys["shop: small"])
  assert.equal(0, p:run("apply", "--local", "--yes").code)
  assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  assert.equal(0, p:run("drift", "--local").code)
  local seen = world.look(p)
  assert.equal(40000, #seen.keys["shop: big/20"])
  assert.same({}, seen.orphans)
  assert.equal(0, seen.journal)
end

describe("a file size limit", function()
  after_each(project.cleanup)

  for _, blocks in ipairs { 1, 8, 16, 24, 32, 38 } do
    it(("of %d KiB ends an apply with an error, and nothing is lost"):format(blocks), function()
      local p = applied()
      p:write("kv.lua", BIGGER)
      local r = p:run("apply", "--local", "--yes", { before = ("ulimit -f %d;"):format(blocks) })
      assert_refused(r, "[Tt]oo large")
      assert_recovers(p)
    end)
  end

  it("that is met on the very first apply leaves a folder in which the next one works", function()
    local p = project.new { ["kv.lua"] = BIGGER }
    assert_refused(p:run("apply", "--local", "--yes", { before = "ulimit -f 1;" }), "[Tt]oo large")
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)
end)

describe("a full disk", function()
  local p, mounted

  before_each(function()
    p = project.new()
    mounted = is_root and os.execute("mount -t tmpfs -o size=512k tmpfs " .. project.quote(p.dir) .. " 2>/dev/null")
    if not mounted then
      return
    end
    p:write("kv.lua", CONFIG)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    p:write("kv.lua", BIGGER)
  end)

  after_each(function()
    if mounted then
      os.execute("umount " .. project.quote(p.dir))
    end
    project.cleanup()
  end)


  -- Leaves `kib` KiB on the disk.
  local function fill(kib)
    p:sh(("dd if=/dev/zero of=filler bs=1k 2>/dev/null; truncate -s -%dk filler"):format(kib))
  end


  for _, kib in ipairs { 0, 4, 16, 48, 96, 192 } do
    it(("with %d KiB left ends an apply with an error, and nothing is lost"):format(kib), function()
      if not mounted then
        return pending "mounting a small disk needs root"
      end
      local before = world.look(p)
      fill(kib)
      assert_refused(p:run("apply", "--local", "--yes"), "[Nn]o space left")
      os.remove(p:path "filler")
      assert.equal(before.titles.shop, world.look(p).titles.shop)
      os.execute("mount -o remount,size=8m " .. project.quote(p.dir))
      assert_recovers(p)
    end)
  end

  it("is no hindrance to a plan", function()
    if not mounted then
      return pending "mounting a small disk needs root"
    end
    fill(0)
    local r = p:run("plan", "--local", "--detailed-exitcode")
    assert.equal(2, r.code, r.err)
  end)

  it("is reported by plan --out, which leaves no broken plan", function()
    if not mounted then
      return pending "mounting a small disk needs root"
    end
    fill(0)
    assert_refused(p:run("plan", "--local", "--out", "saved.plan"), "[Nn]o space left")
    assert.is_false(p:exists "saved.plan")
  end)
end)

describe("a folder that may not be written", function()
  local p

  before_each(function()
    p = applied()
    p:write("kv.lua", BIGGER)
    p:sh("cp " .. project.quote(project.program) .. " program; chmod -R a+rX,a-w .")
  end)

  after_each(project.cleanup)


  -- Runs as somebody whom permissions stop.
  local function run(command)
    local nobody = is_root and "setpriv --reuid=65534 --regid=65534 --clear-groups " or ""
    return p:sh(nobody .. "./program " .. command)
  end


  it("can be planned, and looked at", function()
    local r = run "plan --local --detailed-exitcode"
    assert.equal(2, r.code, r.err)
    assert.equal(0, run("drift --local").code)
    assert.equal(0, run("state list --local").code)
    assert.equal(0, run("output --local").code)
    assert.equal(0, run("validate").code)
  end)

  it("ends an apply with an error, and nothing changes", function()
    local before = p:sh("find . -type f | sort | xargs sha256sum").out
    assert_refused(run "apply --local --yes", "[Pp]ermission denied")
    assert.equal(before, p:sh("find . -type f | sort | xargs sha256sum").out)
  end)

  it("ends a first apply with an error that names the folder", function()
    p:sh "chmod u+w .; rm -rf .wrangler; chmod a-w ."
    local r = run "apply --local --yes"
    assert_refused(r, "[Pp]ermission denied")
    assert.matches(".wrangler", r.err, 1, true)
  end)
end)

describe("a file system that was mounted read-only", function()
  it("can be planned, and ends an apply with an error", function()
    if not is_root then
      return pending "mounting needs root"
    end
    local p = project.new()
    local dir = project.quote(p.dir)
    if not os.execute("mount -t tmpfs -o size=4m tmpfs " .. dir .. " 2>/dev/null") then
      return pending "mounting is not allowed here"
    end
    finally(function()
      os.execute("umount " .. dir)
      p:remove()
    end)
    p:write("kv.lua", CONFIG)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    p:write("kv.lua", BIGGER)
    assert(os.execute("mount -o remount,ro " .. dir))
    local plan = p:run("plan", "--local", "--detailed-exitcode")
    assert.equal(2, plan.code, plan.err)
    assert_refused(p:run("apply", "--local", "--yes"), "[Rr]ead%-only")
    assert(os.execute("mount -o remount,rw " .. dir))
    assert_recovers(p)
  end)
end)

describe("an import with keys", function()
  local store, e, p

  setup(function()
    store, e = emulator.quick()
    store:write("kv.lua", BIGGER)
    project.ok(e:run_in_account(store, "apply", "--yes"))
  end)
  teardown(emulator.cleanup_all)

  before_each(function()
    p = project.new()
  end)


  local function import(options)
    options = options or {}
    options.env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    return p:run("import", "--all", "--keys", options)
  end


  -- Nothing of it is there, and the next one writes all.
  local function assert_begins_anew()
    assert.is_nil(p:read "kv.lua")
    assert.is_nil(p:read "kv.state.json")
    assert.is_nil(p:read "seed/shop.jsonl")
    project.ok(import())
    assert.equal(21, select(2, p:read "seed/shop.jsonl":gsub("\n", "")))
    assert.matches("Plan: no changes", project.ok(e:run_in_account(p, "plan")).out, 1, true)
    assert.same({ "kv.lua", "kv.state.json", "kv.state.json.lock", "seed/shop.jsonl" }, p:files())
  end


  for _, blocks in ipairs { 1, 64, 512 } do
    it(("that may write files of %d KiB ends with an error, and nothing is written"):format(blocks), function()
      assert_refused(import { before = ("ulimit -f %d;"):format(blocks) }, "[Tt]oo large")
      assert_begins_anew()
    end)
  end

  for _, kib in ipairs { 0, 64, 512 } do
    it(("onto a disk with %d KiB left ends with an error, and nothing is written"):format(kib), function()
      local dir = project.quote(p.dir)
      if not is_root or not os.execute(("mount -t tmpfs -o size=%dk tmpfs %s 2>/dev/null"):format(kib + 12, dir)) then
        return pending "mounting a small disk needs root"
      end
      finally(function()
        os.execute("umount " .. dir)
      end)
      p:sh "dd if=/dev/zero of=filler bs=4k count=3 2>/dev/null"
      assert_refused(import(), "[Nn]o space left")
      os.remove(p:path "filler")
      os.execute("mount -o remount,size=8m " .. dir)
      assert_begins_anew()
    end)
  end

  it("into a folder that may not be written ends with an error, and nothing is written", function()
    p:sh("cp " .. project.quote(project.program) .. " program; chmod -R a+rX,a-w .")
    local nobody = is_root and "setpriv --reuid=65534 --regid=65534 --clear-groups " or ""
    local env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    local r = p:sh(nobody .. "./program import --all --keys", { env = env })
    assert_refused(r, "[Pp]ermission denied")
    p:sh "chmod u+w .; rm program"
    assert_begins_anew()
  end)
end)
