-- Each write that outlives the process refused once: no false success, nothing lost, and the next
-- run finishes the work.
local scenarios = require "fault.scenarios"

-- Failures that only leave something to sweep: the run may succeed.
local harmless = { ["blob.unlink"] = true, ["store.remove"] = true, ["store.unmark"] = true }


-- The first file that is written is the lock's, whose text is only for the message of who waits.
local function may_succeed(points, n)
  if points[n] ~= "file.write" then
    return harmless[points[n]]
  end
  for i = 1, n - 1 do
    if points[i] == "file.write" then
      return false
    end
  end
  return true
end

for _, s in ipairs(scenarios) do
  describe(s.name .. " in which", function()
    teardown(function()
      s:remove()
    end)

    for n, point in ipairs(s.points) do
      it(("write %d (%s) fails says so, and is finished by the next one"):format(n, point), function()
        local case = s:run("fail:" .. n)
        local code = case.codes.broken
        assert.is_true(code == 1 or code == 4 or (code == 0 and may_succeed(s.points, n)), "exit " .. code)
        if code ~= 0 then
          assert.matches("cfkv: .*Input/output error", case.said.broken)
        end
        assert.equal(0, case.codes.list, "the state cannot be read any more")
        s:assert_finished(case)
      end)
    end
  end)
end
