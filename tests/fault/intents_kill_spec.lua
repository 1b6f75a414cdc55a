-- kill -9 while a request of an apply with puts is out: whose each key is, is known to the next one.
local emulator = require "support.emulator"
local intents = require "fault.intents"

describe("an apply with puts that is killed", function()
  local s = intents.prepare()

  teardown(function()
    s:remove()
  end)

  after_each(emulator.cleanup)


  for n, request in ipairs(s.requests) do
    for _, after in ipairs { false, true } do
      local when = (after and "after request %d (%s) was done" or "before request %d (%s) is done")
        :format(n, request.endpoint)

      it(when .. ": puts taken out are deleted", function()
        s:kill { nth = n, after = after }
        s:check_dropped()
      end)

      it(when .. ": puts made by the next one are deleted when they are taken out", function()
        s:kill { nth = n, after = after }
        s:check_after()
        s:check_dropped(false)
      end)
    end
  end
end)
