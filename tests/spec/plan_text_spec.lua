--- Plans as text: what lua/host/plan/text.lua makes of views.
local views = require "support.views"

local put, section, changes = views.put, views.section, views.changes


-- What stands between the target and the last lines.
local function body(head, sections, tail)
  local out = views.show("text", head, sections, tail)
  return out:match "^Target: [^\n]*\n\n(.*)\n\nPlan: [^\n]*\n$" or out
end


local function entry_of(entry, head)
  return body(head, { section("a", { entry }) }):match "^a\n(.*)$"
end


describe("a plan as text", function()
  it("says where, and that nothing changes", function()
    assert.equal("Target: account 0123 (Acme)\nPlan: no changes; 1 key is as declared.\n",
      views.show("text", {}, {}, { summary = views.summary { unchanged = 1 } }))
  end)

  it("names a configuration that was found above, and what is left out", function()
    assert.equal("Target: the local store, by ../kv.lua\nPlan: 2 namespaces to create, 1 to rename, 1 key to put, " ..
      "1 output to change; 3 namespaces left out by the filters.\n",
      views.show("text", { target = "the local store", by = "../kv.lua" }, {},
        { summary = views.summary { create = 2, rename = 1, put = 1, outputs = 1 }, left_out = 3 }))
  end)

  it("says what comes of a state that is not there", function()
    assert.equal("Target: account 0123 (Acme)\nThere is no state yet, and nothing is deleted.\nPlan: no changes.\n",
      views.show("text", { fresh = true }))
    assert.equal("Target: account 0123 (Acme)\nThere is no state: what exists is adopted, and nothing is deleted.\n" ..
      "Plan: no changes.\n", views.show("text", { fresh = true, adopts = true }))
  end)

  it("compares JSON by path", function()
    assert.equal([[
  ~ put 'flags'  (its value or metadata differs)
      ~ limits.per_minute: 60 -> 90
      + new_ui: true
      - old_ui: false
      ~ items[3] -> items[0]  (moved)
      ~ (value): "a" -> "b"
      and 5 changes more (--verbose shows all)]], entry_of(put("flags", { value = changes({
      { op = "set", path = "limits.per_minute", before = "60", after = "90" },
      { op = "add", path = "new_ui", after = "true" },
      { op = "remove", path = "old_ui", before = "false" },
      { op = "move", path = "items[0]", from = "items[3]", to = "items[0]" },
      { op = "set", path = "", before = '"a"', after = '"b"' },
    }, 5) })))
  end)

  it("compares text by hunks", function()
    assert.equal([[
  ~ put 'index.html'  (its value or metadata differs)
      @@ -2,3 +2,3 @@
        <h1>it's</h1>
      - <p>	old</p>
      + <p>	new</p>
      and 1 changed line more (--verbose shows all)]], entry_of(put("index.html", { value = { kind = "text", more = 1,
      hunks = { { before = { 2, 3 }, after = { 2, 3 },
        lines = { " <h1>it's</h1>", "-<p>\told</p>", "+<p>\tnew</p>" } } } } })))
  end)

  it("says of JSON that only its form changed, and what of that", function()
    assert.equal([[
  ~ put 'k'  (its value or metadata differs)
      (the same JSON, written in another way)
      @@ -1,1 +1,1 @@
      - [1]
      + [1.0]
      \ No newline at end of file]], entry_of(put("k", { value = { kind = "text", more = 0, same_json = true,
      hunks = { { before = { 1, 1 }, after = { 1, 1 },
        lines = { "-[1]", "+[1.0]", "\\ No newline at end of file" } } } } })))
  end)

  it("shows of bytes their size and hash", function()
    assert.equal([[
  ~ put 'logo'  (its value or metadata differs)
      ~ (value): 1 byte, sha256 aaaa -> 2048 bytes, sha256 bbbb]], entry_of(put("logo", { value = { kind = "bytes",
      before = { bytes = 1, sha256 = "aaaa" }, after = { bytes = 2048, sha256 = "bbbb" } } })))
  end)

  it("shows a new value, and how long it is when it is cut", function()
    assert.equal([[
  + put 'k'  (the key is absent)
      + it's
      + two lines
      (5000 bytes in all)]], entry_of(put("k", { reason = "the key is absent", value = { kind = "new",
      shown = "it's\ntwo lines", bytes = 5000, cut = true, json = false } })))
  end)

  it("has no line more for the newline that ends a text", function()
    assert.equal([[
  + put 'k'  (the key is absent)
      + two
      + lines]], entry_of(put("k", { reason = "the key is absent", value = { kind = "new",
      shown = "two\nlines\n", bytes = 10, cut = false, json = false } })))
  end)

  it("tells what was there and may not be shown by size and hash", function()
    assert.equal([[
  ! overwrite 'k'  (its value is not what was written)
      - (value): 9 bytes, sha256 cccc
      + {"a":1}]], entry_of(put("k", { overwrite = true, reason = "its value is not what was written",
      value = { kind = "replaced", before = { bytes = 9, sha256 = "cccc" },
        after = { kind = "new", shown = '{"a":1}', bytes = 7, cut = false, json = true } } })))
  end)

  it("shows no secret, and says what is known only later", function()
    assert.equal("  ~ put 's'  (its value or metadata differs)\n      ~ (secret, changed)",
      entry_of(put("s", { value = { kind = "secret", was = true } })))
    assert.equal("  + put 's'  (its value or metadata differs)\n      + (secret)",
      entry_of(put("s", { value = { kind = "secret", was = false } })))
    assert.equal("  + put 'id'  (the key is absent)\n      + (known after apply)",
      entry_of(put("id", { reason = "the key is absent", value = { kind = "deferred" } })))
  end)

  it("tells metadata and expiry where they change", function()
    assert.equal([[
  ~ put 'k'  (its value or metadata differs)
      metadata:
      ~ owner: "a" -> "b"
      expires: in 5 h (2025-11-30 17:00 UTC) -> never]], entry_of(put("k", {
      metadata = changes { { op = "set", path = "owner", before = '"a"', after = '"b"' } },
      expiry = { before = { at = views.NOW + 5 * 3600 }, after = { never = true } } })))
  end)

  local function expiry_of(expiry, head)
    return entry_of(put("k", { expiry = expiry }), head):match "expires: (.*)$"
  end

  it("says times in words", function()
    assert.equal("never -> in 3 days (2025-12-03 12:00 UTC)",
      expiry_of { before = { never = true }, after = { at = views.NOW + 3 * 86400 } })
    assert.equal("10 min ago (2025-11-30 11:50 UTC) -> 1 h 30 min after it is written",
      expiry_of { before = { at = views.NOW - 600 }, after = { ttl = 5400 } })
    assert.equal("1 day 1 s after it is written", expiry_of { after = { ttl = 86401 } })
  end)

  it("tells two times of one minute apart by their seconds", function()
    assert.equal("in 2 h (2025-11-30 14:00:01 UTC) -> in 2 h (2025-11-30 14:00:02 UTC)",
      expiry_of { before = { at = views.NOW + 7201 }, after = { at = views.NOW + 7202 } })
  end)

  it("has a terminal's own time on it", function()
    assert.equal("in 5 h (2025-11-30 22:30)",
      expiry_of({ after = { at = views.NOW + 5 * 3600 } }, { local_time = true, utc_offset = 5 * 3600 + 1800 }))
    assert.equal("in 60 days (2026-01-29 12:00 UTC)", expiry_of { after = { at = views.NOW + 60 * 86400 } })
    assert.equal("in 1186 days (2029-02-28 12:00 UTC)", expiry_of { after = { at = views.NOW + 1186 * 86400 } })
  end)

  it("tells both titles of a rename", function()
    assert.equal("  ~ rename from 'old' to 'new'  (renamed_from names it)",
      entry_of(views.entry("rename", "namespace", { old_title = "old", title = "new",
        reason = "renamed_from names it" })))
  end)

  it("counts what a bulk source does", function()
    assert.equal("  ~ bulk 'seed.json': 1 new, 2 changed, 0 overwritten, 7 unchanged  (keys are absent or differ)",
      entry_of(views.entry("put", "bulk", { key = "seed.json", reason = "keys are absent or differ",
        counts = { new = 1, changed = 2, overwrite = 0, unchanged = 7 } })))
    assert.equal("  = forget bulk 'seed.json'  (its keys stay)",
      entry_of(views.entry("forget", "bulk", { key = "seed.json", reason = "its keys stay" })))
  end)

  it("says in one entry what changes in many namespaces alike", function()
    local shared = put("flags", { namespaces = { count = 100, names = { "shop-1", "shop-2", "shop-3" } },
      value = changes { { op = "set", path = "limits.per_minute", before = "60", after = "90" } } })
    assert.equal([[
~ put 'flags' in 100 namespaces: limits.per_minute 60 -> 90  (its value or metadata differs)
    shop-1, shop-2, shop-3 and 97 more

b
  + create  (no namespace of that title exists)]], body({}, {
      { shared = true, env = views.null, account = views.null, entries = { shared }, more = 0 },
      section("b", { views.entry("create", "namespace", { reason = "no namespace of that title exists" }) }),
    }))
  end)

  it("wraps lists of names, and no line of data", function()
    local names = {}
    for i = 1, 30 do
      names[i] = ("shop-config-%02d"):format(i)
    end
    local long = ('"%s"'):format(("x"):rep(100))
    local out = body({ width = 60 }, { { shared = true, env = views.null, account = views.null, more = 0, entries = {
      put("k", { namespaces = { count = 30, names = names }, value = changes {
        { op = "add", path = "a", after = long }, { op = "add", path = "b", after = "1" } } }) } } })
    local wrapped = 0
    for line in out:gmatch "[^\n]+" do
      if line:find "^    shop" then
        wrapped = wrapped + 1
        assert.is_true(#line <= 60, line)
      end
    end
    assert.equal(10, wrapped)
    assert.truthy(out:find("\n    + a: " .. long .. "\n", 1, true), out)
  end)

  it("names the account where there are several", function()
    local out = body({}, {
      section("shop/config", { views.entry("create", "namespace") }, { account = "prod", title = "shop-config" }),
      section("shop/config", { views.entry("delete", "namespace") }, { account = "test", title = "shop-config" }),
    })
    assert.equal("prod:shop/config (shop-config)\n  + create\n\ntest:shop/config (shop-config)\n  - delete", out)
  end)

  it("lists the outputs that change", function()
    assert.equal([[
Outputs:
  + config_id: (known after apply)
  ~ prod:x: "a" -> {"b":1}
  - y: null]], body({}, {}, { outputs = {
      { name = "config_id", unknown = true },
      { name = "x", account = "prod", before = '"a"', after = '{"b":1}' },
      { name = "y", before = "null" },
    } }))
  end)

  it("says what it costs, looking included, and how long that takes", function()
    local cost = { requests = 12, lists = 1, reads = 4, writes = 3, deletes = 0, seconds = 2.4,
      observe = { requests = 5, lists = 1, reads = 4, writes = 0, deletes = 0 },
      execute = { requests = 7, lists = 0, reads = 0, writes = 3, deletes = 0 } }
    local out = views.show("text", {}, {}, { cost = cost })
    assert.equal("Cost: 12 requests, about 0:03 at this rate (5 to look: 1 list, 4 reads; 7 to do: 3 writes).",
      out:match "(Cost: .*)\n$")
    cost.seconds, cost.requests, cost.execute.requests = 3725, 5, 0
    out = views.show("text", {}, {}, { cost = cost })
    assert.equal("Cost: 5 requests, about 1:02:05 at this rate (5 to look: 1 list, 4 reads).",
      out:match "(Cost: .*)\n$")
    cost.at_least = true
    out = views.show("text", {}, {}, { cost = cost })
    assert.matches("Cost: at least 5 requests, ", out)
    cost.requests = 0
    assert.is_nil(views.show("text", {}, {}, { cost = cost }):find "Cost")
  end)

  it("counts what it leaves out", function()
    assert.equal("  ~ put 'k'  (its value or metadata differs)\n    and 80 more (--verbose shows all)",
      body({}, { section("a", { put "k" }, { more = 80 }) }):match "^a\n(.*)$")
  end)

  it("shows the lines of a file", function()
    assert.equal("wrangler.toml\n  ~ write  (1 binding differs)\n      + CACHE: abc\n      [env.prod]",
      body({}, { section(views.null, { views.entry("write", "file", { reason = "1 binding differs",
        lines = { "+ CACHE: abc", "[env.prod]" } }) }, { file = "wrangler.toml" }) }))
  end)

  it("has colours only for a terminal", function()
    assert.truthy(body({ color = true }, { section("a", { put "k" }) }):find("\27[33m~\27[0m put 'k'", 1, true))
  end)

  it("steers no terminal", function()
    local hostile = "a\27[31m\r\u{9b}\u{202e}\u{2028}\0b"
    local out = views.show("text", { target = hostile, by = hostile }, {
      section(hostile, { put(hostile, { reason = hostile,
        metadata = changes { { op = "set", path = hostile, before = hostile, after = hostile } },
        value = { kind = "text", more = 0, hunks = { { before = { 1, 1 }, after = { 1, 1 },
          lines = { "-" .. hostile, "+" .. hostile } } } } }) }, { account = hostile, title = hostile .. "2" }),
      section("b", { put("k", { value = { kind = "new", shown = hostile, bytes = 1, cut = false, json = false } }) }),
      section(views.null, { views.entry("write", "file", { lines = { hostile } }) }, { file = hostile }),
      { shared = true, env = views.null, account = views.null, more = 0,
        entries = { put("k", { namespaces = { count = 1, names = { hostile } } }) } },
    }, { outputs = { { name = hostile, after = hostile, before = hostile } } })
    assert.is_nil(out:find "[\0-\8\11-\31\127]")
    for _, c in utf8.codes(out) do
      assert.is_false(c == 0x9b or c == 0x202e or c == 0x2028)
    end
  end)
end)

describe("drift as text", function()
  it("tells each difference, and counts them", function()
    local out = views.show("text", { command = "drift" }, {
      section("a", {
        views.entry("changed", "key", { key = "k", reason = "its value is not what was written" }),
        views.entry("renamed", "namespace", { old_title = "old", title = "new" }),
        views.entry("deleted", "namespace", { reason = "it is gone" }),
      }),
    }, { checked = 2 })
    assert.equal([[
Target: account 0123 (Acme)

a
  ~ key 'k' changed  (its value is not what was written)
  ~ renamed from 'old' to 'new'
  - namespace deleted  (it is gone)

Drift: 3 differences in 2 namespaces.
]], out)
  end)
end)

describe("the summary of a plan", function()
  it("is a line an environment", function()
    assert.equal([[
Target: account 0123 (Acme)
dev: 1 namespace to create, 2 keys to put
prod (account main): no changes; 4 keys are as declared
(no environment): 1 to forget
Plan: 1 namespace to create, 1 to forget, 2 keys to put; 4 keys are as declared.
]], views.show("summary", { environments = {
      { name = "dev", account = views.null, summary = views.summary { create = 1, put = 2 } },
      { name = "prod", account = "main", summary = views.summary { unchanged = 4 } },
      { name = views.null, account = views.null, summary = views.summary { forget = 1 } },
    } }, { section("a", { put "k" }) },
      { summary = views.summary { create = 1, put = 2, forget = 1, unchanged = 4 } }))
  end)
end)
