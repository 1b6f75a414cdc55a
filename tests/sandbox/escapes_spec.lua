-- One attempt per way out of the sandbox. Each is the last line of a configuration that declares a
-- namespace first, run by `apply --local --yes`: it must end with exit code 3 and FILE:LINE within
-- its budget plus two seconds, and leave nothing behind.

local project = require "support.project"

local SECONDS = 1
local MEBIBYTES = 16

local DECLARED = [[
local cfkv = require "cfkv"
local ns = cfkv.namespace { title = "kept-out" }
ns:put("k", "v")
]]
local LINE = 4 -- of the attempt


-- Everything below the project and beside it that a run could have left.
local function traces(p)
  return table.concat(p:files(), "\n")
end


local function escape(code, files)
  local p = project.new(files)
  p:write("kv.lua", DECLARED .. code .. "\n")
  local before = traces(p)
  local r = p:run("apply", "--local", "--yes", "--eval-seconds", SECONDS, "--eval-memory", MEBIBYTES,
    { env = { SHOP_TOKEN = "hunter2", CLOUDFLARE_API_TOKEN = "hunter2", CFKV_VAR_x = "hunter2" } })
  assert.equal(3, r.code, r.err)
  assert.is_true(r.seconds < SECONDS + 2, "took " .. r.seconds .. " s")
  assert.equal("", r.out)
  assert.equal(before, traces(p))
  assert.is_nil(r.err:find("hunter2", 1, true), r.err)
  return r, p
end


-- The attempt fails at its line, with `message` in what is told.
local function refused(code, message, files)
  local r = escape(code, files)
  local place = ("kv.lua:%d: error: "):format(LINE)
  assert.is_truthy(r.err:find(place, 1, true), r.err)
  assert.is_truthy(r.err:find(message, 1, true), r.err)
end


local TIME = "evaluation took longer than 1 s"
local MEMORY = "evaluation needs more than 16 MiB of memory"


describe("an evaluated file", function()
  after_each(project.cleanup)

  describe("reaches no", function()
    it("files", function()
      refused([[io.open("stolen", "w"):write "x"]], "unknown global 'io'")
      refused([[dofile "/etc/passwd"]], "unknown global 'dofile'")
      refused([[loadfile "/etc/passwd"]], "unknown global 'loadfile'")
    end)

    it("shell", function()
      refused([[os.execute "touch stolen"]], "unknown global 'os'")
      refused([[io.popen "touch stolen"]], "unknown global 'io'")
    end)

    it("clock and no randomness", function()
      refused([[print(os.time())]], "unknown global 'os'")
      refused([[print(math.random())]], "unknown name 'math.random'")
    end)

    it("debug library", function()
      refused([[debug.getregistry()]], "unknown global 'debug'")
      refused([[require "debug"]], "module 'debug' not found")
    end)

    it("package library", function()
      refused([[package.loadlib("libc.so.6", "*")]], "unknown global 'package'")
      refused([[require("package").loaded.io.open "x"]], "module 'package' not found")
    end)

    it("module of the host state", function()
      refused([[require "state"]], "module 'state' not found")
      refused([[require "output.env"]], "module 'output.env' not found")
      refused([[require "host.output.env"]], "module 'host.output.env' not found")
      refused([[require "text"]], "module 'text' not found")
      refused([[require "cfkv.host"]], "there is no module 'cfkv.host'")
    end)

    it("undeclared environment variable", function()
      refused([[cfkv.getenv "SHOP_NOT_THERE"]], "environment variable 'SHOP_NOT_THERE' is not set")
      refused([[print(os.getenv "SHOP_TOKEN")]], "unknown global 'os'")
    end)

    it("refused environment variable", function()
      refused([[print(cfkv.getenv "CLOUDFLARE_API_TOKEN")]],
        "environment variable 'CLOUDFLARE_API_TOKEN' cannot be read")
      refused([[print(cfkv.getenv "CFKV_VAR_x")]],
        "environment variable 'CFKV_VAR_x' cannot be read")
    end)

    it(".git/config", function()
      refused([[print(cfkv.file.text ".git/config")]], "'.git/config'",
        { [".git/config"] = "hunter2" })
      refused([[ns:bulk(cfkv.source.json ".git/config")]], "'.git/config'",
        { [".git/config"] = "hunter2" })
    end)

    it("state file", function()
      refused([[print(cfkv.file.text "kv.state.json")]], "'kv.state.json'",
        { ["kv.state.json"] = "{\"hunter2\":1}" })
      refused([[ns:bulk(cfkv.source.jsonl "kv.state.json.journal")]], "'kv.state.json.journal'",
        { ["kv.state.json.journal"] = "hunter2" })
    end)

    it("file above the root", function()
      refused([[print(cfkv.file.text "../../../etc/passwd")]], "'../../../etc/passwd'")
      refused([[print(cfkv.file.text "/etc/passwd")]], "'/etc/passwd'")
    end)

    it("file through a symbolic link", function()
      local p = project.new { ["kv.lua"] = DECLARED .. "print(cfkv.file.text 'link/passwd')\n" }
      assert(os.execute("ln -s /etc " .. p:path "link"))
      local r = p:run("apply", "--local", "--yes")
      assert.equal(3, r.code)
      assert.is_truthy(r.err:find("kv.lua:4: error: ", 1, true), r.err)
      assert.is_nil(r.err:find("root:", 1, true))
    end)

    it("module above the root", function()
      refused([[require "../secret"]], "bad module name '../secret'")
      refused([[require "..secret"]], "bad module name '..secret'")
      refused([[require "/etc/passwd"]], "bad module name '/etc/passwd'")
    end)

    it("module through a symbolic link", function()
      local p = project.new { ["kv.lua"] = DECLARED .. "require 'link'\n" }
      assert(os.execute("ln -s kv.lua " .. p:path "link.lua"))
      local r = p:run("apply", "--local", "--yes")
      assert.equal(3, r.code)
      assert.is_truthy(r.err:find("kv.lua:4: error: ", 1, true), r.err)
    end)
  end)

  describe("cannot run", function()
    it("bytecode through load", function()
      refused([[assert(load("\27Lua"))]], "attempt to load a binary chunk")
      refused([[assert(load("return 1", "x", "b"))]], "only text can be loaded")
    end)

    it("bytecode as the file itself", function()
      local p = project.new()
      assert(os.execute("cd " .. project.quote(p.dir)
        .. " && lua5.4 -e 'io.open(\"kv.lua\", \"wb\"):write(string.dump(function() end))'"))
      local r = p:run("apply", "--local", "--yes")
      assert.equal(3, r.code)
      assert.is_truthy(r.err:find("kv.lua:1: error: attempt to load a binary chunk", 1, true), r.err)
    end)

    it("string.dump", function()
      refused([[string.dump(function() end)]], "unknown name 'string.dump'")
    end)

    it("loaded text outside the sandbox", function()
      refused([[load("return io")()]], "unknown global 'io'")
      refused([[load("os.execute 'touch stolen'", "=[C]")()]], "unknown global 'os'")
    end)

    it("a module of its own in place of ours", function()
      refused([[require "cfkv.sandbox"]], "there is no module 'cfkv.sandbox'",
        { ["cfkv/sandbox.lua"] = "error 'shadowed'", ["cfkv.lua"] = "error 'shadowed'" })
    end)
  end)

  describe("cannot change", function()
    it("the string metatable", function()
      refused([[getmetatable("").__index = {}]], "attempt to index a boolean value")
      refused([[setmetatable("", {})]], "table expected, got string")
    end)

    it("the libraries", function()
      refused([[string.format = print]], "string cannot be changed")
      refused([[rawset(string, "format", print)]], "cannot change a protected table")
      refused([[setmetatable(string, { __index = {} })]], "cannot change a protected metatable")
    end)

    it("the globals", function()
      refused([[pairs = next]], "global 'pairs' assigned")
      refused([[rawset(_G, "pairs", next)]], "cannot change a protected table")
    end)

    it("the cfkv module", function()
      refused([[cfkv.namespace = print]], "cfkv cannot be changed")
      refused([[getmetatable(ns).__index = print]], "attempt to index a boolean value")
    end)

    it("the collector", function()
      refused([[setmetatable({}, { __gc = function() while true do end end })]],
        "'__gc' is not available")
      refused([[collectgarbage "stop"]], "unknown global 'collectgarbage'")
    end)
  end)

  describe("ends although it", function()
    it("loops", function()
      refused([[while true do end]], TIME)
    end)

    it("loops under pcall", function()
      refused([[while true do pcall(function() while true do end end) end]], TIME)
    end)

    it("loops under xpcall with a handler that loops", function()
      refused([[xpcall(function() while true do end end, function() while true do end end)]], TIME)
    end)

    it("loops in a coroutine", function()
      refused([[coroutine.wrap(function() while true do end end)()]], TIME)
    end)

    it("loops in a coroutine under pcall", function()
      refused([[while true do pcall(coroutine.wrap(function() while true do end end)) end]], TIME)
    end)

    it("loops over coroutines that are all short", function()
      refused([[while true do coroutine.wrap(function() end)() end]], TIME)
    end)

    it("loops while it is being closed", function()
      refused([[local x <close> = setmetatable({}, { __close = function() while true do end end })]],
        TIME)
    end)

    it("loops in a pattern", function()
      refused([[local x = ("a"):rep(100):find((".-"):rep(30) .. "b")]], TIME)
    end)

    it("loops in a pattern under pcall", function()
      refused([[pcall(string.gsub, ("a"):rep(100), (".-"):rep(30) .. "b", "")]], TIME)
    end)

    it("loops in a pattern of an iterator", function()
      refused([[for _ in ("a"):rep(100):gmatch((".-"):rep(30) .. "b") do end]], TIME)
    end)

    it("calls what is called by itself", function()
      refused([[local mt = {} mt.__call = setmetatable({}, mt) mt.__call()]], TIME)
    end)

    it("calls what is called by itself under pcall in a coroutine", function()
      refused([[local mt = {} mt.__call = setmetatable({}, mt) coroutine.wrap(pcall)(mt.__call)]],
        TIME)
    end)

    it("fills memory", function()
      refused([[local s = "x" while true do s = s .. s end]], MEMORY)
    end)

    it("fills memory under pcall", function()
      refused([[while true do pcall(string.rep, "x", 1e9) end]], MEMORY)
    end)

    it("fills memory under pcall in a coroutine", function()
      refused([[while true do pcall(coroutine.wrap(function() return ("x"):rep(1e9) end)) end]],
        MEMORY)
    end)

    it("fills memory with declarations", function()
      refused([[for i = 1, 1e9 do ns:put("k" .. i, ("x"):rep(1e4)) end]], MEMORY)
    end)

    -- What is refused memory while the error is told must not hide where it was needed.
    it("fills memory with declarations, whatever it holds besides", function()
      for pad = 12000, 15000, 400 do
        refused(([[local pad = "%s" for i = 1, 1e9 do ns:put("k" .. i, ("x"):rep(1e4)) end]]):format(
          ("p"):rep(pad)), MEMORY)
      end
    end)

    it("recurses without end", function()
      refused([[local function f() return 1 + f() end f()]], "error: ")
    end)

    it("recurses through metamethods", function()
      refused([[local t, m = {}, {} m.__index = function(_, k) return t[k .. "x"] end print(setmetatable(t, m).a)]],
        "error: ")
    end)

    -- C recursion that Lua does not count: lua_resetthread, in all the ways to get there.
    describe("closes coroutines", function()
      local CHAIN = "local prev for i = 1, 5000 do local before = prev local co = coroutine.create(function() "
        .. "local x <close> = setmetatable({}, { __close = function() if before then %s end end }) "
        .. "coroutine.yield() end) coroutine.resume(co) prev = co end %s"
      local DEEP = "coroutines close each other more than 100 deep"

      it("each in the __close of the next", function()
        refused(CHAIN:format("coroutine.close(before)", "coroutine.close(prev)"), DEEP)
      end)

      it("each under pcall", function()
        refused(CHAIN:format("pcall(coroutine.close, before)", "pcall(coroutine.close, prev)"), DEEP)
      end)

      it("each in a coroutine of its own", function()
        refused(CHAIN:format("coroutine.wrap(function() coroutine.close(before) end)()",
          "coroutine.close(prev) error 'over'"), "error: ")
      end)

      it("each behind many C calls", function()
        refused("local function deep(n, co) if n == 0 then coroutine.close(co) else "
          .. "('x'):gsub('.', function() deep(n - 1, co) end) end end "
          .. CHAIN:format("deep(90, before)", "deep(90, prev) error 'over'"), "error: ")
      end)

      it("each by an error of the next", function()
        refused("local f for i = 1, 5000 do local g = f f = coroutine.wrap(function() "
          .. "local x <close> = setmetatable({}, { __close = function() if g then g() end end }) "
          .. "error 'x' end) end f()", "error: ")
      end)
    end)

    it("calls itself through a library", function()
      for _, f in ipairs {
        "f = function(a, b) table.sort({ 3, 2, 1 }, f) return a < b end",
        "f = function() return ('x'):gsub('.', f) end",
        "f = function() return tostring(setmetatable({}, { __tostring = f })) end",
        "f = function() return coroutine.wrap(f)() end",
        "f = function() return load(f) end",
        "f = function() local x <close> = setmetatable({}, { __close = f }) end",
      } do
        refused("local f " .. f .. " f(2, 1) error 'over'", "error: ")
      end
    end)

    it("requires modules without end", function()
      local files = {}
      for i = 1, 250 do
        files["m" .. i .. ".lua"] = ("return require 'm%d'"):format(i + 1)
      end
      local r = escape("require 'm1'", files)
      assert.is_truthy(r.err:find("C stack overflow", 1, true), r.err)
    end)

    it("nests expressions deeply", function()
      refused([[assert(load("return " .. ("("):rep(1e5)))]], "C stack overflow")
    end)

    it("moves an absurd range", function()
      refused([[table.move({}, 1, 1e15, 2)]], "too many elements")
    end)

    it("inserts into an absurd length", function()
      refused([[table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 2)]],
        "too many elements")
    end)

    it("repeats the empty string", function()
      refused([[error(#(""):rep(1e15))]], "error: 0")
    end)

    it("encodes what contains itself", function()
      refused([[local t = {} t.t = t ns:put("x", t)]], "value.t contains itself")
    end)

    it("encodes what grows without bound", function()
      refused([[local t = ("x"):rep(1e5) for _ = 1, 40 do t = { t, t } end ns:put("x", t)]], "error: ")
    end)
  end)
end)
