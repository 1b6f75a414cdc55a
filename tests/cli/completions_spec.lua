-- Tab in the three shells: what is offered, and that what comes onto the line is text, whatever its name.
local emulator = require "support.emulator"
local project = require "support.project"
local cjson = require "cjson"

local SHELLS = { "bash", "zsh", "fish" }

-- Each begins with letters that no other has, and nothing else of it is harmless to a shell that expands.
local HOSTILE = {
  "aa$(touch x)", "bb`touch x`", "cc;touch x", "dd e", "ee'f", 'ff"g', "gg*", "hh\\i", "ii!x", "jj$HOME",
  "kk#l", "ll{m,n}", "mmé", "nn=o:p", "oo\nq", "pp|<>&()", "qq~", "rr$'s'", "ss日本", "tt%s", "uu  v",
  "vv[a-z]?", "ww^x", "xx\27[31m", "yy\"'\\$`!",
}


local function state(titles, outputs)
  local namespaces = {}
  for i, title in ipairs(titles) do
    namespaces["app/p" .. i .. "/dev"] = { bulk = {}, id = ("%032x"):format(i), keys = {}, origin = "created",
      title = title, ttl_seconds = 0, env = "dev" }
  end
  local values = {}
  for _, name in ipairs(outputs or {}) do
    values[name] = { value = 1 }
  end
  return cjson.encode { version = 2, accounts = { [("0"):rep(32)] = { namespaces = namespaces } },
    outputs = values, salt = ("0"):rep(32) }
end


-- A project with a cfkv in its PATH that answers Tab, and writes down its words when it is called.
local function new(titles, outputs)
  local p = project.quick {
    ["kv.lua"] = "error 'evaluated'", ["kv.state.json"] = state(titles, outputs),
    ["bin/cfkv"] = ([[
#!/bin/sh
case $1 in __complete | completions) exec %s "$@" ;; esac
n=1
while [ -e typed.$n ]; do n=$((n + 1)); done
printf '%%s\0' "$@" >words
mv words typed.$n
]]):format(project.quote(project.program)),
    ["start.bash"] = "source <(cfkv completions bash); set -H; cfkv started\n",
    ["start.zsh"] = "autoload -Uz compinit; compinit -D; source <(cfkv completions zsh); cfkv started\n",
    ["start.fish"] = "cfkv completions fish | source; cfkv started\n",
  }
  p:sh "chmod +x bin/cfkv"
  return p
end


-- The words that each of the lines gave to cfkv.
local function type(p, shell, lines)
  local words = { "source start." .. shell }
  table.move(lines, 1, #lines, 2, words)
  for i, line in ipairs(words) do
    words[i] = project.quote(line)
  end
  p:sh "rm -f typed.*"
  local r = p:sh(project.quote(os.getenv "PWD" .. "/tests/support/typed.zsh") .. " " .. shell .. " "
    .. table.concat(words, " "), { env = { PATH = p:path "bin" .. ":" .. os.getenv "PATH" }, timeout = 120 })
  assert.equal(0, r.code, shell .. ": " .. r.out .. r.err)
  local given = {}
  for i = 1, #lines do
    given[i] = {}
    for word in p:read("typed." .. i + 1):gmatch "(%Z*)%z" do
      table.insert(given[i], word)
    end
  end
  return given
end


-- What is offered for a line, in bash.
local function offered(p, line, options)
  local r = p:run("__complete", "bash", line, " \t\n\"'><=;|&(:", options)
  assert.same({ 0, "" }, { r.code, r.err })
  local words = {}
  for word in r.out:gmatch "(%Z*)%z" do
    words[#words + 1] = word
  end
  return words
end

local function sorted(words)
  table.sort(words)
  return words
end

describe("what Tab offers", function()
  after_each(emulator.cleanup_all)

  it("are commands, options, choices, and what the state holds", function()
    local p = new({ "shop-config", "shop-cache" }, { "config_id", "cache_id" })
    p:write("wrangler.toml", 'name = "w"\n[[kv_namespaces]]\nbinding = "CONFIG"\nid = "x"\n'
      .. '[[env.live.kv_namespaces]]\nbinding = "CACHE"\nid = "y"\n')
    for line, words in pairs {
      ["cfkv pl"] = { "words", "plan" },
      ["cfkv kv n"] = { "words", "namespace" },
      ["cfkv kv namespace re"] = { "words", "rename" },
      ["cfkv --no-color state m"] = { "words", "mv", "move", "merge" },
      ["cfkv -C . state m"] = { "words", "mv", "move", "merge" },
      ["cfkv plan --detail"] = { "words", "--detailed-exitcode" },
      ["cfkv kv key get --perf"] = { "words" },
      ["cfkv plan --format g"] = { "words", "github", "gitlab" },
      ["cfkv plan --format=g"] = { "words", "github", "gitlab" },
      ["cfkv plan --only app/p1"] = { "words", "app/p1/dev" },
      ["cfkv plan --env "] = { "words", "dev" },
      ["cfkv plan -- --"] = { "files" },
      ["cfkv output c"] = { "words", "cache_id", "config_id" },
      ["cfkv state show app/p2"] = { "words", "app/p2/dev" },
      ["cfkv state mv app/p2/dev "] = { "words" },
      ["cfkv kv key get x --namespace shop-c"] = { "words", "shop-config", "shop-cache" },
      ["cfkv kv key get x --namespace-id 00000000000000000000000000000001"] =
        { "words", "00000000000000000000000000000001" },
      ["cfkv kv key get x --binding C"] = { "words", "CONFIG", "CACHE" },
      ["cfkv kv key get x --env live --binding C"] = { "words", "CACHE" },
      ["cfkv kv key get x --binding C --env "] = { "words", "live" },
      ["cfkv copy shop-config shop-ca"] = { "words", "shop-cache" },
      ["cfkv backup shop-cache shop-co"] = { "words", "shop-config" },
      ["cfkv backup pu"] = { "words", "purge" },
      ["cfkv backup shop-cache pu"] = { "words" },
      ["cfkv backup app/p2"] = { "words", "app/p2/dev" },
      ["cfkv help kv na"] = { "words", "namespace" },
      ["cfkv help gua"] = { "words", "guards" },
      ["cfkv help lu"] = { "words", "lua" },
      ["cfkv help lua cfkv.bulk.p"] = { "words", "cfkv.bulk.put" },
      ["cfkv help lua ns:pr"] = { "words", "prune" },
      ["cfkv help lua ns:put "] = { "words" },
      ["cfkv init --ci g"] = { "words", "github", "gitlab" },
      ["cfkv init "] = { "folders" },
      ["cfkv schema dr"] = { "words", "drift" },
      ["cfkv schema kv bulk "] = { "words", "put", "get", "delete" },
      ["cfkv completions "] = { "words", "bash", "zsh", "fish" },
      ["cfkv plan -f "] = { "files" },
      ["cfkv -C "] = { "folders" },
      ["cfkv nonsense "] = { "words" },
      ["cfkv"] = {},
    } do
      assert.same(sorted(words), sorted(offered(p, line)), line)
    end
  end)


  it("is found where the line says the project is, and from below it", function()
    local p = new { "shop-config" }
    p:write("apps/a/x", "")
    p:write("other/kv.state.json", state { "other-config" })
    assert.same({ "words", "shop-config" }, offered(p, "cfkv kv key get x --namespace ", { cwd = "apps/a" }))
    assert.same({ "words", "other-config" }, offered(p, "cfkv -C other kv key get x --namespace o"))
    assert.same({ "words", "other-config" }, offered(p, "cfkv kv key get --file other/kv.lua --namespace o"))
    assert.same({ "words", "other-config" }, offered(p, "cfkv kv key get --state ~/other/kv.state.json --namespace o"))
  end)


  it("names the account where there are several, as messages do", function()
    local p = new {}
    local function section(title)
      return { namespaces = { ["app/kv/dev"] = { bulk = {}, id = ("%032x"):format(#title), keys = {},
        origin = "created", title = title, ttl_seconds = 0 } } }
    end
    local prod, staging = ("a"):rep(32), ("b"):rep(32)
    p:write("kv.state.json", cjson.encode { version = 2, salt = ("0"):rep(32), outputs = {},
      accounts = { [prod] = section "one", [staging] = section "three" },
      settings = { accounts = { prod = prod, staging = staging } } })
    assert.same({ "words", "prod:app/kv/dev" }, offered(p, "cfkv state show pr"))
    assert.same({ "words", "app/kv/dev" }, offered(p, "cfkv plan --only prod:")) -- bash keeps what is before
  end)


  it("are the local store's namespaces with --local, and where there is no other state", function()
    local p = project.quick { ["kv.lua"] = [[
      local cfkv = require "cfkv"
      local ns = cfkv.namespace { title = "shop", env = "prod" }
      cfkv.output("shop_id", ns.id)
    ]] }
    project.ok(p:run("apply", "--local", "--yes"))
    assert.same({ "words", "shop" }, offered(p, "cfkv kv key get x --local --namespace "))
    assert.same({ "words", "shop" }, offered(p, "cfkv kv key get x --namespace "))
    assert.same({ "words", "shop_id" }, offered(p, "cfkv output "))
    p:write("kv.state.json", state { "remote" })
    assert.same({ "words", "remote" }, offered(p, "cfkv kv key get x --namespace "))
    assert.same({ "words", "shop" }, offered(p, "cfkv kv key get x --local --namespace "))
    assert.same({ "words", "shop" }, offered(p, "cfkv copy local:"))
    p:sh "cfkv kv key put k 1 --namespace shop --local && cfkv kv key delete k --namespace shop --local --yes"
    assert.matches("^%.cfkv/backups/.*%.jsonl$", offered(p, "cfkv restore --local ")[2])
  end)


  -- A new placeholder is either offered something (src/cli/complete.c) or stands here.
  it("is something for each argument and value, but for those that only the user knows", function()
    local FREE = [[ NEW KEY VALUE NAME=VALUE MIB N SECONDS REQUESTS/SECONDS IP MS TEXT JSON TIME PATTERN ]]
    local CREATED = {
      ["kv namespace create"] = "TITLE", ["new-name"] = "TITLE", ["kv key rename"] = "OLD", jurisdiction = "NAME",
    }
    local p = new({ "shop" }, { "shop_id" })
    p:write(".cfkv/backups/20260101T000000Z-shop-delete.jsonl", "")
    p:write("wrangler.toml", 'name = "w"\n[[env.live.kv_namespaces]]\nbinding = "CACHE"\nid = "y"\n')
    local help, checked = p:run("help", "--json").json(), {}
    local function check(owner, placeholder, line)
      placeholder = placeholder:gsub("[%[%]…]", "")
      local answer = offered(p, line)
      local nothing = answer[1] == "words" and #answer == 1
      local free = FREE:find(" " .. placeholder .. " ", 1, true) or CREATED[owner] == placeholder
      assert.equal(free ~= nil and free ~= false, nothing, ("%s %s: %s"):format(owner, placeholder, line))
    end
    for _, command in ipairs(help.commands) do
      local line = "cfkv " .. command.name .. " "
      for word in command.args:gmatch "%S+" do
        if not word:find "^NAME%]" then -- behind "lua" of help only
          check(command.name, word, line)
        end
        line = line .. "x "
      end
      for _, index in ipairs(command.options) do
        local option = help.options[index + 1]
        if option.argument ~= cjson.null and not checked[index] then
          checked[index] = true
          check(option.name, option.argument, ("cfkv %s --%s="):format(command.name, option.name))
        end
      end
    end
  end)


  it("costs no request and no evaluation", function()
    local p = new { "shop" }
    local e = emulator.start(p, "--memory")
    p:sh "rm kv.lua && mkfifo kv.lua" -- who opens it waits for ever
    for _, line in ipairs { "cfkv plan --only ", "cfkv kv key get ", "cfkv backup ", "cfkv restore " } do
      offered(p, line, { env = e:env(), timeout = 10 })
    end
    assert.same({}, e:requests())
  end)


  it("is silent and empty where something is broken, and changes nothing", function()
    local p = new {}
    for _, broken in ipairs { "{", "[]", '{"version":99}', "\0\255", ("x"):rep(100000) } do
      p:write("kv.state.json", broken)
      assert.same({ "words" }, offered(p, "cfkv plan --only "))
    end
    p:write("wrangler.toml", "= =")
    assert.same({ "words" }, offered(p, "cfkv kv key get x --binding "))
    assert.same({ "words" }, offered(p, "cfkv -C absent plan --only "))
    assert.same({ "words" }, offered(p, "cfkv plan --only ", { env = { HOME = false } }))
    for _, words in ipairs { {}, { "bash" }, { "bash", "", "" }, { "ksh", "a" }, { "zsh" }, { "fish", "" } } do
      local r = p:run("__complete", table.unpack(words))
      assert.same({ 0, "" }, { r.code, r.err })
    end
    assert.same({ "bin/cfkv", "kv.lua", "kv.state.json", "start.bash", "start.fish", "start.zsh", "wrangler.toml" },
      p:files())
  end)


  it("is no title that would be read as an option", function()
    local p = new { "-lead", "--yes", "shop" }
    assert.same({ "words", "shop" }, offered(p, "cfkv copy "))
    assert.same({ "words", "shop" }, offered(p, "cfkv kv key get k --namespace "))
    assert.same({ "words", "--yes" }, offered(p, "cfkv copy --y"))
    assert.same({ "--yes", "-lead", "shop", "words" }, sorted(offered(p, "cfkv copy -- ")))
  end)


  it("is quoted as bash wants it, in the quotes that are open", function()
    local p = new { "a b", "it's", 'q"$`\\!', "two\nlines" }
    for line, words in pairs {
      ["cfkv backup a"] = { "words", "a\\ b" },
      ["cfkv backup 'a"] = { "words", "a b" },
      ['cfkv backup "a'] = { "words", "a b" },
      ["cfkv backup a\\ "] = { "words", "a\\ b" },
      ["cfkv backup 'a '"] = { "words", "a\\ b" },
      ["cfkv backup 'it"] = { "words", "it'\\''s" },
      ['cfkv backup "q'] = { "words", 'q\\"\\$\\`\\\\"\\!"' },
      ["cfkv backup two"] = { "words", "two$'\\012'lines" },
      ["cfkv backup $'two\\n"] = { "words", "two\\012lines" },
      ["cfkv kv key get k --namespace=a"] = { "words", "a\\ b" },
      ["cfkv kv key get k --namespace='a"] = { "words", "a b" },
      ["cfkv kv key get k --namespace=a\\ "] = { "words", "a\\ b" },
    } do
      assert.same(words, offered(p, line), line)
    end
  end)


  it("takes less time than a key press, with a hundred namespaces", function()
    local titles = {}
    for i = 1, 100 do
      titles[i] = "shop-" .. i
    end
    local p = new(titles)
    local best = math.huge
    for _ = 1, 5 do
      best = math.min(best, p:run("__complete", "bash", "cfkv backup shop-", "").seconds)
    end
    assert.is_true(best < (project.is_sanitized() and 1 or 0.1), best)
  end)
end)


for _, shell in ipairs(SHELLS) do
  describe("Tab in " .. shell, function()
    after_each(project.cleanup)

    it("completes commands and options", function()
      local p = new {}
      assert.same({ { "plan", "--detailed-exitcode" }, { "kv", "namespace", "rename" } },
        type(p, shell, { "cfkv pl\t--det\t", "cfkv kv name\tren\t" }))
    end)

    it("completes values behind an equals sign, and in quotes", function()
      local p = new { "dd e", "ee'f" }
      local given = { "backup", "--state=kv.state.json", "dd e" }
      assert.same({ { "plan", "--format=markdown" }, { "kv", "key", "get", "k", "--namespace=dd e" }, given, given,
        { "backup", "ee'f" } },
        type(p, shell, { "cfkv plan --format=ma\t", "cfkv kv key get k --namespace=d\t",
          "cfkv backup --state=kv.st\t'd\t", 'cfkv backup --state=kv.st\t"d\t', 'cfkv backup "e\t' }))
    end)


    it("completes files and folders, with the names that they have", function()
      local p = new {}
      p:write("some folder/a $(touch x).lua", "")
      local given = type(p, shell, { "cfkv validate some\ta\t", "cfkv -C some\t pl\t" })
      given[2][2] = given[2][2]:gsub("/$", "") -- zsh takes it away
      assert.same({ { "validate", "some folder/a $(touch x).lua" }, { "-C", "some folder", "plan" } }, given)
      assert.is_false(p:exists "x")
    end)


    it("puts hostile titles onto the line as text", function()
      local lines, expected = {}, {}
      for i, title in ipairs(HOSTILE) do
        lines[i] = "cfkv kv key get k --namespace " .. title:sub(1, 2) .. "\t"
        expected[i] = { "kv", "key", "get", "k", "--namespace", title }
      end
      local p = new(table.move({ "-lead", "--yes" }, 1, 2, #HOSTILE + 1, { table.unpack(HOSTILE) }))
      for i, way in ipairs { { "cfkv backup -- -l\t", "backup", "--", "-lead" },
        { "cfkv backup -- --y\t", "backup", "--", "--yes" },
        { "cfkv kv key get k --namespace=-l\t", "kv", "key", "get", "k", "--namespace=-lead" } } do
        lines[#HOSTILE + i], expected[#HOSTILE + i] = way[1], { table.unpack(way, 2) }
      end
      assert.same(expected, type(p, shell, lines))
      assert.is_false(p:exists "x")
    end)
  end)
end


describe("cfkv completions", function()
  after_each(project.cleanup)

  it("prints scripts that their shells find no fault with, and knows no other shell", function()
    local p = project.quick()
    for _, shell in ipairs(SHELLS) do
      assert.same({ 0, "" }, { p:sh(("cfkv completions %s >script && %s -n script"):format(shell, shell)).code,
        p:run("completions", shell).err })
    end
    local r = p:run("completions", "ksh")
    assert.same({ 64, "", "cfkv: there are no completions for 'ksh'\n  hint: there are some for bash|zsh|fish\n" },
      { r.code, r.out, r.err })
  end)
end)


describe("the script of zsh", function()
  after_each(project.cleanup)

  it("is loaded from a folder of fpath, where make install puts it", function()
    local p = new {}
    p:write("functions/_cfkv", p:run("completions", "zsh").out)
    p:write("start.zsh", "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -D -u; cfkv started\n")
    assert.same({ { "plan" } }, type(p, "zsh", { "cfkv pl\t" }))
  end)
end)
