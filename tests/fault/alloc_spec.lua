-- Each allocation refused once (a sample of them): an honest error, never a crash, and the next run
-- does its work.
local project = require "support.project"
local scenarios = require "fault.scenarios"

local FIRST = 200 -- each of the first ones, then
local STRIDE = 97 -- every 97th
local BATCH = 25  -- in one test


local function sample(total)
  local list = {}
  for n = 1, total do
    if n <= FIRST or n % STRIDE == 0 then
      list[#list + 1] = n
    end
  end
  return list
end


-- Calls visit(slice) for every BATCH of the list.
local function in_batches(list, visit)
  for i = 1, #list, BATCH do
    visit { table.unpack(list, i, math.min(i + BATCH - 1, #list)) }
  end
end


-- true when the run ended well or said what was the matter.
local function assert_honest(r, n)
  if r.code == 0 then
    return
  end
  local where = ("allocation %d: exit %s: %s"):format(n, r.code, r.err)
  assert.is_true(r.code == 1 or r.code == 3 or r.code == 4, where)
  assert.matches("memory", r.err, 1, true, where)
end


local function count_allocations(p, ...)
  local log = p.dir .. ".run.allocs"
  local words = { ... }
  words[#words + 1] = { env = { CFKV_FAULT_LOG = log } }
  assert.equal(0, p:run(table.unpack(words)).code)
  local f = assert(io.open(log))
  local total = tonumber(f:read("a"):match "alloc (%d+)")
  f:close()
  return assert(total)
end

describe("a plan that runs out of memory", function()
  local p = project.new()
  p:copy "examples/quickstart"
  local total = count_allocations(p, "plan", "--local", "--json")

  teardown(function()
    p:remove()
  end)

  in_batches(sample(total), function(batch)
    it(("at allocation %d to %d says so"):format(batch[1], batch[#batch]), function()
      for _, n in ipairs(batch) do
        assert_honest(p:run("plan", "--local", { env = { CFKV_FAULT = "alloc:" .. n } }), n)
        assert.is_false(p:exists ".wrangler")
      end
    end)
  end)
end)

for _, s in ipairs(scenarios) do
  describe(s.name .. " that runs out of memory", function()
    teardown(s.remove)

    in_batches(sample(s.allocations), function(batch)
      it(("at allocation %d to %d is finished by the next one"):format(batch[1], batch[#batch]), function()
        for _, n in ipairs(batch) do
          local p = s.fresh()
          local r = s.run(p, { env = { CFKV_FAULT = "alloc:" .. n } })
          assert_honest(r, n)
          if r.code == 0 then
            s.check(p)
          else
            s.finish(p)
          end
          p:remove()
        end
      end)
    end)
  end)
end
