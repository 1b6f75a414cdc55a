-- The formats of outputs: what the reader of each one gets back.

local project = require "support.project"
local cjson = require "cjson"

-- Strings that quoting can get wrong.
local AWKWARD = {
  "", " ", "plain", "it's", "''", "'", "a'b\"c`d`", "$HOME ${HOME} $(id) `id`", "\\", "\\n", "a\\'",
  "a\nb", "a\n", "\n", "\n\n", "a\r\nb", "a\r", "\ta", "  a  ", "#x", "a #x", "x=y", "a<<EOF", "é – 日本 😀",
  "%{if}", "${x}", "$${x}", "%%{x}", "$", "%", "${", "\1\27[31m\127", "!", "*", "~", "-n", '{"a":1}',
}

-- JSON that is no string, as it is recorded.
local VALUES = {
  "0", "-5", "1.5", "1e+300", "true", "false", "null", "[]", "{}", "[1,[],{}]",
  [[{"":null,"a b":["it's","${x}"],"n":{"on":true}}]],
}


-- A project whose state records these outputs, a map from name to JSON.
local function recorded(outputs)
  local members = {}
  for name, json in pairs(outputs) do
    members[#members + 1] = cjson.encode(name) .. ":" .. json
  end
  return project.quick { ["kv.state.json"] = ([[{
    "accounts": {}, "outputs": {%s}, "project": "shop",
    "salt": "00000000000000000000000000000000", "version": 1
  }]]):format(table.concat(members, ",")) }
end


-- The awkward strings as outputs s1, s2, …, the other values as v1, v2, …; and the same as a map
-- from name to what a reader of text has to get.
local function awkward()
  local outputs, wanted = {}, {}
  for i, s in ipairs(AWKWARD) do
    outputs["s" .. i], wanted["s" .. i] = cjson.encode(s), s
  end
  for i, json in ipairs(VALUES) do
    outputs["v" .. i], wanted["v" .. i] = json, json
  end
  return recorded(outputs), wanted
end


local function output(p, ...)
  local r = p:run("output", ...)
  assert.equal(0, r.code, r.err)
  assert.equal("", r.err)
  return r.out
end


describe("output --format", function()
  after_each(project.cleanup)

  it("text and json are as without and with --json", function()
    local p = recorded { a = '"x"', b = "[1]" }
    assert.equal("a = x\nb = [1]\n", output(p, "--format", "text"))
    assert.equal(output(p), output(p, "--format", "text"))
    assert.equal(output(p, "--json"), output(p, "--format", "json"))
    assert.equal(output(p, "--json"), output(p, "--format=json", "--json"))
    assert.equal("x\n", output(p, "a", "--format", "text"))
    assert.equal('"x"\n', output(p, "a", "--format", "json"))
  end)

  it("refuses another format with --json, and words that are none", function()
    local p = recorded { a = '"x"' }
    for _, format in ipairs { "text", "env", "github", "tfvars" } do
      local r = p:run("output", "--json", "--format", format)
      assert.equal(64, r.code)
      assert.equal("failure.usage", r.json().diagnostics[1].code)
      assert.truthy(r.err:find(("--json and --format %s contradict each other"):format(format), 1,
        true), r.err)
    end
    local r = p:run("output", "--format", "yaml")
    assert.equal(64, r.code)
    assert.truthy(r.err:find("--format needs text|json|env|github|tfvars, not 'yaml'", 1, true))
  end)

  it("prints one entry for a NAME", function()
    local p = recorded { a = '"x"', b = '"y"' }
    assert.equal("B='y'\n", output(p, "b", "--format", "env"))
    assert.equal("b=y\n", output(p, "b", "--format", "github"))
    assert.equal('b = "y"\n', output(p, "b", "--format", "tfvars"))
    assert.equal(1, p:run("output", "c", "--format", "env").code)
  end)

  it("prints nothing, and says so, when nothing is recorded", function()
    local p = recorded {}
    for _, format in ipairs { "text", "env", "github", "tfvars" } do
      local r = p:run("output", "--format", format)
      assert.equal(0, r.code, r.err)
      assert.equal("", r.out)
      assert.equal("cfkv: no outputs are recorded\n", r.err)
    end
    assert.equal("{}\n", output(p, "--format", "json"))
  end)
end)


describe("output --format", function()
  after_each(project.cleanup)

  local DEEP, LINES = '{"a":[1,1.5,{}],"${b}":null}', [["it's\n${x}"]]

  it("each format quotes in its own way", function()
    local p = recorded { deep = DEEP, lines = LINES }
    assert.equal([[
DEEP='{"${b}":null,"a":[1,1.5,{}]}'
LINES='it'\''s
${x}'
]], output(p, "--format", "env"))
    assert.equal([[
deep = {"$${b}" = null, "a" = [1, 1.5, {}]}
lines = "it's\n$${x}"
]], output(p, "--format", "tfvars"))
  end)

  it("github gets a delimiter around lines", function()
    local text = output(recorded { deep = DEEP, lines = LINES }, "--format", "github")
    local delimiter = text:match "ghadelimiter_%x+"
    assert.equal(([[
deep={"${b}":null,"a":[1,1.5,{}]}
lines<<%s
it's
${x}
%s
]]):format(delimiter, delimiter), text)
  end)

  it("every problem is told and nothing is added", function()
    local p = recorded { ["a b"] = [["\u0000"]], ["a-b"] = "1", nul = [["x\u0000"]] }
    for format, problems in pairs { env = "3 problems", github = "1 problem", tfvars = "1 problem" } do
      local r = p:run("output", "--format", format)
      assert.equal(1, r.code)
      assert.equal("", r.out)
      assert.truthy(r.err:find(("nothing is printed: %s with"):format(problems), 1, true), r.err)
      assert.equal(tonumber(problems:match "%d"), select(2, r.err:gsub("error: output", "")))
    end
  end)
end)


describe("output --format env", function()
  after_each(project.cleanup)

  it("gives a shell that sources it every value back", function()
    local p, wanted = awkward()
    p:write("outputs.env", output(p, "--format", "env"))
    local words, values = {}, {}
    for name, value in pairs(wanted) do
      words[#words + 1], values[#values + 1] = ('"$%s"'):format(name:upper()), value .. "\0"
    end
    p:write("print.sh", [[. ./outputs.env && printf '%s\0' ]] .. table.concat(words, " "))
    local r = p:sh "sh ./print.sh"
    assert.equal(0, r.code, r.err)
    assert.equal(table.concat(values), r.out)
  end)

  it("writes lines that parsers of .env files take too", function()
    local p = recorded { config_dev = '"abc"', limits = [[{"max":17,"on":true}]], url = '"kv://a b/$x"' }
    assert.equal([[
CONFIG_DEV='abc'
LIMITS='{"max":17,"on":true}'
URL='kv://a b/$x'
]], output(p, "--format", "env"))
  end)

  it("makes every name one of the shell", function()
    local p = recorded { ["a-b.c d"] = "1", ["9x"] = "2", ["é"] = "3", _x = "4" }
    assert.equal("_9X='2'\n_X='4'\nA_B_C_D='1'\n_='3'\n", output(p, "--format", "env"))
    assert.equal("_='1'\n", output(recorded { [""] = "1" }, "--format", "env"))
  end)

  it("refuses names that become one, naming all of them", function()
    local p = recorded { ["a-b"] = "1", a_b = "2", A_B = "3", c = "4" }
    local r = p:run("output", "--format", "env")
    assert.equal(1, r.code)
    assert.equal("", r.out)
    assert.truthy(r.err:find("outputs 'A_B' and 'a-b' are both 'A_B' in this format", 1, true), r.err)
    assert.truthy(r.err:find("outputs 'A_B' and 'a_b' are both 'A_B' in this format", 1, true), r.err)
    assert.truthy(r.err:find("nothing is printed: 2 problems with --format env", 1, true), r.err)
    assert.equal("A_B='1'\n", output(p, "a-b", "--format", "env"))
  end)

  it("refuses a NUL in a string, together with every other problem", function()
    local p = recorded { nul = [["a\u0000b"]], a = "1", A = "2", text = [["\\u0000"]],
      nested = [[["\u0000"] ]] }
    local r = p:run("output", "--format", "env")
    assert.equal(1, r.code)
    assert.equal("", r.out)
    assert.truthy(r.err:find("output 'nul' has a NUL in its value", 1, true), r.err)
    assert.truthy(r.err:find("outputs 'A' and 'a' are both 'A' in this format", 1, true), r.err)
    assert.falsy(r.err:find("'text'", 1, true))
    assert.equal([[NESTED='["\u0000"]']] .. "\n", output(p, "nested", "--format", "env"))
  end)
end)


-- Reads lines up to the delimiter as the runner of GitHub Actions does; returns the value and the
-- position behind it.
local function heredoc(text, at, delimiter)
  local start, finish = at, at
  while true do
    local newline = assert(text:find("\n", at, true), "the delimiter is missing")
    if text:sub(at, newline - 1) == delimiter then
      return text:sub(start, finish - 1), newline + 1
    end
    at, finish = newline + 1, newline
  end
end


-- What the runner makes of a file of outputs: a map, names without regard to case.
local function read_github(text)
  local outputs, at = {}, 1
  while at <= #text do
    local newline = assert(text:find("\n", at, true))
    local line = text:sub(at, newline - 1)
    at = newline + 1
    local equals, arrows = line:find("=", 1, true), line:find("<<", 1, true)
    local name, value
    if arrows and (not equals or arrows < equals) then
      name = line:sub(1, arrows - 1)
      value, at = heredoc(text, at, line:sub(arrows + 2))
    else
      name, value = line:sub(1, equals - 1), line:sub(equals + 1)
    end
    assert.is_nil(outputs[name:lower()], name)
    outputs[name:lower()] = value
  end
  return outputs
end


describe("output --format github", function()
  after_each(project.cleanup)

  it("gives the runner every value back", function()
    local p, wanted = awkward()
    assert.same(wanted, read_github(output(p, "--format", "github")))
  end)

  it("keeps to one line where it can, and else to a delimiter that is new each time", function()
    local p = recorded { config_dev = '"abc"', list = "[1,2]", lines = [["a\nb"]] }
    local text = output(p, "--format", "github")
    local delimiter = text:match "lines<<(ghadelimiter_%x+)\n"
    assert.equal(#"ghadelimiter_" + 32, #delimiter)
    assert.equal(("config_dev=abc\nlines<<%s\na\nb\n%s\nlist=[1,2]\n"):format(delimiter, delimiter), text)
    assert.not_equal(text, output(p, "--format", "github"))
  end)

  it("appends to what is there", function()
    local p = recorded { a = [["x\n"]], b = '"y"' }
    local r = p:sh('for name in a b; do cfkv output $name --format github >>"$GITHUB_OUTPUT"; done',
      { env = { GITHUB_OUTPUT = "outputs" } })
    assert.equal(0, r.code, r.err)
    assert.same({ a = "x\n", b = "y" }, read_github(p:read "outputs"))
  end)

  it("refuses names that GitHub does not take, or takes for one", function()
    local p = recorded { ["a b"] = "1", ["9"] = "2", [""] = "3", ["a=b"] = "4", ["é"] = "5", id = "6",
      ID = "7", ["ok-1_"] = "8" }
    local r = p:run("output", "--format", "github")
    assert.equal(1, r.code)
    assert.equal("", r.out)
    for _, name in ipairs { "a b", "9", "", "a=b", "é" } do
      local problem = ("output name '%s' is no identifier, as this format needs"):format(name)
      assert.truthy(r.err:find(problem, 1, true), r.err)
    end
    assert.truthy(r.err:find("outputs 'ID' and 'id' are both 'id' in this format", 1, true), r.err)
    assert.truthy(r.err:find("6 problems with --format github", 1, true), r.err)
    assert.falsy(r.err:find("ok-1_", 1, true))
    assert.equal("ok-1_=8\n", output(p, "ok-1_", "--format", "github"))
  end)
end)


describe("output --format tfvars", function()
  after_each(project.cleanup)

  -- What Terraform 1.11 was seen to read back as the value.
  local HCL = {
    { [["abc"]], [["abc"]] },
    { [[""]], [[""]] },
    { [["a\nb\r\tc"]], [["a\nb\r\tc"]] },
    { [["\"\\n\""]], [["\"\\n\""]] },
    { [["${x} %{if} $x %x $ %"]], [["$${x} %%{if} $x %x $ %"]] },
    { [["$${x} %%{x} $$ ${"]], [["$$${x} %%%{x} $$ $${"]] },
    { [["\u0000\u0001\u001b\u007f"]], [["\u0000\u0001\u001b\u007f"]] },
    { [["é 😀 it's"]], [["é 😀 it's"]] },
    { "0", "0" },
    { "-5", "-5" },
    { "1.5", "1.5" },
    { "1e+300", "1e+300" },
    { "9223372036854775807", "9223372036854775807" },
    { "true", "true" },
    { "false", "false" },
    { "null", "null" },
    { "[]", "[]" },
    { "{}", "{}" },
    { "[[],{},[1]]", "[[], {}, [1]]" },
    { [=[{"":null,"a b":["x",{"${k}":1}],"n":{"on":true}}]=],
      [=[{"" = null, "a b" = ["x", {"$${k}" = 1}], "n" = {"on" = true}}]=] },
  }

  it("writes every value as HCL", function()
    local outputs, wanted = {}, {}
    for i, case in ipairs(HCL) do
      local name = ("v%02d"):format(i)
      outputs[name] = case[1]
      wanted[i] = name .. " = " .. case[2] .. "\n"
    end
    assert.equal(table.concat(wanted), output(recorded(outputs), "--format", "tfvars"))
  end)

  it("refuses names that are no identifiers, all at once", function()
    local p = recorded { ["a b"] = "1", ["9"] = "2", ["a.b"] = "3", ["-a"] = "4", ["ok-1"] = "5", ID = "6",
      id = "7" }
    local r = p:run("output", "--format", "tfvars")
    assert.equal(1, r.code)
    assert.equal("", r.out)
    for _, name in ipairs { "a b", "9", "a.b", "-a" } do
      local problem = ("output name '%s' is no identifier, as this format needs"):format(name)
      assert.truthy(r.err:find(problem, 1, true), r.err)
    end
    assert.truthy(r.err:find("4 problems with --format tfvars", 1, true), r.err)
    assert.equal("ok-1 = 5\n", output(p, "ok-1", "--format", "tfvars"))
  end)
end)
