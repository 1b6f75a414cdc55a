-- Registries and states that are broken, foreign or from the future: refused with the reason, and
-- left as they are.
local project = require "support.project"
local world = require "fault.world"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "shop" }:put("key", cfkv.var("value", { default = "1" }))
]]

local COMMANDS = {
  { "plan", "--local" },
  { "apply", "--local", "--yes", "--var", "value=2" },
  { "destroy", "--local", "--yes", "--allow-data-loss=*" },
  { "drift", "--local" },
  { "output", "--local" },
  { "state", "list", "--local" },
}


local function store_digest(p)
  return p:sh("cd .wrangler && find . -type f ! -name '*.lock' ! -name '*-shm' | sort | xargs sha256sum").out
end


-- Every command fails with a message that matches, and changes nothing.
local function assert_all_refuse(p, pattern)
  local before = store_digest(p)
  for _, command in ipairs(COMMANDS) do
    local r = p:run(table.unpack(command))
    local name = table.concat(command, " ")
    assert.equal(3, r.code, ("%s: exit %s\n%s"):format(name, r.code, r.err))
    assert.matches(pattern, r.err, nil, nil, name .. ": " .. r.err)
    assert.equal(before, store_digest(p), name .. " changed something")
  end
end

describe("a registry that", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)

  after_each(project.cleanup)


  local function sql(text)
    world.sql(p, world.registry, text)
  end


  it("is garbage is refused, and a hint says what to do", function()
    p:write(world.registry, ("not a database at all\n"):rep(400))
    assert_all_refuse(p, "cfkv%.sqlite")
    assert.matches("hint: ", p:run("plan", "--local").err, 1, true)
  end)

  it("was cut short is refused", function()
    p:write(world.registry, p:read(world.registry):sub(1, 5000))
    assert_all_refuse(p, "cfkv%.sqlite")
  end)

  it("is another program's database is refused", function()
    os.remove(p:path(world.registry))
    sql "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);"
    assert_all_refuse(p, "was not written by cfkv")
  end)

  it("has a newer schema is refused, with both versions", function()
    sql "PRAGMA user_version = 7;"
    assert_all_refuse(p, "version 7, newer than the 2")
  end)

  it("holds a state that is no JSON is refused, with the line", function()
    sql [[UPDATE documents SET content = '{"version":1,' || char(10) || ' garbage';]]
    assert_all_refuse(p, "state 'kv%.state%.json' is broken at line 2")
  end)

  it("holds a newer state is refused, with both versions", function()
    sql [[UPDATE documents SET content = replace(content, '"version": 2', '"version": 3');]]
    assert_all_refuse(p, "version 3")
  end)

  it("holds a state with a wrong type is refused, with the member", function()
    sql [[UPDATE documents SET content = replace(content, '"origin": "created"', '"origin": 5');]]
    assert_all_refuse(p, "'origin'")
  end)

  it("holds another project's state is refused, with its name", function()
    sql [[UPDATE documents SET content = replace(content, '"project": "shop"', '"project": "else"');]]
    local before = store_digest(p)
    for _, command in ipairs { "plan", "apply", "destroy" } do
      local r = p:run(command, "--local")
      assert.equal(1, r.code, command .. r.err)
      assert.matches("belongs to project 'else'", r.err, 1, true)
    end
    assert.equal(before, store_digest(p))
  end)

  it("holds a broken journal is refused, with the line", function()
    sql [[INSERT INTO journal (name, lines) VALUES ('kv.state.json', '{"what":' || char(10));]]
    assert_all_refuse(p, "journal of state 'kv%.state%.json' is broken at line 1")
  end)

  it("lost the last line of its journal half-way is used without it", function()
    sql [[INSERT INTO journal (name, lines) VALUES ('kv.state.json', '{"torn":');]]
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    assert.equal(0, p:run("apply", "--local", "--yes", "--var", "value=2").code)
    assert.equal(0, world.look(p).journal)
  end)
end)

describe("a namespace's database that", function()
  local p, database

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    local folder = ".wrangler/state/v3/kv/miniflare-KVNamespaceObject"
    for _, name in ipairs(p:files(folder)) do
      if name:find "^%x+%.sqlite$" then
        database = folder .. "/" .. name
      end
    end
  end)

  after_each(project.cleanup)


  local function assert_refused(pattern)
    local before = store_digest(p)
    for _, command in ipairs { { "plan", "--local" }, { "apply", "--local", "--yes", "--var", "value=2" } } do
      local r = p:run(table.unpack(command))
      assert.is_true(r.code == 3 or r.code == 4, r.err)
      assert.matches(pattern, r.err)
    end
    assert.equal(before, store_digest(p))
  end


  it("is garbage is refused", function()
    p:write(database, ("not a database at all\n"):rep(400))
    assert_refused "%.sqlite"
  end)

  it("has a schema that cfkv does not know is refused", function()
    world.sql(p, database, "ALTER TABLE _mf_entries ADD COLUMN compressed INTEGER;")
    assert_refused "a layout that cfkv does not know: .*compressed"
  end)
end)

describe("a stdout that takes nothing", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG .. 'cfkv.output("o", "1")\n' }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)

  after_each(project.cleanup)

  local readers = {
    { "plan", "--local" },
    { "plan", "--local", "--json" },
    { "plan", "--local", "--json", "--detailed-exitcode", "--var", "value=2" },
    { "drift", "--local", "--json" },
    { "eval" },
    { "output", "--local" },
    { "output", "--local", "--json" },
    { "state", "list", "--local" },
    { "state", "show", "shop", "--local" },
    { "help" },
    { "help", "apply" },
    { "version" },
  }

  for _, command in ipairs(readers) do
    local name = table.concat(command, " ")


    local function run(options)
      local words = { table.unpack(command) }
      words[#words + 1] = options
      return p:run(table.unpack(words))
    end


    it(("fails %s when it is full"):format(name), function()
      local r = run { stdout = "/dev/full" }
      assert.equal(1, r.code)
      assert.matches("cfkv: cannot write to stdout: No space left on device", r.err, 1, true)
    end)

    it(("fails %s when it is closed"):format(name), function()
      local r = run { before = "exec >&-;" }
      assert.equal(1, r.code)
      assert.matches("cfkv: cannot write to stdout", r.err, 1, true)
    end)

    it(("fails %s when nobody reads it"):format(name), function()
      -- The reader is gone before anything is written: a pipe whose only reader was closed.
      local r = p:sh("exec 3> >(exec true); wait $!; cfkv " .. name .. " >&3")
      assert.equal(1, r.code, r.err)
      assert.matches("cfkv: cannot write to stdout: Broken pipe", r.err, 1, true)
    end)
  end

  it("stops an apply before it changes anything", function()
    local before = store_digest(p)
    for _, stdout in ipairs { "/dev/full", "&-" } do
      local r = p:sh("cfkv apply --local --yes --var value=2 >" .. stdout)
      assert.equal(1, r.code)
      assert.matches("cannot write to stdout", r.err, 1, true)
      assert.equal(before, store_digest(p))
    end
  end)

  it("fails an apply --json whose result it does not take, though all was done and recorded", function()
    local r = p:run("apply", "--local", "--yes", "--json", "--var", "value=2", { stdout = "/dev/full" })
    assert.equal(1, r.code)
    assert.matches("cannot write to stdout", r.err, 1, true)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode", "--var", "value=2").code)
  end)

  for name, command in pairs {
    full = "cfkv import kv.yaml %s >/dev/full",
    closed = "cfkv import kv.yaml %s >&-",
    ["read by nobody"] = "exec 3> >(exec true); wait $!; cfkv import kv.yaml %s >&3",
  } do
    it("fails an import whose report it does not take, though all is written: " .. name, function()
      local q = project.quick { ["kv.yaml"] = [[
apiVersion: cloudflare.planton.dev/v1
kind: CloudflareKvNamespace
metadata: { name: shop }
spec: { accountId: ]] .. ("c"):rep(32) .. ", namespaceName: shop }\n" }
      for _, option in ipairs { "", "--json" } do
        os.remove(q:path "kv.lua")
        local r = q:sh(command:format(option))
        assert.equal(1, r.code, r.err)
        assert.matches("cfkv: cannot write to stdout", r.err, 1, true)
        assert.matches("kv.lua, which declares all of it", project.ok(q:run("import", "kv.yaml")).out, 1, true)
      end
      q:remove()
    end)
  end
end)
