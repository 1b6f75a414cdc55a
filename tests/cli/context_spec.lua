--- Which project a command is about: the bounded search for kv.lua, whose file it must be, and what
-- kv verbs know of a namespace wherever they are run.
local emulator = require "support.emulator"
local project = require "support.project"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
cfkv.namespace { title = "config", binding = "CONFIG", protect = true, ttl_seconds = 600 }:put("k", "v")
]]

local NOWHERE = { env = { HOME = "/nonexistent" } }

describe("the search for kv.lua", function()
  local p

  before_each(function()
    p = project.new { ["kv.lua"] = CONFIG, ["a/b/c/x"] = "" }
  end)
  after_each(project.cleanup)

  local function validate(cwd, env)
    return p:run("validate", { cwd = cwd, env = env })
  end

  local function found(file, r)
    assert.equal(0, r.code, r.err)
    assert.equal(file .. ": 1 namespace, 1 key: valid\n", r.out)
  end

  local function not_found(r)
    assert.equal(1, r.code, r.out)
    assert.truthy(r.err:find("hint: 'cfkv init' begins a project here; -f FILE names another", 1, true), r.err)
  end

  it("takes the one of the folder, else the nearest above, up to home", function()
    found("kv.lua", validate ".")
    found("../../../kv.lua", validate "a/b/c")
    p:write("a/kv.lua", CONFIG)
    found("../../kv.lua", validate "a/b/c")
    p:write("a/b/c/kv.lua", CONFIG)
    found("kv.lua", validate "a/b/c")
  end)

  it("ends at home", function()
    not_found(validate("a/b/c", { HOME = p:path "a/b" }))
    found("../kv.lua", validate("a", { HOME = p.dir }))
  end)

  it("ends at the repository's root, though home is above", function()
    p:write("a/.git/HEAD", "")
    not_found(validate "a/b/c")
    p:write("a/kv.lua", CONFIG)
    found("../../kv.lua", validate "a/b/c")
  end)

  it("goes up to the repository's root outside of home, and a worktree's .git is a file", function()
    p:write(".git", "gitdir: elsewhere\n")
    found("../../kv.lua", validate("a/b", NOWHERE.env))
  end)

  it("looks at nothing above elsewhere", function()
    not_found(validate("a/b", NOWHERE.env))
    not_found(validate("a/b", { HOME = false }))
  end)

  it("never crosses a file system", function()
    if p:sh("unshare -rm true").code ~= 0 then
      return pending "nothing may be mounted here"
    end
    local function validate_in(mount)
      return p:sh(("unshare -rm sh -c '%s mkdir -p a/b/c && cd a/b/c && %s validate'"):format(mount, project.program))
    end
    found("../../../kv.lua", validate_in "")
    not_found(validate_in "mount -t tmpfs -o mode=755 none a/b &&")
  end)

  it("takes a regular file, nothing else", function()
    p:sh "mkdir -p a/kv.lua"
    found("../../kv.lua", validate "a/b")
  end)

  it("refuses one that everybody may write, or whose folder everybody may, by name", function()
    for _, path in ipairs { "kv.lua", "." } do
      p:sh("chmod o+w " .. path)
      local r = validate "a/b"
      assert.equal(5, r.code)
      assert.truthy(r.err:find("'../../kv.lua', which was found above the current folder, is writable by everybody",
        1, true), r.err)
      assert.truthy(r.err:find("-f '../../kv.lua'", 1, true), r.err)
      found("../../kv.lua", p:run("validate", "-f", "../../kv.lua", { cwd = "a/b" }))
      found("kv.lua", validate ".")
      assert.equal(5, p:run("kv", "namespace", "list", "--local", { cwd = "a" }).code)
      p:sh("chmod o-w " .. path)
    end
    found("../../kv.lua", validate "a/b")
  end)

  it("refuses one of another user, through a link too", function()
    if p:sh("id -u").out ~= "0\n" then
      return pending "only root can give files away"
    end
    for _, path in ipairs { "kv.lua", "." } do
      p:sh("chown 12345 " .. path)
      local r = validate "a/b"
      assert.equal(5, r.code)
      assert.truthy(r.err:find("belongs to another user", 1, true), r.err)
      found("kv.lua", validate ".")
      p:sh("chown 0 " .. path)
    end
    p:sh "mkdir theirs && mv kv.lua theirs && ln -s theirs/kv.lua kv.lua && chown 12345 theirs"
    assert.equal(5, validate("a/b").code)
  end)

  it("says in the first line which file it took", function()
    local r = p:run("plan", "--local", { cwd = "a" })
    assert.equal("Target: the local store, by ../kv.lua", r.out:match "^[^\n]*")
    assert.equal("cfkv: the configuration is '../kv.lua', found above the current folder", r.err:match "^[^\n]*")
    assert.equal("Target: the local store", p:run("plan", "--local", "-C", "..", { cwd = "a" }).out:match "^[^\n]*")
  end)

  it("applies and destroys one from above without a question only when it was named", function()
    for _, command in ipairs { "apply", "destroy", "sweep" } do
      local r = p:run(command, "--local", "--yes", "--allow-data-loss", { cwd = "a" })
      assert.equal(5, r.code, command)
      assert.truthy(r.err:find("name it: -f '../kv.lua', or -C with its folder", 1, true), r.err)
    end
    assert.is_false(p:exists ".wrangler")
    assert.equal(0, p:run("apply", "--local", "--yes", "-f", "../kv.lua", { cwd = "a" }).code)
    assert.equal(0, p:run("apply", "--local", "--yes", "-C", "..", { cwd = "a" }).code)
    assert.equal(0, p:run("destroy", "--local", "--yes", "--allow-data-loss", "-C", "..", { cwd = "a" }).code)
  end)

  it("finds the state beside it", function()
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.truthy(p:run("state", "list", "--local", { cwd = "a/b" }).out:find("config", 1, true))
    assert.is_false(p:exists "a/b/.wrangler")
  end)
end)

describe("a kv verb", function()
  local p, e

  after_each(emulator.cleanup_all)

  local function start()
    p = project.quick { ["kv.lua"] = CONFIG .. [[
      cfkv.wrangler { path = "apps/api/wrangler.toml" }
    ]], ["apps/api/x"] = "", ["elsewhere/x"] = "" }
    e = emulator.start(p, "--memory")
  end

  local function run(cwd, ...)
    local words = { ... }
    words[#words + 1] = { cwd = cwd, env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }
    return p:run(table.unpack(words))
  end

  -- How each names the namespace: the folder it is run in, and its words.
  local ways = {
    { "apps/api", "--binding", "CONFIG" },
    { "apps/api", "--namespace", "config" },
    { "apps/api", "--binding", "CONFIG", "--root", "." },
    { ".", "--binding", "CONFIG", "-c", "apps/api/wrangler.toml" },
    { "elsewhere", "--binding", "CONFIG", "-c", "../apps/api/wrangler.toml" },
  }

  local function each_way(check)
    for _, way in ipairs(ways) do
      check(way[1], table.unpack(way, 2))
    end
  end

  it("knows what is protected by what the namespace is, wherever it is run", function()
    start()
    assert.equal(0, run(".", "apply", "--yes").code)
    each_way(function(cwd, ...)
      local r = run(cwd, "kv", "namespace", "delete", "--yes", "--allow-data-loss", ...)
      assert.equal(5, r.code, r.err)
      assert.truthy(r.err:find("is protected", 1, true), r.err)
    end)
  end)

  it("puts keys with the namespace's ttl, wherever it is run, on the account", function()
    start()
    assert.equal(0, run(".", "apply", "--yes").code)
    each_way(function(cwd, ...)
      assert.equal(0, run(cwd, "kv", "key", "put", "by-hand", "v", ...).code)
      local pair = run(cwd, "kv", "key", "get", "by-hand", "--json", ...).json()
      assert.truthy(pair.expiration, table.concat({ ... }, " "))
      assert.equal(0, run(cwd, "kv", "key", "delete", "by-hand", "--allow-data-loss", ...).code)
    end)
  end)

  it("and on the local store", function()
    start()
    assert.equal(0, run(".", "apply", "--local", "--yes").code)
    each_way(function(cwd, ...)
      local r = run(cwd, "kv", "key", "put", "by-hand", "v", "--local", ...)
      assert.equal(0, r.code, r.err)
      local pair = run(cwd, "kv", "key", "get", "by-hand", "--json", "--local", ...).json()
      assert.truthy(pair.expiration, table.concat({ ... }, " "))
      assert.equal(0, run(cwd, "kv", "key", "delete", "by-hand", "--local", ...).code)
    end)
  end)

  it("finds what only wrangler knows beside the config that binds it", function()
    start()
    assert.equal(0, run(".", "apply", "--yes").code)
    assert.equal(0, run(".", "apply", "--local", "--yes").code)
    p:sh "rm .wrangler/state/v3/cfkv.sqlite* kv.state.json"
    each_way(function(cwd, ...)
      local words = { ... }
      if words[1] == "--binding" and not words[3] then
        assert.equal("v", run(cwd, "kv", "key", "get", "k", "--local", ...).out)
      end
    end)
  end)
end)
