-- `cfkv doctor`: what was looked at, in words: what there is, and what to do where that is not well.

local layout = require "layout"
local text = require "text"
local view = require "view"

local doctor = {}


local function known(value)
  return value ~= nil and value ~= text.null and value ~= ""
end


local function said(facts)
  return facts.error, known(facts.error_hint) and facts.error_hint or nil
end


-- "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN, .env:3", "CLOUDFLARE_API_TOKEN_FILE, 'token.txt'"
local function source(facts)
  local from = facts.variable
  if known(facts.source) then
    from = ("%s, %s:%d"):format(from, layout.shown(facts.source), facts.line)
  end
  if known(facts.path) then
    from = ("%s, %s"):format(from, text.quoted(facts.path))
  end
  return from
end


local function holder(facts)
  if facts.pid == "" then
    return "another cfkv"
  end
  return ("pid %s on host %s (%s)"):format(text.name(facts.pid), text.name(facts.host), text.name(facts.command))
end


local function seconds(n)
  return layout.count(math.abs(n), "second")
end


-- Each finding of each check: its message, and what to do (nil: nothing).
local WORDS = {}

doctor.words = WORDS

WORDS.libcurl = { missing = said }

WORDS.versions = {
  known = function(facts)
    local parts = { "cfkv " .. facts.cfkv, facts.lua, "SQLite " .. facts.sqlite }
    if known(facts.libcurl) then
      parts[#parts + 1] = layout.shown(facts.libcurl:match "^%S+ %S+" or facts.libcurl)
    end
    parts[#parts + 1] = known(facts.wrangler) and "wrangler " .. layout.shown(facts.wrangler)
      or "no wrangler in node_modules here or above"
    return table.concat(parts, ", ")
  end,
}

local function first_problem(facts)
  local place = known(facts.first_file) and ("%s:%d: "):format(layout.shown(facts.first_file), facts.first_line) or ""
  return place .. layout.shown(facts.first)
end

local function declared(facts)
  local project = known(facts.project) and (" of project %s"):format(text.quoted(facts.project)) or ""
  local envs = facts.environments > 1 and (" in %d environments"):format(facts.environments) or ""
  return ("%s%s%s declares %s%s"):format(text.quoted(facts.file), facts.above and ", found above the current folder,"
    or "", project, layout.count(facts.namespaces, "namespace"), envs)
end

WORDS.configuration = {
  none = function()
    return "there is no kv.lua here, nor in a folder above that counts",
      "'cfkv init' writes one; or name yours: cfkv doctor FILE, or -C with its folder"
  end,
  refused = said,
  broken = said,
  invalid = function(facts)
    return ("%s has %s; the first: %s"):format(text.quoted(facts.file), layout.count(facts.errors, "error"),
      first_problem(facts)), "'cfkv validate' shows all of them, each with a hint"
  end,
  warned = function(facts)
    return ("%s; %s, the first: %s"):format(declared(facts), layout.count(facts.warnings, "warning"),
      first_problem(facts)), "'cfkv validate' shows all of them, each with a hint"
  end,
  valid = declared,
}

WORDS.state = {
  none = function(facts)
    return ("%s is not there: nothing was applied to an account yet"):format(text.quoted(facts.file))
  end,
  broken = said,
  readable = function(facts)
    local message = ("%s records %s (format version %d)"):format(text.quoted(facts.file),
      layout.count(facts.namespaces, "namespace"), facts.version)
    if facts.accounts > 1 then
      message = ("%s of %d accounts"):format(message, facts.accounts)
    end
    if facts.version < facts.version_now then
      return message, ("the next run that writes makes it version %d, which an older cfkv refuses")
        :format(facts.version_now)
    end
    return message
  end,
  unfinished = function(facts)
    local what = facts.journal and "a journal lies beside it" or ("%s not known to be done"):format(
      layout.count(facts.creating, "creation is", "creations are"))
    return ("%s was left by a run that did not end: %s"):format(text.quoted(facts.file), what),
      "run 'cfkv apply' again: it goes on where that one stopped; nothing is lost"
  end,
}

WORDS.state_credentials = {
  known = function(facts)
    return ("%s gets those of %s"):format(layout.shown(facts.service), layout.shown(facts.credentials))
  end,
  none = function(facts)
    return ("there are none for %s"):format(layout.shown(facts.service)), facts.error_hint
  end,
  refused = said,
}

local function lock(what)
  return {
    held = function(facts)
      return ("%s is in use by %s"):format(what, holder(facts)),
        "wait for it, in scripts with --lock-timeout SECONDS; the lock goes when that process ends"
    end,
    left = function(facts)
      return ("free; %s held it last, and was killed"):format(holder(facts))
    end,
  }
end

WORDS.lock = lock "the state"
WORDS.local_lock = lock "the local store"

WORDS.state_lock = {
  held = function(facts)
    return ("it is being written by %s, who was heard of %s ago"):format(layout.shown(facts.holder), facts.age),
      "wait for it, in scripts with --lock-timeout SECONDS; when that run is gone for certain, 'cfkv state unlock'"
  end,
  over = function(facts)
    return ("free; %s did not free it, and was heard of last %s ago"):format(layout.shown(facts.holder), facts.age)
  end,
}

WORDS.state_safety = {
  compared = function()
    return "the service replaces it only for who knows what he replaces"
  end,
  unprobed = function()
    return "the first write finds out whether the service honours conditions, and is refused where it does not"
  end,
  locked = function()
    return "the service's lock, and what it gives with the first state"
  end,
  both = function()
    return "the service's lock, and a comparison at each write"
  end,
  lock_only = function()
    return "protected by the lock only: the service gives no ETag, so a writer whose lock was freed could still write",
      "free no lock of a run that may go on; services that compare: 'cfkv help state'"
  end,
}

WORDS.state_owed = {
  kept = function(facts)
    return ("what an earlier run did is not at %s yet"):format(layout.shown(facts.service)),
      "'cfkv state push' writes it there; so does the next apply here"
  end,
}

WORDS.git = {
  committed = function(facts)
    return ("%s is committed%s"):format(text.quoted(facts.file), facts.driver
      and ", and merged record by record" or "")
  end,
  ignored = function(facts)
    return ("%s is ignored by git: each clone has a state of its own"):format(text.quoted(facts.file))
  end,
  undecided = function(facts)
    return ("%s is neither committed nor ignored"):format(text.quoted(facts.file)),
      ("commit it where several people apply ('git add %s'), so that they know what is theirs to delete; else add it "
        .. "to .gitignore"):format(text.shell(facts.file))
  end,
  no_driver = function(facts)
    return (".gitattributes has %s merged by cfkv, which this clone does not know"):format(text.quoted(facts.file)),
      "git config merge.cfkv.driver 'cfkv state merge %O %A %B'"
  end,
}

WORDS.secrets = {
  committed = function(facts)
    return ("%s holds credentials, and is committed to git"):format(text.quoted(facts.file)),
      "take it out ('git rm --cached'), ignore it, and make a new token: whoever has the repository has the old one"
  end,
  readable = function(facts)
    return ("%s holds credentials, and other users may read it"):format(text.quoted(facts.file)),
      ("chmod 600 %s"):format(text.shell(facts.file))
  end,
}

WORDS.wrangler_config = {
  none = function()
    return "wrangler finds no config here or above"
  end,
  broken = said,
  read = function(facts)
    local message = ("wrangler reads %s (%s%s)"):format(text.quoted(facts.file),
      layout.count(facts.bindings, "KV binding"), facts.declared and ", kept in step by the configuration" or "")
    if known(facts.redirect) then
      return ("%s; dev and deploy follow %s to what was built of it"):format(message, text.quoted(facts.redirect)),
        "build again after ids have changed"
    end
    return message
  end,
  undeclared = function(facts)
    return ("wrangler reads %s, which the configuration does not keep in step"):format(text.quoted(facts.file)),
      ("declare it: cfkv.wrangler { path = %s }; with wrangler's -c it reads another one"):format(
        text.string(facts.file))
  end,
}

local function local_store(facts)
  return ("%s has %s (schema version %d)"):format(text.quoted(facts.folder),
    layout.count(facts.namespaces, "namespace"), facts.version)
end

WORDS.local_store = {
  none = function()
    return "nothing was applied to the local store yet", "'cfkv apply --local' makes what wrangler dev reads"
  end,
  usable = local_store,
  unfinished = function(facts)
    return local_store(facts) .. ", and a run that did not end",
      "run 'cfkv apply --local' again: it goes on where that one stopped"
  end,
  broken = said,
}

WORDS.credentials = {
  unasked = function()
    return "the account is not asked with --local"
  end,
  none = function(facts)
    return "there are none in the environment", facts.error_hint
  end,
  unusable = said,
  token = function(facts)
    return "an API token, from " .. source(facts)
  end,
  key = function(facts)
    return "a global API key, which may do everything, from " .. source(facts),
      "a token with 'Workers KV Storage: Edit' suffices: CLOUDFLARE_API_TOKEN"
  end,
  command = function(facts)
    return "printed by the program of " .. source(facts)
  end,
  own = function(facts)
    return ("account %s has a token of its own, from %s"):format(text.quoted(facts.name), source(facts))
  end,
  lacking = function(facts)
    return ("account %s has no credentials"):format(text.quoted(facts.name)),
      ("set %s, or CLOUDFLARE_API_TOKEN for all accounts"):format(facts.variable)
  end,
}

WORDS.api = {
  reached = function()
    return "Cloudflare's API answers"
  end,
  other = function(facts)
    return ("%s answers, which CLOUDFLARE_API_BASE_URL names"):format(layout.shown(facts.url))
  end,
  unreached = said,
  odd = said,
}

WORDS.clock = {
  together = function(facts)
    return facts.ahead == 0 and "this machine's and the service's agree"
      or ("this machine's and the service's are %s apart"):format(seconds(facts.ahead))
  end,
  apart = function(facts)
    return ("this machine's is %s %s"):format(seconds(facts.ahead), facts.ahead < 0 and "fast" or "slow"),
      "set it, as a rule by NTP: expirations are judged by the service's clock"
  end,
}

local function until_when(facts)
  if not known(facts.expires_on) then
    return ""
  end
  return known(facts.days_left) and facts.days_left >= 0
    and (", for %s more (%s)"):format(layout.count(facts.days_left, "day"), layout.shown(facts.expires_on))
    or (" (%s)"):format(layout.shown(facts.expires_on))
end

local NEW_TOKEN = "make a new one in the dashboard (My Profile, API Tokens) and put it into %s"

-- What to do about a token that will not do, by where it comes from.
local function new_token(facts)
  if facts.variable:find("CREDENTIALS_COMMAND", 1, true) or facts.variable:find("credentials_command", 1, true) then
    return ("have the program of %s print another one; 'wrangler login' makes one for wrangler's")
      :format(facts.variable)
  end
  return NEW_TOKEN:format(facts.variable)
end

WORDS.token = {
  active = function(facts)
    return "active" .. until_when(facts)
  end,
  expiring = function(facts)
    return "active" .. until_when(facts), new_token(facts)
  end,
  expired = function(facts)
    return "expired" .. until_when(facts), new_token(facts)
  end,
  early = function(facts)
    return ("not valid before %s"):format(layout.shown(facts.not_before)),
      "wait, or check the clock of this machine"
  end,
  inactive = function(facts)
    return ("its status is %s, not active"):format(known(facts.said) and text.quoted(facts.said) or "not told"),
      new_token(facts)
  end,
  unverified = function(facts)
    return ("works, though it does not verify: %s"):format(layout.shown(facts.error))
  end,
  refused = function(facts)
    return ("the service does not know it: %s"):format(layout.shown(facts.error)),
      ("check that %s holds a whole token; or "):format(facts.variable) .. new_token(facts)
  end,
}

local FROM = {
  only = "the only one that the credentials show",
  state = "as recorded in the state",
  ["cfkv.project"] = "from cfkv.project",
  CLOUDFLARE_ACCOUNT_ID = "from CLOUDFLARE_ACCOUNT_ID",
}

WORDS.account = {
  known = function(facts)
    local called = known(facts.called) and ("%s, "):format(text.quoted(facts.called)) or ""
    local name = known(facts.title) and (" (%s)"):format(layout.shown(facts.title)) or ""
    return ("%s%s%s, %s"):format(called, facts.account, name, FROM[facts.from])
  end,
  unknown = said,
  another = function(facts)
    return ("%s (line %d) deploys to account %s, not to %s"):format(text.quoted(facts.file), facts.line,
      facts.config_account, facts.account),
      "a Worker finds only the namespaces of its own account: make the two one, or name both in cfkv.project { "
        .. "accounts }"
  end,
}

-- `need`: what there is to be ticked in the dashboard.
local function permission(what, need, why)
  return {
    may = function()
      return "may " .. what
    end,
    may_not = function(facts)
      return ("may not %s: %s"):format(what, layout.shown(facts.error)), why
        or ("give the token '%s' in this account"):format(need)
    end,
    unknown = function(facts)
      local _, hint = said(facts)
      return ("nobody can say whether it may %s: %s"):format(what, layout.shown(facts.error)), hint
    end,
  }
end

WORDS.kv_read = permission("read namespaces and keys", "Workers KV Storage: Read")
WORDS.kv_write = permission("write them", nil, "plan and drift work without; apply needs 'Workers KV Storage: Edit'")
WORDS.analytics = permission("read analytics", nil, "no command needs them")
WORDS.r2 = permission("use R2", nil, "no command needs it")

local function so_many(facts)
  return ("%d of the %d that an account may have"):format(facts.n, facts.limit)
end

WORDS.namespaces = {
  room = so_many,
  close = function(facts)
    return so_many(facts), "'cfkv audit' lists those that nothing declares or binds"
  end,
  full = function(facts)
    return so_many(facts), "none can be made any more: 'cfkv audit' lists those that nothing declares or binds; or "
      .. "ask Cloudflare for more, and say so: cfkv.project { limits = { namespaces = N } }"
  end,
}


-- ---- The document --------------------------------------------------------------------------------

local LABELS = {
  state_lock = "state lock", state_owed = "state kept", state_safety = "state safety",
  wrangler_config = "wrangler", local_lock = "local lock", local_store = "local store", kv_read = "KV read",
  kv_write = "KV write", r2 = "R2",
}


local function word(check)
  local message, hint = WORDS[check.check][check.finding](check.facts)
  return message, hint
end


-- What an error said is in the words of its check.
local function facts_of(check)
  local facts = {}
  for name, value in pairs(check.facts) do
    if name ~= "error" and name ~= "error_hint" then
      facts[name] = value
    end
  end
  return facts
end


local function with_words(check)
  local message, hint = word(check)
  return {
    check = check.check, facts = facts_of(check), finding = check.finding, hint = hint or text.null,
    message = message, status = check.status,
  }
end


function doctor.document(all)
  local checks = {}
  for i, check in ipairs(all.checks) do
    checks[i] = view.json(with_words(check))
  end
  return ('{"checks":[%s],"format_version":%d,"summary":%s}'):format(table.concat(checks, ","), all.format_version,
    view.json(all.summary))
end


-- ---- The text ------------------------------------------------------------------------------------

local STATUS, CHECK = 9, 15 -- columns


local function entry(check)
  local message, hint = word(check)
  local label = LABELS[check.check] or check.check
  local indent = STATUS + CHECK
  local lines = layout.pad(check.status, STATUS) .. layout.pad(label, CHECK) .. layout.wrap(message, indent)
  if hint then
    lines = lines .. (" "):rep(indent) .. layout.wrap("hint: " .. hint, indent)
  end
  return lines
end


local function last_line(summary)
  local checks = layout.count(summary.ok + summary.warning + summary.wrong, "check")
  if summary.warning + summary.wrong == 0 then
    return ("%s, all is well\n"):format(checks)
  end
  return ("%s: %d ok, %s, %d wrong\n"):format(checks, summary.ok, layout.count(summary.warning, "warning"),
    summary.wrong)
end


function doctor.text(all)
  local parts = {}
  for i, check in ipairs(all.checks) do
    parts[i] = entry(check)
  end
  return table.concat(parts) .. last_line(all.summary)
end


return doctor
