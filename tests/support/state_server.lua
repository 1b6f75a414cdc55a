--- A service that holds a remote state, in the background of a spec (tests/support/state_double.c).
--
--     local state_server = require "support.state_server"
--
--     local s = state_server.start(p, "s3")
--     p:write("kv.lua", ('cfkv.project { name = "shop", state = %q } …'):format(s.url))
--     local r = p:run("apply", "--yes", { env = e:env(s:env()) })
--     assert.equal(3, #s:requests())
--     assert.equal(1, s:document().serial)
--
-- state_server.start(p, mode, options?)  starts one; what it holds is gone with the project. Modes:
--       "s3"       compare-and-swap by ETag, without locks
--       "http"     Terraform's protocol: LOCK, UNLOCK
--       "gitlab"   the same by POST and DELETE of …/lock; a serial is written once; seven fields
--       "leases"   the same by both, with locks that expire, as examples/state-worker has them
--     The options are those of state_double.c:
--       conditions  of s3: "quoted" (R2), "unquoted" (Ceph), "either" (AWS), "ignored" (s3rver)
--       etag        false: no answer has one
--       locks       false: LOCK is a 405
--       missing     what If-Match where nothing is gets: 412, or 404
--       empty       what a GET gets where nothing is: 404, 204 (gitlab), 200
--       pace_ms     a second write of a key within it is a 429, as on R2
--       limit       of a document, in bytes
--       anybody     true: credentials are not asked for
-- state_server.cleanup()      ends every one that was started: before project.cleanup in `after_each`
-- state_server.cleanup_all()  the emulators and the projects, too
-- state_server.ACCESS, SECRET, TOKEN, USER, PASSWORD   what it is asked with; nowhere else
--
-- s.url              the address of the state, as in kv.lua
-- s.endpoint         "http://127.0.0.1:PORT"
-- s.name             the path of the document: "bucket/kv.json"
-- s:env(more?)       the credentials for it as variables, with those of `more`
-- s:requests(verb?)  its log so far, of one verb or all: decoded lines (see state_double.c)
-- s:written()        each document that was written: { document, n = number of its request }
-- s:text(name?)      the bytes of a document, ours without a name; nil: there is none
-- s:document(name?)  the same, decoded
-- s:put(text, name?) writes one as somebody else would; nil removes it
-- s:lock()           the lock info of the lock that is held, decoded; nil
-- s:hold(info)       somebody else holds it
-- s:faults(rules)    what goes wrong from now on: a list of rules (see state_double.c); nil: nothing
-- s:advance(seconds) its clock goes on
-- s:wait_for(text, n?)  blocks until n lines (1) of its log have this text
-- s:ask(verb, path, body?, headers?)  one request → status, body, headers (in lower case);
--                    credentials are sent unless headers.Authorization is false
-- s:stop()

local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local quote = project.quote

local state_server = {
  ACCESS = "AKIDofTheTests",
  SECRET = "s3cret-of-the-tests_that-is-nowhere-else",
  TOKEN = "St4te-token-of-the-tests_that-is-nowhere-else",
  USER = "ci-user",
  PASSWORD = "passw0rd-of-the-tests_that-is-nowhere-else",
}
state_server.__index = state_server

local NAMES = {
  s3 = "bucket/kv.json",
  http = "state/shop",
  leases = "state/shop",
  gitlab = "api/v4/projects/7/terraform/state/shop",
}

local PROGRAM = project.program:match "^(.*)/" .. "/support/state_double"

local live = {}
local count = 0


local function write(path, bytes)
  local f = assert(io.open(path .. ".new", "wb"))
  assert(f:write(bytes))
  assert(f:close())
  assert(os.rename(path .. ".new", path))
end


local function base64(text)
  local pipe = assert(io.popen("printf %s " .. quote(text) .. " | base64 -w0"))
  local encoded = pipe:read "a"
  pipe:close()
  return encoded
end


local function authorization(mode)
  if mode == "gitlab" then
    return "Basic " .. base64(state_server.USER .. ":" .. state_server.PASSWORD)
  end
  return "Bearer " .. state_server.TOKEN
end


function state_server.start(p, mode, options)
  count = count + 1
  local s = setmetatable({ mode = mode, name = assert(NAMES[mode], mode) }, state_server)
  s.dir = ("%s.run-state%d"):format(p.dir, count)
  local told = { mode = mode }
  for name, value in pairs(options or {}) do
    told[name] = value
  end
  if not told.anybody then
    told.access = mode == "s3" and state_server.ACCESS or nil
    told.authorization = mode ~= "s3" and authorization(mode) or nil
  end
  assert(os.execute(("mkdir %s && mkfifo %s/out"):format(quote(s.dir), quote(s.dir))))
  write(s.dir .. "/options", cjson.encode(told))
  os.execute(("setsid %s %s >%s/out 2>%s/err </dev/null & echo $! >%s/pid"):format(quote(PROGRAM),
    quote(s.dir), quote(s.dir), quote(s.dir), quote(s.dir)))
  local out = assert(io.open(s.dir .. "/out"))
  s.endpoint = assert(out:read "l", "it did not start")
  out:close()
  s.pid = tonumber(project.slurp(s.dir .. "/pid"))
  s.port = s.endpoint:match "%d+$"
  s.url = mode == "s3" and "s3://" .. s.name or s.endpoint .. "/" .. s.name
  live[#live + 1] = s
  return s
end


function state_server:stop()
  if self.pid then
    os.execute(("kill -KILL %d 2>/dev/null"):format(self.pid))
    self.pid = nil
  end
end


function state_server.cleanup()
  for _, s in ipairs(live) do
    s:stop()
  end
  live = {}
end


function state_server.cleanup_all()
  state_server.cleanup()
  emulator.cleanup_all()
end


function state_server:env(more)
  local env = { CFKV_WAIT_UNIT_MS = "2" }
  if self.mode == "s3" then
    env.AWS_ACCESS_KEY_ID = state_server.ACCESS
    env.AWS_SECRET_ACCESS_KEY = state_server.SECRET
    env.AWS_ENDPOINT_URL_S3 = self.endpoint
    env.AWS_REGION = "auto"
  elseif self.mode == "gitlab" then
    env.TF_HTTP_ADDRESS = self.url
    env.TF_HTTP_USERNAME = state_server.USER
    env.TF_HTTP_PASSWORD = state_server.PASSWORD
  else
    env["CFKV_STATE_TOKEN_127_0_0_1_" .. self.port] = state_server.TOKEN
  end
  for name, value in pairs(more or {}) do
    env[name] = value
  end
  return env
end

-- ---- What it holds -----------------------------------------------------------------------------------

local function file(s, kind, name)
  return ("%s/%s/%s"):format(s.dir, kind, ((name or s.name):gsub("/", "%%2F")))
end


function state_server:text(name)
  return project.slurp(file(self, "objects", name))
end


local function decoded(text)
  return text and cjson.decode(text)
end


function state_server:document(name)
  return decoded(self:text(name))
end


function state_server:put(text, name)
  if text then
    write(file(self, "objects", name), text)
  else
    os.remove(file(self, "objects", name))
  end
end


function state_server:lock()
  return decoded(project.slurp(file(self, "locks")))
end


function state_server:hold(info)
  write(file(self, "locks"), type(info) == "string" and info or cjson.encode(info))
end


function state_server:faults(rules)
  if rules then
    write(self.dir .. "/faults", cjson.encode { rules = rules })
  else
    os.remove(self.dir .. "/faults")
  end
end


function state_server:advance(seconds)
  local path = self.dir .. "/clock"
  write(path, ("%d"):format((tonumber(project.slurp(path) or "") or 0) + seconds))
end

-- ---- What it was asked -------------------------------------------------------------------------------

function state_server:requests(verb)
  local list = {}
  for line in (project.slurp(self.dir .. "/log") or ""):gmatch "([^\n]+)\n" do
    local request = cjson.decode(line)
    if not verb or request.verb == verb then
      list[#list + 1] = request
    end
  end
  return list
end


function state_server:written()
  local list = {}
  for _, r in ipairs(self:requests()) do
    if r.path == "/" .. self.name and (r.verb == "PUT" or r.verb == "POST") and r.done and
       (r.status == 0 or r.status < 300 or r.status >= 500) then
      list[#list + 1] = { document = cjson.decode(r.body), n = r.n }
    end
  end
  return list
end


local WAIT = [[
  exec 3< <(exec tail -n +1 -f "$log")
  while [ "$n" -gt 0 ] && IFS= read -r line <&3; do
    case $line in *"$text"*) n=$((n - 1)) ;; esac
  done
  kill $!
  [ "$n" = 0 ]
]]


function state_server:wait_for(text, n)
  local command = ("log=%s text=%s n=%d timeout 20 bash -c %s"):format(quote(self.dir .. "/log"),
    quote(text), n or 1, quote(WAIT))
  assert(os.execute(command), "never logged: " .. text)
end


function state_server:ask(verb, path, body, headers)
  local words = { "curl -q -sS -i --noproxy '*' --max-time 10 -X", verb }
  local all = {}
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  if all.Authorization == nil and self.mode == "s3" then
    words[#words + 1] = "--aws-sigv4 aws:amz:auto:s3 -u " ..
      quote(state_server.ACCESS .. ":" .. state_server.SECRET)
    all["x-amz-content-sha256"] = all["x-amz-content-sha256"] or "UNSIGNED-PAYLOAD"
  elseif all.Authorization == nil then
    all.Authorization = authorization(self.mode)
  end
  for name, value in pairs(all) do
    words[#words + 1] = value and "-H " .. quote(name .. ": " .. value) or ""
  end
  words[#words + 1] = body and "--data-binary " .. quote(body) or ""
  words[#words + 1] = quote(self.endpoint .. path)
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  local answer = pipe:read "a"
  pipe:close()
  local head, text = answer:match "^(HTTP/.-\r\n)\r\n(.*)$"
  if not head then
    return nil, answer, {}
  end
  local got = {}
  for name, value in head:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do
    got[name:lower()] = value
  end
  return tonumber(head:match "^HTTP/%S+ (%d+)"), text, got
end


return state_server
