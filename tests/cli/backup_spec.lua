-- backup, restore and copy: what goes out comes back as it was, on both targets.

local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local ok = project.ok

local SOON = os.time() + 86400
local KV = ("/accounts/%s/storage/kv/namespaces"):format(emulator.ACCOUNT)

-- Keys and values that have broken a store before, as lines that `kv bulk put` reads.
local AWKWARD = {
  { key = " spaces  inside ", value = "v" },
  { key = "a/b%2F^?#c&d", value = "v" },
  { key = "line\nbreak\t\"quoted\"", value = "line\nbreak\r\n" },
  { key = "🗝️", value = "🔓" },
  { key = ("k"):rep(512), value = "longest" },
  { key = "empty", value = "" },
  { key = "binary", value = "AP/+AA==", base64 = true },
  { key = "nul", value = "a\0b" },
  { key = "metadata/null", value = "v", metadata = cjson.null },
  { key = "metadata/string", value = "v", metadata = "text" },
  { key = "metadata/array", value = "v", metadata = { 1, "two", { three = 3 } } },
  { key = "metadata/long", value = "v", metadata = ("m"):rep(1022) },
  { key = "expiring", value = "v", expiration = SOON },
}

local function lines_of(items)
  local lines = {}
  for i, item in ipairs(items) do
    lines[i] = cjson.encode(item) .. "\n"
  end
  return table.concat(lines)
end

-- The lines of a backup between its header and its trailer.
local function keys_of(text)
  return text:match "^[^\n]*\n(.*\n){\"bytes\":[^\n]*\n$" or
    (text:match "^[^\n]*\n{\"bytes\":[^\n]*\n$" and "")
end

-- A project whose account or local store has "src" with these items.
local function world(remote, items)
  local p = project.quick { ["items.jsonl"] = lines_of(items or AWKWARD),
    ["kv.lua"] = 'require("cfkv").project { name = "b" } require("cfkv").namespace { title = "src" }' }
  local w = { p = p }
  w.emulator = remote and emulator.start(p, "--memory") or nil
  function w.run(...)
    local words = { ... }
    local options = type(words[#words]) == "table" and table.remove(words) or {}
    if remote then
      options.env = w.emulator:env(options.env)
    else
      words[#words + 1] = "--local"
    end
    words[#words + 1] = options
    return p:run(table.unpack(words))
  end
  ok(w.run("apply", "--yes"))
  ok(w.run("kv", "bulk", "put", "items.jsonl", "--namespace", "src"))
  return w
end

for _, remote in ipairs { false, true } do
  describe("backups of " .. (remote and "an account" or "the local store"), function()
    after_each(emulator.cleanup_all)

    it("come back as they were in a new namespace", function()
      local w = world(remote)
      ok(w.run("backup", "src", "-o", "a.jsonl"))
      local restored = ok(w.run("restore", "a.jsonl", "--namespace", "new", "--create", "--json")).json()
      assert.equal(#AWKWARD, restored.written)
      assert.equal("new", restored.title)
      ok(w.run("backup", "new", "-o", "b.jsonl"))
      assert.equal(keys_of(w.p:read "a.jsonl"), keys_of(w.p:read "b.jsonl"))
    end)

    it("are copied as they were", function()
      local w = world(remote)
      local copied = ok(w.run("copy", "src", "new", "--create", "--json")).json()
      assert.equal(#AWKWARD, copied.written)
      assert.equal("src", copied.from.title)
      ok(w.run("backup", "src", "-o", "a.jsonl"))
      ok(w.run("backup", "new", "-o", "b.jsonl"))
      assert.equal(keys_of(w.p:read "a.jsonl"), keys_of(w.p:read "b.jsonl"))
    end)

    it("hold values of 25 MiB", function()
      local large = ("\255large\0"):rep(25 * 1024 * 1024 // 7 + 1):sub(1, 25 * 1024 * 1024)
      local w = world(remote, {})
      w.p:write("large", large)
      w.p:sh [[
        printf '{"key":"large","base64":true,"value":"' >l.jsonl
        base64 -w0 large >>l.jsonl
        echo '"}' >>l.jsonl]]
      ok(w.run("kv", "bulk", "put", "l.jsonl", "--namespace", "src"))
      ok(w.run("backup", "src", "-o", "a.jsonl.gz"))
      ok(w.run("restore", "a.jsonl.gz", "--namespace", "new", "--create"))
      ok(w.run("copy", "new", "third", "--create"))
      local sums = {}
      for _, title in ipairs { "src", "third" } do
        ok(w.run("backup", title, "-o", title .. ".jsonl"))
        sums[title] = keys_of(w.p:read(title .. ".jsonl"))
      end
      assert(#sums.src > 30 * 1024 * 1024 and sums.src == sums.third)
    end)

    it("ask before they replace, and only then", function()
      local w = world(remote)
      ok(w.run("backup", "src", "-o", "a.jsonl"))
      local r = w.run("restore", "a.jsonl")
      assert.equal(5, r.code)
      assert.match("%-%-yes", r.err)
      ok(w.run("restore", "a.jsonl", "--yes"))
      assert.equal(0, ok(w.run("restore", "a.jsonl", "--if-missing", "--json")).json().written)
    end)

    it("prune what is not in them, after a backup of it", function()
      local w = world(remote)
      ok(w.run("backup", "src", "-o", "a.jsonl"))
      w.p:write("more.jsonl", lines_of { { key = "a-new", value = "x" }, { key = "z-new", value = "y" } })
      ok(w.run("kv", "bulk", "put", "more.jsonl", "--namespace", "src"))
      local r = ok(w.run("restore", "a.jsonl", "--prune", "--yes", "--json")).json()
      assert.equal(2, r.pruned)
      assert.match("a%-new.*z%-new", w.p:read(r.pruned_backup))
      ok(w.run("backup", "src", "-o", "b.jsonl"))
      assert.equal(keys_of(w.p:read "a.jsonl"), keys_of(w.p:read "b.jsonl"))
    end)
  end)
end

describe("backup", function()
  after_each(project.cleanup)

  it("replaces nothing", function()
    local w = world(false)
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    local before = w.p:read "a.jsonl"
    local r = w.run("backup", "src", "-o", "a.jsonl")
    assert.equal(1, r.code)
    assert.match("'a.jsonl' exists already", r.err)
    assert.equal(before, w.p:read "a.jsonl")
  end)

  it("writes a private folder of several, and reports them", function()
    local w = world(false)
    ok(w.run("copy", "src", "two words", "--create"))
    local r = ok(w.run("backup", "--all", "-o", "all", "--json")).json()
    assert.equal(2, #r.backups)
    assert.equal("src", r.backups[1].title)
    assert.equal(#AWKWARD, r.backups[1].keys)
    assert.equal("all/src.jsonl", r.backups[1].path)
    assert.equal("700 all\n600 all/src.jsonl\n", w.p:sh("stat -c '%a %n' all all/src.jsonl").out)
    assert.match("two_words%-%x+", table.concat(w.p:files "all", " "))
    assert.falsy(w.p:exists "all/.unfinished")
    assert.match("exists already", w.run("backup", "--all", "-o", "all").err)
  end)

  it("says 1 key, as restore and copy do", function()
    local w = world(false, { { key = "k", value = "v" } })
    local said = w.run("backup", "src", "-o", "a.jsonl").err .. w.run("restore", "a.jsonl", "--yes").err ..
      w.run("copy", "src", "to", "--create").err .. w.run("kv", "key", "delete", "k", "--namespace", "to", "--yes").err
    for _, words in ipairs { "backed up 'src': 1 key into", "restored 1 key (", "copied 1 key (",
      "1 key deleted from namespace 'to'" } do
      assert.truthy(said:find(words, 1, true), said)
    end
    assert.falsy(said:find("1 keys", 1, true), said)
  end)

  it("keeps what an interrupted run of several finished", function()
    local w = world(false)
    ok(w.run("copy", "src", "b", "--create"))
    ok(w.run("backup", "--all", "-o", "all"))
    w.p:sh "rm all/src.jsonl; touch all/.unfinished"
    local r = ok(w.run("backup", "--all", "-o", "all", "--json"))
    assert.match("kept 'all/b.jsonl'", r.err)
    assert.equal(2, #r.json().backups)
    assert.falsy(w.p:exists "all/.unfinished")
  end)

  it("goes to standard output", function()
    local w = world(false)
    local r = ok(w.run("backup", "src", "-o", "-", "--prefix", "metadata/"))
    assert.match('^{"account_id":null,"cfkv_backup":1,.*"prefix":"metadata/"', r.out)
    assert.match('{"bytes":%d+,"keys":%d,"sha256":"%x+"}\n$', r.out)
    assert.equal(1, w.run("backup", "src", "-o", "-", { stdout = "/dev/full" }).code)
  end)

  it("says how it is used", function()
    local w = world(false)
    for _, words in ipairs { { "src" }, { "-o", "x" }, { "src", "--all", "-o", "x" }, { "--all", "-o", "-" },
      { "src", "src", "-o", "x" }, { "src", "-o", "-", "--json" } } do
      assert.equal(64, w.run("backup", table.unpack(words)).code, table.concat(words, " "))
    end
    assert.equal(1, w.run("backup", "sr", "-o", "x").code)
  end)
end)

describe("restore", function()
  after_each(project.cleanup)

  it("does nothing with a damaged backup", function()
    local w = world(false)
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    local whole = w.p:read "a.jsonl"
    local damages = {
      whole:sub(1, -2), whole:sub(1, #whole // 2), (whole:gsub('"keys":%d+', '"keys":1')),
      (whole:gsub('"cfkv_backup":1', '"cfkv_backup":2')), (whole:gsub("longest", "Longest")),
      (whole:gsub("(\n[^\n]*)(\n[^\n]*)", "%2%1", 1)), whole .. "\n", "",
    }
    for i, text in ipairs(damages) do
      w.p:write("bad.jsonl", text)
      local r = w.run("restore", "bad.jsonl", "--namespace", "new", "--create", "--yes")
      assert.equal(3, r.code, i .. ": " .. r.err)
    end
    assert.equal(1, w.run("backup", "new", "-o", "x").code)
  end)

  it("leaves out what has expired, and says so", function()
    local w = world(false)
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    local r = ok(w.run("restore", "a.jsonl", "--namespace", "new", "--create", "--json",
      { env = { CFKV_NOW = tostring(SOON) } }))
    assert.equal(1, r.json().expired)
    assert.same({ "expiring" }, r.json().expired_keys)
    assert.match("key 'expiring' is left out", r.err)
    assert.equal(#AWKWARD - 1, r.json().written)
    assert.match("1 left out: expired", r.err)
  end)

  it("needs a namespace that is there, or --create", function()
    local w = world(false)
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    local r = w.run("restore", "a.jsonl", "--namespace", "new")
    assert.equal(1, r.code)
    assert.match("%-%-create", r.err)
  end)

  it("refuses to prune most of many keys", function()
    local items = {}
    for i = 1, 200 do
      items[i] = { key = ("k%03d"):format(i), value = "v" }
    end
    local w = world(false, items)
    ok(w.run("backup", "src", "-o", "a.jsonl", "--prefix", "k00"))
    local r = w.run("restore", "a.jsonl", "--prune", "--yes")
    assert.equal(5, r.code)
    assert.match("%-%-allow%-mass%-delete", r.err)
    r = ok(w.run("restore", "a.jsonl", "--prune", "--yes", "--allow-mass-delete", "--json"))
    assert.equal(191, r.json().pruned)
  end)
end)

describe("backups before a loss", function()
  after_each(emulator.cleanup_all)

  -- What `backup list --json` prints.
  local function kept(w, ...)
    return ok(w.run("backup", "list", "--json", ...)).json().backups
  end

  for _, remote in ipairs { false, true } do
    it("are listed, the newest first, of " .. (remote and "an account" or "the local store"), function()
      local w = world(remote)
      assert.same({}, kept(w))
      ok(w.run("kv", "key", "delete", "empty", "nul", "--namespace", "src", "--yes",
        { env = { CFKV_NOW = "1900000000" } }))
      local r = w.run("kv", "key", "delete", "binary", "--namespace", "src", "--yes", "--json")
      local list = kept(w)
      assert.equal(2, #list)
      assert.equal("2030-03-17T17:46:40Z", list[1].created)
      assert.equal(ok(r).json().backup, list[2].path)
      assert.same({ false, 1, "src", "delete" }, { list[2].damaged, list[2].keys, list[2].namespaces[1].title,
        list[2].namespaces[1].reason })
      w.p:write(list[2].path, w.p:read(list[2].path):sub(1, -20))
      assert.is_true(kept(w)[2].damaged)
      assert.matches("damaged", ok(w.run("backup", "list")).out, 1, true)
    end)
  end

  it("are purged, and swept when the next one is written, but for what cfkv did not write there", function()
    local w = world(false)
    local function file(day, title)
      return (".cfkv/backups/202001%02dT000000Z-%s-delete.jsonl"):format(day, title)
    end
    for day = 1, 25 do
      w.p:write(file(day, "old"), "x")
    end
    w.p:write(".cfkv/backups/mine.jsonl", "x")
    w.p:write(".cfkv/backups/20200101T000000Z-mine.jsonl", "x")
    assert.equal(5, w.run("backup", "purge", "--keep", "24").code)
    assert.same({ deleted = 1, format_version = 1, kept = 24 },
      ok(w.run("backup", "purge", "--keep", "24", "--yes", "--json")).json())
    assert.is_false(w.p:exists(file(1, "old")))
    assert.equal(0, ok(w.run("backup", "purge", "--days", "99999", "--yes", "--json")).json().deleted)
    ok(w.run("kv", "key", "delete", "empty", "--namespace", "src", "--yes"))
    assert.equal(20, #kept(w))
    assert.is_true(w.p:exists ".cfkv/backups/mine.jsonl")
    assert.is_true(w.p:exists ".cfkv/backups/20200101T000000Z-mine.jsonl")
    assert.equal(20, ok(w.run("backup", "purge", "--days", "1", "--keep", "1", "--yes", "--json")).json().deleted
      + #kept(w))
    assert.equal(1, #kept(w))
  end)

  it("are not for restore --prune, for they hold some keys only", function()
    local w = world(false)
    local path = ok(w.run("kv", "key", "delete", "empty", "--namespace", "src", "--yes", "--json")).json().backup
    local r = w.run("restore", path, "--prune", "--yes", "--allow-mass-delete")
    assert.equal(64, r.code)
    assert.match("a backup of all keys", r.err)
  end)

  it("are told to be fleeting in CI, once", function()
    local w = world(false)
    local r = ok(w.run("kv", "key", "delete", "empty", "--namespace", "src", "--yes", { env = { CI = "true" } }))
    local _, n = r.err:gsub("must not become a public artefact", "")
    assert.equal(1, n)
  end)

  it("are not made of nothing: an empty source empties nothing unasked", function()
    local w = world(false)
    ok(w.run("kv", "namespace", "create", "empty"))
    local r = w.run("copy", "empty", "src", "--prune", "--yes")
    assert.equal(5, r.code)
    assert.match("for the source holds none", r.err)
    r = ok(w.run("copy", "empty", "src", "--prune", "--yes", "--allow-mass-delete", "--json")).json()
    assert.equal(#AWKWARD, r.pruned)
    ok(w.run("restore", r.pruned_backup, "--yes"))
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    assert.equal(#AWKWARD, select(2, keys_of(w.p:read "a.jsonl"):gsub("\n", "\n")))
  end)
end)

describe("copy", function()
  after_each(emulator.cleanup_all)

  it("brings keys from the account to the local store and back", function()
    local w = world(true)
    ok(w.run("copy", "src", "local:here", "--create"))
    ok(w.run("copy", "local:here", "back", "--create"))
    ok(w.run("backup", "src", "-o", "a.jsonl"))
    ok(w.run("backup", "back", "-o", "b.jsonl"))
    assert.equal(keys_of(w.p:read "a.jsonl"), keys_of(w.p:read "b.jsonl"))
    local status = w.emulator:ask("GET", KV .. "?per_page=100")
    assert.equal(200, status)
  end)

  it("refuses a namespace onto itself", function()
    local w = world(false)
    assert.equal(64, w.run("copy", "src", "src", "--yes").code)
  end)
end)
