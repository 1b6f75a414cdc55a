-- The manual page: `cfkv help --man`.
local project = require "support.project"

describe("the manual page", function()
  local p, page

  before_each(function()
    p = project.new()
    page = project.ok(p:run("help", "--man", { env = { SOURCE_DATE_EPOCH = "1709210096" } })).out
    p:write("cfkv.1", page)
  end)
  after_each(project.cleanup)

  -- As a reader sees it, in lines that nothing breaks.
  local function shown()
    return project.ok(p:sh "mandoc -T utf8 -O width=500 cfkv.1 | col -bx").out:gsub("[ \n]+", " ")
  end


  it("has nothing that mandoc or man warns of", function()
    local lint = p:sh "mandoc -T lint -W warning cfkv.1 2>&1"
    assert.equal("", lint.out)
    assert.equal(0, lint.code)
    local man = p:sh("man --warnings -E UTF-8 -Tutf8 -Z -l cfkv.1 2>&1 >/dev/null",
      { env = { LC_ALL = "C.UTF-8", MANWIDTH = "80" } })
    assert.equal("", man.out)
    assert.equal(0, man.code)
  end)


  it("has the sections that a manual page has, in their order", function()
    local titles = {}
    for title in page:gmatch "\n%.SH ([^\n]+)" do
      titles[#titles + 1] = title
    end
    assert.same({ "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", '"EXIT STATUS"', "ENVIRONMENT", "FILES",
      "EXAMPLES", '"SEE ALSO"' }, titles)
    assert.matches("\ncfkv \\- declare, plan", page, 1, true) -- as whatis and apropos read it
  end)


  it("has all commands, options, exit codes and topics that help has", function()
    local text, help = shown(), p:run("help", "--json").json()
    local function has(words)
      words = words:gsub("`", ""):gsub("%s+", " ")
      assert.truthy(text:find(words, 1, true), words)
    end
    for _, command in ipairs(help.commands) do
      has("cfkv " .. command.name .. (command.args ~= "" and " " .. command.args or ""))
      has(command.about)
    end
    for _, option in ipairs(help.options) do
      has("--" .. option.name)
      has(option.help)
    end
    for _, exit in ipairs(help.exit_codes) do
      has(("%d %s"):format(exit.code, exit.meaning))
    end
    for _, topic in ipairs(help.topics) do
      has("cfkv help " .. topic.name .. " " .. topic.about)
    end
    has "CLOUDFLARE_API_TOKEN a token that may edit"
    has "NO_COLOR, TERM no colour"
    has "kv.state.json.journal, .lock what an apply has done so far"
  end)


  it("shows what is typed as it is typed", function()
    assert.matches("\\-\\-local", page, 1, true)
    assert.matches("printf \\(aq%s\\en\\(aq", page, 1, true)
    assert.is_nil(page:find "[\128-\255]")
    local text = shown()
    assert.matches([[printf '%s\n' key,value old/1,one]], text, 1, true)
    assert.matches("backup [NAMESPACE…]", text, 1, true)
    assert.matches("--allow-data-loss[=ADDRESS|GLOB]", text, 1, true)
  end)


  it("names the commands that take an option, families as one", function()
    local text = shown()
    assert.matches("--detailed-exitcode exit with 2 when something would change (plan)", text, 1, true)
    assert.matches("beside which the state lies (default: kv.lua here, else the nearest above) (kv …)", text, 1, true)
    assert.matches("--create make the namespace when there is none of that title (restore, copy)", text, 1, true)
    assert.matches("--quiet print only results and errors -", text, 1, true)
  end)


  it("is of the date that SOURCE_DATE_EPOCH says, or of today, and the same each time", function()
    assert.matches('^%.TH CFKV 1 "2024%-02%-29" "cfkv %d', page)
    assert.equal(page, p:run("help", "--man", { env = { SOURCE_DATE_EPOCH = "1709210096", COLUMNS = "40" } }).out)
    for date, seconds in pairs {
      ["1970-01-01"] = 0, ["2000-02-29"] = 951825600, ["2026-12-31"] = 1798761599, ["2027-01-01"] = 1798761600,
      ["2100-02-28"] = 4107542399 - 43200,
    } do
      local r = p:run("help", "--man", { env = { SOURCE_DATE_EPOCH = tostring(seconds) } })
      assert.equal(date, r.out:match '^%.TH CFKV 1 "(.-)"')
    end
    assert.equal(os.date "!%Y-%m-%d", p:run("help", "--man").out:match '^%.TH CFKV 1 "(.-)"')
    for _, wrong in ipairs { "", "soon", "-1", "1e9", "99999999999999999999" } do
      local r = p:run("help", "--man", { env = { SOURCE_DATE_EPOCH = wrong } })
      assert.equal(os.date "!%Y-%m-%d", r.out:match '^%.TH CFKV 1 "(.-)"')
    end
  end)


  it("is not of one command", function()
    assert.equal(64, p:run("help", "plan", "--man").code)
    assert.equal(64, p:run("help", "--man", "--json").code)
  end)
end)
