--- Plans as Markdown, annotations and report artefacts: lua/host/plan on views made by hand. What a
--- parser of CommonMark and a reader of GitHub's log make of them is tests/peers/formats.test.mjs.
local cjson = require "cjson"
local views = require "support.views"

local put, section, changes = views.put, views.section, views.changes


local function environment(name, counts, account)
  return { name = name or views.null, account = account or views.null, summary = views.summary(counts) }
end


local function diag(more)
  local d = { severity = "error", code = "namespace.title", message = "title 'x' is taken", hint = views.null,
    file = "kv.lua", line = 12 }
  for name, value in pairs(more or {}) do
    d[name] = value
  end
  return d
end


describe("a plan as markdown", function()
  it("is a summary, a table, diagnostics and a folded diff for each environment", function()
    local out = views.show("markdown", {
      environments = { environment("dev", { create = 1, put = 2 }), environment("prod", { put = 1, unchanged = 9 }) },
      diagnostics = { diag { hint = "take another", also = { "a", "b" }, also_count = 5 },
        diag { severity = "warning", code = "x", file = views.null, line = views.null } },
    }, {
      section("shop/config/dev", { views.entry("create", "namespace", { reason = "no namespace of that title exists" }),
        put("flags", { value = changes { { op = "set", path = "a", before = "1", after = "2" } } }) },
        { env = "dev", title = "shop-config-dev" }),
      section("shop/config/prod", { put("page", { value = { kind = "text", more = 0, hunks = { {
        before = { 2, 2 }, after = { 2, 2 }, lines = { " ctx", "-old", "+new" } } } } }) }, { env = "prod", more = 3 }),
      section("shop/cache/dev", { put("k", { overwrite = true }) }, { env = "dev" }),
    }, { summary = views.summary { create = 1, put = 3, unchanged = 9, outputs = 1 },
      outputs = { { name = "id", unknown = true } },
      cost = { requests = 4, writes = 3, reads = 0, lists = 1, deletes = 0 } })
    assert.equal([[
### cfkv plan: account 0123 (Acme)

**1 namespace to create, 3 keys to put, 1 output to change; 9 keys are as declared**

| environment | create | put | unchanged |
|---|---:|---:|---:|
| dev | 1 | 2 | 0 |
| prod |  | 1 | 9 |

- **error** kv.lua:12: title 'x' is taken
  - also a, b and 3 more
  - hint: take another
- **warning**: title 'x' is taken

<details>
<summary>Outputs</summary>

```diff
+ id: (known after apply)
```

</details>

<details>
<summary>dev</summary>

```diff
@@ shop/config/dev (shop-config-dev) @@
+ create  (no namespace of that title exists)
! put 'flags'  (its value or metadata differs)
!     a: 1 -> 2
@@ shop/cache/dev @@
! overwrite 'k'  (its value or metadata differs)
```

</details>

<details>
<summary>prod</summary>

```diff
@@ shop/config/prod @@
! put 'page'  (its value or metadata differs)
@@ -2,2 +2,2 @@
      ctx
-     old
+     new
  and 3 more (--verbose shows all)
```

</details>

Cost: 4 requests (1 list, 3 writes).
]], out)
  end)

  it("is short where nothing changes", function()
    assert.equal("### cfkv plan: account 0123 (Acme)\n\n**no changes**\n", views.show("markdown", {}))
  end)

  it("has room for 65,000 characters, and counts what does not fit", function()
    local sections = {}
    for i = 1, 3000 do
      sections[i] = section(("shop/%04d"):format(i), { put(("größe %04d 🗝"):format(i)) })
    end
    local out = views.show("markdown", {}, sections)
    local n = utf8.len(out) + select(2, out:gsub("[\xF0-\xF4]", ""))
    assert.is_true(n <= 65000 and n > 63000, n)
    local _, shown = out:gsub("put 'größe", "")
    assert.truthy(out:find(("*%d changes are left out: a comment holds no more.*"):format(3000 - shown), 1, true))
    assert.matches("differs%)\n```\n\n</details>\n", out)
    assert.equal(2, select(2, out:gsub("\n```", ""))) -- a fence that opens is closed
  end)

  it("stays within it when there is too much of everything", function()
    local diags, environments, outputs, sections = {}, {}, {}, {}
    for i = 1, 2000 do
      diags[i] = diag { message = ("m"):rep(100) .. i }
      environments[i] = environment("env" .. i, { put = i })
      outputs[i] = { name = "output" .. i, after = ("9"):rep(100) }
      sections[i] = section("a" .. i, { put("k" .. i) }, { env = "env" .. i })
    end
    local out = views.show("markdown", { diagnostics = diags, environments = environments }, sections,
      { outputs = outputs })
    assert.is_true(#out <= 65000, #out)
    assert.matches("%d+ environments are left out", out)
    assert.matches("%d+ diagnostics are left out", out)
    assert.matches("%d+ changes are left out", out)
    assert.equal(select(2, out:gsub("<details>", "")), select(2, out:gsub("</details>", "")))
  end)

  it("has as much room as it is told", function()
    local out = views.show("markdown", { limit = 5000 }, { section("a", { put(("k"):rep(100)), put "small" }) })
    assert.truthy(out:find("put 'small'", 1, true))
    local entries = {}
    for i = 1, 100 do
      entries[i] = put("key" .. i)
    end
    out = views.show("markdown", { limit = 5000 }, { section("a", entries) })
    assert.is_true(#out <= 5000, #out)
  end)

  it("fences what has backticks in it with more of them", function()
    local out = views.show("markdown", {}, { section("a", { put("k", { value = { kind = "new", cut = false,
      json = false, bytes = 9, shown = "```\n</details>\n`````" } }) }) })
    assert.truthy(out:find("\n``````diff\n", 1, true), out)
    assert.truthy(out:find("\n``````\n\n</details>\n", 1, true), out)
  end)

  it("runs no command when it is printed into a log of GitHub Actions", function()
    local out = views.show("markdown", { target = "::error::x", diagnostics = { diag { message = "##[group]x" } } }, {
      section("::add-mask::a", { put("##[error]", { value = { kind = "text", more = 0, hunks = { {
        before = { 1, 1 }, after = { 1, 1 }, lines = { " ::warning::x", "+::::stop-commands::" } } } } }) }) })
    for line in out:gmatch "[^\n]+" do
      assert.is_nil(line:find "^[%s]*::")
      assert.is_nil(line:find("##[", 1, true))
    end
  end)

  it("says of a validation what is wrong", function()
    assert.equal("### cfkv validate: kv.lua\n\n**not valid**\n\n- **error** kv.lua:12: title 'x' is taken\n",
      views.show("markdown", { command = "validate", target = views.null, by = "kv.lua", verdict = "not valid",
        diagnostics = { diag() } }))
    assert.equal("### cfkv validate: kv.lua\n\n**valid**\n",
      views.show("markdown", { command = "validate", target = views.null, by = "kv.lua", verdict = "valid" }))
  end)

  it("counts the differences of a drift", function()
    local out = views.show("markdown", { command = "drift" }, { section("a", {
      views.entry("deleted", "key", { key = "k" }) }) }, { checked = 4 })
    assert.truthy(out:find("**1 difference in 4 namespaces**", 1, true))
    assert.truthy(out:find("\n- key 'k' deleted\n", 1, true))
  end)
end)


describe("annotations for GitHub", function()
  local function annotations(diags, folder)
    return views.call("plan.github", { { "annotations", { diagnostics = diags, folder = folder or views.null } } })
  end

  it("name the place, and escape what the runner would take apart", function()
    assert.equal("::error file=a%3Ab%2Cc%25.lua,line=12,title=cfkv%3A namespace.title::" ..
      "50%25 of it%0Ahint: do, this: now\n", annotations {
        diag { file = "a:b,c%.lua", message = "50% of it", hint = "do, this: now" } })
    assert.equal("::warning title=cfkv%3A x::one line\n",
      annotations { diag { severity = "warning", code = "x", file = views.null, message = "one\n  line" } })
  end)

  it("say that a guard refuses, and what has the same cause", function()
    assert.equal("::error title=cfkv%3A guard.loss::refused: it holds keys%0Aalso b and 8 more\n",
      annotations { diag { code = "guard.loss", file = views.null, message = "it holds keys", also = { "b" },
        also_count = 9 } })
  end)

  it("name files from the workspace", function()
    local function file(name, folder)
      return annotations({ diag { file = name } }, folder):match "file=([^,]*),"
    end
    assert.equal("infra/kv.lua", file("kv.lua", "infra"))
    assert.equal("shared/kv.lua", file("../shared/./kv.lua", "infra"))
    assert.equal("/abs/kv.lua", file("/abs/kv.lua", "infra"))
    assert.equal("kv.lua", file "kv.lua")
  end)

  it("are as many of a kind as are shown, errors first", function()
    local diags = {}
    for i = 1, 30 do
      diags[i] = diag { severity = i <= 15 and "warning" or "error" }
    end
    local out = annotations(diags)
    assert.equal(10, select(2, out:gsub("::error ", "")))
    assert.equal(10, select(2, out:gsub("::warning ", "")))
    assert.equal(1, out:find "::error ")
  end)
end)


describe("the report for GitLab", function()
  it("counts what a plan creates, updates and deletes", function()
    assert.same({ create = 6, update = 109, delete = 2 }, cjson.decode(views.show("gitlab", {}, {
      section("a", {
        views.entry("create", "namespace"), views.entry("adopt", "namespace"), views.entry("forget", "namespace"),
        put("new", { value = { kind = "new", shown = "1", bytes = 1, cut = false, json = true } }),
        put("k"), put("o", { overwrite = true }), views.entry("delete", "key", { key = "gone" }),
        views.entry("put", "bulk", { key = "seed", counts = { new = 4, changed = 3, overwrite = 1, unchanged = 9 } }),
      }),
      section("b", { views.entry("delete", "namespace") }),
      { shared = true, env = views.null, account = views.null, more = 0,
        entries = { put("k", { namespaces = { count = 100, names = { "x" } } }) } },
      section(views.null, { views.entry("write", "file") }, { file = "wrangler.toml" }),
    }, { outputs = { { name = "o", after = "1" } } })))
  end)

  it("is one object on a line, with these members alone", function()
    assert.equal('{"create":0,"delete":0,"update":0}\n', views.show("gitlab", {}))
  end)

  it("counts of a drift what the next apply will do", function()
    assert.same({ create = 2, update = 2, delete = 1 }, cjson.decode(views.show("gitlab", { command = "drift" }, {
      section("a", { views.entry("deleted", "key", { key = "a" }), views.entry("expired", "key", { key = "b" }),
        views.entry("added", "key", { key = "c" }), views.entry("changed", "key", { key = "d" }),
        views.entry("renamed", "namespace") }) })))
  end)

  it("is of a validation the list of what is wrong", function()
    local list = cjson.decode(views.show("gitlab", { command = "validate", target = views.null, by = "kv.lua",
      diagnostics = { diag { hint = "h" }, diag { severity = "warning", file = views.null, line = views.null } } }))
    assert.equal(2, #list)
    assert.same({ path = "kv.lua", lines = { begin = 12 } }, list[1].location)
    assert.equal("major", list[1].severity)
    assert.equal("title 'x' is taken", list[1].description)
    assert.equal("namespace.title", list[1].check_name)
    assert.equal(64, #list[1].fingerprint)
    assert.same({ path = "kv.lua", lines = { begin = 1 } }, list[2].location)
    assert.equal("minor", list[2].severity)
  end)
end)
