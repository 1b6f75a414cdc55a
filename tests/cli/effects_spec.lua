-- Every door through which keys or namespaces go or are overwritten, in every situation, on both
-- targets: one rule, whatever the door. Where something is refused nothing changes; where it is done,
-- the backup gives back the bytes, the metadata and the expiry.
local cjson = require "cjson"
local emulator = require "support.emulator"
local project = require "support.project"

local LOSS, BOTH = { "--allow-data-loss=*" }, { "--allow-data-loss=*", "--allow-mass-delete=*" }

-- ---- Situations ---------------------------------------------------------------------------------

-- `n` keys "x/001" … that go, and "keep", which stays. `meanwhile` happens after the apply.
local SITUATIONS = {
  free = { n = 5 },
  protected = { n = 5, protect = true },
  mass = { n = 150 },
  moved = { n = 5, meanwhile = function(c) c.ok("kv", "namespace", "rename", "shop", "theirs") end },
  changed = { n = 5, meanwhile = function(c) c.ok("kv", "key", "put", "x/003", "theirs", "--namespace", "shop") end },
}

-- A value that is no text, metadata, an expiry: what a backup must not lose.
local PUTS = [[
  n:put("x/001", "\255\0bytes", { metadata = { m = { 1, "é" } } })
  n:put("x/002", "until", { expiration = 2000000000 })
  for i = 3, %d do n:put(("x/%%03d"):format(i), "v" .. i) end
]]

local function declaration(c, lines)
  return ([[
    local cfkv = require "cfkv"
    cfkv.project { name = "shop" }
    cfkv.namespace { title = "other" }
    local n = cfkv.namespace { title = "shop", protect = %s }
    n:put("keep", "kept")
  ]]):format(c.situation.protect == true) .. lines
end

local function names(c)
  local list = {}
  for i = 1, c.situation.n do
    list[i] = ("x/%03d"):format(i)
  end
  return list
end

-- The same by hand.
local function items(c)
  local list = {
    { key = "x/001", value = "/wBieXRlcw==", base64 = true, metadata = { m = { 1, "é" } } },
    { key = "x/002", value = "until", expiration = 2000000000 },
  }
  for i = 3, c.situation.n do
    list[i] = { key = ("x/%03d"):format(i), value = "v" .. i }
  end
  return list
end

-- ---- Doors --------------------------------------------------------------------------------------

local function verb(...)
  local words = { ... }
  return function(c, ...)
    local all = table.move(words, 1, #words, 1, {})
    return c.run(table.unpack(table.move({ ... }, 1, select("#", ...), #all + 1, all)))
  end
end

local function reconfigured(lines)
  return function(c, ...)
    c.p:write("kv.lua", lines(c))
    return c.run("apply", "--yes", ...)
  end
end

-- The script's outcome as the terminal's: 5 for a guard, the path of the backup on stderr.
local function script(code)
  return function(c, ...)
    c.p:write("names.json", cjson.encode(names(c)))
    c.p:write("s.lua", ([[
      local cfkv, cjson = require "cfkv", require "cjson"
      local names = cjson.decode(io.open "names.json":read "a")
      local go = { allow_data_loss = arg[1] ~= nil, allow_mass_delete = arg[1] ~= nil }
      local function told(done, backup)
        if not done then
          io.stderr:write(tostring(backup), "\n")
          os.exit(backup.code == "guard" and 5 or 1)
        end
        backup = backup or done.backup
        if backup then io.stderr:write("kept in '", backup, "'\n") end
      end
      %s
    ]]):format(code))
    return c.run("run", "s.lua", ...)
  end
end

-- The verb, with a namespace and a backup that hold one key.
local function from_source(key, ...)
  local door = verb(...)
  return function(c, ...)
    if not c.p:exists "source.jsonl" then
      c.ok("kv", "namespace", "create", "source")
      c.ok("kv", "key", "put", key, "other", "--namespace", "source")
      c.ok("backup", "source", "-o", "source.jsonl")
    end
    return door(c, ...)
  end
end

--[[
 Each door: what it does, and per situation what comes of it without a permission and with both:
 "done" or "refused". `loses`: the part of the namespace that goes ("keys": x/…, "all", "one",
 "over": x/001 is overwritten). A situation that is missing says nothing of that door.
]]
local DONE, ASKS, NEVER = { "done" }, { "refused", "done" }, { "refused", "refused" }
local BY_HAND = { free = DONE, protected = ASKS, mass = ASKS, changed = DONE }

local DOORS = {
  { "kv key delete NAMES", loses = "keys", cells = BY_HAND, go = function(c, ...)
    local words = table.move(names(c), 1, c.situation.n, 4, { "kv", "key", "delete" })
    for _, word in ipairs { "--namespace", "shop", "--yes", ... } do
      words[#words + 1] = word
    end
    return c.run(table.unpack(words))
  end },
  { "kv key delete --prefix", loses = "keys", cells = BY_HAND,
    go = verb("kv", "key", "delete", "--prefix", "x/", "--namespace", "shop", "--yes") },
  { "kv bulk delete", loses = "keys", cells = BY_HAND, go = function(c, ...)
    c.p:write("names.json", cjson.encode(names(c)))
    return c.run("kv", "bulk", "delete", "names.json", "--namespace", "shop", "--yes", ...)
  end },
  { "kv namespace clear", loses = "all", cells = BY_HAND,
    go = verb("kv", "namespace", "clear", "shop", "--yes") },
  { "kv namespace delete", loses = "namespace", permits = LOSS,
    cells = { free = ASKS, protected = NEVER, mass = ASKS, changed = ASKS },
    go = verb("kv", "namespace", "delete", "shop", "--yes") },
  { "cfkv.key.delete", permits = { "go" }, loses = "one", cells = { free = DONE, protected = ASKS, changed = DONE },
    go = script [[told(cfkv.key.delete("shop", "x/001", go))]] },
  { "cfkv.bulk.delete", permits = { "go" }, loses = "keys", cells = BY_HAND,
    go = script [[told(cfkv.bulk.delete("shop", names, go))]] },
  { "cfkv.namespace.delete", permits = { "go" }, loses = "namespace",
    cells = { free = ASKS, protected = NEVER, mass = ASKS, changed = ASKS },
    go = script [[told(cfkv.namespace.delete("shop", { allow_data_loss = go.allow_data_loss }))]] },
  { "apply without the puts", loses = "keys", cells = { free = DONE, protected = DONE, mass = ASKS },
    go = reconfigured(function(c) return declaration(c, "") end) },
  { "apply with a prune", loses = "keys", cells = { free = DONE, protected = DONE, mass = ASKS, changed = DONE },
    undeclared = true, go = reconfigured(function(c) return declaration(c, 'n:prune "x/"') end) },
  { "apply without the namespace", loses = "namespace",
    cells = { free = ASKS, protected = NEVER, mass = ASKS, moved = NEVER, changed = ASKS },
    go = reconfigured(function()
      return 'local cfkv = require "cfkv" cfkv.project { name = "shop" } cfkv.namespace { title = "other" }'
    end) },
  { "destroy", loses = "namespace",
    cells = { free = ASKS, protected = NEVER, mass = ASKS, moved = NEVER, changed = ASKS },
    go = verb("destroy", "--yes") },
  { "restore --prune", loses = "all", cells = BY_HAND,
    go = from_source("new", "restore", "source.jsonl", "--namespace", "shop", "--prune", "--yes") },
  { "copy --prune", loses = "all", cells = BY_HAND,
    go = from_source("new", "copy", "source", "shop", "--prune", "--yes") },
  { "restore over", loses = "over", cells = { free = DONE, protected = DONE, changed = DONE },
    go = from_source("x/001", "restore", "source.jsonl", "--namespace", "shop", "--yes") },
  { "copy over", loses = "over", cells = { free = DONE, protected = DONE, changed = DONE },
    go = from_source("x/001", "copy", "source", "shop", "--yes") },
}

local function is_lost(door, key)
  if door.loses == "keys" then
    return key ~= "keep"
  end
  return door.loses == "all" or door.loses == "namespace" or key == "x/001"
end

-- ---- The matrix ---------------------------------------------------------------------------------

for _, target in ipairs { "local", "account" } do
  describe("effects on the " .. target .. ":", function()
    local c, e

    local function run(...)
      local words = { ... }
      local options = e and { env = e:env { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT } } or nil
      table.insert(words, not e and 1 or #words + 1, not e and "--local" or nil)
      words[#words + 1] = options
      return c.p:run(table.unpack(words))
    end


    -- Keys of a namespace, each as a backup shows it: a line with value, metadata and expiry.
    local function content(title)
      local keys = {}
      for line in c.ok("backup", title, "-o", "-").out:gmatch "[^\n]+" do
        local row = cjson.decode(line)
        if row.key then
          keys[row.key] = line
        end
      end
      return keys
    end


    local function title()
      return c.situation == SITUATIONS.moved and "theirs" or "shop"
    end


    local function lost_of(door, before)
      local lost = {}
      for key, line in pairs(before) do
        lost[key] = is_lost(door, key) and line or nil
      end
      return lost
    end


    local function check_done(door, before, r)
      assert.equal(0, r.code, r.err)
      local path = r.err:match "kept in '([^']+)'" or r.err:match "backed up to (%S+)"
      assert.truthy(path, r.err)
      if door.loses ~= "namespace" then
        local after = content(title())
        for key, line in pairs(before) do
          local gone = is_lost(door, key) and door.loses ~= "over"
          if gone then
            assert.is_nil(after[key])
          elseif door.loses ~= "over" or key ~= "x/001" then
            assert.equal(line, after[key])
          end
        end
      end
      c.ok("restore", path, "--namespace", "given-back", "--from-namespace", "shop", "--create", "--yes")
      assert.same(lost_of(door, before), content "given-back")
    end


    local function check_refused(before, r)
      assert.equal(5, r.code, r.err)
      assert.same(before, content(title()))
      assert.matches("hint: ", r.err, 1, true)
    end


    local function prepare(door)
      c.p:write("kv.lua", declaration(c, door.undeclared and "" or PUTS:format(c.situation.n)))
      c.ok("apply", "--yes")
      if door.undeclared then
        c.p:write("items.json", cjson.encode(items(c)))
        c.ok("kv", "bulk", "put", "items.json", "--namespace", "shop")
      end
      if c.situation.meanwhile then
        c.situation.meanwhile(c)
      end
    end

    before_each(function()
      c = { p = project.quick(), run = run }
      c.ok = function(...)
        local r = run(...)
        assert.equal(0, r.code, r.err)
        return r
      end
      e = target == "account" and emulator.start(c.p, "--memory") or nil
    end)

    after_each(emulator.cleanup_all)

    for _, door in ipairs(DOORS) do
      for name, situation in pairs(SITUATIONS) do
        local cell = door.cells[name]
        if cell and target == "local" and name == "protected" then
          cell = door.cells.free -- it is the developer's own copy
        end
        if cell then
          it(("%s, %s: %s"):format(door[1], name, table.concat(cell, ", then ")), function()
            c.situation = situation
            prepare(door)
            local before = content(title())
            for i, outcome in ipairs(cell) do
              local r = door.go(c, table.unpack(i == 2 and (door.permits or BOTH) or {}))
              if outcome == "done" then
                check_done(door, before, r)
              else
                check_refused(before, r)
              end
            end
          end)
        end
      end
    end


    it("a removed put whose value somebody changed is forgotten, not deleted", function()
      c.situation = SITUATIONS.changed
      prepare(DOORS[1])
      c.p:write("kv.lua", declaration(c, ""))
      local r = c.ok("apply", "--yes")
      assert.matches("x/003", r.err, 1, true)
      local after = content "shop"
      assert.truthy(after["x/003"])
      assert.is_nil(after["x/004"])
    end)


    -- By hand a namespace is called by the title it has now, and its protection is that of its id.
    if target == "account" then
      it("a protected namespace that somebody renamed is protected under its new title", function()
        c.situation = { n = 5, protect = true }
        prepare(DOORS[1])
        SITUATIONS.moved.meanwhile(c)
        c.ok("kv", "namespace", "create", "source")
        c.p:write("s.lua", [[
          local cfkv = require "cfkv"
          for _, delete in ipairs {
            function() return cfkv.key.delete(arg[1], "x/001") end,
            function() return cfkv.bulk.delete(arg[1], { "x/001" }) end,
            function() return cfkv.namespace.delete(arg[1], { allow_data_loss = true }) end,
          } do
            local done, err = delete()
            print(done and "done" or err.code)
          end
        ]])
        local before = content "theirs"
        for name, code in pairs { shop = 1, theirs = 5 } do
          for _, words in ipairs {
            { "kv", "key", "delete", "x/001", "--namespace", name },
            { "kv", "key", "delete", "--prefix", "x/", "--namespace", name },
            { "kv", "namespace", "clear", name },
            { "kv", "namespace", "delete", name, "--allow-data-loss=*" },
            { "copy", "source", name, "--prune", "--allow-mass-delete=*" },
          } do
            words[#words + 1] = "--yes"
            local r = run(table.unpack(words))
            assert.equal(code, r.code, table.concat(words, " ") .. ": " .. r.err)
            assert.matches("'" .. name .. "'", r.err, 1, true)
          end
          local told = c.ok("run", "s.lua", name).out
          assert.equal(name == "theirs" and "guard\nguard\nguard\n" or "not_found\nnot_found\nnot_found\n", told)
        end
        assert.same(before, content "theirs")
        -- What the hint says to type is what allows it.
        local hint = run("kv", "namespace", "clear", "theirs", "--yes").err:match "%-%-allow%-data%-loss=%w+"
        local path = c.ok("kv", "namespace", "clear", "theirs", "--yes", hint).err:match "kept in '([^']+)'"
        assert.same({}, content "theirs")
        c.ok("restore", path, "--namespace", "given-back", "--create", "--yes")
        assert.same(before, content "given-back")
      end)
    end


    it("what is due within a minute is named, and not given back", function()
      c.situation = SITUATIONS.free
      prepare(DOORS[1])
      c.ok("kv", "key", "put", "soon", "v", "--ttl", "60", "--namespace", "shop")
      local path = c.ok("kv", "key", "delete", "soon", "x/001", "--namespace", "shop", "--yes").err
        :match "kept in '([^']+)'"
      local r = c.ok("restore", path, "--namespace", "given-back", "--create", "--yes")
      assert.matches("'soon'", r.err, 1, true)
      local back = content "given-back"
      assert.is_nil(back.soon)
      assert.truthy(back["x/001"])
    end)
  end)
end
