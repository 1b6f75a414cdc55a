-- What `cfkv doctor` prints: what was looked at, and what was found.

local parts = require "shape_parts"
local shape = require "shape"

local function maybe(doc)
  return shape.maybe(shape.text(doc))
end

local FACTS = {
  above = shape.flag("it was found above the current folder"),
  account = shape.text("the account's id"),
  account_id = maybe "the account_id of its top level",
  accounts = shape.count("accounts in which it records something"),
  age = shape.text("how long ago the holder was heard of"),
  ahead = shape.integer("seconds that the service's clock is ahead of this machine's, from 3 up"),
  bindings = shape.count("KV bindings in it"),
  called = maybe "its name in cfkv.project",
  cfkv = shape.text("the version of cfkv"),
  command = shape.text("what the holder runs"),
  config_account = shape.text("the account that the config deploys to"),
  credentials = shape.text("where those come from that the state's host gets"),
  creating = shape.count("namespaces whose creation was sent, and never answered"),
  days_left = shape.maybe(shape.integer("days until it expires")),
  declared = shape.flag("the configuration keeps it in step"),
  driver = shape.flag("this clone merges it record by record"),
  environments = shape.count("environments in which it declares something"),
  errors = shape.count("errors in it"),
  expires_on = maybe "when it expires",
  file = shape.text("the file"),
  first = maybe "the first problem",
  first_file = maybe "the file that it is in",
  first_line = shape.count("and its line; 0: the whole file"),
  folder = shape.text("the folder in which it is"),
  from = shape.word("where the account is named", { "CLOUDFLARE_ACCOUNT_ID", "cfkv.project", "only", "state" }),
  holder = shape.text("who writes the state"),
  host = shape.text("the machine of the holder"),
  journal = shape.flag("a journal lies beside it"),
  libcurl = maybe "what libcurl says of itself; null: it is not there",
  limit = shape.count("how many an account may have"),
  line = shape.count("the line in the file; 0: there is none"),
  lua = shape.text("the version of Lua"),
  n = shape.count("how many there are"),
  name = shape.text("what cfkv.project calls the account"),
  namespaces = shape.count("namespaces in it"),
  not_before = maybe "when it begins to be valid",
  path = maybe "the file that the variable names",
  pid = shape.text("the process of the holder"),
  project = maybe "the project's name",
  redirect = maybe "the redirection that dev and deploy follow",
  said = maybe "its status, as the service has it",
  source = maybe "the file that has the variable, of --env-file or the user's configuration; null: the environment",
  service = shape.text("the address of the service that keeps the state"),
  sqlite = shape.text("the version of SQLite"),
  title = maybe "what the service calls the account",
  url = shape.text("the API's address"),
  variable = shape.text("the variable that the credentials are in"),
  version = shape.count("the version of its format; 0: it is not there"),
  version_now = shape.count("the version that this cfkv writes"),
  warnings = shape.count("warnings about it"),
  wrangler = maybe "the version of the wrangler in node_modules here or above",
}

local EVALUATED = { "above", "environments", "errors", "file", "first", "first_file", "first_line", "namespaces",
  "project", "warnings" }
local STATE = { "accounts", "creating", "file", "journal", "namespaces", "project", "version", "version_now" }
local LOCK = { "command", "file", "host", "pid" }
local CONFIG = { "account_id", "bindings", "declared", "file", "redirect" }
local STORE = { "folder", "namespaces", "version" }
local SOURCE = { "line", "path", "source", "variable" }
local TOKEN = { "account", "days_left", "expires_on", "not_before", "said", "variable" }
local OF_ACCOUNT = { "account" }
local LIMIT = { "account", "limit", "n" }
local PERMISSION = { may = OF_ACCOUNT, may_not = OF_ACCOUNT, unknown = OF_ACCOUNT }

-- The facts of each finding of each check.
local CHECKS = {
  account = { known = { "account", "called", "from", "title" }, unknown = {},
    another = { "account", "config_account", "file", "line" } },
  analytics = PERMISSION,
  api = { reached = { "url" }, other = { "url" }, unreached = {}, odd = {} },
  clock = { together = { "ahead" }, apart = { "ahead" } },
  configuration = { none = {}, refused = {}, broken = {}, invalid = EVALUATED, warned = EVALUATED, valid = EVALUATED },
  credentials = { unasked = {}, none = {}, unusable = {}, token = SOURCE, key = SOURCE,
    command = { "line", "source", "variable" },
    own = { "line", "name", "path", "source", "variable" }, lacking = { "name", "variable" } },
  git = { committed = { "driver", "file" }, ignored = { "driver", "file" }, undecided = { "driver", "file" },
    no_driver = { "driver", "file" } },
  kv_read = PERMISSION,
  kv_write = PERMISSION,
  libcurl = { missing = {} },
  local_store = { broken = {}, none = STORE, usable = STORE, unfinished = STORE },
  local_lock = { held = LOCK, left = LOCK },
  lock = { held = LOCK, left = LOCK },
  namespaces = { room = LIMIT, close = LIMIT, full = LIMIT },
  r2 = PERMISSION,
  secrets = { committed = { "file" }, readable = { "file" } },
  state = { broken = {}, none = STATE, readable = STATE, unfinished = STATE },
  state_credentials = { known = { "credentials", "service" }, none = { "service" }, refused = {} },
  state_lock = { held = { "age", "holder" }, over = { "age", "holder" } },
  state_owed = { kept = { "service" } },
  state_safety = { both = {}, compared = {}, lock_only = {}, locked = {}, unprobed = {} },
  token = { active = TOKEN, expiring = TOKEN, expired = TOKEN, early = TOKEN, inactive = TOKEN,
    unverified = { "account", "variable" }, refused = { "account", "variable" } },
  versions = { known = { "cfkv", "libcurl", "lua", "sqlite", "wrangler" } },
  wrangler_config = { none = {}, broken = {}, read = CONFIG, undeclared = CONFIG },
}


local function check(name, finding, facts)
  local members = {}
  for _, fact in ipairs(facts) do
    members[fact] = FACTS[fact]
  end
  return shape.object("what was found", {
    check = shape.constant(name, "what was looked at"),
    facts = shape.object("what is known of it", members),
    finding = shape.constant(finding, "what was found there"),
    hint = maybe "what to do about it",
    message = shape.text("the same for people"),
    status = shape.word("how it is", { "ok", "warning", "wrong" }),
  })
end


local function checks()
  local list, findings = {}, {}
  for name, of in pairs(CHECKS) do
    for finding, facts in pairs(of) do
      findings[#findings + 1] = { name, finding, facts }
    end
  end
  table.sort(findings, function(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
  end)
  for i, finding in ipairs(findings) do
    list[i] = check(table.unpack(finding))
  end
  return shape.either("one look", list)
end


return {
  {
    name = "doctor",
    about = "what a run depends on, and how it is",
    commands = { "doctor" },
    shape = function()
      return shape.object("what was found", {
        checks = shape.list("in the order of looking", checks()),
        format_version = parts.format_version,
        summary = shape.object("how many there are of each status", {
          ok = shape.count("that are well"),
          warning = shape.count("that are worth a look"),
          wrong = shape.count("that stand in the way"),
        }),
      })
    end,
  },
}
