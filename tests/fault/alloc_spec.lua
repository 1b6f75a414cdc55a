-- Each allocation refused once (a sample of them): an honest error, never a crash, and the next run
-- finishes the work.
local project = require "support.project"
local scenarios = require "fault.scenarios"

local BATCH = 20 -- in one test


-- The first hundred, every 97th, and every 5th of the last 500: Lua collects garbage and tries again
-- when it is refused memory, so that evaluation survives nearly every one; planning and applying,
-- which come last, must notice theirs.
local function is_sampled(n, total)
  return n <= 100 or n % 97 == 0 or (n > total - 500 and n % 5 == 0)
end


local function sample(total)
  local list = {}
  for n = 1, total do
    if is_sampled(n, total) then
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


-- The run ended well, or said what was the matter.
local function assert_honest(n, code, err)
  if code ~= 0 then
    local where = ("allocation %d: exit %s: %s"):format(n, code, err)
    assert.is_true(code == 1 or code == 3 or code == 4, where)
    assert.is_truthy(err:find("memory", 1, true), where)
  end
end

describe("a plan that runs out of memory", function()
  local p = project.new()
  p:copy "examples/quickstart"
  p:sh "rm -rf .wrangler .cfkv"
  local r = p:sh "CFKV_FAULT_LOG=allocs cfkv plan --local >/dev/null; grep alloc allocs"
  local total = assert(tonumber(r.out:match "alloc (%d+)"), r.err)

  teardown(function()
    p:remove()
  end)

  in_batches(sample(total), function(batch)
    it(("at allocation %d to %d says so"):format(batch[1], batch[#batch]), function()
      p:sh("for n in " .. table.concat(batch, " ") .. [[; do
        CFKV_FAULT=alloc:$n cfkv plan --local >out.$n 2>err.$n
        echo $? >code.$n
      done]])
      for _, n in ipairs(batch) do
        assert_honest(n, tonumber(p:read("code." .. n)), p:read("err." .. n))
      end
      assert.is_false(p:exists ".wrangler")
    end)
  end)
end)

-- The richest of them has the allocations of the others.
for _, s in ipairs(scenarios) do
  describe(s.name .. " that runs out of memory", function()
    teardown(function()
      s:remove()
    end)

    in_batches(s.name == "an apply of everything" and sample(s.allocations) or {}, function(batch)
      it(("at allocation %d to %d is finished by the next one"):format(batch[1], batch[#batch]), function()
        for _, n in ipairs(batch) do
          local case = s:run("alloc:" .. n)
          assert_honest(n, case.codes.broken, case.said.broken)
          assert.equal(0, case.codes.list, "the state cannot be read any more")
          s:assert_finished(case)
        end
      end)
    end)
  end)
end
