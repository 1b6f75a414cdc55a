--- `cfkv serve` in the background of a spec, and requests to it.
--
--     local emulator = require "support.emulator"
--
--     local e = emulator.start(p, "--memory", { faults = { rules = { { fault = "reset" } } } })
--     local r = p:run("apply", "--yes", { env = e:env() })
--     assert.equal(3, #e:requests())
--     e:stop()
--
-- emulator.start(p, words..., options?)  starts it in the project's folder with these words and waits
--     until it listens, or has ended. The options are those of p:run, and
--       faults    the faults file, as a table (or its text, for what no table says: an empty array)
-- emulator.cleanup()        stops every one that was started: before project.cleanup in `after_each`
-- emulator.cleanup_all()    both
-- emulator.quick()          a quick project, and one that is empty for it
-- emulator.ACCOUNT          its account
-- emulator.TOKEN            a token that is nowhere else
--
-- e.url, e.port             where it listens; nil when it ended without saying so
-- e:env(more?)              the environment that points a client at it with TOKEN, where waiting for
--                           a second takes 2 ms; with the variables of `more`
-- e:run(p, words...)        p:run with it as the account
-- e:run_in_account(p, words...)  the same where the account need not be asked for
-- e:requests(endpoint?)     its log so far, of one endpoint or all: a list of decoded lines
-- e:wait_for(text, n?, after?)  blocks until n lines (1) of its log have this text, behind the first
--                           `after` lines
-- e:logged()                how many lines its log has so far
-- e:ask(method, path, body?, headers?)  one request → status, the answer decoded (else its text).
--                           `headers` are added; false takes one away
-- e:stop(signal?)           ends it → what p:run gives, `out` being what came behind the URL

local cjson = require "cjson"
local project = require "support.project"

local quote = project.quote

local emulator = {
  ACCOUNT = "cf000000000000000000000000000001",
  TOKEN = "T0ken-of-the-tests_that-is-nowhere-else",
}
emulator.__index = emulator

local live = {}
local count = 0


local function write(path, bytes)
  local f = assert(io.open(path, "wb"))
  assert(f:write(bytes))
  assert(f:close())
end


-- Its stdout is a FIFO, so that reading blocks until the line is there or the program has ended.
function emulator.start(p, ...)
  local words = { "serve", "--port", "0", ... }
  local options = {}
  for name, value in pairs(type(words[#words]) == "table" and table.remove(words) or {}) do
    options[name] = value
  end
  count = count + 1
  local base = ("%s.run-serve%d."):format(p.dir, count)
  if options.faults then
    local faults = options.faults
    write(base .. "faults", type(faults) == "string" and faults or cjson.encode(faults))
    words[#words + 1] = "--faults"
    words[#words + 1] = base .. "faults"
  end
  options.stdout = base .. "out"
  options.timeout = options.timeout or 300
  words[#words + 1] = options
  assert(os.execute("mkfifo " .. quote(options.stdout)))
  local e = setmetatable({ started = p:start(table.unpack(words)) }, emulator)
  e.out = assert(io.open(options.stdout))
  os.remove(options.stdout)
  e.url = e.out:read "l"
  e.port = e.url and e.url:match ":(%d+)/"
  live[#live + 1] = e
  return e
end


function emulator:stop(signal)
  if not self.ended then
    local pid = self.started.pid()
    if pid then
      os.execute(("kill -%s %d"):format(signal or "TERM", pid))
    end
    local out = self.out:read "a" -- until it has ended
    self.out:close()
    self.ended = self.started.wait()
    self.ended.out = out
  end
  return self.ended
end


function emulator.cleanup()
  for _, e in ipairs(live) do
    e:stop()
  end
  live = {}
end


function emulator.cleanup_all()
  emulator.cleanup()
  project.cleanup()
end


function emulator.quick()
  local p = project.quick()
  return p, emulator.start(p, "--memory")
end


function emulator:env(more)
  local env = {
    CLOUDFLARE_API_BASE_URL = self.url,
    CLOUDFLARE_API_TOKEN = emulator.TOKEN,
    CFKV_WAIT_UNIT_MS = "2",
  }
  for name, value in pairs(more or {}) do
    env[name] = value
  end
  return env
end


local function run(p, env, ...)
  local words = { ... }
  words[#words + 1] = { env = env }
  return p:run(table.unpack(words))
end


function emulator:run(p, ...)
  return run(p, self:env(), ...)
end


function emulator:run_in_account(p, ...)
  return run(p, self:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }, ...)
end


function emulator:requests(endpoint)
  local text = self.ended and self.ended.err
  if not text then
    local f = assert(io.open(self.started.stderr, "rb"))
    text = f:read "a"
    f:close()
  end
  local list = {}
  for line in text:gmatch "([^\n]+)\n" do
    local request = line:find "^{" and cjson.decode(line)
    if request and (not endpoint or request.endpoint == endpoint) then
      list[#list + 1] = request
    end
  end
  return list
end


local WAIT = [[
  exec 3< <(exec tail -n "+$from" -f "$log")
  while [ "$n" -gt 0 ] && IFS= read -r line <&3; do
    case $line in *"$text"*) n=$((n - 1)) ;; esac
  done
  kill $!
  [ "$n" = 0 ]
]]


function emulator:wait_for(text, n, after)
  local command = ("log=%s text=%s n=%d from=%d timeout 20 bash -c %s"):format(quote(self.started.stderr),
    quote(text), n or 1, (after or 0) + 1, quote(WAIT))
  assert(os.execute(command), "never logged: " .. text)
end


function emulator:logged()
  local n = 0
  for _ in io.lines(self.started.stderr) do
    n = n + 1
  end
  return n
end


function emulator:ask(method, path, body, headers)
  local words = { "curl -q -sS --noproxy '*' --max-time 10 -w '\\n%{http_code}' -X", method }
  local all = { Authorization = "Bearer " .. emulator.TOKEN }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  for name, value in pairs(all) do
    words[#words + 1] = value and "-H " .. quote(name .. ": " .. value) or ""
  end
  words[#words + 1] = body and "--data-binary " .. quote(body) or ""
  words[#words + 1] = quote(self.url .. path)
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  local answer, status = pipe:read("a"):match "^(.*)\n(%d+)$"
  pipe:close()
  local ok, document = pcall(cjson.decode, answer)
  return tonumber(status), ok and document or answer
end


return emulator
