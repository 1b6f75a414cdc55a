-- What plan, apply and destroy refuse, on both targets; and that what they do take is kept.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
local NAMESPACES = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

for _, target in ipairs { "local", "account" } do
  describe("guards on the " .. target .. ":", function()
    local p, e

    local function run(...)
      local words = { ... }
      if e then
        words[#words + 1] = { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } }
      else
        table.insert(words, 2, "--local")
        words[1], words[2] = words[2], words[1]
      end
      return p:run(table.unpack(words))
    end


    local function ok(...)
      local r = run(...)
      assert.equal(0, r.code, r.err)
      return r
    end


    local function config(lines)
      p:write("kv.lua", HEAD .. lines)
    end


    local function applied(lines, ...)
      config(lines)
      return ok("apply", "--yes", ...)
    end


    -- What is there, as restoring it would give it back.
    local function content(title)
      return ok("backup", title, "-o", "-").out:match "\n(.*\n){[^\n]*\n$"
    end


    -- Nothing changes, and the hint says what to type.
    local function refused(code, hint, ...)
      local r = run("apply", "--yes", "--json", ...)
      assert.equal(5, r.code, r.err)
      local found
      for _, d in ipairs(r.json().diagnostics) do
        found = found or d.code == code and d
      end
      assert.truthy(found, r.out)
      assert.matches(hint, found.hint, 1, true)
      return found
    end


    local function backup_of(r)
      local path = r.err:match "backed up to (%S+)" or r.err:match "kept in '([^']+)'"
      assert.truthy(path, r.err)
      return path
    end


    local function keys(n, prefix)
      return ('for i = 1, %d do n:put(("%s%%03d"):format(i), "v") end\n'):format(n, prefix or "k")
    end

    before_each(function()
      p = project.quick()
      e = target == "account" and emulator.start(p, "--memory") or nil
    end)

    after_each(emulator.cleanup_all)


    it("a removed put is kept, and comes back as it was", function()
      local one = 'local n = cfkv.namespace { title = "n" }\nn:put("stays", "s")\n'
      applied(one .. 'n:put("gone", "\\xff\\0precious", { metadata = { a = 1 }, expiration_ttl = 9000 })')
      local before = content "n"
      local r = applied(one)
      assert.matches("1 key deleted", r.out, 1, true)
      ok("restore", backup_of(r), "--namespace", "n", "--yes")
      assert.equal(before, content "n")
    end)

    it("a removed put that was found as declared is forgotten, and said", function()
      applied 'cfkv.namespace { title = "n" }'
      ok("kv", "key", "put", "greeting", "hello", "--namespace", "n")
      local one = 'local n = cfkv.namespace { title = "n" }\n'
      applied(one .. 'n:put("greeting", "hello")')
      local r = applied(one)
      assert.matches("was there before cfkv ever wrote it; it stays and is forgotten", r.err, 1, true)
      assert.matches('"greeting"', content "n", 1, true)
      assert.equal("", ok("apply", "--yes").err)
    end)

    it("what others wrote meanwhile is kept when values are not read", function()
      applied 'cfkv.namespace { title = "n" }:put("a", "1")'
      ok("kv", "key", "put", "a", "theirs", "--namespace", "n")
      local r = applied('cfkv.namespace { title = "n" }:put("a", "2")', "--refresh", "keys")
      assert.matches("1 key overwritten", r.out, 1, true)
      assert.matches('"theirs"', p:read(backup_of(r)), 1, true)
    end)

    it("more than 30 % of 150 keys go only when that is allowed by name", function()
      local one = 'local n = cfkv.namespace { title = "n" }\n'
      applied(one .. keys(104) .. keys(46, "x"))
      config(one .. keys(104))
      local d = refused("guard.mass_delete", "--allow-mass-delete=n")
      assert.matches("46 of the 150 keys in namespace 'n'", d.message, 1, true)
      refused("guard.mass_delete", "--allow-mass-delete=n", "--allow-mass-delete=other")
      p:write("kv.lua", (HEAD:gsub('"shop"', '"shop", guards = { mass_percent = 31 }')) .. one .. keys(104))
      assert.matches("46 keys deleted", ok("apply", "--yes").out, 1, true)
    end)

    it("the last keys of a protected namespace go only with allowed loss", function()
      local one = 'local n = cfkv.namespace { title = "n", protect = true }\n'
      applied(one .. 'n:put("a", "1") n:put("b", "2")')
      local r
      if target == "account" then
        config(one)
        refused("guard.protect", "--allow-data-loss=n")
        config(one .. 'n:put("b", "2")')
        r = ok "plan"
        assert.matches("'a'  (it is not declared any more (protected))", r.out, 1, true)
        config(one)
        r = ok("apply", "--yes", "--allow-data-loss=n")
      else
        r = applied(one) -- a developer's own copy
      end
      assert.matches("2 keys deleted", r.out, 1, true)
      assert.matches('"key":"b"', p:read(backup_of(r)), 1, true)
    end)

    it("a namespace goes when it is named, and its keys are kept", function()
      applied [[
        cfkv.namespace { title = "stays" }
        cfkv.namespace { title = "n" }:put("a", "1")
        cfkv.namespace { title = "m" }:put("a", "1")]]
      local before = content "n"
      config 'cfkv.namespace { title = "stays" }'
      refused("guard.data_loss", "--allow-data-loss=m")
      refused("guard.data_loss", "--allow-data-loss=n", "--allow-data-loss=m")
      refused("guard.data_loss", "good for one namespace only", "--allow-data-loss")
      local r = applied([[
        cfkv.namespace { title = "stays" }
        cfkv.removed { title = "m", allow_data_loss = true }]], "--allow-data-loss=n")
      assert.matches("2 namespaces deleted", r.out, 1, true)
      local _, lines = p:read(backup_of(r)):gsub('"cfkv_backup"', "")
      assert.equal(2, lines) -- one file, a section for each
      assert.equal(0, ok("plan", "--detailed-exitcode").code) -- the word is harmless once done
      ok("restore", backup_of(r), "--namespace", "n", "--create", "--yes")
      assert.equal(before, content "n")
    end)

    it("backups lie where the project says, as many as it says", function()
      local function with(value)
        p:write("kv.lua", (HEAD:gsub('"shop"', '"shop", backups = { dir = "kept", keep = 1, days = 1 }'))
          .. 'cfkv.namespace { title = "n" }:put("a", "' .. value .. '")')
        ok("kv", "key", "put", "a", "theirs", "--namespace", "n")
        return ok("apply", "--yes", "--json").json()
      end
      applied 'cfkv.namespace { title = "n" }'
      local first = with("1").backups[1]
      assert.matches("/kept/", first, 1, true)
      assert.matches('"theirs"', p:read(first), 1, true)
      local old = first:gsub("%d%d%d%d%d%d%d%dT", "20200101T")
      p:sh("mv " .. first .. " " .. old)
      local second = with("2").backups[1]
      assert.truthy(p:exists(second))
      assert.falsy(p:exists(old))
    end)

    it("backups lie in no folder that a link leads to", function()
      p:write("kv.lua", (HEAD:gsub('"shop"', '"shop", backups = { dir = "kept" }'))
        .. 'cfkv.namespace { title = "n" }:put("a", "1")')
      ok("apply", "--yes")
      p:sh "mkdir -p ../$(basename $PWD).out && ln -s ../$(basename $PWD).out kept"
      local r = run "plan"
      assert.equal(3, r.code)
      assert.matches("kv.lua:2: error: backups.dir: path 'kept' leads through a symbolic link", r.err, 1, true)
      r = run("kv", "key", "delete", "a", "--namespace", "n", "--yes")
      assert.equal(3, r.code)
      assert.matches("backups.dir: path 'kept' leads through a symbolic link", r.err, 1, true)
      assert.equal("", p:sh("ls ../$(basename $PWD).out; rm -r ../$(basename $PWD).out").out)
    end)

    it("nothing declared deletes nothing, destroy does", function()
      applied [[for _, t in ipairs { "a", "b", "c" } do cfkv.namespace { title = t } end]]
      config ""
      local d = refused("guard.mass_delete", "--allow-mass-delete=a --allow-mass-delete=b --allow-mass-delete=c")
      assert.matches("nothing is declared", d.message, 1, true)
      p:write("kv.lua", "")
      local r = run("apply", "--yes")
      assert.equal(1, r.code)
      assert.matches("belongs to project 'shop', and 'kv.lua' names no project", r.err, 1, true)
      config ""
      assert.matches("3 namespaces deleted", ok("destroy", "--yes").out, 1, true)
    end)

    it("a saved plan carries what it was allowed", function()
      applied [[
        cfkv.namespace { title = "stays" }
        cfkv.namespace { title = "n" }:put("a", "1")]]
      config 'cfkv.namespace { title = "stays" }'
      ok("plan", "--out", "p.json")
      assert.equal(5, run("apply", "--yes", "--plan", "p.json").code)
      assert.equal(64, run("apply", "--yes", "--plan", "p.json", "--allow-data-loss=n").code)
      ok("plan", "--out", "p.json", "--allow-data-loss=n", "--no-backup")
      local r = ok("apply", "--yes", "--plan", "p.json")
      assert.matches("1 namespace deleted", r.out, 1, true)
      assert.falsy(p:exists ".cfkv/backups")
    end)

    if target == "account" then
      it("a namespace that somebody renamed stays, with three ways on", function()
        applied 'cfkv.namespace { title = "stays" }\ncfkv.namespace { title = "n" }'
        local _, list = e:ask("GET", NAMESPACES)
        local id
        for _, ns in ipairs(list.result) do
          id = ns.title == "n" and ns.id or id
        end
        e:ask("PUT", NAMESPACES .. "/" .. id, cjson.encode { title = "mine-now" })
        config 'cfkv.namespace { title = "stays" }'
        local d = refused("guard.title", "kv namespace delete --namespace-id " .. id)
        assert.matches("'n' is titled 'mine-now' now", d.message, 1, true)
        assert.matches('on_remove = "keep"', d.hint, 1, true)
        applied 'cfkv.namespace { title = "stays" }\ncfkv.namespace { title = "mine-now" }'
      end)
    end
  end)
end


describe("hundreds of refusals and warnings with one cause", function()
  local CONFIG = HEAD .. [[
    for i = 1, %d do
      cfkv.namespace { title = "pr-" .. i, binding = "B" .. i }:put("k", "v")
    end
    cfkv.namespace { title = "stays", binding = "S" }
    cfkv.wrangler { path = "wrangler.toml", select = { "stays" } }
  ]]
  local p

  local function lines(text)
    return select(2, text:gsub("\n", "\n"))
  end

  setup(function()
    p = project.quick { ["kv.lua"] = CONFIG:format(300) }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
  end)
  teardown(project.cleanup)

  it("are a paragraph each, with the count and one word for all", function()
    p:write("kv.lua", CONFIG:format(0))
    local r = p:run("plan", "--local")
    assert.is_true(lines(r.err) <= 8, r.err)
    assert.matches("also 'pr-10', 'pr-100', 'pr-101', 'pr-102', 'pr-103' and 294 more (--verbose shows all)", r.err,
      1, true)
    assert.matches("--allow-data-loss='pr-*' lets it go", r.err, 1, true)
    assert.matches("if they shall go, say --allow-mass-delete='pr-*'\n", r.err, 1, true)
    r = p:run("apply", "--local", "--yes")
    assert.equal(5, r.code)
    assert.matches("nothing was changed: 301 guards refused", r.err, 1, true)
  end)

  it("are whole with --verbose, and in JSON", function()
    p:write("kv.lua", CONFIG:format(0))
    assert.is_true(lines(p:run("plan", "--local", "--verbose").err) > 600)
    local refused = 0
    for _, d in ipairs(p:run("plan", "--local", "--json").json().diagnostics) do
      refused = refused + (d.code == "guard.data_loss" and d.hint:find("--allow-data-loss=pr-", 1, true) and 1 or 0)
    end
    assert.equal(300, refused)
  end)

  it("of a configuration are a paragraph too", function()
    p:write("kv.lua", CONFIG:format(300))
    local r = p:run("validate")
    assert.equal(2, lines(r.told()), r.err)
    assert.matches("is selected by no wrangler declaration\n  also 'pr-2', 'pr-3', 'pr-4', 'pr-5', 'pr-6' and 294 more",
      r.told(), 1, true)
    assert.equal(300, #p:run("validate", "--json").json().diagnostics)
  end)

  it("are let through by the word of the hint", function()
    p:write("kv.lua", CONFIG:format(0))
    local r = p:run("apply", "--local", "--yes", "--allow-data-loss=pr-*", "--allow-mass-delete=pr-*")
    assert.equal(0, r.code, r.err)
  end)
end)
