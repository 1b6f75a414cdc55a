-- Titles that change hands: only renames, and no key moves.
local project = require "support.project"
local world = require "fault.world"

local HEAD = [[
local cfkv = require "cfkv"
cfkv.project { name = "shop" %s }
local function namespace(purpose, title, fields)
  local t = { app = "shop", purpose = purpose, env = "dev", title = title }
  for name, value in pairs(fields or {}) do
    t[name] = value
  end
  cfkv.namespace(t):put("who", purpose)
end
]]


-- A configuration with these { purpose = title }.
local function titled(titles, project_fields)
  local lines = { HEAD:format(project_fields or "") }
  for purpose, title in pairs(titles) do
    lines[#lines + 1] = ("namespace(%q, %q)"):format(purpose, title)
  end
  return table.concat(lines, "\n")
end

-- What a plan of renames may do: an update only changes what is recorded.
local only = { rename = true, update = true }

describe("a change of titles", function()
  local p

  after_each(project.cleanup)


  -- Applies `before`; then `after` must rename `count` namespaces in `steps` renames (as many, unless
  -- some go through a temporary title), do nothing else, and leave ids and data as they are.
  local function assert_renames(before, after, count, steps)
    p = project.new { ["kv.lua"] = before }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    local was = world.look(p)
    local files = p:sh("find .wrangler/state/v3/kv -path '*/blobs/*' | sort").out

    p:write("kv.lua", after)
    local plan = p:run("plan", "--local", "--json").json()
    local renames = 0
    for _, action in ipairs(plan.actions) do
      assert.is_true(only[action.action], action.action)
      assert.equal("namespace", action.kind)
      assert.is_string(action.id)
      renames = renames + (action.action == "rename" and 1 or 0)
    end
    assert.equal(steps or count, renames)
    assert.equal(count, plan.summary.rename)
    assert.equal(steps or count, plan.cost.requests)
    assert.equal(0, plan.cost.writes)
    assert.equal(0, plan.cost.deletes)

    local r = p:run("apply", "--local", "--yes")
    assert.equal(0, r.code, r.err)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
    assert.equal(0, p:run("drift", "--local").code)
    assert.equal(files, p:sh("find .wrangler/state/v3/kv -path '*/blobs/*' | sort").out)
    assert.is_false(p:exists ".cfkv")
    return was, world.look(p)
  end


  -- The title that `purpose` had is now `title`, with the same id and the same blob.
  local function assert_moved(was, now, from, to)
    assert.is_string(was.titles[from])
    assert.equal(was.titles[from], now.titles[to])
    assert.equal(was.keys[from .. ": who"], now.keys[to .. ": who"])
    assert.equal(was.blobs[from .. ": who"], now.blobs[to .. ": who"])
  end


  it("that swaps two goes through a temporary title", function()
    local was, now = assert_renames(titled { a = "left", b = "right" }, titled { a = "right", b = "left" }, 2, 3)
    assert_moved(was, now, "left", "right")
    assert_moved(was, now, "right", "left")
  end)

  it("that turns three round goes through one temporary title", function()
    local was, now = assert_renames(titled { a = "x", b = "y", c = "z" }, titled { a = "y", b = "z", c = "x" }, 3, 4)
    assert_moved(was, now, "x", "y")
    assert_moved(was, now, "y", "z")
    assert_moved(was, now, "z", "x")
  end)

  it("that swaps twice uses a temporary title for each", function()
    local was, now = assert_renames(titled { a = "1", b = "2", c = "3", d = "4" },
      titled { a = "2", b = "1", c = "4", d = "3" }, 4, 6)
    for from, to in pairs { ["1"] = "2", ["2"] = "1", ["3"] = "4", ["4"] = "3" } do
      assert_moved(was, now, from, to)
    end
  end)

  it("onto titles that others give up happens in the right order", function()
    local was, now = assert_renames(titled { a = "one", b = "two", c = "three" },
      titled { a = "two", b = "three", c = "four" }, 3)
    assert_moved(was, now, "one", "two")
    assert_moved(was, now, "two", "three")
    assert_moved(was, now, "three", "four")
  end)

  it("by another naming template renames everything", function()
    local config = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", naming = "%s" }
      for _, purpose in ipairs { "config", "cache" } do
        for _, env in ipairs { "dev", "prod" } do
          cfkv.namespace { app = "shop", purpose = purpose, env = env }:put("who", purpose .. env)
        end
      end
    ]]
    local was, now = assert_renames(config:format "{app}-{purpose}-{env}", config:format "{env}.{app}.{purpose}", 4)
    assert_moved(was, now, "shop-config-dev", "dev.shop.config")
    assert_moved(was, now, "shop-config-prod", "prod.shop.config")
    assert_moved(was, now, "shop-cache-dev", "dev.shop.cache")
    assert_moved(was, now, "shop-cache-prod", "prod.shop.cache")
  end)

  it("by another naming template that makes titles change hands renames everything", function()
    local config = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop", naming = "%s" }
      cfkv.namespace { app = "x", purpose = "y", env = "dev" }:put("who", "xy")
      cfkv.namespace { app = "y", purpose = "x", env = "dev" }:put("who", "yx")
    ]]
    local was, now = assert_renames(config:format "{app}-{purpose}-{env}", config:format "{purpose}-{app}-{env}", 2, 3)
    assert_moved(was, now, "x-y-dev", "y-x-dev")
    assert_moved(was, now, "y-x-dev", "x-y-dev")
  end)

  it("that renamed_from connects needs no parts", function()
    local config = [[
      local cfkv = require "cfkv"
      cfkv.project { name = "shop" }
      cfkv.namespace { title = "%s" %s }:put("who", "it")
    ]]
    local was, now = assert_renames(config:format("before", ""), config:format("after", ', renamed_from = "before"'), 1)
    assert_moved(was, now, "before", "after")
  end)

  it("on which somebody was faster is finished without a rename", function()
    p = project.new { ["kv.lua"] = titled { a = "old" } }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    world.sql(p, world.registry, "UPDATE namespaces SET title = 'new';")
    p:write("kv.lua", titled { a = "new" })
    assert.equal(0, p:run("plan", "--local", "--json").json().summary.rename)
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    assert.equal(0, p:run("drift", "--local").code)
  end)

  it("onto one that a namespace to be deleted holds deletes it last", function()
    p = project.new { ["kv.lua"] = titled { a = "one", b = "two" } }
    assert.equal(0, p:run("apply", "--local", "--yes").code)
    local was = world.look(p)
    p:write("kv.lua", titled { a = "two" })
    local r = p:run("apply", "--local", "--yes", "--allow-data-loss=*")
    assert.equal(0, r.code, r.err)
    local now = world.look(p)
    assert_moved(was, now, "one", "two")
    assert.same({ two = was.titles.one }, now.titles)
    assert.matches('"key":"who","value":"b"', world.backups(p), 1, true)
    assert.equal(0, p:run("plan", "--local", "--detailed-exitcode").code)
  end)
end)
