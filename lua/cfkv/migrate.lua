-- cfkv.migrate: named steps, once each, for changing the shape of keys and values.
--
-- Arguments: what lock.lua returned and the natives. What was done is recorded in the namespace itself, so
-- that it goes wherever the data goes, into backups and copies: a key for each step. A claim, a key that
-- expires by itself, keeps others out meanwhile. Reads of Workers KV may be a minute old, so neither is
-- exact: a step may run again, and says so in its documentation.

local tools, bind = ...
local raise, quote, type, ipairs, pairs = tools.raise, tools.quote, tools.type, bind.ipairs, tools.pairs
local pcall, error = bind.pcall, bind.error

local active = {} -- claims of this run, by namespace as it was named

local CLAIM_SECONDS = 6 * 3600 -- longer than any step takes
local EXPIRING = 120       -- what expires so soon stays where it is
local SHAPE = "write { name = \"2026-11 prices in cents\", run = function(ns) … end }"

-- What deletes our own key needs no permission, and is nothing to keep.
local UNSAVED = { allow_data_loss = true, backup = false }


-- ---- Arguments ------------------------------------------------------------------------------------

local function is_name(name)
  return type(name) == "string" and name ~= ""
end


local function check_function(step, field, where)
  if step[field] ~= nil and type(step[field]) ~= "function" then
    raise(("%sfield '%s' must be a function, got %s"):format(where, field, quote(step[field])), SHAPE)
  end
end


local function check_step(step, i, seen)
  local where = ("step %d: "):format(i)
  if type(step) ~= "table" then
    raise(where .. "a step must be a table, got " .. quote(step), SHAPE)
  end
  bind.check_step(step, where)
  check_function(step, "run", where)
  check_function(step, "rewrite", where)
  if step.run and step.rewrite then
    raise(where .. "fields 'run' and 'rewrite' cannot both be given", "make two steps of it")
  end
  for _, field in ipairs { "prefix", "allow_mass_delete", "allow_data_loss" } do
    if step[field] ~= nil and not step.rewrite then
      raise(("%sfield '%s' needs 'rewrite'"):format(where, field))
    end
  end
  local names = { step.name }
  for _, name in ipairs(type(step.was) == "table" and step.was or { step.was }) do
    names[#names + 1] = name
  end
  for _, name in ipairs(names) do
    if not is_name(name) then
      raise(where .. "the name of a step is empty", SHAPE)
    elseif seen[name] then
      raise(where .. "the name " .. quote(name) .. " is there twice", "the record knows steps by their names")
    end
    seen[name] = true
  end
  return { name = step.name, names = names, run = step.run, rewrite = step.rewrite, prefix = step.prefix,
    permits = { allow_mass_delete = step.allow_mass_delete, allow_data_loss = step.allow_data_loss } }
end


local KEY_MAX = 512


-- A name that could not be recorded would make its step run again and again.
local function check_name(name, i, record)
  if #record + #name > KEY_MAX then
    raise(("step %d: the name makes a key of %d bytes, more than %d"):format(i, #record + #name, KEY_MAX))
  elseif not bind.len(name) then
    raise(("step %d: the name %s is not valid UTF-8"):format(i, quote(name)))
  end
end


local function check_steps(steps, record)
  if type(steps) ~= "table" or (steps[1] == nil and pairs(steps)(steps) ~= nil) then
    raise("cfkv.migrate takes an array of steps, got " .. quote(steps), SHAPE)
  end
  local list, seen = {}, {}
  for i, step in ipairs(steps) do
    list[i] = check_step(step, i, seen)
    check_name(step.name, i, record)
  end
  return list
end


local function prefix_of(options)
  if options == nil then
    return "cfkv/"
  end
  bind.check_options(options)
  if options.prefix == "" then
    raise("the prefix is empty")
  end
  return options.prefix or "cfkv/"
end


-- ---- The record -----------------------------------------------------------------------------------

-- Failures of natives are raised in here, as what they gave, and caught once.
local function must(value, err)
  if value == nil then
    error(err, 0)
  end
  return value
end


local function refuse(code, message, hint)
  error({ code = code, message = message, hint = hint }, 0)
end


-- The names that are recorded, to their numbers, and the name of the last.
local function read_record(m)
  local done, last, most = {}, nil, 0
  for key in must(bind.key_list(m.ns, { prefix = m.record })) do
    local name = key.key:sub(#m.record + 1)
    local n = type(key.metadata) == "table" and type(key.metadata.n) == "number" and key.metadata.n or 0
    done[name] = n
    if n >= most then
      last, most = name, n
    end
  end
  return done, last, most
end


local function is_done(step, done)
  for _, name in ipairs(step.names) do
    if done[name] then
      return true
    end
  end
  return false
end


local function unlisted(m, done)
  local left, names = {}, {}
  for name in pairs(done) do
    left[#left + 1] = name
  end
  for _, step in ipairs(m.steps) do
    for _, name in ipairs(step.names) do
      names[name] = true
    end
  end
  local list = {}
  for _, name in ipairs(left) do
    if not names[name] and #list < 5 then
      list[#list + 1] = quote(name)
    end
  end
  return list
end


local RENAMED = "; if it was renamed, was = \"its old name\" in the step says so"

-- What is left to do: the end of the list. A step that is not done before one that is was renamed, or put
-- into the middle; so was the last one that was done, if it is nowhere.
local function pending_of(m, done, last)
  local first = #m.steps + 1
  while first > 1 and not is_done(m.steps[first - 1], done) do
    first = first - 1
  end
  local others = unlisted(m, done)
  for i = 1, first - 1 do
    if not is_done(m.steps[i], done) then
      refuse("invalid", ("step %s of %s is not done, but %s behind it is"):format(quote(m.steps[i].name), m.shown,
        quote(m.steps[first - 1].name)), "new steps go to the end" .. RENAMED
        .. (#others > 0 and " (done, and not listed: " .. bind.concat(others, ", ") .. ")" or ""))
    end
  end
  if first == 1 and last and #m.steps > 0 then
    refuse("invalid", ("step %s, the last that was done on %s, is not among the steps"):format(quote(last), m.shown),
      "keep it, without run if it is over" .. RENAMED)
  end
  return first
end


-- ---- The claim ------------------------------------------------------------------------------------
--
-- Each runner puts a key of its own and then looks for those of others: of two, the one who looks last sees both.
-- Who sees another one takes his own away, and tries again in a moment.

local ATTEMPTS = 10


-- The claim of somebody else who may still be at work, as { key, host, pid, since }. What was killed on this host is
-- swept away.
local function find_other(m)
  local found
  for key in must(bind.key_list(m.ns, { prefix = m.claims })) do
    local claim = key.metadata
    if key.key ~= m.claim and type(claim) == "table" and is_name(claim.host) then
      local here = claim.host == m.me.host and type(claim.pid) == "number"
      if here and claim.pid ~= m.me.pid and not bind.is_alive(claim.pid) then
        must(bind.key_delete(m.ns, key.key, UNSAVED))
      elseif not here or claim.pid ~= m.me.pid then
        found = found or { key = key.key, host = claim.host, pid = claim.pid, since = claim.since }
      end
    end
  end
  return found
end


local function refuse_claimed(m, claim)
  local since = type(claim.since) == "number" and bind.date("!, since %Y-%m-%d %H:%M UTC", claim.since) or ""
  refuse("locked", ("%s is being migrated by pid %s on host %s%s"):format(m.shown, bind.tostring(claim.pid),
    claim.host, since), ("wait for it; if it was killed, cfkv kv key delete %s --namespace %s%s lets go of it, as it "
    .. "does by itself after six hours"):format(quote(claim.key), quote(m.word), m.is_local and " --local" or ""))
end


-- Takes the claim away; a failure is looked at and left: it expires.
local function release(m)
  if m.claim then
    local _, err = bind.key_delete(m.ns, m.claim, UNSAVED)
    m.claim = nil
    return type(err) == "table" and err.message
  end
end


local function put_claim(m)
  must(bind.key_put(m.ns, m.claim, "", { metadata = m.me, expiration_ttl = CLAIM_SECONDS }))
  m.claimed = bind.time()
end


local function take_claim(m)
  local other
  for attempt = 1, ATTEMPTS do
    other = find_other(m)
    if other then
      break
    end
    m.claim = ("%s%s/%d/%d/%d"):format(m.claims, m.me.host, m.me.pid, m.me.since, attempt)
    put_claim(m)
    other = find_other(m)
    if not other then
      return
    end
    release(m)
    bind.pause(bind.random() * 0.1 * attempt)
  end
  refuse_claimed(m, other)
end


-- A step is done: that is recorded, unless the claim is gone, and somebody else may be at work.
local function note(m, step, n)
  if must(bind.bulk_get(m.ns, { m.claim }))[m.claim] == nil then
    refuse("locked", ("the claim on %s was taken away or expired while step %s ran"):format(m.shown, quote(step.name)),
      "run it again when nobody else is at it")
  end
  must(bind.key_put(m.ns, m.record .. step.name, { at = bind.time() },
    { metadata = { n = n }, expiration_ttl = 0 })) -- also where keys have a default
  if bind.time() - m.claimed > CLAIM_SECONDS // 60 then
    put_claim(m)
  end
end


-- ---- The steps ------------------------------------------------------------------------------------

-- What becomes of a key; nil: it stays as it is.
local function item_of(m, step, key, value, written)
  local listed = m.listed[key]
  m.listed[key] = nil
  local new, changed, metadata = step.rewrite(key, value, listed.metadata)
  if new == nil then
    return nil
  elseif written[new] then
    raise(("keys %s and %s both become %s"):format(quote(written[new]), quote(key), quote(new)))
  end
  if metadata == nil then
    metadata = listed.metadata
  end
  if changed == nil then
    changed = value
  end
  return { key = new, value = changed, metadata = metadata, expiration = listed.expiration }
end


-- Keys under the prefix, with what they are listed with in m.listed; not our own, not what was written in this
-- step, and not what is about to expire.
local function keys_of(m, step, written)
  local keys = bind.key_list(m.ns, { prefix = step.prefix or "" })
  m.listed = {}
  return function()
    for key in keys do
      if key.key:sub(1, #m.claims) ~= m.claims and key.key:sub(1, #m.record) ~= m.record and not written[key.key]
        and (not key.expiration or key.expiration > bind.time() + EXPIRING) then
        m.listed[key.key] = key
        return key
      end
    end
  end
end


-- All is written before the first of the old keys goes: who is killed meanwhile finds both, and does it again.
local function rewrite(m, step)
  local written, old = {}, {}
  local values = bind.bulk_get(m.ns, keys_of(m, step, written))
  bind.bulk_put(m.ns, function()
    for key, value in values do
      local item = item_of(m, step, key, value, written)
      if item then
        if item.key ~= key then
          old[#old + 1] = key
          written[item.key] = key
        end
        return item
      end
    end
  end, { ttl = 0, backup = true })
  if #old > 0 then
    bind.bulk_delete(m.ns, old, step.permits)
  end
end


local function work_of(m, step)
  if step.rewrite then
    return rewrite(m, step)
  elseif step.run then
    step.run(m.ns, step.name)
  end
end


local function run_step(m, step)
  bind.strict(true)
  local ok, problem = pcall(work_of, m, step)
  bind.strict(false)
  if ok then
    return
  elseif not bind.is_error(problem) then
    error(problem, 0)
  end
  problem.message = ("step %s: %s"):format(quote(step.name), problem.message)
  error(problem, 0)
end


local function migrate(m)
  local done, last = read_record(m)
  if pending_of(m, done, last) > #m.steps then
    return { ran = {}, done = #m.steps }
  end
  take_claim(m)
  local ran = {}
  local now_done, now_last, most = read_record(m) -- who held the claim until now may have done some
  for i = pending_of(m, now_done, now_last), #m.steps do
    run_step(m, m.steps[i])
    most = most + 1
    note(m, m.steps[i], most)
    ran[#ran + 1] = m.steps[i].name
  end
  return { ran = ran, done = #m.steps }
end


return function(ns, steps, options)
  local host, pid, is_local = bind.self()
  local prefix = prefix_of(options)
  local word = type(ns) == "table" and (ns.title or ns.id) or ns
  local m = { ns = ns, steps = check_steps(steps, prefix .. "migrations/"),
    record = prefix .. "migrations/", claims = prefix .. "migrating/",
    me = { host = host, pid = pid, since = bind.time() }, word = word,
    is_local = is_local, shown = "namespace " .. quote(word) }
  if active[word or false] then
    raise("a step cannot migrate the namespace that it is a step of")
  end
  local strict = bind.strict(false)
  active[word or false] = true
  local ok, result = pcall(migrate, m)
  release(m)
  active[word or false] = nil
  bind.strict(strict)
  if ok then
    return result
  elseif type(result) == "table" and is_name(result.message) and is_name(result.code) then
    return bind.fail(result.code, result.message, result.hint)
  end
  error(result, 0)
end
