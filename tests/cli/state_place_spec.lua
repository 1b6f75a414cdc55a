-- Where the state of a configuration is: which address counts, and what a remote state holds for those
-- who evaluate nothing.
local emulator = require "support.emulator"
local project = require "support.project"
local state_server = require "support.state_server"

local cjson = require "cjson"

after_each(state_server.cleanup)
after_each(project.cleanup)

local account -- one for all; each test has its own namespaces in it
setup(function()
  account = emulator.start(project.new(), "--memory")
end)
teardown(emulator.cleanup_all)

local count = 0

local function config(state, fields)
  count = count + 1
  return ([[
local cfkv = require "cfkv"
cfkv.project { name = "shop", account_id = %q, guards = { mass_percent = 10, mass_from = 5 }%s }
local ns = cfkv.namespace { title = "shop-%d", ttl_seconds = 3600%s }
for i = 1, 9 do ns:put("k" .. i, "v") end
cfkv.output("title", ns.title)
]]):format(emulator.ACCOUNT, state and (", state = %q"):format(state) or "", count, fields or "")
end

local function title()
  return "shop-" .. count
end

local function declared(state, fields)
  local p = project.quick()
  local s = state_server.start(p, "s3")
  p:write("kv.lua", config(state or s.url, fields))
  return p, s, { env = account:env(s:env()) }
end

local function applied(fields)
  local p, s, how = declared(nil, fields)
  project.ok(p:run("apply", "--yes", how))
  return p, s, how
end

local function refused(r, code, ...)
  assert.equal(code, r.code, r.err)
  for _, words in ipairs { ... } do
    assert.truthy(r.err:find(words, 1, true), words .. "\nis not in\n" .. r.err)
  end
end


describe("a folder whose state is on a service", function()
  it("leaves the address, and no credential, for those who evaluate nothing", function()
    local p, s = applied()
    assert.same({ format_version = 1, states = { ["kv.lua"] = { url = s.url } } },
      cjson.decode(p:read ".cfkv/state.json"))
    local kept = p:sh("cat $(find .cfkv -type f)").out
    for _, secret in ipairs { state_server.SECRET, state_server.ACCESS, emulator.TOKEN } do
      assert.is_nil(kept:find(secret, 1, true))
    end
    assert.is_false(p:exists "kv.state.json")
  end)

  it("protects its namespaces from every verb, and gives keys their default ttl", function()
    local p, s, how = applied ", protect = true"
    local before = s:document()
    p:write("keys.json", '["k1"]')
    refused(p:run("kv", "bulk", "delete", "keys.json", "--namespace", title(), "--yes", how), 5, "protect")
    refused(p:run("kv", "namespace", "delete", title(), "--yes", how), 5, "protect")
    p:write("seed.lua", ([[
      local cfkv = require "cfkv"
      local ok, err = cfkv.key.delete(%q, "k1")
      print(ok, err.code)
      cfkv.key.put(%q, "from-script", "v")
    ]]):format(title(), title()))
    assert.equal("nil\tguard\n", project.ok(p:run("run", "seed.lua", how)).out)
    project.ok(p:run("kv", "key", "put", "by-hand", "v", "--namespace", title(), how))
    local keys = p:run("kv", "key", "list", "--namespace", title(), "--json", how).json()
    local expiring = 0
    for _, key in ipairs(keys) do
      expiring = expiring + (key.expiration and 1 or 0)
    end
    assert.equal(11, #keys)
    assert.equal(11, expiring)
    assert.same(before, s:document())
  end)

  it("holds the thresholds of its project", function()
    local p, _, how = applied()
    p:write("keys.json", '["k1", "k2"]')
    refused(p:run("kv", "bulk", "delete", "keys.json", "--namespace", title(), "--yes", how), 5,
      "--allow-mass-delete")
    project.ok(p:run("kv", "bulk", "delete", "keys.json", "--namespace", title(), "--yes",
      "--allow-mass-delete", how))
  end)

  it("is asked for outputs and addresses on a fresh clone, and kv verbs there know no protection", function()
    local p, _, how = applied()
    local fresh = project.quick { ["kv.lua"] = p:read "kv.lua" }
    assert.equal(title() .. "\n", project.ok(fresh:run("output", "title", how)).out)
    assert.matches(title(), project.ok(fresh:run("state", "list", how)).out, 1, true)
    fresh:sh "rm -rf .cfkv"
    fresh:write("kv.lua", p:read "kv.lua" .. "cfkv.namespace { wrong = true }\n")
    assert.matches(title(), project.ok(fresh:run("state", "list", how)).out, 1, true)
    fresh:write("kv.lua", p:read "kv.lua" .. "cfkv.namespace {")
    refused(fresh:run("state", "unlock", how), 3, "--state URL")
    fresh:write("kv.lua", p:read "kv.lua")
    fresh:sh "rm -rf .cfkv"
    fresh:write("keys.json", '["k1"]')
    refused(fresh:run("kv", "bulk", "delete", "keys.json", "--namespace", title(), how), 5, "no terminal")
    assert.is_false(fresh:exists ".cfkv/state.json")
  end)

  it("says nothing to the service when Tab is pressed", function()
    local p, s, how = applied()
    local before = #s:requests()
    assert.matches(title(), p:run("__complete", "bash", "cfkv state show ", " ", how).out, 1, true)
    assert.equal(before, #s:requests())
  end)

  it("is not believed when a state file lies beside it", function()
    local p, s, how = applied()
    p:write("kv.state.json", "{}")
    for _, words in ipairs { { "plan" }, { "apply", "--yes" }, { "kv", "key", "delete", "k1", "--namespace", title() },
                             { "state", "list" } } do
      words[#words + 1] = how
      refused(p:run(table.unpack(words)), 5, "kv.state.json", s.url, "state move", "state pull")
    end
  end)

  it("is not looked for elsewhere because kv.lua says so", function()
    local p, s, how = applied()
    local other = s.url:gsub("kv.json", "other.json")
    local text = p:read "kv.lua"
    p:write("kv.lua", (text:gsub(s.url, other)))
    refused(p:run("apply", "--yes", how), 5, s.url, other, "cfkv state move " .. other)
    assert.matches(title(), project.ok(p:run("state", "list", how)).out, 1, true)
    p:write("kv.lua", (text:gsub(', state = "[^"]+"', "")))
    refused(p:run("plan", how), 5, "names no state any more", s.url, "cfkv state move kv.state.json")
    project.ok(p:run("plan", "--state", s.url, how))
  end)

  it("is refused where its address was written down wrong", function()
    local p, _, how = applied()
    p:write(".cfkv/state.json", '{"format_version":1,"states":{"kv.lua":{"url":7}}}')
    refused(p:run("plan", how), 3, ".cfkv/state.json", "damaged")
    refused(p:run("kv", "key", "list", "--namespace", title(), how), 3, "damaged")
  end)

  it("may be named by --state, which leaves nothing", function()
    local p, s, how = declared ""
    p:write("kv.lua", (p:read "kv.lua":gsub(', state = ""', "")))
    project.ok(p:run("apply", "--yes", "--state", s.url, how))
    assert.is_table(s:document().state)
    assert.is_false(p:exists ".cfkv/state.json")
    assert.is_false(p:exists "kv.state.json")
    p:write("kv.state.json", "{}")
    refused(p:run("apply", "--yes", "--state", s.url, how), 5, "kv.state.json", "cfkv state move")
    project.ok(p:run("state", "pull", "--state", s.url, how))
    refused(p:run("plan", "--state", "https://me:hunter2@h.example/s", how), 64, "user or a password")
    assert.is_nil(p:run("plan", "--state", "https://me:hunter2@h.example/s", how).err:find "hunter2")
  end)
end)
