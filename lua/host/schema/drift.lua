-- What is live: drift and audit.

local parts = require "shape_parts"
local shape = require "shape"

local TITLE = shape.object("its title", { title = shape.text("its title") })

local COUNTS = shape.object("how many pairs of the source there are of each sort", {
  changed = shape.count("keys that have something else"),
  new = shape.count("keys that are gone, and would be put again"),
  unchanged = shape.count("keys that are as applied"),
})


-- `change`: the words for what happened to one.
local function item(kind, changes, side, key)
  local of_bulk = kind == "bulk"
  return shape.named("drift_" .. kind, shape.object("one " .. kind .. " that is not as it was applied", {
    account_id = parts.account_id,
    address = shape.text("what the state calls the namespace"),
    after = shape.as("what there is", side and shape.maybe(side) or { type = "null" }),
    before = shape.as("what was applied, where that is known", side and shape.maybe(side) or { type = "null" }),
    change = shape.word("what happened", changes),
    counts = of_bulk and COUNTS or nil,
    detail = shape.text("the same, for people"),
    id = shape.text("the namespace's id"),
    key = key,
    keys = of_bulk and shape.list("the first keys that are not as applied", parts.key) or nil,
    kind = shape.constant(kind, "what is not as it was"),
    title = shape.text("the title that is recorded"),
  }))
end


local ITEMS = shape.either("a difference", {
  item("namespace", { "deleted", "renamed" }, TITLE, shape.as("none", { type = "null" })),
  item("key", { "added", "changed", "deleted", "expired" }, parts.content, shape.text("the key")),
  item("bulk", { "changed" }, nil, shape.text("the name of the source")),
})


-- ---- Audit ----------------------------------------------------------------------------------------

local BINDING = shape.object("a binding of a wrangler config, declared or below the folder, that has its id", {
  binding = shape.text("its name in the Worker"),
  env = shape.maybe(shape.text("the environment of the config; null: the top level")),
  file = shape.text("the config"),
  line = shape.count("where in it"),
  member = shape.word("the member that has the id", { "id", "preview_id" }),
})


local KEYS = shape.object("what its keys tell", {
  count = shape.count("how many there are"),
  nearest_expiration = shape.maybe(shape.as("when the first of them expires, in seconds since 1970; null: none does",
    { type = "integer", minimum = 1 })),
  without_expiration = shape.count("how many never expire"),
  without_expiration_first = shape.list("the first of these", parts.key),
})

local PROJECT = shape.object("the state of another project that records it", {
  address = shape.text("what that state calls it"),
  name = shape.maybe(shape.text("the project's name")),
  state = shape.text("the file, from the project root or the current folder on"),
})

local NAMING = shape.object("the template of titles", {
  declared = shape.flag("the project declares it; else it is what nearly all titles show"),
  followed = shape.count("titles that follow it"),
  of = shape.count("titles that were looked at"),
  template = shape.text("as {app}-{purpose}-{env}"),
})


local function row(all)
  return shape.object("a namespace", parts.with_fields({
    account = shape.maybe(shape.text("the account's name in cfkv.project")),
    account_id = parts.account_id,
    address = shape.maybe(shape.text("what state or configuration call it; null: neither does")),
    bindings = shape.list("where it is bound", BINDING),
    id = parts.id,
    keys = shape.maybe(KEYS),
    marks = shape.list("what else there is to say", shape.word("a mark", all.words.audit)),
    projects = shape.list("by whom else it is recorded", PROJECT),
    status = shape.word("who takes care of it", all.words.status),
    title = shape.maybe(shape.text("its title; null: only a wrangler config tells of it")),
    ttl_seconds = shape.maybe(shape.as("the default ttl of its keys", { type = "integer", minimum = 1 })),
  }, all, all.audited))
end


local function summary(all)
  local members = {}
  for _, word in ipairs(all.words.audit) do
    members[word] = shape.count("namespaces that are " .. word)
  end
  return shape.object("how many there are of each status and mark", members)
end


return {
  {
    name = "drift",
    about = "what was changed behind cfkv's back",
    commands = { "drift" },
    shape = function()
      return shape.object("drift", {
        accounts = parts.accounts,
        checked = shape.count("namespaces that were looked at"),
        diagnostics = parts.diagnostics,
        drift = shape.list("what is not as it was applied", ITEMS),
        format_version = parts.format_version,
        target = parts.target,
      })
    end,
  },
  {
    name = "audit",
    about = "every namespace of the account",
    commands = { "audit" },
    shape = function(all)
      return shape.object("an audit", {
        accounts = parts.accounts,
        configuration = shape.maybe(shape.text("the file that declares; null: there is none")),
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
        namespaces = shape.list("by their titles", row(all)),
        naming = shape.maybe(NAMING),
        summary = summary(all),
        target = parts.target,
      })
    end,
  },
}
