-- The README and the topics of `cfkv help`: every shell example is run, in order, in one project that
-- holds their Lua examples, and what they say of files, lives and exit codes is so.
local project = require "support.project"

local TOPICS = { "init", "configuration", "wrangler", "account", "audit", "keys", "backup", "scripts", "serve",
  "guards", "state", "limits", "plan", "ci", "environment", "schema", "export",
  "state-credentials" }
-- Each of these is followed in a folder of its own (topics_spec.lua).
local WAYS_IN = { "tutorial", "from-wrangler", "from-terraform", "from-dnscontrol", "kinds", "import", "pull-requests" }


local function readme()
  local f = assert(io.open "README.md")
  local text = f:read "a"
  f:close()
  return text
end


local function topic(name)
  return dofile("lua/host/topic/" .. name .. ".lua").text
end


-- Its last line, as help prints it.
local function last_line(name)
  return topic(name):gsub("\n```[^\n]*", ""):match "([^\n]+)\n$"
end


-- All of it, in the order of reading.
local function everything()
  local list = { readme() }
  for _, name in ipairs(TOPICS) do
    list[#list + 1] = topic(name)
  end
  return table.concat(list, "\n")
end


local function blocks(language)
  local list = {}
  for body in everything():gmatch("\n```" .. language .. "\n(.-)\n```") do
    list[#list + 1] = body
  end
  return list
end


describe("the README", function()
  after_each(project.cleanup)

  it("has configurations, a config of an app and scripts in Lua, and its commands work on them", function()
    local lua = blocks "lua"
    assert.equal(5, #lua)
    local p = project.new {
      ["kv.lua"] = lua[2],
      ["seed.lua"] = lua[4],
      ["products.lua"] = lua[5],
      ["products.csv"] = "Artikel;price;stock\r\nanvil;49,99;2\r\n",
      ["app.lua"] = [[
local cfkv = require "cfkv"
for _, env in ipairs { "staging", "prod" } do
  cfkv.namespace { app = "api", purpose = "config", env = env, binding = "CONFIG" }
end
]] .. lua[3],
      ["apps/api/package.json"] = "{}",
    }
    local app = p:run("plan", "--local", "app.lua")
    assert.equal(0, app.code, app.err)
    assert.matches("+ production CFG  id", app.out, 1, true)
    local ran = 0
    for _, block in ipairs(blocks "sh") do
      if not block:find "^make" then
        local r = p:sh("set -eo pipefail; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" .. block)
        assert.equal(0, r.code, block .. "\n" .. r.out .. r.err)
        if block:find "cfkv serve" then
          assert.truthy(r.out:find('"title": "shop-config-dev"', 1, true), r.out)
        end
        ran = ran + 1
      end
    end
    assert.equal(12, ran)
  end)


  it("has one Worker with one namespace, whose config gets the binding", function()
    local p = project.new { ["kv.lua"] = blocks "lua"[1], ["wrangler.toml"] = 'name = "my-worker"\n' }
    local r = p:run("apply", "--local", "--yes")
    assert.equal(0, r.code, r.err)
    assert.matches('binding = "CACHE"\nid = "%x+"', p:read "wrangler.toml")
    assert.equal("hello", p:run("kv", "key", "get", "greeting", "--local", "--binding", "CACHE").out)
  end)


  it("is read in one sitting", function()
    assert.is_true(select(2, readme():gsub("\n", "")) <= 190)
  end)


  it("names every topic, and help prints it with its examples indented", function()
    local p = project.new()
    local names = {}
    for path in io.popen "ls lua/host/topic":lines() do
      names[#names + 1] = path:match "([%w-]+)%.lua"
    end
    local listed = table.move(WAYS_IN, 1, #WAYS_IN, #TOPICS + 1, { table.unpack(TOPICS) })
    table.sort(listed)
    table.sort(names)
    assert.same(listed, names)
    for _, name in ipairs(listed) do
      assert.truthy(readme():find("`" .. name .. "`", 1, true) or readme():find("help " .. name, 1, true), name)
      local r = p:run("help", name)
      assert.equal(0, r.code, r.err)
      assert.is_nil(r.out:find("```", 1, true))
      assert.truthy(r.out:find(last_line(name), 1, true), name)
    end
    assert.matches("\n    cfkv kv bulk put old.csv", p:run("help", "keys").out, 1, true)
    assert.matches("\n  keys  ", p:run("help").out, 1, true)
  end)


  it("tells every field of a namespace where it speaks of configurations", function()
    local out = project.new():run("help", "configuration").out
    for name in assert(io.open "src/model/namespace_fields.h"):read "a":gmatch "\n    X%(([%w_]+)" do
      assert.is_true(name == "namespace_name" or out:find("\n  " .. name .. " ", 1, true) ~= nil, name)
    end
    for line in out:gmatch "[^\n]+" do
      assert.is_true(utf8.len(line) <= 80, line)
    end
  end)


  it("puts the topic of a command's name behind the command's help", function()
    local p = project.new()
    for _, name in ipairs { "backup", "serve", "wrangler", "state" } do
      local r = p:run("help", name)
      assert.matches("^usage: cfkv " .. name, r.out)
      assert.truthy(r.out:find(last_line(name), 1, true), name)
    end
  end)

  it("names only make targets that there are", function()
    for target in table.concat(blocks "sh", "\n"):gmatch "make (%l+)" do
      assert.is_true(os.execute("make -n " .. target .. " >/dev/null 2>&1"), target)
    end
  end)

  it("lists the commands and exit codes that the help lists", function()
    local text = readme()
    local p = project.new()
    local help = p:run("help").out
    for line in help:gmatch "[^\n]+" do
      local name, code = line:match "^  ([%l%-]+)", line:match "^  (%d+) "
      local family, verb = line:match "^  (kv %l+) (%l+)"
      assert.is_true(not name or text:find("`" .. name:gsub("%-", "%%-") .. "[` ]") ~= nil, line)
      assert.is_true(not verb or text:match("| `" .. family .. "[^|]*`" .. verb .. "`") ~= nil
        or text:find("`" .. family .. " " .. verb .. "`", 1, true) ~= nil, line)
      assert.is_true(not code or text:find("\n| " .. code .. " |", 1, true) ~= nil, line)
    end
  end)


  -- What it says, and a run that shows it.
  describe("is true where it speaks of", function()
    local text = everything():gsub("%s+", " ")
    local p

    local function says(words)
      assert.truthy(text:find(words, 1, true), words)
    end


    local function ok(...)
      local r = p:run(...)
      assert.equal(0, r.code, r.err)
      return r
    end

    before_each(function()
      p = project.new { ["kv.lua"] = [[
        local cfkv = require "cfkv"
        cfkv.project { name = "shop" }
        cfkv.namespace { title = "n", ttl_seconds = 3600, binding = "N" }:put("k", "v")
      ]] }
      ok("apply", "--local", "--yes")
    end)

    it("backups", function()
      says "What is kept before a loss lies in `.cfkv/backups/` of the project"
      ok("kv", "key", "delete", "k", "--namespace", "n", "--local", "--yes")
      assert.equal(1, #ok("backup", "list", "--json").json().backups)
      assert.matches("%.jsonl", table.concat(p:files ".cfkv/backups"))
      says "unless `--no-backup` is given"
      ok("kv", "namespace", "clear", "n", "--local", "--yes", "--no-backup")
      assert.equal(1, #ok("backup", "list", "--json").json().backups)
      says "`--backup` keeps it"
      ok("kv", "key", "put", "k", "a", "--namespace", "n", "--local")
      ok("kv", "key", "put", "k", "b", "--namespace", "n", "--local", "--backup")
      assert.equal(2, #ok("backup", "list", "--json").json().backups)
    end)


    it("keys' lives", function()
      says "`--ttl N` is another one and `--ttl 0` none, and so is `expiration_ttl = 0`"
      p:write("a.json", '[{"key":"a","value":"1"},{"key":"b","value":"1","expiration_ttl":0}]')
      ok("kv", "bulk", "put", "a.json", "--namespace", "n", "--local")
      ok("kv", "key", "put", "c", "1", "--ttl", "0", "--namespace", "n", "--local")
      local lives = {}
      for _, key in ipairs(ok("kv", "key", "list", "--namespace", "n", "--local", "--json").json()) do
        lives[#lives + 1] = key.name .. (key.expiration and " ends" or " stays")
      end
      assert.same({ "a ends", "b stays", "c stays", "k ends" }, lives)
    end)


    it("libraries", function()
      says "Scripts have Lua's libraries, `io` and `os` among them, and `cjson` (which rounds"
      p:write("s.lua", [[
        for _, name in ipairs { "string", "table", "math", "utf8", "coroutine", "io", "os", "debug" } do
          assert(type(_G[name]) == "table", name)
        end
        assert(require "cjson".decode "[1]"[1] == 1)
      ]])
      ok("run", "--local", "s.lua")
      p:write("kv.lua", "assert(not pcall(function() return io, os end)) assert(not pcall(require, 'cjson'))")
      ok("validate")
    end)


    it("exit codes", function()
      local config = p:read "kv.lua"
      local function code(want, ...)
        assert.equal(want, p:run(...).code, table.concat({ ... }, " "))
      end
      code(0, "plan", "--local")
      code(1, "kv", "key", "get", "absent", "--namespace", "n", "--local")
      p:write("kv.lua", (config:gsub('"v"', '"w"')))
      code(2, "plan", "--local", "--detailed-exitcode")
      code(5, "apply", "--local")
      code(64, "plan", "--locall")
      p:write("kv.lua", "this is no Lua")
      code(3, "plan", "--local")
      p:write("kv.lua", config)
      p:write("bad.jsonl", '{"cfkv_backup":1}\n')
      code(3, "restore", "bad.jsonl", "--namespace", "n", "--local", "--yes")
    end)
  end)
end)
