-- kill -9 just before each write that outlives the process: the next run finishes the work.
local scenarios = require "fault.scenarios"

for _, s in ipairs(scenarios) do
  describe(s.name .. " that is killed", function()
    teardown(function()
      s:remove()
    end)

    for n, point in ipairs(s.points) do
      it(("before write %d (%s) is finished by the next one"):format(n, point), function()
        local case = s:run("kill:" .. n)
        assert.equal(128 + 9, case.codes.broken)
        assert.equal(0, case.codes.list, "the state cannot be read any more")
        s:assert_finished(case)
      end)
    end
  end)
end

describe("the survey of fault points", function()
  it("saw the writes of store, registry and backups", function()
    local seen = {}
    for _, s in ipairs(scenarios) do
      for _, point in ipairs(s.points) do
        seen[point] = true
      end
    end
    for _, point in ipairs {
      "blob.create", "blob.unlink", "file.create", "file.mkdir", "file.rename", "file.sync", "file.write",
      "namespace.delete", "registry.append", "registry.commit", "registry.create", "registry.delete",
      "registry.rename", "registry.save", "registry.schema", "store.begin", "store.commit", "store.database",
      "store.mark", "store.remove", "store.schema", "store.unmark",
    } do
      assert.is_true(seen[point], point)
    end
  end)
end)
