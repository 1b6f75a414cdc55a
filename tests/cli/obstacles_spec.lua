--- What a plan cannot do is told by the plan, before anything is sent.

local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'


describe("what the plan knows to be impossible", function()
  local p, e
  after_each(emulator.cleanup_all)

  local function start(files)
    p = project.new(files)
    e = emulator.start(p, "--memory")
  end

  local function configure(text)
    p:write("kv.lua", HEAD .. text)
  end

  local function cfkv(...)
    return e:run(p, ...)
  end

  local function apply(...)
    local r = cfkv("apply", "--yes", ...)
    assert.equal(0, r.code, r.err)
  end

  local function mentions(r, ...)
    for _, part in ipairs { ... } do
      assert.truthy(r.err:find(part, 1, true), part .. " is not in\n" .. r.err)
    end
  end

  -- The plan fails, apply too, and neither writes.
  local function refused(words, ...)
    for _, command in ipairs { { "plan" }, { "apply", "--yes" } } do
      local before = #e:requests()
      local r = cfkv(table.unpack(table.move(words, 1, #words, #command + 1, command)))
      assert.equal(1, r.code, r.out .. r.err)
      mentions(r, ...)
      for i, request in ipairs(e:requests()) do
        assert.is_true(i <= before or request.method == "GET", request.method)
      end
    end
  end

  local function namespaces(first, last, head)
    return (head or 'cfkv.project { name = "shop", limits = { namespaces = 5 } }\n') ..
      ("for i = %d, %d do cfkv.namespace { title = 'n' .. i } end\n"):format(first, last)
  end

  -- Namespaces that are somebody else's.
  local function others(n)
    for i = 1, n do
      assert.equal(0, cfkv("kv", "namespace", "create", "other" .. i).code)
    end
  end

  describe("an account that would be full", function()
    it("is told with what is live, what is created and what it may have, at the first without room", function()
      start()
      others(3)
      configure(namespaces(1, 2) .. "\n" .. namespaces(3, 3, ""))
      refused({}, "kv.lua:5: error: account '" .. emulator.ACCOUNT .. "' has 3 namespaces and may have 5, and " ..
        "3 more are to be created", "limits = { namespaces = N }")
      configure((namespaces(1, 3):gsub("= 5", "= 6")))
      apply()
    end)

    it("has 1,000 unless the project says otherwise", function()
      start()
      local function many(n)
        configure(namespaces(1, n, 'cfkv.project { name = "shop" }\n'))
      end
      many(998)
      apply()
      configure 'cfkv.project { name = "blog" }\nfor i = 1, 5 do cfkv.namespace { title = "b" .. i } end'
      refused({ "--state", "blog.json" }, "has 998 namespaces and may have 1000, and 5 more are to be created")
      configure 'cfkv.project { name = "blog" }\nfor i = 1, 2 do cfkv.namespace { title = "b" .. i } end'
      apply("--state", "blog.json")
    end)

    it("names renamed_from, and then what to delete first, where a title is replaced", function()
      start()
      configure(namespaces(1, 5))
      apply()
      configure(namespaces(2, 6))
      refused({}, "has 5 namespaces and may have 5, and 1 more is to be created", "renamed_from = 'OLD'",
        "cfkv apply --only 'n1', then cfkv apply")
      apply("--only", "n1")
      apply()
      configure(namespaces(3, 6) .. "cfkv.namespace { title = 'n7', renamed_from = 'n2' }")
      apply()
    end)

    it("names the first of many removals that make room", function()
      start()
      local function numbered(first)
        return (namespaces(first, first + 7):gsub("= 5", "= 8"))
      end
      configure(numbered(1))
      apply()
      configure(numbered(9))
      refused({}, "--only 'n1' --only 'n2' --only 'n3' --only 'n4' --only 'n5' and so on for 8 of them, then")
    end)

    it("tells that removals are not enough", function()
      start()
      others(2)
      configure(namespaces(1, 3))
      apply()
      configure(namespaces(2, 5))
      refused({}, "what is declared no more makes room for 1 of 2 only; delete what nothing needs", "cfkv audit")
    end)

    it("stays as it is where nothing is created", function()
      start()
      configure(namespaces(1, 5))
      apply()
      configure((namespaces(1, 4):gsub("= 5", "= 4")))
      apply()
    end)
  end)

  it("but a title that looks like a live one is a warning", function()
    start()
    for _, title in ipairs { "Shop", "cafe\u{301}", "mine" } do
      assert.equal(0, cfkv("kv", "namespace", "create", title).code)
    end
    configure('cfkv.project { name = "p" }\n' ..
      'for _, t in ipairs { "shop", "café", "mine" } do cfkv.namespace { title = t } end')
    local r = cfkv "plan"
    assert.equal(0, r.code, r.err)
    mentions(r, "kv.lua:3: warning: 'shop' is created beside 'Shop', which nobody declared; they differ only in case",
      "'café' is created beside 'cafe\u{301}', which nobody declared; they differ only in how their characters are")
    assert.equal(2, select(2, r.err:gsub("is created beside", "")))
    apply()
    assert.is_nil(cfkv("plan").err:find("is created beside", 1, true))
  end)

  describe("a wrangler config", function()
    local APP = 'cfkv.project { name = "shop" }\ncfkv.namespace { title = "a", binding = "A" }\n'

    it("in a folder that is missing is invalid", function()
      start()
      configure(APP .. 'cfkv.wrangler { path = "apps/web/wrangler.toml" }')
      for _, command in ipairs { { "validate" }, { "plan" }, { "plan", "--local" }, { "apply", "--yes" } } do
        local r = cfkv(table.unpack(command))
        assert.equal(3, r.code, r.err)
        mentions(r, "kv.lua:4: error: wrangler path 'apps/web' is no folder in ",
          "hint: make that folder first, or correct")
      end
      assert.same({}, e:requests "namespaces.create")
      p:sh "mkdir -p apps/web"
      apply()
      assert.truthy(p:exists "apps/web/wrangler.toml")
    end)

    it("that is a folder, or that leads out, is invalid", function()
      start { ["dir.toml/x"] = "", }
      p:sh "ln -s /etc/passwd out.toml; ln -s nowhere.toml gone.toml"
      for path, fault in pairs { ["dir.toml"] = "'dir.toml' is not a regular file",
        ["out.toml"] = "path 'out.toml' is a symbolic link out of the project",
        ["gone.toml"] = "path 'gone.toml' is a symbolic link to nothing" } do
        configure(APP .. ("cfkv.wrangler { path = %q }"):format(path))
        local r = cfkv "validate"
        assert.equal(3, r.code, r.err)
        mentions(r, fault)
      end
    end)

    it("that nobody may write is told by the plan that would write it", function()
      local root = io.popen("id -u"):read "n" == 0
      start { ["app/wrangler.toml"] = 'name = "shop"\n' }
      configure(APP .. 'cfkv.wrangler { path = "app/wrangler.toml" }')
      if root then -- whom no mode stops
        assert.equal(0, p:sh("mount -t tmpfs tmpfs app && echo 'name = \"shop\"' >app/wrangler.toml && " ..
          "mount -o remount,ro app").code)
      else
        p:sh "chmod 555 app"
      end
      local told, message = pcall(refused, {}, "let whoever runs cfkv write in that folder",
        "kv.lua:4: error: cannot write 'app/wrangler.toml': cannot write in folder ")
      p:sh(root and "umount app" or "chmod 755 app")
      assert.is_true(told, message)
    end)
  end)

  describe("an id of what the filters leave out", function()
    local HERE = 'cfkv.project { name = "shop" }\n' ..
      'local a = cfkv.namespace { title = "a", env = "dev" }\n' ..
      'local b = cfkv.namespace { title = "b", env = "prod" }\n'

    it("is told for values and bulk items, all at once, with the filter to add", function()
      start()
      configure(HERE .. 'b:put("a_id", a.id)\nb:put("both", { a.id, b.id })\n' ..
        'b:bulk { { key = "plain", value = "x" }, { key = "item", value = "id " .. a.id } }')
      refused({ "--only", "b" }, "the filters leave out what 3 things need",
        "kv.lua:5: error: the value of key 'a_id' needs the id of 'a', which the filters leave out and which does " ..
        "not exist yet", "kv.lua:6: error: the value of key 'both'", "kv.lua:7: error: the value of key 'item'",
        "hint: add --only 'a'")
      refused({ "--env", "prod" }, "hint: add --env 'dev'")
      refused({ "--env", "prod", "--only", "b" }, "hint: add --env 'dev' --only 'a'")
      apply("--only", "b", "--only", "a")
    end)

    it("is no obstacle once it exists", function()
      start()
      configure(HERE .. 'b:put("a_id", a.id)')
      apply("--only", "a")
      apply("--only", "b")
      local r = cfkv("plan", "--detailed-exitcode")
      assert.equal(0, r.code, r.out .. r.err)
    end)

    it("is told for outputs that name something inside, and none that name only what is outside", function()
      start()
      configure(HERE .. 'cfkv.output("a_id", a.id)\ncfkv.output("both", a.id .. "/" .. b.id)')
      refused({ "--only", "b" }, "kv.lua:6: error: output 'both' needs the id of 'a'", "what 1 thing needs")
      configure(HERE .. 'cfkv.output("a_id", a.id)')
      apply("--only", "b")
    end)

    it("is told for a binding whose preview is left out", function()
      start()
      configure('cfkv.project { name = "shop" }\ncfkv.namespace { title = "a", binding = "A", preview = true }\n' ..
        'cfkv.wrangler { path = "wrangler.toml" }')
      refused({ "--only", "a" }, "binding 'A' in 'wrangler.toml' needs the id of 'a_preview'",
        "hint: add --only 'a_preview'")
      apply("--only", "a", "--only", "a_preview")
    end)

    it("cannot be had by --env for a namespace without one", function()
      start()
      configure(HERE .. 'local c = cfkv.namespace { title = "c" }\nb:put("c_id", c.id)')
      refused({ "--env", "prod" }, "hint: leave out --env: 'c' has none")
    end)
  end)
end)
