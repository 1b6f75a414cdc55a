-- Each write that outlives the process refused once: no false success, nothing lost, and the next
-- run finishes the work.
local scenarios = require "fault.scenarios"

-- Failures that only leave something to sweep: the run goes on, and may succeed.
local harmless = { ["blob.unlink"] = true, ["store.unmark"] = true, ["store.remove"] = true }

for _, s in ipairs(scenarios) do
  describe(s.name .. " in which", function()
    local p

    after_each(function()
      p:remove()
    end)

    teardown(s.remove)

    for n, point in ipairs(s.points) do
      it(("write %d (%s) fails says so, and is finished by the next one"):format(n, point), function()
        p = s.fresh()
        local r = s.run(p, { env = { CFKV_FAULT = "fail:" .. n } })
        if r.code == 0 then
          assert.is_true(harmless[point], "exit 0 though " .. point .. " failed")
          s.check(p)
        else
          assert.is_true(r.code == 1 or r.code == 4, "exit " .. r.code)
          assert.matches("^cfkv: ", r.err:match "[^\n]+$" and r.err)
          assert.equal(0, p:run("state", "list", "--local").code, "the state cannot be read any more")
        end
        s.finish(p)
      end)
    end
  end)
end
