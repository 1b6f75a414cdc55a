-- Words that other tools have for what is called otherwise here, or is not here: the hints of usage
-- errors. Asked only behind a word that cfkv does not know; tests/cli/foreign_spec.lua tries each row.

local text = require "text"

local foreign = {}

local TOKEN = "there is no login: put an API token into CLOUDFLARE_API_TOKEN ('cfkv help account')"
local IDENTITY = "'cfkv doctor' says which credentials count, what they may do, and in which account"
local WORKERS = "cfkv knows namespaces and their keys; Workers are wrangler's: 'wrangler %s'"
local OTHER = "cfkv knows Workers KV and nothing else: 'wrangler %s'"
local DEPLOY = "'cfkv apply' makes namespaces, seeds them and writes ids into the config; then 'wrangler deploy'"
local RESTORE = "what a run deletes or overwrites is kept: 'cfkv backup list', then 'cfkv restore FILE'"
local FORMAT = "a configuration is Lua: a formatter of Lua will do, such as stylua"
local ENV = "an environment is a value of `env` in the configuration; '--env NAME' takes one"
local PROVIDER = "there is one provider, Cloudflare, and it is in the program"
local RENAMES = "'cfkv kv namespace rename' gives a namespace another title, 'cfkv kv key rename' a key another name"
local LISTS = "'cfkv kv namespace list' prints namespaces, 'cfkv kv key list' the keys of one, "
  .. "'cfkv state list' what is recorded"

-- Commands: the one that does it, or a sentence.
foreign.commands = {
  -- Terraform, Pulumi, DNSControl and their kind
  preview = "plan", ppreview = "plan", diff = "plan",
  push = "apply", ppush = "apply", up = "apply", sync = "apply", update = "apply",
  down = "destroy", remove = "destroy", teardown = "destroy",
  check = "validate", lint = "validate", test = "validate",
  ["print-ir"] = "eval", console = "eval", synth = "eval", graph = "eval",
  config = "inputs", variables = "inputs", outputs = "output", status = "drift",
  refresh = "every plan and apply looks at what is live; 'cfkv drift' shows what others changed",
  show = "'cfkv state show ADDRESS' prints what is recorded, 'cfkv plan' what would change",
  taint = "made again it would lose its keys: 'cfkv kv namespace clear', or 'cfkv destroy --only ADDRESS'",
  untaint = "nothing is ever tainted; 'cfkv plan' says what would change",
  fmt = FORMAT, format = FORMAT,
  adopt = "import", ["get-zones"] = "import",
  workspace = ENV, stack = ENV,
  ["force-unlock"] = "state unlock", unlock = "state unlock", cancel = "state unlock",
  providers = PROVIDER, ["state replace-provider"] = PROVIDER,
  ["state export"] = "state pull", ["state import"] = "state push", ["state migrate"] = "state move",
  undo = RESTORE, rollback = RESTORE, history = RESTORE, log = RESTORE,

  -- wrangler
  ["kv:namespace"] = "kv namespace", ["kv:key"] = "kv key", ["kv:bulk"] = "kv bulk",
  ["kv namespaces"] = "kv namespace", ["kv keys"] = "kv key", ["kv values"] = "kv key",
  deploy = DEPLOY, publish = DEPLOY,
  dev = WORKERS:format "dev" .. ", which reads what 'cfkv apply --local' seeds",
  tail = WORKERS:format "tail", versions = WORKERS:format "versions", secret = WORKERS:format "secret",
  pages = WORKERS:format "pages", d1 = OTHER:format "d1", r2 = OTHER:format "r2", queues = OTHER:format "queues",
  login = TOKEN, logout = TOKEN, auth = TOKEN,
  whoami = IDENTITY, account = IDENTITY,
  types = "'cfkv wrangler --types FILE' writes the KV part of Env, 'wrangler types' all of it",
  ["write-types"] = "share/cfkv/stdlib describes the Lua module to editors (LuaLS: `workspace.library`)",

  -- what has a family here
  get = "kv key get", read = "kv key get", cat = "kv key get", ["kv get"] = "kv key get",
  put = "kv key put", set = "kv key put", write = "kv key put", ["kv put"] = "kv key put", ["kv set"] = "kv key put",
  delete = "kv key delete", rm = "kv key delete", ["kv delete"] = "kv key delete", ["kv rm"] = "kv key delete",
  create = "kv namespace create", new = "init", ["kv create"] = "kv namespace create",
  rename = RENAMES, ["kv rename"] = RENAMES, ["kv key mv"] = "kv key rename", ["kv key move"] = "kv key rename",
  clear = "kv namespace clear", ["kv clear"] = "kv namespace clear",
  namespace = "kv namespace", namespaces = "kv namespace", key = "kv key", keys = "kv key", bulk = "kv bulk",
  ["kv bulk-get"] = "kv bulk get", ["kv bulk-delete"] = "kv bulk delete",
  ["kv bulk-put"] = "kv bulk put", ["kv bulk-update"] = "kv bulk put", upload = "kv bulk put", load = "kv bulk put",
  download = "backup", dump = "backup",
  ["check-creds"] = "doctor", ["check-credentials"] = "doctor",
  docs = "help", explain = "'cfkv help lua NAME' explains what there is in Lua", describe = "state show",
  list = LISTS, ls = LISTS, ["kv list"] = LISTS, ["kv ls"] = LISTS,
  mv = "state mv", forget = "state rm", clone = "copy", cp = "copy",

  -- the rest
  seed = "'cfkv apply' writes the keys that are declared; a script of your own runs with 'cfkv run SCRIPT'",
  exec = "run", script = "run",
  server = "serve", start = "serve", emulate = "serve", emulator = "serve",
  usage = "'cfkv plan' ends with what an apply would cost; what was used, Cloudflare's dashboard shows",
  report = "audit", inspect = "audit", man = "help", topics = "help",
}

-- Words by which one knows where somebody comes from, and the topic that has the rest.
local WAYS_IN = {
  deploy = "from-wrangler", publish = "from-wrangler", login = "from-wrangler",
  workspace = "from-terraform", stack = "from-terraform",
  push = "from-dnscontrol", ["get-zones"] = "from-dnscontrol",
}

-- What the verbs of a family are called elsewhere; the first that the family has is meant.
local VERBS = {
  { "list", "ls", "all" },
  { "delete", "rm", "remove", "del", "destroy", "forget" },
  { "rename", "mv", "move", "update" },
  { "get", "show", "cat", "read", "describe", "info", "view", "print" },
  { "put", "set", "write", "add", "upload", "import", "load" },
  { "create", "new", "make", "add" },
  { "clear", "empty", "purge", "truncate", "flush", "prune" },
}

local SECRET = "others can read a command line: put it into %s ('cfkv help account')"
local ACCOUNT = "`account_id` of cfkv.project says it, or CLOUDFLARE_ACCOUNT_ID in the environment"
local BASE_URL = "put it into CLOUDFLARE_API_BASE_URL"
local PLAN = "'cfkv plan' shows what 'cfkv apply' would do"
local LOCKED = "a run always holds the state, so that two cannot write it; '--lock-timeout S' waits for the other"
local ASKS = "it shows what it would do and asks first, unless --yes is given"
local SCRIPTS = "it does so at once; a script can be tried out: 'cfkv run SCRIPT --dry-run'"
local RECREATE = "nothing is made again in place, since its keys would be gone ('cfkv kv namespace clear' empties it)"
local REFRESH = "write '--refresh none'"
local PREPARED = "there is nothing to prepare: no provider, no plugin, no backend"
local SECRETS = "a secret is never printed; 'cfkv kv key get' prints what a namespace holds"
local VERSION = "'cfkv version' prints it"

-- What stands for a dry run of a command that has none.
local function try(command, mine)
  if command == text.null or command == "apply" or not mine.yes and command:sub(1, 3) ~= "kv " then
    return PLAN
  end
  return mine.yes and ASKS or SCRIPTS
end


-- Where a result goes, or how it is printed.
local function output(_, mine)
  return mine.out and "'--out FILE' keeps the plan for apply, '--format json' prints it as JSON"
    or mine.output and "that is --output here" or mine.format and "that is --format here"
    or mine.json and "that is --json here" or ""
end


-- Options: the one that means it, several of which the first that the command has is meant, a
-- sentence, or a function that says it of a command and its options.
foreign.options = {
  -- whether to ask
  ["auto-approve"] = "yes", approve = "yes", ["assume-yes"] = "yes", confirm = "yes", ["no-confirm"] = "yes",
  ["non-interactive"] = "yes", ["no-input"] = "yes", input = "yes", ["skip-preview"] = "yes",
  force = "--yes leaves out the question; a guard wants '--allow-data-loss' or '--allow-mass-delete'",

  -- what is done
  ["dry-run"] = try, dryrun = try, noop = try, ["plan-only"] = try, ["what-if"] = try, diff = PLAN,
  ["expect-no-changes"] = "detailed-exitcode", ["exit-code"] = "detailed-exitcode",
  target = "only", targets = "only", filter = "only", include = "only", domains = "only",
  exclude = "'--only GLOB' and '--env NAME' say what is taken, each as often as needed",
  environment = "env", stage = "env", stack = "env", workspace = "env",
  ["refresh-only"] = "'cfkv drift' shows what was changed live; state follows at every apply",
  ["no-refresh"] = REFRESH, ["skip-refresh"] = REFRESH,
  destroy = "'cfkv destroy' plans the removal of everything, shows it and asks",
  replace = RECREATE, recreate = RECREATE,
  upgrade = PREPARED, reconfigure = PREPARED, ["migrate-state"] = PREPARED,
  ["update-config"] = "'cfkv apply' writes ids into the configs that cfkv.wrangler declares",
  ["show-secrets"] = SECRETS, reveal = SECRETS, ["show-sensitive"] = SECRETS,
  ["auto-import"] = "what exists is adopted unasked; '--no-adopt' forbids it",
  parallelism = "jobs", parallel = "jobs", concurrency = "jobs", threads = "jobs", workers = "jobs", j = "jobs",
  ["rate-limit"] = "rate", rps = "rate",
  resume = "an interrupted run is gone on with unasked, for a day; '--restart' does all of it",
  ["continue-on-error"] = "keep-going", watch = "nothing watches: run it again after a change",

  -- where things are
  chdir = "cwd", dir = "cwd", directory = "cwd", ["working-dir"] = "cwd", ["project-dir"] = "root",
  config = "file", ["config-file"] = "file", configuration = "file",
  ["var-file"] = "write '--var NAME=VALUE' for each, or let cfkv.file.json read the file",
  variable = "var", define = "var", dotenv = "env-file",
  ["state-file"] = "state", ["state-out"] = "state", ["backend-config"] = "state",
  lock = LOCKED, ["no-lock"] = LOCKED, timeout = "lock-timeout", wait = "lock-timeout",
  token = SECRET:format "CLOUDFLARE_API_TOKEN", ["api-token"] = SECRET:format "CLOUDFLARE_API_TOKEN",
  ["api-key"] = SECRET:format "CLOUDFLARE_API_KEY", email = SECRET:format "CLOUDFLARE_EMAIL",
  creds = "env-file", credentials = "env-file", profile = TOKEN,
  account = ACCOUNT, ["account-id"] = ACCOUNT,
  ["api-url"] = BASE_URL, ["base-url"] = BASE_URL, endpoint = BASE_URL,
  remote = "without --local the target is the account", persist = "persist-to",
  listen = "address", host = "address", ip = "address", bind = "address", ["in-memory"] = "memory",

  -- what is printed
  ["output-format"] = { "format", "json" }, output = output, o = output, format = "json", pretty = "json",
  silent = "quiet", ["compact-warnings"] = "quiet", q = "quiet",
  debug = "verbose", trace = "verbose", ["log-level"] = "verbose", v = "verbose",
  color = "no-color", colour = "no-color", ["no-colour"] = "no-color", ["no-ansi"] = "no-color",
  version = VERSION, V = VERSION,

  -- namespaces and keys
  ["kv-namespace"] = "namespace", ["namespace-name"] = "namespace", ["namespace-title"] = "namespace",
  ns = "namespace", n = "namespace", id = "namespace-id", ["preview-id"] = "preview",
  name = { "new-name", "namespace" }, title = { "new-name", "namespace" }, ["new-title"] = "new-name",
  ["experimental-mode"] = "mode", ["x-mode"] = "mode",
  key = "the key stands behind the command, without a word before it",
  value = "the value stands behind the key, or in a file: '--path FILE' (-: standard input)",
  ["from-file"] = "path", ["input-file"] = "path",
  pattern = "prefix", ["starts-with"] = "prefix",
  count = "limit", max = "limit", ["page-size"] = "limit", ["per-page"] = "limit",
  overwrite = "what is there is overwritten unless '--if-missing' is given",
  ["no-clobber"] = "if-missing", ["no-overwrite"] = "if-missing", nx = "if-missing",
  ["if-not-exists"] = { "if-missing", "create" },
  delete = "prune", ["delete-extra"] = "prune", mirror = "prune",
}


local CONFIGURATION = "'-f FILE' names the configuration"
local NAMESPACE = "the namespace is an option: '--namespace TITLE', '--namespace-id ID' or '--binding NAME'"

-- What somebody means by an argument more than a command takes.
foreign.arguments = {
  apply = "a saved plan is applied by '--plan FILE'; " .. CONFIGURATION,
  destroy = CONFIGURATION .. ", '--only GLOB' a part",
  inputs = CONFIGURATION, ["backup list"] = CONFIGURATION, serve = CONFIGURATION,
  ["kv key list"] = NAMESPACE, ["kv key get"] = NAMESPACE, ["kv key put"] = NAMESPACE, ["kv bulk put"] = NAMESPACE,
  ["kv bulk get"] = NAMESPACE, ["kv bulk delete"] = NAMESPACE,
  restore = "the namespace is an option: '--namespace TITLE'",
}


local function has(list, name)
  for _, word in ipairs(list) do
    if word == name then
      return true
    end
  end
  return false
end


-- A family is not among the commands, but begins some.
local function is_command(commands, name)
  for _, command in ipairs(commands) do
    if command == name or command:sub(1, #name + 1) == name .. " " then
      return true
    end
  end
  return false
end


local function verb_of(commands, words)
  local family, word = words:match "^(.*) (.-)$"
  for _, verbs in ipairs(family and VERBS or {}) do
    for _, verb in ipairs(has(verbs, word) and verbs or {}) do
      if is_command(commands, family .. " " .. verb) then
        return family .. " " .. verb
      end
    end
  end
end


-- view: { commands = [NAME…], word = "kv list" } → the hint, "" when there is none.
function foreign.command(view)
  local meaning = foreign.commands[view.word] or verb_of(view.commands, view.word)
  if not meaning then
    return ""
  elseif is_command(view.commands, meaning) then
    meaning = ("that is 'cfkv %s' here"):format(meaning)
  end
  local topic = WAYS_IN[view.word]
  return topic and ("%s; more in 'cfkv help %s'"):format(meaning, topic) or meaning
end


-- "'plan'", "'plan' and 'apply'", "'plan', 'apply' and 12 others"
local function list(commands)
  local shown = {}
  for i = 1, #commands > 4 and 2 or #commands do
    shown[i] = "'" .. commands[i] .. "'"
  end
  local last = #commands > 4 and #commands - 2 .. " others" or #shown > 1 and table.remove(shown)
  return table.concat(shown, ", ") .. (last and " and " .. last or "")
end


-- From names of options to the commands that have them, and the names of those of this command.
local function takers(options)
  local all, mine = {}, {}
  for _, option in ipairs(options) do
    local commands = all[option.name] or {}
    table.move(option.commands, 1, #option.commands, #commands + 1, commands)
    all[option.name] = commands
    mine[option.name] = mine[option.name] or option.mine
  end
  return all, mine
end


-- view: { command = "plan" or null, options = { { commands = [NAME…], mine = BOOLEAN, name = NAME }… },
-- word = "target" } → the hint, "" when there is none.
function foreign.option(view)
  local word, meaning = view.word, foreign.options[view.word]
  local all, mine = takers(view.options)
  if type(meaning) == "function" then
    return meaning(view.command, mine)
  end
  local candidates = type(meaning) == "table" and meaning or { meaning }
  for _, option in ipairs(candidates) do
    if mine[option] then
      return ("that is --%s here"):format(option)
    end
  end
  if all[candidates[1]] then
    return ("that is --%s here, an option of %s"):format(candidates[1], list(all[candidates[1]]))
  elseif not meaning and all[word] and view.command ~= text.null then
    return ("leave it out; it is an option of %s"):format(list(all[word]))
  end
  return candidates[1] or ""
end


-- view: { command = "apply" } → the hint, "" when there is none.
function foreign.argument(view)
  return foreign.arguments[view.command] or ""
end


return foreign
