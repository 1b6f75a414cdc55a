-- What restore and copy show of the keys that they would overwrite, before they ask.

local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local LATER, LATEST = os.time() + 5 * 86400, os.time() + 9 * 86400

local p, e

local function run(...)
  return e:run(p, ...)
end

-- Puts these items into a namespace of that title, which is made.
local function fill(title, items)
  local lines = {}
  for i, item in ipairs(items) do
    lines[i] = cjson.encode(item) .. "\n"
  end
  p:write("items.jsonl", table.concat(lines))
  ok(run("kv", "namespace", "create", title))
  if #items > 0 then
    ok(run("kv", "bulk", "put", "items.jsonl", "--namespace", title))
  end
end

-- → what the terminal showed, and the exit code.
local function on_terminal(answer, words)
  local r = p:on_terminal(answer, words, { env = e:env() })
  return r.out, r.code
end

-- The requests that came since `before` of them, by endpoint.
local function sent(before)
  local count = {}
  local all = e:requests()
  for i = before + 1, #all do
    count[all[i].endpoint] = (count[all[i].endpoint] or 0) + 1
  end
  return count
end

describe("what restore and copy would overwrite", function()
  before_each(function()
    p = project.quick { ["kv.lua"] = 'require("cfkv").project { name = "o" }' }
    e = emulator.start(p, "--memory")
  end)
  after_each(emulator.cleanup_all)

  it("is shown by path, by line and by size, with what else becomes of a key", function()
    fill("from", {
      { key = "flags", value = '{"limits":{"per_minute":90},"new_ui":true}' },
      { key = "page", value = "<p>one</p>\n<p>2</p>\n<p>three</p>\n" },
      { key = "binary", value = "AP/+AA==", base64 = true },
      { key = "meta", value = "v", metadata = { owner = "b" } },
      { key = "until", value = "v", expiration = LATEST },
      { key = "same", value = "v" },
      { key = "new", value = "v" },
    })
    fill("to", {
      { key = "flags", value = '{"limits":{"per_minute":60},"old_ui":false}' },
      { key = "page", value = "<p>one</p>\n<p>two</p>\n<p>three</p>\n" },
      { key = "binary", value = "AP/+AQ==", base64 = true },
      { key = "meta", value = "v", metadata = { owner = "a" } },
      { key = "until", value = "v", expiration = LATER },
      { key = "same", value = "v" },
      { key = "other", value = "v" },
    })
    local shown = on_terminal("no\\n", "copy from to")
    for _, block in ipairs {
      "! overwrite 'flags'\n    ~ limits.per_minute: 60 -> 90\n    + new_ui: true\n    - old_ui: false\n",
      "! overwrite 'page'\n    @@ -1,3 +1,3 @@\n      <p>one</p>\n    - <p>two</p>\n    + <p>2</p>\n",
      "! overwrite 'binary'\n    ~ (value): 4 bytes, sha256 ",
      "! overwrite 'meta'\n    metadata:\n    ~ owner: \"a\" -> \"b\"\n",
      "! overwrite 'until'\n    expires: in 5 days (",
      "1 key of the same name stays as it is\n",
    } do
      assert.truthy(shown:find(block, 1, true), block .. shown)
    end
    assert.is_nil(shown:find("'new'", 1, true))
    assert.is_nil(shown:find("'other'", 1, true))
    assert.truthy(shown:find("over keys of the same names", 1, true))
  end)

  it("is ten keys, and the number of the others", function()
    local old, new = {}, {}
    for i = 1, 30 do
      old[i] = { key = ("k%02d"):format(i), value = "old" }
      new[i] = { key = ("k%02d"):format(i), value = i > 5 and "new" or "old" }
    end
    fill("from", new)
    fill("to", old)
    ok(run("backup", "from", "-o", "from.jsonl"))
    local shown = on_terminal("no\\n", "restore from.jsonl --namespace to")
    assert.truthy(shown:find("! overwrite 'k06'\n    ~ (value): \"old\" -> \"new\"\n", 1, true), shown)
    assert.truthy(shown:find("'k15'", 1, true))
    assert.is_nil(shown:find("'k16'", 1, true))
    assert.truthy(shown:find("and 15 more keys (--verbose shows 15 of them)\n", 1, true), shown)
    assert.truthy(shown:find("5 keys of the same names stay as they are\n", 1, true), shown)
    shown = on_terminal("no\\n", "restore from.jsonl --namespace to --verbose")
    assert.truthy(shown:find("'k30'", 1, true), shown)
    assert.is_nil(shown:find("more key", 1, true))
  end)

  it("is of the first page of keys, where there are more", function()
    local items = {}
    for i = 1, 1100 do
      items[i] = { key = ("k%04d"):format(i), value = "old" }
    end
    fill("to", items)
    for _, item in ipairs(items) do
      item.value = "new"
    end
    fill("from", items)
    local shown = on_terminal("no\\n", "copy from to")
    assert.truthy(shown:find("and at least 990 more keys (--verbose shows 90 of them)\n", 1, true), shown)
    assert.truthy(shown:find("; 3 requests told what changes?", 1, true), shown)
  end)

  it("says when none of the keys is there", function()
    fill("from", { { key = "a", value = "v" } })
    fill("to", { { key = "b", value = "v" } })
    local shown = on_terminal("no\\n", "copy from to")
    assert.truthy(shown:find("no key of these names is there\n", 1, true), shown)
  end)

  it("shows no secrets, and steers no terminal", function()
    fill("from", { { key = "api_token", value = "new" }, { key = "a\27[2Jb", value = "\27]0;x\7" } })
    fill("to", { { key = "api_token", value = "hidden" }, { key = "a\27[2Jb", value = "old" } })
    local shown = on_terminal("no\\n", "copy from to")
    assert.truthy(shown:find("! overwrite 'api_token'\n    ~ (secret, changed)\n", 1, true), shown)
    assert.is_nil(shown:find("hidden", 1, true))
    assert.is_nil(shown:find("\27", 1, true))
  end)

  it("costs the requests that the question tells, and none without a question", function()
    local old, new = {}, {}
    for i = 1, 250 do
      old[i] = { key = ("k%03d"):format(i), value = "old" }
      new[i] = { key = ("k%03d"):format(i), value = "new" }
    end
    fill("from", new)
    fill("to", old)
    ok(run("backup", "from", "-o", "from.jsonl"))

    local before = #e:requests()
    local shown = on_terminal("no\\n", "restore from.jsonl --namespace to")
    local count = sent(before)
    assert.truthy(shown:find("; 1 request told what changes?", 1, true), shown)
    assert.truthy(shown:find("and 240 more keys (--verbose shows 90 of them)", 1, true), shown)
    assert.same({ 1, 1 }, { count["key_list"], count["bulk_get"] })

    before = #e:requests()
    shown = on_terminal("no\\n", "copy from to")
    count = sent(before)
    assert.truthy(shown:find("; 3 requests told what changes?", 1, true), shown)
    assert.same({ 2, 2 }, { count["key_list"], count["bulk_get"] })

    before = #e:requests()
    ok(run("restore", "from.jsonl", "--namespace", "to", "--yes", "--no-backup"))
    assert.is_nil(sent(before)["bulk_get"])
  end)

  it("goes on with yes", function()
    fill("from", { { key = "a", value = "new" } })
    fill("to", { { key = "a", value = "old" } })
    local shown, code = on_terminal("yes\\n", "copy from to")
    assert.equal(0, code, shown)
    assert.equal("new", ok(run("kv", "key", "get", "a", "--namespace", "to")).out)
  end)
end)
