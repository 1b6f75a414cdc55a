-- What no answer can make an apply do: come back sooner than it was asked to, or follow a redirect.
local emulator = require "support.emulator"
local remote = require "fault.remote"

describe("an apply over the network", function()
  local s = remote.prepare()

  teardown(function()
    s:remove()
  end)

  after_each(emulator.cleanup)

  describe("comes back no earlier than Retry-After says", function()
    local SECONDS = 100 -- of 2 ms


    -- `least` ms lie between the refusal and the next request, whichever it is.
    local function assert_waits(rule, least)
      s:fresh()
      local e = s:serve { rules = { rule } }
      local r = s:apply(e, "--jobs", "1")
      assert.equal(0, r.code, r.err)
      local log = e:requests()
      for i, request in ipairs(log) do
        if request.fault then
          local waited = log[i + 1].at - request.at
          assert.equal(request.path, log[i + 1].path)
          assert.is_true(waited >= least, ("it waited %d ms"):format(waited))
          assert.is_true(waited < 20 * least, ("it waited %d ms"):format(waited))
          return
        end
      end
      error "the fault did not happen"
    end


    for _, endpoint in ipairs { "namespace_list", "bulk_get", "namespace_create", "bulk_put", "namespace_delete" } do
      for _, status in ipairs { 429, 503 } do
        it(("in seconds, after a %d to a %s"):format(status, endpoint), function()
          assert_waits({ match = { endpoint = endpoint, nth = 1 }, fault = "status", status = status,
            retry_after = SECONDS }, SECONDS * 2)
        end)

        it(("as a date, after a %d to a %s"):format(status, endpoint), function()
          -- A date has whole seconds: one may have begun already.
          assert_waits({ match = { endpoint = endpoint, nth = 1 }, fault = "status", status = status,
            retry_after_date = SECONDS }, (SECONDS - 1) * 2)
        end)
      end
    end

    it("when each answer says so, and gives up", function()
      s:fresh()
      local e = s:serve { rules = { { match = { endpoint = "bulk_put" }, fault = "status", status = 429,
        retry_after = 10 } } }
      local r = s:apply(e, "--jobs", "1")
      assert.equal(4, r.code, r.err)
      assert.matches("HTTP 429", r.err, 1, true)
      local last
      for _, request in ipairs(e:requests()) do
        assert.is_true(not last or request.at - last >= 20, "it came back early")
        last = request.fault and request.at
      end
    end)
  end)

  describe("never follows a redirect", function()
    local function assert_stays(endpoint, status)
      s:fresh()
      local target = emulator.start(s.arena, "--memory")
      local e = s:serve { rules = { { match = { endpoint = endpoint }, fault = "redirect", status = status,
        location = target.url .. "/accounts" } } }
      local r = s:apply(e)
      assert.is_true(r.code == 1 or r.code == 4, "exit " .. r.code)
      assert.matches("redirects are not followed", r.err, 1, true)
      assert.matches("HTTP " .. status, r.err, 1, true)
      assert.same({}, target:requests())
    end


    for _, endpoint in ipairs {
      "account_list", "namespace_list", "key_list", "bulk_get", "value_get", "metadata_get", "namespace_get",
      "namespace_create", "namespace_rename", "namespace_delete", "bulk_put", "value_put", "bulk_delete",
    } do
      it("of a " .. endpoint, function()
        assert_stays(endpoint, 302)
      end)
    end

    for _, status in ipairs { 301, 303, 307, 308 } do
      it(("of status %d"):format(status), function()
        assert_stays("bulk_put", status)
      end)
    end
  end)
end)
