-- kill -9 just before each write that outlives the process: the next run finishes the work.
local project = require "support.project"
local scenarios = require "fault.scenarios"

for _, s in ipairs(scenarios) do
  describe(s.name .. " that is killed", function()
    local p

    after_each(function()
      p:remove()
    end)

    teardown(s.remove)

    for n, point in ipairs(s.points) do
      it(("before write %d (%s) is finished by the next one"):format(n, point), function()
        p = s.fresh()
        assert.equal(128 + 9, s.run(p, { env = { CFKV_FAULT = "kill:" .. n } }).code)
        s.finish(p)
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
      "blob.create", "blob.unlink", "file.mkdir", "file.write", "file.sync", "file.rename", "namespace.delete",
      "registry.append", "registry.create", "registry.delete", "registry.rename", "registry.save", "store.commit",
      "store.database", "store.mark", "store.unmark",
    } do
      assert.is_true(seen[point], point)
    end
  end)

  project.cleanup()
end)
