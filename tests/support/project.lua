--- A throw-away project folder, and the program run in it.
--
--     local project = require "support.project"
--
--     local p = project.new { ["kv.lua"] = "local cfkv = require 'cfkv' …" }
--     local r = p:run("plan", "--local", "--json")
--     assert.equal(0, r.code)
--     assert.equal(1, r.json().summary.create)
--     p:remove()
--
-- Run specs from the top folder of the repository. The program is $CFKV, else build/fault/cfkv.
--
-- project.new(files?)        makes the folder; `files` maps a path to its bytes
-- project.quick(files?)      makes it on a disk of memory where there is one: for specs that run the
--                            program hundreds of times, each of which waits for the disk dozens of times
-- project.cleanup()          removes every folder made so far: `after_each(project.cleanup)`
-- project.ok(r)              r, what a run gave, which must have ended with 0
-- project.slurp(path)        the bytes of any file, or nil
-- project.quote(s)           `s` as one word for the shell
-- project.program            the absolute path of the program
-- project.is_sanitized()     true for an ASan build (which needs address space without limits)
--
-- p.dir                      its absolute path
-- p:path(name)               the absolute path of something in it
-- p:write(name, bytes)       writes a file, making its parents
-- p:read(name)               its bytes, or nil
-- p:exists(name)             true for a file or a folder
-- p:files(name?)             sorted list of all paths below (a folder of) it, files only
-- p:copy(from)               copies a folder of the repository into it ("examples/quickstart")
-- p:remove()                 removes it all
-- p:run(args..., options?)   runs the program with these words; a last table has options:
--       cwd       folder below the project to run in
--       env       variables to set; the value false unsets one
--       stdin     bytes to feed (without: /dev/null)
--       stdout    a path to redirect stdout to, instead of catching it ("/dev/full")
--       timeout   seconds until it is killed with code 124 (default 30)
--       before    shell code run before it ("ulimit -f 8;")
--       pipe      a shell command that reads its stdout instead ("head -c 1"); code stays ours
--   → { code = 0..255, out = stdout, err = stderr, seconds = wall time,
--       told = function() → stderr without the lines of Lua files that it shows,
--       json = function() decodes stdout, which must be one JSON document }
--   A program ended by a signal has code 128 + its number.
-- p:sh(command, options?)    runs a shell command the same way, with `cfkv` in its PATH
-- p:on_terminal(answer, words, options?)
--       runs `cfkv WORDS` on a terminal, waits for a question and types `answer`, a format of printf
--       ("yes\\n"; "\\004" is Ctrl-D) → as p:sh, `out` being all that the terminal showed; options as
--       above, and `meanwhile`: shell code run while it waits
-- p:start(args..., options?) starts the program and returns at once →
--     { pid = function() → its process id (nil before it runs and after it ended),
--       wait = function() → as p:run,
--       stderr = the path that collects its stderr meanwhile }
--
-- With CFKV_DOCUMENTS, a folder, what the program prints with --json is added to a file in it, and so is
-- each state file that a project has when it is removed, unless the spec wrote one itself: a line of
-- JSON each, as tests/peers/documents.mjs reads them.
--
-- Every run starts from a bare environment (PATH, HOME, LANG) so that what a developer has exported
-- cannot reach it.

local cjson = require "cjson"

local project = {}
project.__index = project

local live = {}


function project.quote(s)
  return "'" .. tostring(s):gsub("'", "'\\''") .. "'"
end

local quote = project.quote


local function slurp(path)
  local f = io.open(path, "rb")
  if not f then
    return nil
  end
  local bytes = f:read "a"
  f:close()
  return bytes
end

project.slurp = slurp


-- ---- Documents ----------------------------------------------------------------------------------------

local DOCUMENTS = os.getenv "CFKV_DOCUMENTS"
local documents -- the file of this process


local function keep_document(entry)
  if not documents then
    local pid = slurp "/proc/self/stat":match "^%d+"
    documents = assert(io.open(("%s/%s.jsonl"):format(DOCUMENTS, pid), "ab"))
  end
  for place in debug.traceback():gmatch "[%w_]+_spec%.lua:%d+" do
    entry.spec = place -- the outermost: that of the test
  end
  assert(documents:write(cjson.encode(entry), "\n"))
  documents:flush()
end


local function asks_for_json(words)
  local before
  for i, word in ipairs(words) do
    if word == "--" then
      return false
    elseif word == "--json" or i == 1 and word == "eval" or before == "--format" and word == "json" then
      return true
    end
    before = word
  end
  return false
end


-- What stdout took whole, of a program that ended by itself.
local function keep_printed(words, options, r)
  local whole = not (options.stdout or options.pipe or options.before)
  if DOCUMENTS and whole and r.code and r.code < 124 and asks_for_json(words) then
    keep_document { args = words, code = r.code, out = r.out }
  end
end


-- The program writes a state whole: what is no JSON is what a spec made of one.
local function keep_state(text)
  if pcall(cjson.decode, text) then
    keep_document { state = text }
  end
end


-- Those of the local store, in hexadecimal: a line each. A program more for each project: of a spec, those
-- of the first ones.
local LOCAL_STATES = "sqlite3 -readonly %s 'SELECT hex(content) FROM documents' 2>/dev/null"
local LOCAL_MAX = 20
local n_local = 0


-- Where they are unless a spec says otherwise.
local function keep_states(p)
  if not DOCUMENTS or p.wrote_state then
    return
  end
  local account = p:read "kv.state.json"
  if account then
    keep_state(account)
  end
  local store = p:path ".wrangler/state/v3/cfkv.sqlite"
  if n_local < LOCAL_MAX and slurp(store) then
    n_local = n_local + 1
    for line in io.popen(LOCAL_STATES:format(quote(store))):lines() do
      keep_state((line:gsub("%x%x", function(hex) return string.char(tonumber(hex, 16)) end)))
    end
  end
end


local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  assert(pipe:close(), command)
  return (text:gsub("\n$", ""))
end


local function absolute(path)
  if path:sub(1, 1) == "/" then
    return path
  end
  return output_of "pwd" .. "/" .. path
end

project.program = absolute(os.getenv "CFKV" or "build/fault/cfkv")
local LAUNCH = absolute "build/launch" -- tests/support/launch.c


function project.ok(r)
  assert(r.code == 0, ("exit %s\n%s%s"):format(r.code, r.out, r.err))
  return r
end


function project.is_sanitized()
  return project.program:find("/asan/", 1, true) ~= nil
end


local function new(below, files)
  local dir = output_of(("mktemp -d %s/cfkv-spec.XXXXXXXX"):format(below))
  local p = setmetatable({ dir = dir, runs = 0 }, project)
  live[#live + 1] = p
  for name, bytes in pairs(files or {}) do
    p:write(name, bytes)
  end
  return p
end


function project.new(files)
  return new("/tmp", files)
end


function project.quick(files)
  return new(os.execute "test -w /dev/shm" and "/dev/shm" or "/tmp", files)
end


function project.cleanup()
  for _, p in ipairs(live) do
    p:remove()
  end
  live = {}
end


function project:path(name)
  return name:sub(1, 1) == "/" and name or self.dir .. "/" .. name
end


function project:write(name, bytes)
  local path = self:path(name)
  self.wrote_state = self.wrote_state or name:find "state%.json" ~= nil
  if name:find("/", 1, true) then
    assert(os.execute("mkdir -p " .. quote(path:match "^(.*)/")))
  end
  local f = assert(io.open(path, "wb"))
  assert(f:write(bytes))
  assert(f:close())
end


function project:read(name)
  return slurp(self:path(name))
end


function project:exists(name)
  return os.execute("test -e " .. quote(self:path(name))) == true
end


function project:files(name)
  local list = {}
  local from = self:path(name or ".")
  local pipe = assert(io.popen("cd " .. quote(from) .. " && find . -type f | LC_ALL=C sort"))
  for line in pipe:lines() do
    list[#list + 1] = line:sub(3)
  end
  pipe:close()
  return list
end


function project:copy(from)
  assert(os.execute(("cp -R %s/. %s"):format(quote(from), quote(self.dir))))
end


function project:remove()
  if self.removed then
    return
  end
  self.removed = true
  keep_states(self)
  local remove = ("rm -rf %s %s.run*"):format(quote(self.dir), self.dir)
  if not os.execute(remove .. " 2>/dev/null") then
    os.execute(("chmod -R u+rwX %s 2>/dev/null; %s"):format(quote(self.dir), remove))
  end
end


-- The bare environment and what `env` adds to it or takes away, as words.
local function environment(p, env)
  local set = { PATH = os.getenv "PATH", HOME = p.dir, LANG = "C.UTF-8" }
  for name, value in pairs(env or {}) do
    set[name] = value or nil
  end
  local words = {}
  for name, value in pairs(set) do
    words[#words + 1] = quote(name .. "=" .. value)
  end
  return table.concat(words, " ")
end


-- The files next to (not in) the project that catch one run's output.
local function catchers(p)
  p.runs = p.runs + 1
  local base = ("%s.run%d."):format(p.dir, p.runs)
  return { out = base .. "out", err = base .. "err", code = base .. "code", stdin = base .. "in" }
end


-- `command`, wrapped with folder, environment, time limit and redirections.
local function wrap(p, command, options, files)
  local stdin = "/dev/null"
  if options.stdin then
    stdin = files.stdin
    local f = assert(io.open(stdin, "wb"))
    assert(f:write(options.stdin))
    assert(f:close())
  end
  local body = ("%s exec %s %s %s -- %s"):format(options.before or "", quote(LAUNCH), options.timeout or 30,
    environment(p, options.env), command)
  local out = options.stdout and quote(options.stdout) or quote(files.out)
  if options.pipe then
    body = ("{ (%s); echo $? >%s; } | %s >%s"):format(body, quote(files.code), options.pipe, out)
  else
    body = ("(%s) >%s; echo $? >%s"):format(body, out, quote(files.code))
  end
  return ("cd %s && { %s; } <%s 2>%s"):format(quote(p:path(options.cwd or ".")), body,
    quote(stdin), quote(files.err))
end


local function result(files, options, seconds)
  local r = {
    code = tonumber(slurp(files.code) or ""),
    out = slurp(files.out) or "",
    err = slurp(files.err) or "",
    seconds = seconds,
  }
  function r.json()
    local ok, document = pcall(cjson.decode, r.out)
    if not ok then
      error(("stdout is not JSON (%s):\n%s\nstderr:\n%s"):format(document, r.out, r.err), 2)
    end
    return document
  end
  function r.told()
    return (r.err:gsub("\n  %d+ | [^\n]*\n +| +%^~*%f[\n]", ""))
  end
  for _, path in pairs(files) do
    if path ~= options.stdout then
      os.remove(path)
    end
  end
  return r
end


local function now()
  local f = assert(io.open("/proc/uptime"))
  local seconds = f:read "n"
  f:close()
  return seconds
end


-- Shell code of a spec's is bash's, in which `ulimit -f` counts KiB; what stands around it runs in any
-- shell, and sh begins sooner.
local function shell(script, options)
  return (options.before and "bash -c " or "sh -c ") .. quote(script)
end


local function execute(p, command, options)
  local files = catchers(p)
  local script = wrap(p, command, options, files)
  local began = now()
  os.execute(options.before and shell(script, options) or script)
  return result(files, options, now() - began)
end


-- The command of a run, its options, and its words.
local function words(...)
  local list, quoted = { ... }, { quote(project.program) }
  local options = {}
  if type(list[#list]) == "table" then
    options = table.remove(list)
  end
  for i, word in ipairs(list) do
    quoted[i + 1] = quote(word)
  end
  return table.concat(quoted, " "), options, list
end


function project:run(...)
  local command, options, list = words(...)
  local r = execute(self, command, options)
  keep_printed(list, options, r)
  return r
end


function project:sh(command, options)
  options = options or {}
  local env = { PATH = project.program:match "^(.*)/" .. ":" .. os.getenv "PATH" }
  for name, value in pairs(options.env or {}) do
    env[name] = value
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.env = env
  return execute(self, "bash -c " .. quote(command), copy)
end


function project:on_terminal(answer, command, options)
  local r = self:sh(([[
    mkfifo keys
    script -qec 'cfkv %s' /dev/null <keys >seen 2>&1 &
    exec 3>keys
    until grep -q "is accepted" seen; do kill -0 $! || break; done
    %s
    printf '%s' >&3
    wait $!; code=$?; rm keys
    cat seen; rm seen
    exit $code]]):format(command, options and options.meanwhile or "", answer), options)
  r.out = r.out:gsub("\r", "")
  return r
end


-- The process `pid` or one below it that has this name: /proc says so without a further process.
local function descendant(pid, name)
  if slurp(("/proc/%d/comm"):format(pid)) == name .. "\n" then
    return pid
  end
  for child in (slurp(("/proc/%d/task/%d/children"):format(pid, pid)) or ""):gmatch "%d+" do
    local found = descendant(tonumber(child), name)
    if found then
      return found
    end
  end
  return nil
end


function project:start(...)
  local command, options, list = words(...)
  local files = catchers(self)
  local script = wrap(self, command, options, files)
  local pid_file = files.out .. ".pid"
  local began = now()
  os.execute(("setsid %s & echo $! >%s"):format(shell(script, options), quote(pid_file)))
  local group = assert(tonumber(slurp(pid_file)))
  os.remove(pid_file)
  local started = { stderr = files.err }
  function started.pid()
    return descendant(group, project.program:match "[^/]+$")
  end
  function started.wait()
    while not tonumber(slurp(files.code) or "") do
      os.execute "sleep 0.02"
    end
    local r = result(files, options, now() - began)
    keep_printed(list, options, r)
    return r
  end
  return started
end


return project
