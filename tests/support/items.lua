--- One item through every door that can express it: the same verdict, in the same words, with the place
--- that the door can name. What a door cannot express stands in its `cannot`.
---
---     for n, item in ipairs(items.all) do
---       items.check(item)             -- at every door
---       items.check(item, 3, n)       -- at the n-th third of them
---     end
local assert = require "luassert"
local cjson = require "cjson"
local project = require "support.project"

local NOW = 1800000000
local DEFAULT_TTL = 600 -- of the namespace
local MIB = 1024 * 1024
local ENV = { CFKV_NOW = tostring(NOW) }

local NOT_UTF8, NUL = "caf\xe9", "a\0b"


-- ---- Items ----------------------------------------------------------------------------------------
--
-- good:    expires = seconds from NOW, false: never (default: DEFAULT_TTL); bytes = of the value, when
--          not `value`; warning = what is said of it
-- bad:     words = what refuses it
-- late:    words = why the key is left out; a door that puts this key alone refuses it
--
-- `like` is what a door must be able to express besides; `without`: a field that a door lacks.

local function item(name, fields, verdict)
  verdict.name, verdict.fields = name, fields
  fields.key = fields.key or "k"
  if fields.value == nil then
    fields.value = "v"
  end
  return verdict
end

local NONE = {} -- a field that is missing though others are not

local items = {
  item("a key and a value", {}, {}),
  item("an empty value", { value = "" }, {}),
  item("a key of 512 bytes", { key = ("k"):rep(512) }, {}),
  item("a key of any text", { key = "größe/ %2F?#\t'\"" }, {}),
  item("a key with a NUL", { key = NUL }, { like = "nul" }),
  item("bytes in base64", { value = "AP/+", base64 = true }, { bytes = "\0\255\254", like = "base64" }),
  item("text that is not in base64", { value = "AP/+", base64 = false }, { like = "base64" }),
  item("metadata", { metadata = { a = { 1, true } } }, {}),
  item("metadata that is a text", { metadata = "text" }, {}),
  item("metadata of 1024 bytes", { metadata = ("m"):rep(1022) }, {}),
  item("a ttl of 60 seconds", { expiration_ttl = 60 }, { expires = 60 }),
  item("a ttl of 0", { expiration_ttl = 0 }, { expires = false }),
  item("an expiration in a minute", { expiration = NOW + 60 }, { expires = 60, like = "close" }),
  item("an expiration as late as can be", { expiration = 2147483647 }, { expires = 2147483647 - NOW }),
  item("a ttl of 0 and an expiration", { expiration_ttl = 0, expiration = NOW + 90 }, { expires = 90 }),
  item("a ttl and an expiration", { expiration_ttl = 120, expiration = NOW + 90 }, { expires = 120,
    warning = "key 'k' has expiration '1800000090 (2027-01-15T08:01:30Z)' and expiration_ttl '120 s (2m)'; "
      .. "expiration_ttl wins" }),
  item("a ttl as a duration", { expiration_ttl = "1h30m" }, { expires = 5400 }),
  item("a ttl of no seconds", { expiration_ttl = "0s" }, { expires = false }),
  item("an expiration as a time", { expiration = "2027-01-15t10:30:00.75+01:30" }, { expires = 3600 }),
  item("a value of more than 1 MiB", { value = ("v"):rep(MIB + 1) }, {
    warning = "value of key 'k' has 1048577 bytes, more than 1 MiB" }),

  item("an empty key", { key = "" }, { words = "key '' is empty" }),
  item("a key of 513 bytes", { key = ("k"):rep(513) }, { words = "has 513 bytes, more than 512" }),
  item("a dot", { key = "." }, { words = "key '.' is refused by Workers KV" }),
  item("two dots", { key = ".." }, { words = "key '..' is refused by Workers KV" }),
  item("a key that is no text", { key = NOT_UTF8 }, { words = "key 'caf\\xE9' is not valid UTF-8", like = "bytes" }),
  item("a ttl of 59 seconds", { expiration_ttl = 59 }, { like = "ttl",
    words = "expiration_ttl '59 s' of key 'k' is too short" }),
  item("a negative ttl", { expiration_ttl = -1 }, { like = "ttl",
    words = "expiration_ttl '-1 s' of key 'k' is too short" }),
  item("a ttl beyond 2038", { expiration_ttl = 2147483647 }, {
    words = "expiration_ttl '2147483647 s' of key 'k' is too long" }),
  item("a ttl that is no whole number", { expiration_ttl = 60.5 }, { like = "type",
    words = "field 'expiration_ttl' of a bulk item must be whole seconds, or a duration such as '15m' or '7d', got " }),
  item("a ttl of 59 seconds as a duration", { expiration_ttl = "59s" }, { like = "ttl",
    words = "expiration_ttl '59 s' of key 'k' is too short" }),
  item("a ttl of too many weeks", { expiration_ttl = "9999w" }, {
    words = "expiration_ttl '6047395200 s (9999w)' of key 'k' is too long" }),
  item("a ttl that is no duration", { expiration_ttl = "1 hour" }, { like = "type",
    words = "field 'expiration_ttl' of a bulk item must be whole seconds, or a duration such as '15m' or '7d', "
      .. "got '1 hour'" }),
  item("a ttl of more seconds than there are", { expiration_ttl = "99999999999999w" }, { like = "type",
    words = "field 'expiration_ttl' of a bulk item must be whole seconds, or a duration such as " }),
  item("an expiration without a zone", { expiration = "2027-01-15T09:00:00" }, { like = "type",
    words = "field 'expiration' of a bulk item must be seconds since 1970, or a time such as '2027-01-31T12:00:00Z', "
      .. "got '2027-01-15T09:00:00'" }),
  item("an expiration on a day that is not", { expiration = "2027-02-29T00:00:00Z" }, { like = "type",
    words = "field 'expiration' of a bulk item must be seconds since 1970, or a time such as " }),
  item("an expiration beyond 2038 as a time", { expiration = "2038-01-19T03:14:08Z" }, { like = "time",
    words = "expiration '2147483648 (2038-01-19T03:14:08Z)' of key 'k' is not between 1 and 2147483647" }),
  item("an expiration of 0", { expiration = 0 }, { like = "time",
    words = "expiration '0 (1970-01-01T00:00:00Z)' of key 'k' is not between 1 and 2147483647" }),
  item("a negative expiration", { expiration = -1 }, { like = "time",
    words = "expiration '-1 (1969-12-31T23:59:59Z)' of key 'k' is not between 1 and 2147483647" }),
  item("an expiration beyond 2038", { expiration = 2147483648 }, { like = "time",
    words = "expiration '2147483648 (2038-01-19T03:14:08Z)' of key 'k' is not between 1 and 2147483647" }),
  item("an expiration in milliseconds", { expiration = 1800000000000 }, { like = "time",
    words = "expiration '1800000000000' of key 'k' is not between 1 and 2147483647" }),
  item("metadata of 1025 bytes", { metadata = ("m"):rep(1023) }, {
    words = "metadata of key 'k' has 1025 bytes as JSON, more than 1024" }),
  item("base64 cut short", { value = "AP/", base64 = true }, { like = "base64",
    words = "the value of key 'k' is not base64: base64 of 3 characters, not a multiple of 4" }),
  item("base64 of other letters", { value = "AP/!", base64 = true }, { like = "base64",
    words = "the value of key 'k' is not base64: " }),
  item("base64 that is neither true nor false", { base64 = "yes" }, { like = "type",
    words = "field 'base64' of a bulk item must be true or false, got 'yes'" }),
  item("a value of more than 25 MiB", { value = ("v"):rep(25 * MIB + 1) }, {
    words = "value of key 'k' has 26214401 bytes, more than 26214400 (25 MiB)" }),
  item("a value that is a number", { value = 5 }, { like = "number", words = "the value must be a string" }),
  item("a key that is a number", { key = 5 }, { like = "number",
    words = { ["ns:put"] = "the key must be a string, got 5", ["cfkv.key.put"] = "the key must be a string, got 5",
      "field 'key' of a bulk item must be a string, got 5" } }),
  item("no value", { value = NONE }, { like = "missing", words = "a bulk item needs field 'value'" }),
  item("no key", { key = NONE }, { like = "missing", words = "a bulk item needs field 'key'" }),
  item("an unknown field", { valeu = "x" }, { like = "unknown", words = "unknown field 'valeu' in a bulk item" }),

  item("an expiration of long ago", { expiration = 5 }, { late = true,
    words = "expiration '5 (1970-01-01T00:00:05Z)' of key 'k' is past, so the key is absent" }),
  item("an expiration that is now", { expiration = NOW }, { late = true,
    words = "expiration '1800000000 (2027-01-15T08:00:00Z)' of key 'k' is past, so the key is absent" }),
  item("an expiration in 59 seconds", { expiration = NOW + 59 }, { late = true,
    words = "expiration '1800000059 (2027-01-15T08:00:59Z)' of key 'k' is less than 60 seconds ahead" }),
  item("an expiration of last year as a time", { expiration = "2026-01-15T08:00:00Z" }, { late = true,
    words = "expiration '1768464000 (2026-01-15T08:00:00Z)' of key 'k' is past, so the key is absent" }),
}


-- ---- Writing items down ---------------------------------------------------------------------------

local FIELDS = { "key", "value", "base64", "expiration", "expiration_ttl", "metadata", "valeu" }

local function lua_text(value)
  if type(value) == "string" and #value > MIB then
    return ("(%q):rep(%d)"):format(value:sub(1, 1), #value)
  elseif type(value) == "string" then
    return (("%q"):format(value):gsub("\\\n", "\\n"))
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local parts = {}
  for name, member in pairs(value) do
    parts[#parts + 1] = ("[%s]=%s"):format(lua_text(name), lua_text(member))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function each_field(fields, write)
  local parts = {}
  for _, name in ipairs(FIELDS) do
    if fields[name] ~= nil and fields[name] ~= NONE then
      parts[#parts + 1] = write(name, fields[name])
    end
  end
  return table.concat(parts, ",")
end

local function lua_item(fields)
  return "{" .. each_field(fields, function(name, value) return name .. "=" .. lua_text(value) end) .. "}"
end

local function json_item(fields)
  return "{" .. each_field(fields, function(name, value)
    return ('"%s":%s'):format(name, math.type(value) == "integer" and ("%d"):format(value) or cjson.encode(value))
  end) .. "}"
end

local function csv_of(fields)
  local header = each_field(fields, function(name) return name end)
  return header .. "\n" .. each_field(fields, function(name, value)
    local text = name == "metadata" and cjson.encode(value) or tostring(value)
    return '"' .. text:gsub('"', '""') .. '"'
  end) .. "\n"
end

-- Without key and value: as options.
local function options_of(fields)
  local rest = {}
  for name, value in pairs(fields) do
    rest[name] = name ~= "key" and name ~= "value" and value or nil
  end
  return lua_item(rest)
end


-- ---- Doors ----------------------------------------------------------------------------------------
--
-- run(p, fields) → the run, with what a script says of `failed` on stdout; place: what stands before the
-- words of a refusal or a warning, as a pattern; alone: it puts one key; raises: what is wrong is misuse
-- of a call, and ends the script

local SHOP = 'local cfkv = require "cfkv" cfkv.project { name = "p" }\n'
  .. ('local ns = cfkv.namespace { title = "n", ttl_seconds = %d }\n'):format(DEFAULT_TTL)

local function declared(write)
  return function(p, fields)
    p:write("kv.lua", SHOP .. write(p, fields) .. "\n")
    return p:run("apply", "--local", "--yes", { env = ENV })
  end
end

-- The namespace is there: a project into which nothing was written serves the next item, too.
local function verb(write)
  return function(p, fields)
    if not p.applied then
      p:write("kv.lua", SHOP)
      assert.equal(0, p:run("apply", "--local", "--yes", { env = ENV }).code)
      p.applied = true
    end
    return write(p, fields)
  end
end

local function bulk_verb(name, write)
  return verb(function(p, fields)
    p:write(name, write(fields))
    return p:run("kv", "bulk", "put", name, "--namespace", "n", "--local", { env = ENV })
  end)
end

local function script(write)
  return verb(function(p, fields)
    p:write("seed.lua", 'local cfkv = require "cfkv"\n' .. "local r, err = " .. write(p, fields) .. "\n"
      .. "if not r then print(err.message) os.exit(3) end\n"
      .. "if r ~= true and #r.failed > 0 then print(r.failed[1] .. ' left out: ' .. r.reason.message) end\n")
    return p:run("run", "seed.lua", "--local", { env = ENV })
  end)
end

local function file(name, write)
  return function(p, fields)
    p:write(name, write(fields))
    return name
  end
end

local json = file("seed.json", function(fields) return "[" .. json_item(fields) .. "]" end)
local jsonl = file("seed.jsonl", function(fields) return json_item(fields) .. "\n" end)
local csv = file("seed.csv", csv_of)

local function source(kind, write)
  return function(p, fields) return ('ns:bulk(cfkv.source.%s "%s")'):format(kind, write(p, fields)) end
end

-- What was edited by hand has another checksum.
local function backup_of(p, line)
  local head = '{"account_id":null,"cfkv_backup":1,"created":"2026-11-24T06:15:00Z","id":"i",'
    .. '"reason":"backup","title":"n"}\n' .. line .. "\n"
  p:write("b.jsonl", head)
  return ('%s{"bytes":%d,"keys":1,"sha256":"%s"}\n'):format(head, #head, p:sh("sha256sum b.jsonl").out:sub(1, 64))
end

local IN_JSON = "seed%.json:1: %a+: item 1 %(byte 1%): "
local IN_JSONL = "seed%.jsonl:1: %a+: item 1 %(byte 0%): "
local IN_CSV = "seed%.csv:2: %a+: item 1 %(byte %d+%): "

-- A number in a cell is text; a cell that is not there is a column that is not.
local CSV_CANNOT = { bytes = true, number = true, missing = true, unknown = true }

local doors = {
  { name = "ns:put", place = "kv%.lua:3: %a+: ",
    cannot = { base64 = true, missing = true, unknown = true, type = true },
    run = declared(function(_, f)
      return ("ns:put(%s, %s, %s)"):format(lua_text(f.key), lua_text(f.value), options_of(f))
    end) },
  { name = "ns:bulk", place = "kv%.lua:3: %a+: item 1: ", cannot = {},
    run = declared(function(_, f) return "ns:bulk { " .. lua_item(f) .. " }" end) },
  { name = "cfkv.source.json", place = IN_JSON, cannot = { bytes = true }, run = declared(source("json", json)) },
  { name = "cfkv.source.jsonl", place = IN_JSONL, cannot = { bytes = true }, run = declared(source("jsonl", jsonl)) },
  { name = "cfkv.source.csv", place = IN_CSV, cannot = CSV_CANNOT, run = declared(source("csv", csv)) },

  -- Options that are no number of seconds or no time are no command at all.
  { name = "kv key put", place = "^%a+: ", alone = true,
    cannot = { nul = true, base64 = true, type = true, number = true, missing = true, unknown = true, ttl = true,
      time = true },
    run = verb(function(p, f)
      p:write("value", f.value)
      local words = { "kv", "key", "put", f.key, "--path", "value", "--namespace", "n", "--local" }
      local function add(option, value)
        if value ~= nil then
          words[#words + 1] = option
          words[#words + 1] = value
        end
      end
      add("--ttl", f.expiration_ttl)
      add("--expiration", f.expiration)
      add("--metadata", f.metadata and cjson.encode(f.metadata))
      words[#words + 1] = { env = ENV }
      return p:run(table.unpack(words))
    end) },
  { name = "kv bulk put JSON", place = IN_JSON, cannot = { bytes = true },
    run = bulk_verb("seed.json", function(f) return "[" .. json_item(f) .. "]" end) },
  { name = "kv bulk put JSONL", place = IN_JSONL, cannot = { bytes = true },
    run = bulk_verb("seed.jsonl", function(f) return json_item(f) .. "\n" end) },
  { name = "kv bulk put CSV", place = IN_CSV, cannot = CSV_CANNOT, run = bulk_verb("seed.csv", csv_of) },

  -- It gives back what was, and says nothing else of it: the namespace's ttl has no say. What has but
  -- a minute to live is left out: giving it back takes time.
  { name = "restore", place = "'b%.jsonl' line 2: ", cannot = { bytes = true, close = true },
    without = "expiration_ttl", exact = true,
    run = verb(function(p, f)
      p:write("b.jsonl", backup_of(p, json_item(f)))
      return p:run("restore", "b.jsonl", "--namespace", "n", "--local", "--yes", { env = ENV })
    end) },

  { name = "cfkv.key.put", place = "seed%.lua:2: ", alone = true, raises = true,
    cannot = { base64 = true, missing = true, unknown = true, type = true },
    run = script(function(_, f)
      return ("cfkv.key.put('n', %s, %s, %s)"):format(lua_text(f.key), lua_text(f.value), options_of(f))
    end) },
  { name = "cfkv.bulk.put of an array", place = "seed%.lua:2: [warning: ]*item 1: ", raises = true, cannot = {},
    run = script(function(_, f) return "cfkv.bulk.put('n', { " .. lua_item(f) .. " })" end) },
  { name = "cfkv.bulk.put of an iterator", place = "seed%.lua:2: [warning: ]*item 1: ", raises = true, cannot = {},
    run = script(function(_, f)
      return "cfkv.bulk.put('n', coroutine.wrap(function() coroutine.yield(" .. lua_item(f) .. ") end))"
    end) },
  { name = "cfkv.bulk.put of a source", place = "seed%.jsonl:1: [warning: ]*item 1 %(byte 0%): ",
    cannot = { bytes = true },
    run = script(function(p, f) return ("cfkv.bulk.put('n', cfkv.source.jsonl '%s')"):format(jsonl(p, f)) end) },
}


-- ---- Verdicts -------------------------------------------------------------------------------------

local function words_at(door, i)
  return type(i.words) == "table" and (i.words[door.name] or i.words[1]) or i.words
end

-- A line that says it, with the place before it.
local function assert_said(door, words, text)
  for line in text:gmatch "[^\n]+" do
    local from = line:find(words, 1, true)
    if from and line:sub(1, from - 1):find(door.place) then
      return
    end
  end
  error(("'%s' is not said at %s in:\n%s"):format(words, door.place, text), 2)
end

local function listed(p)
  local r = p:run("kv", "key", "list", "--namespace", "n", "--local", "--json", { env = ENV })
  assert.equal(0, r.code, r.err)
  return r.json()
end

-- In JSON: an argument cannot hold a NUL.
local function value_of(p, key)
  p:write("get.lua", ('io.write(require "cfkv".key.get("n", %s))'):format(lua_text(key)))
  local r = p:run("run", "get.lua", "--local", { env = ENV })
  assert.equal(0, r.code, r.err)
  return r.out
end

local function check_good(door, i, p, r)
  assert.equal(0, r.code, r.err .. r.out)
  if i.warning and not door.exact then
    assert_said(door, i.warning, r.err)
  else
    assert.is_nil(r.err:find("warning", 1, true), r.err)
  end
  local keys = listed(p)
  assert.equal(1, #keys)
  assert.equal(i.fields.key, keys[1].name)
  local expires = i.expires
  if expires == nil then
    expires = not door.exact and DEFAULT_TTL
  end
  assert.equal(expires and NOW + expires or nil, keys[1].expiration)
  assert.same(i.fields.metadata, keys[1].metadata)
  assert.is_true((i.bytes or i.fields.value) == value_of(p, i.fields.key), "another value")
end

local function check_bad(door, i, p, r)
  assert.equal(door.raises and 1 or 3, r.code, r.err .. r.out)
  assert_said(door, words_at(door, i), r.err .. r.out)
  local list = p:run("kv", "key", "list", "--namespace", "n", "--local", "--json", { env = ENV })
  assert.is_true(list.code ~= 0 or #list.json() == 0, "something was written")
end

local function check_late(door, i, p, r)
  assert.equal(door.alone and 3 or 0, r.code, r.err .. r.out)
  if door.name:find("cfkv.key.put", 1, true) then
    assert.equal(i.words .. "\n", r.out)
  elseif door.exact then
    assert.matches("key 'k' is left out: it has expired, or is about to", r.err, 1, true)
  elseif door.name:find("cfkv.bulk.put", 1, true) then
    assert.equal("k left out: item 1: " .. i.words .. "\n", r.out)
  else
    assert_said(door, i.words, r.err)
  end
  assert.same({}, listed(p))
end


-- The project in which an item goes through a door.
local function take_project(door)
  local p = door.project or project.quick()
  door.project = nil
  return p
end

local function give_back(door, p, untouched)
  if untouched and p.applied then
    door.project = p
  else
    p:remove()
  end
end


local function check_at(door, i)
  local p = take_project(door)
  local ok, err = pcall(function()
    local r = door.run(p, i.fields);
    (i.late and check_late or i.words and check_bad or check_good)(door, i, p, r)
  end)
  if not ok then
    error(door.name .. ": " .. tostring(type(err) == "table" and err.message or err), 0)
  end
  give_back(door, p, i.words ~= nil)
end


-- An item at every door, or at each `of`-th of those it can go through, beginning with the `n`-th.
local function check(i, of, n)
  local through = 0
  for _, door in ipairs(doors) do
    if not door.cannot[i.like] and not i.fields[door.without] then
      through = through + 1
      if not of or (through + n) % of == 0 then
        check_at(door, i)
      end
    end
  end
  assert.is_true(through >= 4, "it goes through four doors at least")
end


return { all = items, check = check }
