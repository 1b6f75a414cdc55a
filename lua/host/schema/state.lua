-- The state file (src/state/document.h), whose shape its own table knows; and what commands tell of it.

local parts = require "shape_parts"
local shape = require "shape"

-- What the members are for, by their places; * stands for a name.
local DOCS = {
  ["accounts"] = "a section for each account",
  ["accounts.*.creating"] = "titles of which a create was begun, and no answer is recorded",
  ["accounts.*.namespaces"] = "what is managed, by address",
  ["accounts.*.namespaces.*.binding"] = "its name in a Worker",
  ["accounts.*.namespaces.*.borrowed"] = "another project's local namespace",
  ["accounts.*.namespaces.*.bulk"] = "sources of pairs that were applied, by name",
  ["accounts.*.namespaces.*.bulk.*.count"] = "how many pairs it had",
  ["accounts.*.namespaces.*.bulk.*.sha256"] = "the hash of what it had",
  ["accounts.*.namespaces.*.create_options"] = "what was declared so when it was created: the text of a JSON object",
  ["accounts.*.namespaces.*.created"] = "the day it was created, in an ephemeral environment",
  ["accounts.*.namespaces.*.description"] = "as declared",
  ["accounts.*.namespaces.*.env"] = "its environment",
  ["accounts.*.namespaces.*.id"] = "its id",
  ["accounts.*.namespaces.*.jurisdiction"] = "where its data must stay: as the service told it, or as it was created",
  ["accounts.*.namespaces.*.keys"] = "the keys that were put, by name",
  ["accounts.*.namespaces.*.keys.*.expiration"] = "the expiration that was put, in seconds since 1970",
  ["accounts.*.namespaces.*.keys.*.hmac"] = "a keyed hash of what was put",
  ["accounts.*.namespaces.*.keys.*.origin"] = "whose value it is: cfkv's, or one that was as declared before",
  ["accounts.*.namespaces.*.keys.*.secret"] = "its value is never shown",
  ["accounts.*.namespaces.*.keys.*.ttl"] = "the seconds to live that were put",
  ["accounts.*.namespaces.*.mode"] = "\"instant\", where it is of that mode: as told, or as it was created",
  ["accounts.*.namespaces.*.on_remove"] = "as declared",
  ["accounts.*.namespaces.*.origin"] = "how it came under management",
  ["accounts.*.namespaces.*.owner"] = "as declared",
  ["accounts.*.namespaces.*.protect"] = "it is never deleted, pruned or emptied",
  ["accounts.*.namespaces.*.prunes"] = "a hash of the prefixes that are pruned",
  ["accounts.*.namespaces.*.title"] = "its title",
  ["accounts.*.namespaces.*.ttl_seconds"] = "as declared",
  ["accounts.*.namespaces.*.writing"] = "puts that were begun, and no answer is recorded, by key",
  ["accounts.*.namespaces.*.writing.*.expiration"] = "the expiration that was to be put",
  ["accounts.*.namespaces.*.writing.*.hmac"] = "a keyed hash of what was to be put",
  ["accounts.*.namespaces.*.writing.*.secret"] = "its value is never shown",
  ["accounts.*.namespaces.*.writing.*.ttl"] = "the seconds to live that were to be put",
  ["accounts.*.writing"] = "the same of namespaces that are not recorded yet, by title",
  ["accounts.*.writing.*.*.expiration"] = "the expiration that was to be put",
  ["accounts.*.writing.*.*.hmac"] = "a keyed hash of what was to be put",
  ["accounts.*.writing.*.*.secret"] = "its value is never shown",
  ["accounts.*.writing.*.*.ttl"] = "the seconds to live that were to be put",
  ["outputs"] = "outputs by name",
  ["outputs.*.namespaces"] = "the namespaces that its value names: addresses by account",
  ["outputs.*.value"] = "its value: any JSON",
  ["project"] = "the name of the project",
  ["salt"] = "what the keyed hashes are keyed with",
  ["settings"] = "what commands that evaluate nothing need of cfkv.project",
  ["settings.account_id"] = "as declared",
  ["settings.accounts"] = "ids of accounts by name",
  ["settings.assumed_accounts"] = "accounts that were taken for the only one",
  ["settings.backups"] = "as declared",
  ["settings.backups.days"] = "how long one stays",
  ["settings.backups.dir"] = "where they lie",
  ["settings.backups.keep"] = "how many stay",
  ["settings.ephemeral"] = "as declared",
  ["settings.ephemeral.days"] = "how long an environment stays",
  ["settings.ephemeral.match"] = "the glob of their names",
  ["settings.guards"] = "as declared",
  ["settings.guards.mass_from"] = "from how many keys a share of them is guarded",
  ["settings.guards.mass_percent"] = "the share that is",
  ["version"] = "of the format",
  ["wrangler"] = "the bindings that cfkv wrote: by config, environment (\"\": the top level) and name",
  ["wrangler.*.*.*.id"] = "the id it wrote",
  ["wrangler.*.*.*.preview_id"] = "the preview_id it wrote",
}


-- A copy of the schema in which each member says what it is for.
local function explained(schema, place)
  local copy = {}
  for name, value in pairs(schema) do
    copy[name] = value
  end
  local prefix = place == "" and "" or place .. "."
  copy.description = place ~= "" and place:sub(-1) ~= "*" and (DOCS[place] or error("no words for " .. place))
    or nil
  if schema.properties then
    copy.properties = {}
    for name, member in pairs(schema.properties) do
      copy.properties[name] = explained(member, prefix .. name)
    end
  end
  if type(schema.additionalProperties) == "table" then
    copy.additionalProperties = explained(schema.additionalProperties, prefix .. "*")
  end
  return copy
end


local ACCOUNT = {
  account = shape.maybe(shape.text("the account's name in cfkv.project")),
  account_id = shape.text("the account, or \"local\""),
}


local function shown(all)
  return parts.record(all, {
    account = ACCOUNT.account,
    account_id = ACCOUNT.account_id,
    address = shape.text("what the configuration calls it"),
    bulk = shape.list("sources of pairs that were applied", shape.object("a source", {
      count = shape.count("how many pairs it had"),
      source = shape.text("its name"),
    })),
    created = shape.maybe(shape.text("the day it was created, in an ephemeral environment")),
    format_version = parts.format_version,
    id = shape.text("its id"),
    keys = shape.list("the keys that were put", shape.object("a key", {
      expiration_ttl = shape.count("the seconds to live that were put; 0: none"),
      key = shape.text("its name"),
      origin = shape.word("whose value it is", { "found", "unknown", "wrote" }),
    })),
    origin = shape.word("how it came under management", { "adopted", "created" }),
  })
end


return {
  {
    name = "state",
    about = "the state file, as this version writes it",
    version = function(all)
      return all.state_version
    end,
    shape = function(all)
      local state = explained(all.state, "")
      state.properties.version = shape.constant(all.state_version, DOCS.version)
      return state
    end,
  },
  {
    name = "state list",
    about = "the namespaces that the state records",
    commands = { "state list" },
    shape = function()
      return shape.object("the namespaces", {
        accounts = shape.list("accounts of which there are records", shape.text()),
        format_version = parts.format_version,
        namespaces = shape.list("each of them", shape.object("a namespace", {
          account = ACCOUNT.account,
          account_id = ACCOUNT.account_id,
          address = shape.text("what the configuration calls it"),
          id = shape.text("its id"),
          title = shape.text("its title"),
        })),
      })
    end,
  },
  {
    name = "state show",
    about = "what the state records of one namespace",
    commands = { "state show" },
    shape = shown,
  },
}
