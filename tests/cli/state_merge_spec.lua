-- Two people's states: cfkv state merge as git's merge driver, and git's own textual merge.
local project = require "support.project"

local START = [[
  set -e
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  git init -q -b main .
  git config user.email a@example.org
  git config user.name a
  git add -A
  git commit -qm base
]]
local DRIVER = [[
  echo '*.state.json merge=cfkv' >.gitattributes
  git config merge.cfkv.driver 'cfkv state merge %O %A %B'
]]

local function entry(address, id, keys)
  local lines = {}
  for i, key in ipairs(keys or {}) do
    lines[i] = ('            "%s": {\n              "hmac": "v2:%s",\n              "origin": "wrote"\n            }')
      :format(key[1], key[2]:rep(64))
  end
  return ([[
        "%s": {
          "bulk": {},
          "id": "%s",
          "keys": {%s},
          "origin": "created",
          "title": "%s",
          "ttl_seconds": 0
        }]]):format(address, id, #lines > 0 and "\n" .. table.concat(lines, ",\n") .. "\n          " or "", address)
end

local function state(entries, outputs)
  local values = {}
  for i, output in ipairs(outputs or {}) do
    values[i] = ('    "%s": {\n      "value": "%s"\n    }'):format(output, output)
  end
  return ([[
{
  "version": 2,
  "accounts": {
    "local": {
      "namespaces": {
%s
      }
    }
  },
  "outputs": {%s},
  "project": "shop",
  "salt": "000102030405060708090a0b0c0d0e0f"
}
]]):format(table.concat(entries, ",\n"), #values > 0 and "\n" .. table.concat(values, ",\n") .. "\n  " or "")
end

-- Merges branch `theirs` into `ours`, both made from `base` (nil: both add the file).
local function merge(base, ours, theirs, driver)
  local p = project.new { ["kv.state.json"] = base, ["kv.lua"] = "-- nothing\n" }
  p:write("ours.json", ours)
  p:write("theirs.json", theirs)
  local r = p:sh(START .. (driver and DRIVER or "") .. [[
    git checkout -qb theirs
    cp theirs.json kv.state.json
    git add kv.state.json; git commit -qm theirs
    git checkout -q main
    cp ours.json kv.state.json
    git add kv.state.json; git commit -qm ours
    git merge -q -m merged theirs
  ]])
  return r, p
end

after_each(project.cleanup)

describe("a merge driver for git", function()
  local A, B, C = entry("a", "1"), entry("b", "2"), entry("c", "3")

  it("takes what each side did, neighbours too", function()
    local r, p = merge(state { A }, state({ A, B }, { "b" }), state({ A, C }, { "c" }), true)
    assert.equal(0, r.code, r.err)
    assert.equal(state({ A, B, C }, { "b", "c" }), p:read "kv.state.json")
  end)

  it("merges a file that both sides added", function()
    local r, p = merge(nil, state { A }, state { B }, true)
    assert.equal(0, r.code, r.err)
    assert.equal(state { A, B }, p:read "kv.state.json")
  end)

  it("names what both sides changed, and leaves both to choose from", function()
    local r, p = merge(state { entry("a", "1", { { "k", "0" } }) }, state { entry("a", "1", { { "k", "1" } }), B },
      state { entry("a", "1", { { "k", "2" } }), C }, true)
    assert.equal(1, r.code)
    assert.truthy(r.err:find("cfkv: conflict: key 'k' of namespace 'a' in account 'local': both sides changed it\n",
      1, true), r.err)
    assert.truthy(r.err:find("keep the lines of one side", 1, true), r.err)
    local text = p:read "kv.state.json"
    assert.truthy(text:find("\n<<<<<<< ours\n.*1111.*\n=======\n.*2222.*\n>>>>>>> theirs\n"), text)
    assert.truthy(text:find('"b"', 1, true))
    assert.truthy(text:find('"c"', 1, true))
    local list = p:run("state", "list")
    assert.equal(3, list.code)
    assert.truthy(list.err:find("has a merge conflict at line", 1, true), list.err)
    p:write("kv.state.json", (text:gsub("<<<<<<< ours\n", ""):gsub("=======\n.->>>>>>> theirs\n", "")))
    assert.equal(state { entry("a", "1", { { "k", "1" } }), B, C }, p:read "kv.state.json")
    assert.equal("a  1  a\nb  2  b\nc  3  c\n", p:run("state", "list").out)
  end)

  it("leaves OURS as it is when one of the three is no state", function()
    local p = project.new { base = "", ours = state { A }, theirs = "{" }
    local r = p:run("state", "merge", "base", "ours", "theirs")
    assert.equal(3, r.code, r.err)
    assert.truthy(r.err:find("state 'theirs' is broken at line 1", 1, true), r.err)
    assert.equal(state { A }, p:read "ours")
  end)
end)

describe("a textual merge by git", function()
  local function many(changed)
    local entries = {}
    for i, name in ipairs { "a", "b", "c", "d", "e" } do
      entries[i] = changed[name] or entry(name, tostring(i), { { "k", "0" }, { "l", "0" }, { "m", "0" } })
      if entries[i] == "" then entries[i] = nil end
    end
    entries[#entries + 1] = changed.f
    return entries
  end

  it("succeeds where entries are not neighbours, at the end of the list too", function()
    local r, p = merge(state(many {}, { "a", "c" }), state(many { f = entry("f", "6") }, { "a", "c", "f" }),
      state(many { b = entry("b", "2", { { "k", "1" }, { "l", "0" }, { "m", "0" } }) }, { "a0", "a", "c" }))
    assert.equal(0, r.code, r.out .. r.err)
    assert.equal(state(many { b = entry("b", "2", { { "k", "1" }, { "l", "0" }, { "m", "0" } }), f = entry("f", "6") },
      { "a0", "a", "c", "f" }), p:read "kv.state.json")
  end)

  it("succeeds for keys of one namespace that are not neighbours", function()
    local function keys(...) return state { entry("a", "1", { ... }) } end
    local k, l, m = { "k", "0" }, { "l", "0" }, { "m", "0" }
    local r, p = merge(keys(k, l, m), keys({ "k", "1" }, l, m), keys(k, l, m, { "n", "0" }))
    assert.equal(0, r.code, r.out .. r.err)
    assert.equal(keys({ "k", "1" }, l, m, { "n", "0" }), p:read "kv.state.json")
    r, p = merge(keys(k, l, m), keys(k, l), keys({ "j", "0" }, k, l, m))
    assert.equal(0, r.code, r.out .. r.err)
    assert.equal(keys({ "j", "0" }, k, l), p:read "kv.state.json")
  end)
end)
