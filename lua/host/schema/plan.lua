-- Plans and what came of them.

local parts = require "shape_parts"
local shape = require "shape"

-- What is done with what: the words of `all.words` by kind.
local VERBS = {
  namespace = { "create", "adopt", "rename", "update", "delete", "forget" },
  key = { "put", "delete" },
  bulk = { "put" },
  file = { "write" },
}


-- Each word that a plan knows is one of some kind's.
local function check(words)
  local known = {}
  for _, kind in ipairs(words.kind) do
    for _, verb in ipairs(VERBS[kind] or error("kind " .. kind .. " has no schema")) do
      known[verb] = true
    end
  end
  for _, verb in ipairs(words.action) do
    assert(known[verb], "action " .. verb .. " has no schema")
  end
end


local function record(all)
  return shape.named("record", parts.record(all, { address = shape.text("what the configuration calls it") }))
end


local function one(name, doc)
  return shape.object(doc, { [name] = shape.text(doc) })
end


local BINDINGS = shape.named("bindings", shape.object("KV bindings that change", {
  bindings = shape.list("each of them", shape.object("a binding", {
    binding = shape.text("its name in the Worker"),
    env = shape.maybe(shape.text("the environment of the config; null: the top level")),
    id = shape.maybe(shape.text("the id it has; null: none yet")),
    preview_id = shape.optional(shape.text("the id for wrangler dev --remote")),
  })),
}))

-- before and after of each kind.
local function sides(all)
  return {
    namespace = shape.either(nil, { record(all), one("title", "its title"), one("id", "its local id") }),
    key = parts.content,
    bulk = false,
    file = BINDINGS,
  }
end


local function side(schema, doc)
  return schema and shape.as(doc, shape.maybe(schema)) or shape.as(doc, { type = "null" })
end


local COUNTS = shape.object("how many pairs of the source there are of each sort", {
  changed = shape.count("keys that have something else"),
  delete = shape.constant(0, "a source deletes nothing"),
  new = shape.count("keys that are not there"),
  overwrite = shape.count("keys whose value cfkv did not write"),
  unchanged = shape.count("keys that are as declared"),
})

local KEY = {
  namespace = shape.as("none", { type = "null" }),
  key = parts.key,
  bulk = shape.text("the name of the source"),
  file = shape.as("none", { type = "null" }),
}


local function action(kind, schema)
  local of_file = kind == "file"
  return shape.named("action_" .. kind, shape.object("one action on a " .. kind, {
    account_id = parts.account_id,
    action = shape.word("what is done", VERBS[kind]),
    address = parts.address,
    after = side(schema, "what there will be"),
    before = side(schema, "what there is; null: nothing, or nobody looked"),
    counts = kind == "bulk" and COUNTS or nil,
    id = parts.id,
    key = KEY[kind],
    kind = shape.constant(kind, "what it is done with"),
    overwrite = shape.flag("a value goes that cfkv did not write"),
    reason = shape.text("why, for people"),
    title = shape.text(of_file and "the file" or "the title of the namespace"),
  }))
end


local function actions(all)
  local kinds, of = {}, sides(all)
  check(all.words)
  for i, kind in ipairs(all.words.kind) do
    kinds[i] = action(kind, of[kind])
  end
  return shape.list("in the order of their places in the configuration", shape.either("an action", kinds))
end


-- ---- Costs ----------------------------------------------------------------------------------------

local function cost_members()
  return {
    deletes = shape.count("keys that are deleted"),
    lists = shape.count("list operations"),
    reads = shape.count("keys that are read"),
    requests = shape.count("requests to the API"),
    writes = shape.count("keys that are written"),
  }
end


local function cost()
  local members = cost_members()
  members.at_least = shape.flag("it may become more: not all could be counted")
  members.execute = shape.named("part", shape.object("of the changes", cost_members()))
  members.observe = shape.as("of what apply looks at first", members.execute)
  members.seconds = shape.maybe(shape.count("how long it takes at the service's rate; null: not known"))
  return shape.object("what apply would cost, in all", members)
end


local OUTPUT_SIDE = shape.any("the value: any JSON; {\"secret\": true} for what looks like a credential")

local OUTPUTS = shape.list("outputs that are added, changed or removed", shape.object("an output", {
  account_id = parts.account_id,
  after = shape.as("what it will be; null: it is removed; {\"known_after_apply\": true}: apply will know",
    OUTPUT_SIDE),
  before = shape.as("what is recorded; null: nothing", OUTPUT_SIDE),
  name = shape.text("its name"),
}))


local function failures(all)
  return shape.list("what could not be done", shape.object("an action that failed", {
    action = shape.word("what was to be done", all.words.action),
    address = parts.address,
    hint = shape.maybe(shape.text("what to do about it")),
    key = shape.maybe(shape.text("the key, or the name of the source")),
    kind = shape.word("what it was to be done with", all.words.kind),
    message = shape.text("why it failed"),
  }))
end

local LOCAL_IDS = shape.list("wrangler configs that have ids of the local store, which no account knows",
  shape.object("a config", {
    file = shape.text("its path"),
    ids = shape.count("how many"),
  }))

-- What an apply has done, and a destroy.
local function done(all)
  return {
    accounts = parts.accounts,
    applied = shape.as("what was done", parts.summary),
    backups = shape.list("files that hold what was deleted or overwritten", shape.text()),
    failed = failures(all),
    format_version = parts.format_version,
    left_alone = shape.count("namespaces of which nobody can tell whether they exist"),
    local_ids = LOCAL_IDS,
    outputs = shape.map("all outputs that are recorded now", {}),
    target = parts.target,
  }
end

local ENVIRONMENTS = shape.list("environments that ephemeral.match matches, as they were recorded before, by name",
  shape.object("an environment", {
    created = shape.maybe(shape.text("the day of its youngest namespace; null: nobody recorded it")),
    days = shape.maybe(shape.count("whole days since then")),
    env = shape.text("its name"),
    kept_by = shape.maybe(shape.text("what keeps it, where it is named: --keep-env, or FILE:LINE")),
    namespaces = shape.count("that were recorded of it"),
    verdict = shape.word("whether it goes, or why it stays",
      { "declared", "goes", "named", "recent", "undated", "young" }),
  }))


return {
  {
    name = "plan",
    about = "what apply would change, and what it would cost",
    commands = { "plan" },
    shape = function(all)
      return shape.object("a plan", {
        accounts = parts.accounts,
        actions = actions(all),
        cost = cost(),
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
        left_out = shape.count("namespaces that the filters leave out"),
        outputs = OUTPUTS,
        summary = parts.summary,
        target = parts.target,
      })
    end,
  },
  {
    name = "apply",
    about = "what apply or destroy has done",
    commands = { "apply", "destroy" },
    shape = function(all)
      return shape.object("the end of an apply", done(all))
    end,
  },
  {
    name = "sweep",
    about = "which environments are gone, and which stay",
    commands = { "sweep" },
    shape = function(all)
      local members = done(all)
      members.environments = ENVIRONMENTS
      return shape.object("the end of a sweep", members)
    end,
  },
}
