local project = require "support.project"

describe("the command line", function()
  local p

  before_each(function() p = project.new() end)
  after_each(project.cleanup)

  local function refused(...)
    local r = p:run(...)
    assert.equal(64, r.code, r.err)
    assert.equal("", r.out)
    return r.err
  end

  it("that is wrong is told to programs as a document, wherever --json stands in it", function()
    for _, words in ipairs { { "plann", "--json" }, { "--json", "plan", "--lokal" }, { "--json" },
      { "plan", "--jobs", "0", "--json" },
      { "kv", "key", "get", "--json", "--local" }, { "-C", "absent", "plan", "--json" },
      { "state", "mv", "a", "b", "--json" }, { "output", "a", "b", "--json", "--local" } } do
      local r = p:run(table.unpack(words))
      local problem = r.json().diagnostics[1]
      assert.is_true(r.code == 64 or words[1] == "-C" and r.code == 1, r.err)
      assert.equal(r.code == 64 and "failure.usage" or "failure.not_found", problem.code)
      assert.matches("cfkv: " .. problem.message .. "\n", r.err, 1, true)
    end
    assert.equal("", p:run("kv", "key", "get", "--lokal", "--", "--json").out)
  end)

  describe("help", function()
    it("is printed to stdout, exit 0, by help, --help and -h alike", function()
      local r = p:run "help"
      assert.equal(0, r.code)
      assert.equal("", r.err)
      assert.truthy(r.out:find("usage: cfkv COMMAND", 1, true))
      assert.equal(r.out, p:run("--help").out)
      assert.equal(r.out, p:run("-h").out)
    end)

    it("is asked for with one dash, too, as others have it", function()
      assert.equal(p:run("help").out, p:run("-help").out)
      assert.equal(p:run("plan", "--help").out, p:run("plan", "-help").out)
      assert.equal(p:run("help", "state").out, p:run("state", "-help").out)
      assert.equal(p:run("version").out, p:run("-version").out)
    end)

    it("lists every command, and each one explains itself", function()
      local names = {}
      for name in p:run("help").out:match("commands:\n(.-)\n\n"):gmatch("\n?  (%l[^\n]-)  ") do
        names[#names + 1] = name:match "^[%l ]*%l"
      end
      assert.is_true(#names >= 12)
      for _, name in ipairs(names) do
        local r = p:sh("cfkv " .. name .. " --help")
        assert.equal(0, r.code, name)
        assert.truthy(r.out:find("usage: cfkv " .. name, 1, true), name)
        assert.equal(r.out, p:sh("cfkv help " .. name).out)
      end
    end)

    it("fits 80 columns", function()
      for _, command in ipairs { "help", "help plan", "help state", "help apply" } do
        for line in p:sh("cfkv " .. command).out:gmatch "[^\n]+" do
          assert.is_true(#line <= 80, line)
        end
      end
    end)

    it("has the options first that few commands have", function()
      local order = {}
      for name in p:run("kv", "key", "put", "--help").out:gmatch "\n  %-?%a?,? ?%-%-([%l%-]+)" do
        order[#order + 1] = name
      end
      assert.same({ "expiration", "metadata", "path" }, { table.unpack(order, 1, 3) })
      assert.equal("help", order[#order])
    end)

    it("has topics whose lines fit 80 columns, but for rows and code", function()
      for _, topic in ipairs(p:run("help", "--json").json().topics) do
        for line in p:run("help", topic.name).out:gmatch "[^\n]+" do
          assert.is_true(utf8.len(line) <= 80 or line:find "^  " ~= nil, topic.name .. ": " .. line)
        end
      end
    end)

    it("fits a narrow terminal, and is never wider than 80 columns", function()
      local words = { "help", "help plan", "help kv", "help guards", "help configuration", "help limits" }
      for _, command in ipairs(words) do
        for line in p:sh("cfkv " .. command, { env = { COLUMNS = "40" } }).out:gmatch "[^\n]+" do
          -- but rows and code, which are as they are
          assert.is_true(utf8.len(line) <= 40 or line:find "^usage:" ~= nil or line:find "^ +" ~= nil
            and not line:find "^      %l", line)
        end
        assert.equal(p:sh("cfkv " .. command).out, p:sh("cfkv " .. command, { env = { COLUMNS = "300" } }).out)
      end
    end)

    it("is one document for programs", function()
      local doc = p:run("help", "--json").json()
      assert.equal(1, doc.format_version)
      local by_name = {}
      for _, command in ipairs(doc.commands) do
        by_name[command.name] = command
        local shown = p:sh("cfkv help " .. command.name).out
        for _, place in ipairs(command.options) do
          assert.truthy(shown:find("--" .. doc.options[place + 1].name, 1, true), command.name)
        end
      end
      local function option(command, name)
        for _, place in ipairs(by_name[command].options) do
          if doc.options[place + 1].name == name then
            return doc.options[place + 1]
          end
        end
      end
      assert.same({ "choice", { "none", "names", "keys", "values" }, "values" },
        { option("plan", "refresh").type, option("plan", "refresh").choices, option("plan", "refresh").default })
      assert.is_true(option("plan", "only").repeatable)
      assert.equal(64, option("plan", "jobs").max)
      assert.equal("flag", option("plan", "local").type)
      local codes, topics = {}, {}
      for i, exit in ipairs(doc.exit_codes) do codes[i] = exit.code end
      for i, topic in ipairs(doc.topics) do topics[i] = topic.name end
      assert.same({ 0, 1, 2, 3, 4, 5, 64, 75, 130 }, codes)
      assert.truthy(table.concat(topics, " "):find "guards")
      assert.equal(64, p:run("help", "plan", "--json").code)
    end)

    it("aligns its rows by columns, not by bytes", function()
      local r = p:sh "cfkv help"
      local left = r.out:match "\n(  backup %[NAMESPACE…%] +)write namespaces to files\n"
      assert.equal(28, utf8.len(left or ""), r.out)
    end)

    it("names all that exits with 2", function()
      local out = p:sh("cfkv help").out:gsub("%s+", " ")
      for _, words in ipairs { "plan --detailed-exitcode", "drift", "wrangler --check", "audit --fail-on" } do
        assert.truthy(out:match " 2 there are differences %b()":find(words, 1, true), words)
      end
    end)

    it("lists the commands of a family", function()
      local r = p:run("help", "state")
      assert.truthy(r.out:find("state unprotect ADDRESS", 1, true))
      assert.equal(r.out, p:run("state", "--help").out)
    end)

    it("shows an option only with the commands that take it", function()
      assert.truthy(p:run("plan", "--help").out:find("--out PLANFILE", 1, true))
      assert.falsy(p:run("apply", "--help").out:find("--out PLANFILE", 1, true))
    end)
  end)

  it("prints its version", function()
    local r = p:run "version"
    assert.equal(0, r.code)
    assert.truthy(r.out:match "^cfkv %d+%.%d+%.%d+\n$")
    assert.equal(r.out, p:run("--version").out)
  end)

  describe("refuses with exit 64", function()
    it("no command at all", function()
      assert.equal("cfkv: no command was given\n"
        .. "  hint: 'cfkv init' begins a project, 'cfkv help' lists the commands\n", refused())
    end)

    it("an unknown command, with the nearest one", function()
      assert.equal("cfkv: unknown command 'pln'\n  hint: did you mean 'plan'?\n", refused "pln")
      assert.equal("cfkv: unknown command 'state lst'\n  hint: did you mean 'state list'?\n",
        refused("state", "lst"))
      assert.equal("cfkv: unknown command 'stat'\n  hint: did you mean 'state'?\n", refused "stat")
    end)

    it("a command that is planned but not built", function()
      for _, name in ipairs { "usage", "undo" } do
        assert.truthy(refused(name):find("unknown command '" .. name .. "'", 1, true))
      end
    end)

    it("a family without its command", function()
      assert.truthy(refused("state"):find("cfkv help state", 1, true))
    end)

    it("an unknown option, with the nearest one", function()
      assert.equal("cfkv: unknown option '--lcoal'\n  hint: did you mean '--local'?\n",
        refused("plan", "--lcoal"))
      assert.truthy(refused("plan", "-x"):find("unknown option '-x'", 1, true))
    end)

    it("an option of another command", function()
      assert.truthy(refused("apply", "--out", "x"):find("'apply' has no option '--out'", 1, true))
    end)

    it("control characters in a name without passing them on", function()
      assert.falsy(refused("pl\27[31mn"):find("\27", 1, true))
      assert.falsy(refused("plan", "--lo\27[31mcal"):find("\27", 1, true))
    end)

    it("an option without its value", function()
      assert.truthy(refused("plan", "--env"):find("--env needs a value: --env NAME", 1, true))
      assert.truthy(refused("plan", "-f"):find("--file needs a value", 1, true))
      assert.truthy(refused("plan", "--file="):find("--file needs FILE", 1, true))
    end)

    it("an empty permission", function()
      assert.truthy(refused("plan", "--allow-data-loss="):find("--allow-data-loss needs an address", 1, true))
    end)

    it("a word behind a bare permission as its value", function()
      local text = refused("apply", "--allow-data-loss", "shop/config/prod")
      assert.truthy(text:find("'shop/config/prod'", 1, true))
    end)

    it("an option where the value of another is missing, and names both ways on", function()
      local cases = {
        { { "kv", "key", "delete", "--namespace", "shop", "--yes", "--prefix", "--local" }, "prefix", "--local" },
        { { "kv", "bulk", "delete", "keys.json", "--yes", "--namespace", "--local" }, "namespace", "--local" },
        { { "plan", "-C", "--local" }, "cwd", "--local" },
        { { "plan", "-f", "--local" }, "file", "--local" },
        { { "apply", "--state", "-y" }, "state", "-y" },
        { { "apply", "--only", "--lcoal" }, "only", "--lcoal" },
        { { "plan", "--env", "--local=yes" }, "env", "--local=yes" },
        { { "--state", "--local", "apply", "--yes" }, "state", "--local" },
      }
      for _, case in ipairs(cases) do
        local err = refused(table.unpack(case[1]))
        assert.truthy(err:find(("--%s needs a value, and behind it stands the option '%s'")
          :format(case[2], case[3]), 1, true), err)
        assert.truthy(err:find(("--%s=%s"):format(case[2], case[3]), 1, true), err)
      end
    end)

    it("an argument in front of the command", function()
      local err = refused("-f", "kv.lua", "kv", "bulk", "delete", "keys.json")
      assert.truthy(err:find("'kv.lua' stands in front of the command", 1, true), err)
    end)

    it("-f on the kv verbs, where wrangler's users mean --force", function()
      for _, verb in ipairs { "namespace list", "namespace delete x", "key list", "key put a b", "bulk put x" } do
        local r = p:sh("cfkv kv " .. verb .. " -f")
        assert.equal(64, r.code, verb)
        assert.truthy(r.err:find("has no option '-f'", 1, true), r.err)
        assert.truthy(r.err:find("write --file", 1, true), r.err)
      end
    end)

    it("a value for an option that takes none", function()
      assert.truthy(refused("plan", "--local=yes"):find("--local takes no value", 1, true))
    end)

    it("a value out of its range", function()
      local cases = {
        { "--refresh", "some", "none|names|keys|values" },
        { "--lock-timeout", "-1", "a number of seconds" },
        { "--lock-timeout", "1e999", "a number of seconds" },
        { "--lock-timeout", "soon", "a number of seconds" },
        { "--eval-seconds", "0", "whole seconds, or a duration" },
        { "--eval-memory", "1.5", "a positive whole number" },
        { "--eval-memory", "99999999999999999999", "a positive whole number" },
        { "--var", "novalue", "NAME=VALUE" },
        { "--var", "=v", "NAME=VALUE" },
      }
      for _, case in ipairs(cases) do
        local err = refused("apply", case[1], case[2])
        assert.truthy(err:find(case[1] .. " needs " .. case[3], 1, true), err)
        assert.truthy(err:find("'" .. case[2] .. "'", 1, true), err)
      end
    end)

    it("an argument too many or too few", function()
      assert.truthy(refused("apply", "x"):find("'apply' does not expect the argument 'x'", 1, true))
      assert.truthy(refused("state", "mv", "a"):find("'state mv' needs OLD NEW", 1, true))
    end)

    it("the configuration named twice", function()
      assert.truthy(refused("validate", "a.lua", "-f", "b.lua"):find("named twice", 1, true))
    end)

    it("a command that needs a target and was given none, saying the way out", function()
      p:write("kv.lua", "")
      for _, name in ipairs { "plan", "apply", "destroy", "drift", "audit" } do
        local err = refused(name)
        assert.truthy(err:find("'" .. name .. "' needs a target, and none was given", 1, true), err)
        assert.truthy(err:find("--local", 1, true))
        assert.truthy(err:find("CLOUDFLARE_API_TOKEN", 1, true))
      end
    end)
  end)

  describe("accepts", function()
    before_each(function() p:write("kv.lua", "") end)

    it("--name=value, -fVALUE and options behind the arguments", function()
      assert.equal(0, p:run("validate", "--file=kv.lua").code)
      assert.equal(0, p:run("validate", "-fkv.lua").code)
      assert.equal(0, p:run("validate", "kv.lua", "--quiet").code)
    end)

    it("options in front of the command", function()
      assert.equal(0, p:run("--quiet", "validate").code)
      assert.equal(0, p:run("-f", "kv.lua", "validate").code)
      assert.equal(0, p:run("--local", "--json", "plan").code)
      assert.equal(1, p:run("--file=none.lua", "validate").code)
      assert.equal(64, p:run("--lcoal", "plan").code)
      assert.truthy(p:run("--lcoal", "plan").err:find("unknown option '--lcoal'", 1, true))
    end)

    it("-C, as if started there", function()
      p:write("sub/kv.lua", 'require "cfkv".namespace { title = "below" }')
      p:write("sub/keys.json", '["a"]')
      assert.truthy(p:run("-C", "sub", "eval").out:find("below", 1, true))
      assert.truthy(p:run("eval", "-C", "sub").out:find("below", 1, true))
      assert.equal(0, p:run("-C", "sub", "apply", "--local", "--yes").code)
      assert.is_true(p:exists "sub/.wrangler")
      local r = p:run("kv", "key", "list", "-C", "none", "--local")
      assert.equal(1, r.code)
      assert.truthy(r.err:find("cannot work in folder 'none': No such file", 1, true), r.err)
    end)

    it("a value that begins with a dash and is no option, or is joined to its option", function()
      assert.truthy(refused("kv", "key", "put", "a", "b", "--ttl", "-5"):find("--ttl needs at least 60", 1, true))
      p:run("kv", "namespace", "create", "n", "--local")
      p:run("kv", "key", "put", "--namespace", "n", "--local", "--", "--local", "-x")
      p:run("kv", "key", "put", "--namespace", "n", "--local", "other", "v")
      local r = p:run("kv", "key", "list", "--namespace", "n", "--prefix=--local", "--local")
      assert.equal("--local\n", r.out)
      assert.equal("-x", p:run("kv", "key", "get", "--namespace", "n", "--local", "--", "--local").out)
      assert.equal("", p:run("kv", "key", "list", "--namespace", "n", "--prefix", "-1", "--local").out)
    end)

    it("-f and --force on kv bulk delete, as wrangler's --yes", function()
      p:run("kv", "namespace", "create", "n", "--local")
      for _, flag in ipairs { "-f", "--force" } do
        p:run("kv", "key", "put", "a", "b", "--namespace", "n", "--local")
        p:write("keys.json", '["a"]')
        local r = p:run("kv", "bulk", "delete", "keys.json", "--namespace", "n", flag, "--local")
        assert.equal(0, r.code, r.err)
        assert.equal("", p:run("kv", "key", "list", "--namespace", "n", "--local").out)
      end
    end)

    it("a file whose name begins with a dash, behind --", function()
      p:write("-x.lua", "")
      assert.equal(0, p:run("validate", "--", "-x.lua").code)
    end)
  end)

  describe("a stdout that does not take the result is a failure:", function()
    it("a full disk", function()
      local r = p:run("help", { stdout = "/dev/full" })
      assert.equal(1, r.code)
      assert.truthy(r.err:find("cannot write to stdout: No space left", 1, true))
    end)

    it("a file size limit", function()
      local r = p:sh "ulimit -f 1; exec 2>&1; { cfkv help plan; cfkv help apply; } >big; echo $?"
      assert.truthy(r.out:find("cannot write to stdout: File too large", 1, true), r.out)
      assert.truthy(r.out:find("\n1\n$"), r.out)
    end)

    it("a closed descriptor", function()
      local r = p:sh "cfkv help >&-"
      assert.equal(1, r.code)
      assert.truthy(r.err:find("cannot write to stdout", 1, true))
    end)

    it("a reader that went away", function()
      local r = p:sh "{ sleep 0.1; cfkv help; echo \"code $?\" >&2; } | true"
      assert.truthy(r.err:find("cannot write to stdout: Broken pipe", 1, true))
      assert.truthy(r.err:find("code 1", 1, true))
    end)

    it("but not where there is nothing to print", function()
      p:write("kv.lua", "")
      assert.equal(0, p:run("validate", "--quiet", { stdout = "/dev/full" }).code)
    end)
  end)

  describe("colours", function()
    local function on_terminal(command, env)
      return p:sh("script -qec '" .. command .. "' /dev/null", { env = env }).out:find("\27", 1, true) ~= nil
    end

    it("a terminal", function()
      assert.is_true(on_terminal("cfkv pln", { TERM = "xterm" }))
      p:write("kv.lua", 'require "cfkv".namespace { title = "a" }')
      assert.is_true(on_terminal("cfkv plan --local", { TERM = "xterm" }))
    end)

    it("no file and no pipe", function()
      assert.falsy(p:run("pln", { env = { TERM = "xterm" } }).err:find("\27", 1, true))
    end)

    it("nothing with NO_COLOR, on a dumb terminal, or with --no-color", function()
      p:write("kv.lua", 'require "cfkv".namespace { title = "a" }')
      assert.is_false(on_terminal("cfkv pln", { TERM = "xterm", NO_COLOR = "1" }))
      assert.is_true(on_terminal("cfkv pln", { TERM = "xterm", NO_COLOR = "" }))
      assert.is_false(on_terminal("cfkv pln", { TERM = "dumb" }))
      assert.is_false(on_terminal("cfkv plan --local --no-color", { TERM = "xterm" }))
    end)
  end)
end)
