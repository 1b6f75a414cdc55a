-- The catalogue of messages: each code that a diagnostic or a failure can have is provoked here, and what
-- people then read is kept in tests/golden/messages_*.txt, to be read in full when it changes:
--
--     GOLDEN=write busted --lua=lua5.4 tests/cli/messages_spec.lua
--
-- The cases are tables in tests/messages, a file of them a golden file. A case:
--
--     code       (first) the code that it provokes
--     name       what is special about it
--     lua        the configuration, behind `local cfkv = require "cfkv"`; `bare`: all of it; `ns`: the
--                same of a declared namespace `ns`, bound as NS
--     files, sh  further files by name, and a shell command, before
--     before     lists of words that run before, with the same target
--     later      the configuration when those have run (as `lua`); sh_later, env_later: from then on
--     run        the words of the command (default: validate)
--     id_of      the title of a namespace whose id is put for {ID} in `later` and `sh_later`
--     ahead      the service's clock
--     account    true: with the emulator as the account; a table: its faults file
--     says       what must stand in its message
--     env        variables; `json = false`: its text must be taken as the witness of its code
--     shell      a shell command that is run in the place of `run`; $REQUESTS is the account's log
local cjson = require "cjson"
local emulator = require "support.emulator"
local golden = require "support.golden"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\n'
local FILES = { "commands", "configuration", "credentials", "export", "import", "import_terraform", "mistakes", "plan" }

local HOW = "Add one to a table in tests/messages (its fields: this spec), run GOLDEN=write busted --lua=lua5.4 "
  .. "tests/cli/messages_spec.lua, and read what it changed in tests/golden. If it is no code, say so in NOT_CODES."

-- What looks like a code in the source and is none.
local NOT_CODES = {
  "%.h$", "%.lua$", "%.jsonc?$", "%.toml$", "%.[jt]s$", -- names of files
  "^cfkv%.", "^coroutine%.", "^table%.", "^bulk%.putt$", -- names of Lua
  "^file%.", "^blob%.", "^registry%.", "^store%.", "^state%.rename$", -- where tests break the program
  "^plan%.[a-z]+$", "^audit%.html$", "^audit%.markdown$", "^output%.[et]", -- modules of lua/host
  "^flare%.dev$", -- a group of another tool
  "^backups%.", "^ephemeral%.", "^guards%.", "^limits%.", -- fields of fields
  "^kind%.problem$", "^bulk%.put$", "^key%.expir$", "^vars%.", "^namespace%.delete$",
}


-- What cannot be provoked from outside → the test of it, or why there is none.
local ELSEWHERE = {
  ["audit.folders"] = "tests/unit/test_plan_below.c", -- a thousand files
  ["failure.interrupted"] = false, -- who is interrupted is told on stderr alone, or by the document of the work
  ["guard.missing"] = "tests/unit/test_plan_unlisted.c", -- many namespaces that a listing leaves out
  ["source.missing"] = "tests/unit/test_seed_validate.c", -- a file that goes while it is looked at
}


local function configuration(case, field)
  local text = case[field]
  if text then
    return HEAD .. text .. "\n"
  end
end


local function write_config(p, case)
  local ns = case.ns and ('%slocal ns = cfkv.namespace { title = "a", binding = "NS" }\n%s\n'):format(HEAD, case.ns)
  local text = case.bare or ns or configuration(case, "lua")
  if text then
    p:write("kv.lua", (text:gsub("%%d", tostring(os.time() + 30))))
  end
end


local json_of = {} -- commands → whether they have --json


-- How many words the command is, and whether it has --json.
local function command_of(words)
  local n = words[1] == "kv" and 3 or words[1] == "state" and 2 or 1
  local command = table.concat(words, " ", 1, math.min(n, #words))
  if json_of[command] == nil then
    local help = project.quick():run("help", table.unpack(words, 1, n))
    json_of[command] = help.code == 0 and help.out:find("--json", 1, true) ~= nil
  end
  return n, json_of[command]
end


-- What is another one each time → what stands for it.
local MASKS = {
  [" %(cf%-ray [^)]+%)"] = "",
  ["127%.0%.0%.1:%d+"] = "127.0.0.1:PORT",
  ["%d%d:%d%d:%d%d"] = "TIME",
  ["again in [%d.]+ s"] = "again in … s",
  ["by pid %d+ on host %S+"] = "by pid … on host …",
  ["it is %d+ s "] = "it is … s ",
  ["expiration '%d+ %b()' of key 'k' is less"] = "expiration … of key 'k' is less",
  ["expiration = 17%d+"] = "expiration = soon",
}

local function masked(text)
  for pattern, instead in pairs(MASKS) do
    text = text:gsub(pattern, instead)
  end
  return golden.masked(text)
end


-- The message itself says what would be right.
local function says_it(message)
  return message:find "must be " or message:find " takes " or message:find "^%-%-[%l-]+ needs [%w|]"
    or message:find "^seed%.lua:%d+: boom$"
end


local function id_titled(title, r)
  for _, ns in ipairs(r.json()) do
    if ns.title == title then
      return ns.id
    end
  end
end


-- Runs it → { text = what people read, codes = set of those in JSON, bare = errors without a hint }.
local function provoke(case)
  local p = project.quick()
  local e = case.account and emulator.start(p, "--memory", {
    faults = type(case.account) == "table" and case.account or nil,
    env = case.ahead and { CFKV_CLOCK_AHEAD = tostring(case.ahead) } })
  local function run(words)
    local options = { env = e and e:env(case.env) or case.env }
    words = { table.unpack(words) }
    words[#words + 1] = options
    return p:run(table.unpack(words))
  end
  for name, text in pairs(case.files or {}) do
    p:write(name, text)
  end
  write_config(p, case)
  if case.sh then
    p:sh(case.sh)
  end
  for _, words in ipairs(case.before or {}) do
    local r = run(words)
    assert(r.code == 0, table.concat(words, " ") .. ": " .. r.err)
  end
  local list = { "kv", "namespace", "list", "--json", not e and "--local" or nil }
  local id = case.id_of and id_titled(case.id_of, run(list))
  local function with_id(text)
    return text and text:gsub("{ID}", id or "{ID}")
  end
  if case.later then
    p:write("kv.lua", with_id(configuration(case, "later")))
  end
  if case.sh_later then
    p:sh(with_id(case.sh_later))
  end
  case.env = case.env_later or case.env
  local words = case.run or { "validate" }
  local with_json = { table.unpack(words) }
  local n, has_json = command_of(words)
  if has_json and case.json ~= false then
    table.insert(with_json, math.min(n, #words) + 1, "--json")
  end
  local r
  if case.shell then
    local env = e and e:env(case.env) or case.env or {}
    env.REQUESTS = e and e.started.stderr
    r = p:sh(case.shell, { env = env })
  else
    r = run(with_json)
  end
  local found = { codes = {}, bare = {} }
  for code in r.out:gmatch '"code": "([^"]+)"' do
    found.codes[code] = true
  end
  if case.json == false then -- the text is the witness
    found.codes[case[1]] = true
  end
  local ok, document = pcall(cjson.decode, r.out)
  for _, d in ipairs(ok and type(document) == "table" and document.diagnostics or {}) do
    if d.severity == "error" and d.hint == cjson.null and not says_it(d.message) then
      found.bare[#found.bare + 1] = d.message
    end
  end
  found.raw = r.err
  local title = case[1] .. (case.name and ": " .. case.name or "")
  found.text = ("== %s\n$ cfkv %s\n%s-- exit %d\n\n"):format(title, table.concat(words, " "),
    masked(r.err:gsub(p.dir, "…")), r.code)
  return found
end


-- Codes in the source → where the first of each stands.
local function codes_of_the_source()
  local found = {}
  local command = [[grep -rnoE '"[a-z]+\.[a-z_0-9]+"' src --include=*.c --include=*.h]]
  for line in io.popen(command):lines() do
    local place, code = line:match '^([^:]+:%d+):"([^"]+)"$'
    local is_code = code ~= nil
    for _, pattern in ipairs(NOT_CODES) do
      is_code = is_code and not code:find(pattern)
    end
    if is_code and not found[code] then
      found[code] = place
    end
  end
  return found
end


describe("the catalogue of messages", function()
  local seen, bare, astray, silent = {}, {}, {}, {}

  teardown(emulator.cleanup_all)

  local slow = os.getenv "SLOW"

  for _, file in ipairs(FILES) do
    it("of the " .. file .. " is what it was", function()
      local texts = {}
      for _, case in ipairs(require("messages." .. file)) do
        local began = slow and io.open("/proc/uptime"):read "n"
        local found = provoke(case)
        if slow and io.open("/proc/uptime"):read "n" - began > 0.5 then
          print(io.open("/proc/uptime"):read "n" - began, case[1], case.name)
        end
        emulator.cleanup_all()
        for code in pairs(found.codes) do
          seen[code] = true
        end
        for _, words in ipairs(case.says or {}) do
          if not found.raw:find(words, 1, true) then
            silent[#silent + 1] = ("%s: no %q in\n%s"):format(case[1], words, found.text)
          end
        end
        for _, message in ipairs(found.bare) do
          bare[#bare + 1] = ("%s (a case of %s in tests/messages/%s.lua)"):format(message, case[1], file)
        end
        if next(found.codes) and not found.codes[case[1]] then
          astray[#astray + 1] = found.text
        end
        texts[#texts + 1] = found.text
      end
      golden.check("messages_" .. file, table.concat(texts))
    end)
  end

  it("has every code of the source", function()
    local missing = {}
    for code, place in pairs(codes_of_the_source()) do
      local elsewhere = ELSEWHERE[code] and assert(io.open(ELSEWHERE[code])):read "a"
      if not seen[code] and ELSEWHERE[code] ~= false and not (elsewhere and elsewhere:find(code, 1, true)) then
        missing[#missing + 1] = ("%s of %s is in no case"):format(code, place)
      end
    end
    table.sort(missing)
    assert(#missing == 0, table.concat(missing, "\n") .. "\n" .. HOW)
  end)

  it("provokes with each case the code that it names", function()
    assert.equal("", table.concat(astray))
  end)

  it("says of each mistake what, which value, where, and what to do", function()
    assert.equal("", table.concat(silent))
    assert.is_true(#require "messages.mistakes" >= 90)
  end)

  it("says of every error what to do", function()
    assert.equal("", table.concat(bare, "\n"))
  end)
end)
