--- Ids that only the local store has are said before a deploy reads them: by apply --local, which
-- writes them, and by wrangler --check.
local emulator = require "support.emulator"
local ok = require("support.project").ok

local A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

local CONFIG = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "prod" } do
  cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG" }
end
cfkv.wrangler { path = "wrangler.toml", top_level = "dev" }
]]

local MORE = [[
cfkv.namespace { title = "worker-cache", binding = "CACHE" }
cfkv.wrangler { path = "other.jsonc", select = { "worker-cache" } }
]]

describe("ids of the local store", function()
  local p, e

  before_each(function()
    p, e = emulator.quick()
    p:write("kv.lua", CONFIG)
  end)

  after_each(emulator.cleanup_all)

  local function apply(...)
    return ok(p:run("apply", "--local", "--yes", ...))
  end

  local function remote_apply()
    return ok(e:run(p, "apply", "--yes"))
  end

  -- What --check says of them: a line each, "FILE:LINE 'BINDING'", behind which "which nothing declares".
  local function checked(...)
    local r = p:run("wrangler", "--check", "--json", ...)
    local lines = {}
    for _, d in ipairs(r.json().diagnostics) do
      if d.code == "wrangler.local_id" then
        lines[#lines + 1] = ("%s:%d %s"):format(d.file, d.line, d.message:match "^binding (.*) has the id")
      end
    end
    return lines, r.code
  end

  local function line_of(file, text)
    local n = 1
    local before = p:read(file):match("^(.-)" .. text)
    for _ in before:gmatch "\n" do
      n = n + 1
    end
    return n
  end

  describe("are said by apply --local", function()
    it("by their number, file by file", function()
      p:write("kv.lua", CONFIG .. MORE)
      local r = apply()
      assert.matches("cfkv: 3 ids in wrangler.toml are local; `cfkv apply` replaces them before a deploy\n", r.err, 1,
        true)
      assert.matches("cfkv: 1 id in other.jsonc is local; `cfkv apply` replaces it before a deploy\n", r.err, 1, true)
    end)

    it("again by a run that has nothing to do, and in its JSON", function()
      apply()
      assert.matches("2 ids in wrangler.toml are local", apply().err, 1, true)
      assert.same({ { file = "wrangler.toml", ids = 2 } }, apply("--json").json().local_ids)
    end)

    it("as what the file holds then, with those of a section that is declared no more", function()
      apply()
      p:write("wrangler.toml", (p:read "wrangler.toml") .. ('\n[[env.old.kv_namespaces]]\nbinding = "X"\nid = "%s"\n')
        :format(p:read("wrangler.toml"):match 'id = "(%x+)"'))
      assert.matches("3 ids in wrangler.toml are local", apply().err, 1, true)
    end)

    it("but not ids of somebody else, or of the account", function()
      p:write("wrangler.toml", ('name = "shop"\n[[kv_namespaces]]\nbinding = "MINE"\nid = "%s"\n'):format(A))
      assert.matches("2 ids in wrangler.toml are local", apply().err, 1, true)
      remote_apply()
      local r = apply()
      assert.is_nil(r.err:find("local;", 1, true))
      assert.same({}, apply("--json").json().local_ids)
    end)

    it("nor a preview_id, which no deploy reads", function()
      apply()
      local made = p:read("wrangler.toml"):match 'id = "(%x+)"'
      remote_apply()
      local both = ('%%1\npreview_id = "%s"'):format(made)
      p:write("wrangler.toml", (p:read("wrangler.toml"):gsub('(id = "%x+")', both, 1)))
      assert.same({}, apply("--json").json().local_ids)
      assert.same({}, (checked()))
    end)

    it("not at all by an apply to the account", function()
      local r = ok(e:run(p, "apply", "--yes", "--json"))
      assert.same({}, r.json().local_ids)
      assert.is_nil(r.err:find("local;", 1, true))
    end)
  end)

  describe("are refused by wrangler --check", function()
    it("with their place and what to do, though there is no state of the account", function()
      apply()
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code, r.err)
      assert.matches(("wrangler.toml:%d: warning: binding 'CONFIG' has the id "):format(
        line_of("wrangler.toml", "%[%[kv_namespaces")), r.err, 1, true)
      assert.matches("which only the local store has: a deploy would bind nothing", r.err, 1, true)
      assert.matches("hint: cfkv apply replaces it by the account's", r.err, 1, true)
      assert.equal(0, p:run("wrangler", "--check", "--local").code)
    end)

    it("as one paragraph, in whatever sections they are", function()
      p:write("kv.lua", (CONFIG:gsub('"dev", "prod"', '"dev", "prod", "qa", "eu", "us"')))
      apply()
      local r = p:run("wrangler", "--check")
      local _, warnings = r.err:gsub("a deploy would bind nothing", "")
      local _, hints = r.err:gsub("cfkv apply replaces it", "")
      assert.same({ 1, 1 }, { warnings, hints }, r.err)
      assert.matches("  also wrangler.toml:%d+, wrangler.toml:%d+, wrangler.toml:%d+, wrangler.toml:%d+\n", r.err)
      assert.equal(5, #checked())
    end)

    it("as long as they are there", function()
      apply()
      local lines, code = checked()
      assert.equal(2, code)
      assert.same({
        ("wrangler.toml:%d 'CONFIG'"):format(line_of("wrangler.toml", "%[%[kv_namespaces")),
        ("wrangler.toml:%d 'CONFIG'"):format(line_of("wrangler.toml", "%[%[env.prod")),
      }, lines)
      remote_apply()
      lines, code = checked()
      assert.same({ {}, 0 }, { lines, code })
    end)

    it("also when the account's state has no id for the namespace yet", function()
      remote_apply()
      p:write("kv.lua", CONFIG .. 'cfkv.namespace { title = "late", env = "prod", binding = "LATE" }\n')
      apply()
      local lines, code = checked()
      assert.equal(2, code)
      assert.equal(1, #lines)
      assert.matches("'LATE'$", lines[1])
    end)

    it("also where nothing declares the binding, in a section or a title of before", function()
      apply()
      p:write("kv.lua", (CONFIG:gsub('"dev", "prod"', '"dev"')))
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code)
      assert.matches("binding 'CONFIG', which nothing declares any more, has the id", r.err, 1, true)
      assert.matches("hint: cfkv apply --local takes it out", r.err, 1, true)
    end)

    it("also where somebody copied one to a binding of their own", function()
      apply()
      local made = p:read("wrangler.toml"):match 'id = "(%x+)"'
      p:write("wrangler.toml", ('%s\n[[env.qa.kv_namespaces]]\nbinding = "MINE"\nid = "%s"\n'):format(
        p:read "wrangler.toml", made))
      remote_apply()
      local r = p:run("wrangler", "--check")
      assert.equal(2, r.code)
      assert.matches("binding 'MINE', which nothing declares, has the id " .. made, r.err, 1, true)
      assert.matches("hint: take it out, or declare its namespace", r.err, 1, true)
    end)

    it("also with one that was made for another namespace of the project", function()
      apply()
      local prod = p:read("wrangler.toml"):match 'env.prod.*id = "(%x+)"'
      remote_apply()
      local text = p:read "wrangler.toml"
      p:write("wrangler.toml", (text:gsub('id = "%x+"', ('id = "%s"'):format(prod), 1)))
      local lines, code = checked()
      assert.equal(2, code)
      assert.equal(1, #lines)
    end)

    it("also when the namespace was renamed since, and nothing says from what", function()
      local named = 'local cfkv = require "cfkv"\ncfkv.namespace { title = "%s", binding = "KV" }\n'
        .. 'cfkv.wrangler { path = "wrangler.toml" }\n'
      p:write("kv.lua", named:format "old")
      apply()
      p:write("kv.lua", named:format 'new", renamed_from = "old')
      apply()
      p:write("kv.lua", named:format "new")
      local lines = checked()
      assert.matches("'KV'$", lines[1])
    end)

    it("where the developer's local store is not there, too", function()
      apply()
      p:sh "rm -r .wrangler"
      local lines, code = checked()
      assert.same({ 2, 2 }, { #lines, code })
    end)

    it("in the configs that are named, of what the filters take", function()
      p:write("kv.lua", CONFIG .. MORE)
      apply()
      assert.equal(4, #checked())
      assert.equal(3, #checked "wrangler.toml")
      assert.equal(1, #checked("wrangler.toml", "--env", "prod"))
    end)
  end)

  it("are no affair of a check without any, which says that there is no state", function()
    local r = p:run("wrangler", "--check")
    assert.equal(1, r.code)
    assert.equal("cfkv: there is no state 'kv.state.json', which would have the ids\n"
      .. "  hint: cfkv apply makes it; --local takes the ids of the local store\n", r.err)
  end)
end)
