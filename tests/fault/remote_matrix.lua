--- Every fault of src/serve/faults.h at every kind of request of the apply of fault/remote.lua.
--
--     require "fault.remote_matrix" (describe, it, teardown, { "bulk_put", … })
--
-- describes one case for each fault that can happen to such a request: at the first one, for writes
-- also after they were done, for some faults also at every one, and for some at the first one that is
-- made for a backup. Each ends in truth, and the next apply converges.

local assert = require "luassert"
local emulator = require "support.emulator"
local remote = require "fault.remote"

local SECONDS = 20 -- in which each run must end

-- ---- What can happen to whom ---------------------------------------------------------------------

local WRITES = {
  namespace_create = true, namespace_rename = true, namespace_delete = true,
  bulk_put = true, value_put = true, bulk_delete = true,
}
local LISTS = { account_list = true, namespace_list = true, key_list = true }


local function is_write(endpoint)
  return WRITES[endpoint]
end


local function is_list(endpoint)
  return LISTS[endpoint]
end


local function is_bulk_write(endpoint)
  return endpoint == "bulk_put" or endpoint == "bulk_delete"
end


local function is_bulk(endpoint)
  return is_bulk_write(endpoint) or endpoint == "bulk_get"
end


-- A namespace that is not found is taken for one that needs no deleting: that the service lies cannot
-- be seen.
local function is_true_404(endpoint)
  return endpoint ~= "namespace_delete" and endpoint ~= "namespace_get"
end


local function is_key_list(endpoint)
  return endpoint == "key_list"
end


local function is_live_list(endpoint)
  return endpoint == "key_list" or endpoint == "namespace_list"
end

-- { its name, the rule, which endpoints (without: all) }
local FAULTS = {
  { "a 503", { fault = "status", status = 503 } },
  { "a 503 with Retry-After", { fault = "status", status = 503, retry_after = 3 } },
  { "a 429", { fault = "status", status = 429, code = 10000, retry_after = 2 } },
  { "a 524", { fault = "status", status = 524 }, is_bulk },
  { "a 413", { fault = "status", status = 413 }, is_bulk },
  { "a 400", { fault = "status", status = 400, code = 10012, message = "no" } },
  { "a 404 of the namespace", { fault = "status", status = 404, code = 10013, message = "not found" }, is_true_404 },
  { "an HTML page", { fault = "html" } },
  { "an HTML page with 200", { fault = "html", status = 200 } },
  { "a text that is no JSON", { fault = "body", body = "hello" } },
  { "an empty 200", { fault = "body", body = "" } },
  { "an empty 502", { fault = "empty" } },
  { "a spent quota", { fault = "quota" } },
  { "a challenge", { fault = "challenge" } },
  { "a redirect", { fault = "redirect", location = "http://127.0.0.1:1/elsewhere" } },
  { "a lost request", { fault = "drop_before" } },
  { "a lost answer", { fault = "drop_after" } },
  { "a reset", { fault = "reset" } },
  { "a hang", { fault = "hang", ms = 30 } },
  { "a delay", { fault = "delay", ms = 30 } },
  { "a slow answer", { fault = "slow", ms = 5 } },
  { "a cut answer", { fault = "truncate" } },
  { "an answer of 2 GiB", { fault = "huge_length" } },
  { "half a JSON", { fault = "malformed" } },
  { "deep JSON", { fault = "deep" } },
  { "an error of 10 MB", { fault = "long_error" } },
  { "invalid UTF-8", { fault = "bad_utf8" } },
  { "wrong types", { fault = "wrong_types" } },
  { "duplicate members", { fault = "duplicate" } },
  { "a null result", { fault = "null_result" } },
  { "no result_info", { fault = "no_info" }, is_list },
  { "half of it refused", { fault = "partial" }, is_bulk_write },
  { "all of it refused", { fault = "partial", fraction = 1 }, is_bulk_write },
  { "a stale listing", { fault = "stale_list" }, is_live_list },
  { "an empty page", { fault = "empty_page" }, is_key_list },
  { "a short listing", { fault = "short", missing = 2 }, is_live_list },
  { "an endless listing", { fault = "endless" }, is_live_list },
  { "an endless listing of empty pages", { fault = "endless", empty = true }, is_live_list },
}

-- Those that the emulator can send after it did what was asked.
local AFTER = { status = true, html = true, body = true, empty = true, quota = true, redirect = true,
  reset = true, hang = true }

-- Those that also happen to every request of the kind: what is tried again, and what changes with
-- each of them.
local PERSISTENT = {
  ["a 503"] = true, ["a 413"] = true, ["a 524"] = true, ["a 404 of the namespace"] = true,
  ["a lost answer"] = true, ["a hang"] = true, ["a cut answer"] = true, ["half a JSON"] = true,
  ["no result_info"] = true, ["half of it refused"] = true, ["all of it refused"] = true,
  ["a stale listing"] = true, ["an empty page"] = true, ["a short listing"] = true,
  ["an endless listing"] = true, ["an endless listing of empty pages"] = true,
}

-- Those that also happen to what is read for a backup.
local BACKUP = {
  ["a 400"] = true, ["a challenge"] = true, ["a 404 of the namespace"] = true, ["a reset"] = true,
  ["a lost answer"] = true, ["a cut answer"] = true, ["half a JSON"] = true, ["wrong types"] = true,
  ["a null result"] = true, ["no result_info"] = true, ["a stale listing"] = true, ["an empty page"] = true,
  ["a short listing"] = true, ["an endless listing"] = true,
}

-- Damage to a value by itself, which stands in no envelope, cannot be seen: it is taken for the value of
-- somebody else, and put again.
local UNSEEN = {
  body = true, html = true, malformed = true, deep = true, bad_utf8 = true, duplicate = true,
  null_result = true, wrong_types = true,
}

-- ---- The cases -----------------------------------------------------------------------------------

local function rule_of(fault, endpoint, nth, after)
  local rule = { match = { endpoint = endpoint, nth = nth }, after = after }
  for name, value in pairs(fault[2]) do
    rule[name] = value
  end
  return rule
end


-- How many requests of that kind the apply makes, and how many before it changes anything.
local function count(s, endpoint)
  local all, planning, writing = 0, 0, false
  for _, r in ipairs(s.requests) do
    writing = writing or is_write(r.endpoint)
    if r.endpoint == endpoint then
      all = all + 1
      planning = planning + (writing and 0 or 1)
    end
  end
  return all, planning
end


local function cases_of(s, endpoint)
  local all, planning = count(s, endpoint)
  assert(all > 0, "the apply makes no " .. endpoint)
  local list = {}


  local function add(fault, where, nth, after)
    list[#list + 1] = { name = fault[1] .. where, rule = rule_of(fault, endpoint, nth, after) }
  end


  for _, fault in ipairs(FAULTS) do
    if not fault[3] or fault[3](endpoint) then
      add(fault, "", 1)
      if is_write(endpoint) and AFTER[fault[2].fault] then
        add(fault, ", after it was done", 1, true)
      end
      if PERSISTENT[fault[1]] then
        add(fault, ", each time")
      end
      if BACKUP[fault[1]] and planning > 0 and all > planning then
        add(fault, ", for a backup", planning + 1)
      end
    end
  end
  return list
end


local function run(s, case)
  s:fresh()
  local e = s:serve { seed = 1, rules = { case.rule } }
  local r = s:apply(e)
  assert(r.seconds < SECONDS, ("it took %.1f s"):format(r.seconds))
  local hit = false
  for _, request in ipairs(e:requests()) do
    hit = hit or request.fault
  end
  assert(hit, "the fault did not happen")
  local seen = s:look()
  local unseen = case.rule.match.endpoint == "value_get" and UNSEEN[case.rule.fault]
  s:check_truth(r, seen, unseen and 1)
  if r.code == 0 and case.rule.match.nth then
    s:check_finished(e)
  elseif r.code == 0 or not s:is_untouched(seen) then
    e:stop()
    s:check_converged()
  end
end


return function(busted, endpoints)
  local s = remote.prepare()
  busted.teardown(function()
    s:remove()
  end)
  busted.after_each(emulator.cleanup)
  for _, endpoint in ipairs(endpoints) do
    busted.describe(endpoint .. " that meets", function()
      for _, case in ipairs(cases_of(s, endpoint)) do
        busted.it(case.name, function()
          run(s, case)
        end)
      end
    end)
  end
end
