-- Words of other tools: each is refused as unknown, with what it is called here or what to do instead,
-- and what a hint names is there.
local project = require "support.project"

-- The module as it is: what it requires is not needed for its tables.
local function words()
  local text = assert(io.open "lua/host/foreign.lua"):read "a"
  return assert(load(text, "=foreign", "t", setmetatable({ require = function() return {} end }, { __index = _G })))()
end


describe("a word of another tool", function()
  local p, foreign = nil, words()

  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function hint_of(...)
    local r = p:run(...)
    assert.equal(64, r.code, table.concat({ ... }, " ") .. "\n" .. r.out .. r.err)
    assert.equal("", r.out)
    return assert(r.err:match "^cfkv: [^\n]+\n  hint: ([^\n]+)\n$", r.err)
  end

  -- 'cfkv plan' and '--only GLOB' of a hint exist.
  local known = {}
  local function is_true(hint, word)
    for command in hint:gmatch "'cfkv ([%l %-]+)" do
      command = command:gsub("^help ", ""):gsub(" %-%-.*$", ""):gsub(" +$", "")
      known[command] = known[command] or p:sh("cfkv help " .. command).code
      assert.equal(0, known[command], word .. ": " .. hint)
    end
    for option in hint:gmatch "%-%-([%l%-]+)" do
      known.options = known.options or p:sh("for c in plan apply 'kv key list' 'kv key put' 'kv bulk put' "
        .. "'kv namespace rename' 'kv namespace create' 'kv key get' restore wrangler serve; do cfkv help $c; done").out
      assert.truthy(known.options:find("--" .. option, 1, true), word .. ": " .. hint)
    end
  end


  it("that names a command is answered, and not by one that there is not", function()
    for word in pairs(foreign.commands) do
      local list = {}
      for part in word:gmatch "%S+" do
        list[#list + 1] = part
      end
      local hint = hint_of(table.unpack(list))
      assert.is_nil(hint:find("did you mean", 1, true), word .. ": " .. hint)
      assert.is_nil(hint:find("lists the commands", 1, true), word .. ": " .. hint)
      is_true(hint, word)
    end
  end)


  it("that names an option is answered, before and behind the command", function()
    for word in pairs(foreign.options) do
      local dashed = (#word == 1 and "-" or "--") .. word
      for _, command in ipairs { { dashed, "eval" }, { "eval", dashed } } do
        local hint = hint_of(table.unpack(command))
        assert.is_nil(hint:find("did you mean", 1, true), word .. ": " .. hint)
        assert.is_nil(hint:find("lists its options", 1, true), word .. ": " .. hint)
        is_true(hint, word)
      end
    end
  end)


  it("is told what it is called with this command", function()
    local cases = {
      { "that is 'cfkv plan' here", "preview" },
      { "that is 'cfkv apply' here; more in 'cfkv help from-dnscontrol'", "push" },
      { "that is 'cfkv kv key' here", "kv:key", "put", "k", "v" },
      { "that is 'cfkv kv key list' here", "kv", "key", "ls" },
      { "that is 'cfkv state mv' here", "state", "rename", "a", "b" },
      { "that is 'cfkv state rm' here", "state", "delete", "a" },
      { "that is 'cfkv kv namespace rename' here", "kv", "namespace", "update" },
      { "that is 'cfkv plan' here", "help", "preview" },
      { "that is --yes here", "apply", "--auto-approve" },
      { "that is --yes here", "apply", "-auto-approve" },
      { "that is --only here", "plan", "-target=shop/cache/prod" },
      { "did you mean '--ttl'?", "kv", "key", "put", "k", "v", "--expiration-ttl", "60" },
      { "that is --new-name here", "kv", "namespace", "rename", "--title", "x" },
      { "that is --namespace here", "kv", "key", "get", "k", "--title", "x" },
      { "'--out FILE' keeps the plan for apply, '--format json' prints it as JSON", "plan", "--output", "json" },
      { "'--out FILE' keeps the plan for apply, '--format json' prints it as JSON", "plan", "-o", "tf.plan" },
      { "that is --format here", "drift", "--output", "json" },
      { "that is --json here", "eval", "--output", "json" },
      { "that is 'cfkv doctor' here", "check-creds" },
      { "'cfkv plan' shows what 'cfkv apply' would do", "apply", "--dry-run" },
      { "it shows what it would do and asks first, unless --yes is given", "kv", "bulk", "delete", "f", "--dry-run" },
      { "it does so at once; a script can be tried out: 'cfkv run SCRIPT --dry-run'", "kv", "bulk", "put", "f",
        "--dry-run" },
    }
    for _, case in ipairs(cases) do
      assert.equal(case[1], hint_of(table.unpack(case, 2)))
    end
  end)


  it("may be an argument more, which says what it is here", function()
    local err = p:run("apply", "tf.plan").err
    assert.matches("does not expect the argument 'tf.plan'\n  hint: a saved plan is applied by", err, 1, true)
    for command, hint in pairs(foreign.arguments) do
      local list = {}
      for part in (command .. " a b c"):gmatch "%S+" do
        list[#list + 1] = part
      end
      assert.equal(hint, hint_of(table.unpack(list)), command)
      is_true(hint, command)
    end
    assert.equal("usage: cfkv version [options]", hint_of("version", "x"))
  end)


  it("is no command of a family that lacks the verb", function()
    assert.matches("lists the commands", hint_of("state", "upload"), 1, true)
  end)


  describe("or one of another command", function()
    it("is told whose it is", function()
      assert.equal("leave it out; it is an option of 'plan'", hint_of("apply", "--detailed-exitcode"))
      assert.equal("leave it out; it is an option of 'backup', 'restore' and 4 others",
        hint_of("apply", "--prefix", "x"))
    end)


    it("is told what to do where its name means more elsewhere", function()
      assert.matches("--yes leaves out the question", hint_of("apply", "--force"), 1, true)
    end)
  end)


  describe("with one dash", function()
    it("is a name, not a letter with a value", function()
      assert.equal("write it with two dashes: --file", hint_of("plan", "-file", "kv.lua"))
      assert.equal("write it with two dashes: --json", hint_of("plan", "-json"))
      assert.matches("--yes leaves out the question", hint_of("apply", "-force"), 1, true)
      assert.equal("write it with two dashes: --no-color", hint_of("plan", "-no-color"))
    end)


    it("but a letter and its value are still that, and letters in a row", function()
      p:write("le.lua", "")
      assert.equal(0, p:run("validate", "-fle.lua").code)
      assert.equal(0, p:run("apply", "--local", "-yfle.lua").code)
    end)
  end)


  it("may be anything", function()
    for _, word in ipairs { "", " ", "--", "%s", "kv:", "\27[31m", ("x"):rep(5000), "é", "\255", "nil" } do
      local r = p:run("plan", "--" .. word .. "x")
      assert.equal(64, r.code)
      r = p:run("x" .. word)
      assert.equal(64, r.code)
      assert.matches("hint: 'cfkv help' lists the commands", r.err, 1, true)
      assert.falsy(r.err:find("\27", 1, true))
    end
  end)
end)
