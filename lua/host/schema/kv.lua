-- What the verbs on namespaces and keys print, and those on whole namespaces.

local parts = require "shape_parts"
local shape = require "shape"

local ID = shape.text("the namespace's id")
local TITLE = shape.maybe(shape.text("its title; null: it was named by its id, and nobody asked"))
local JURISDICTION = shape.optional(shape.text("where its data must stay"))
local MODE = shape.optional(shape.text("\"instant\", where it is of that mode"))
local BACKUP = shape.maybe(shape.text("the file that holds what was deleted or overwritten; null: there was nothing"))
local BACKUP_REQUESTS = shape.count("requests that the backup took")


-- An object about one namespace: where it is, and more.
local function placed(doc, members)
  members.accounts = shape.list("the account it is in; none on the local store", shape.text())
  members.target = parts.target
  return shape.object(doc, members)
end


local function keys(doc)
  return shape.list(doc, shape.text())
end


-- A key as kv bulk put reads it; `of` is how it is described.
local PAIR = shape.named("pair", shape.object("a key and what it has", {
  base64 = shape.optional(shape.constant(true, "the value is in base64, as it is no text")),
  expiration = shape.optional(parts.expiration),
  key = shape.text("its name"),
  metadata = shape.optional(shape.any("any JSON")),
  value = shape.text("its value"),
}))

local LISTED = shape.object("a key, as wrangler prints it", {
  expiration = shape.optional(parts.expiration),
  metadata = shape.optional(shape.any("any JSON")),
  name = shape.text("its name"),
})


-- What all reports on keys have.
local function report(doc, members)
  members.backup = BACKUP
  members.backup_requests = BACKUP_REQUESTS
  members.bytes = shape.count("bytes of keys and values that were sent")
  members.failed = keys("keys that failed")
  members.format_version = parts.format_version
  members.id = ID
  members.requests = shape.count("requests that it took")
  members.skipped = shape.count("keys that an interrupted run had done already, or that were not to be written")
  members.title = TITLE
  return placed(doc, members)
end


local function filled(from)
  return report("what was written", {
    expired = shape.count("keys that were left out, as they have expired, or are about to"),
    expired_keys = keys("these"),
    from = from and shape.object("where the keys come from", { id = ID, title = TITLE }) or nil,
    present = shape.count("keys that were left out, as they were there"),
    pruned = shape.count("keys that were deleted, as they were not among those"),
    pruned_backup = BACKUP,
    resumed = shape.count("keys that an interrupted run had written"),
    written = shape.count("keys that were written"),
  })
end


local SHELVED = shape.object("a backup", {
  created = shape.text("when, in UTC", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
  damaged = shape.flag("it cannot be read"),
  keys = shape.count("how many keys are in it"),
  namespaces = shape.list("of which namespaces", shape.object("a namespace", {
    account_id = parts.account_id,
    id = ID,
    reason = shape.text("why it was made"),
    title = shape.text("its title"),
  })),
  path = shape.text("the file"),
  size = shape.count("its bytes"),
})

local MADE = shape.object("a backup", {
  bytes = shape.count("of keys and values"),
  id = ID,
  keys = shape.count("how many keys are in it"),
  path = shape.text("the file; \"-\": standard output"),
  sha256 = shape.text("the hash of its content", parts.hash),
  title = TITLE,
})


local function document(name, about, commands, make)
  return { name = name, about = about, commands = commands, shape = make }
end


return {
  document("kv namespace list", "the namespaces of the account", { "kv namespace list" }, function()
    return shape.list("by title, as wrangler prints them", shape.object("a namespace", {
      id = ID,
      jurisdiction = JURISDICTION,
      mode = MODE,
      title = shape.text("its title"),
    }))
  end),

  document("kv namespace get", "one namespace", { "kv namespace get" }, function()
    return shape.object("a namespace", {
      address = parts.address,
      id = ID,
      jurisdiction = JURISDICTION,
      mode = MODE,
      protect = shape.flag("the state records it as protected"),
      title = TITLE,
      ttl_seconds = shape.count("the default that the state records; 0: none"),
    })
  end),

  document("kv namespace create", "a namespace that was created or renamed",
    { "kv namespace create", "kv namespace rename" }, function()
      return placed("a namespace", {
        id = ID, jurisdiction = JURISDICTION, mode = MODE, title = shape.text("its title"),
      })
    end),

  document("kv namespace delete", "a namespace that was deleted", { "kv namespace delete" }, function()
    return placed("a namespace", {
      backup = BACKUP,
      backup_requests = BACKUP_REQUESTS,
      format_version = parts.format_version,
      id = ID,
      keys = shape.count("how many keys went with it"),
      title = shape.text("its title"),
    })
  end),

  document("kv key list", "the keys of a namespace", { "kv key list" }, function()
    return shape.list("in byte order", LISTED)
  end),

  document("kv key get", "one key", { "kv key get" }, function()
    return PAIR
  end),

  document("kv key put", "a key that was written", { "kv key put" }, function()
    return placed("a key", {
      backup = shape.optional(BACKUP),
      bytes = shape.count("the length of the value"),
      expiration = shape.optional(parts.expiration),
      expiration_ttl = shape.optional(shape.count("seconds to live")),
      key = shape.text("its name"),
      written = shape.flag("false: it was there, and --if-missing was given"),
    })
  end),

  document("kv key delete", "keys that were deleted", { "kv key delete", "kv bulk delete", "kv namespace clear" },
    function()
      return report("what was deleted", { deleted = shape.count("keys that were deleted") })
    end),

  document("kv key rename", "keys that got other names", { "kv key rename" }, function()
    return report("what was renamed", {
      deleted = shape.count("old keys that were deleted"),
      deleted_backup = BACKUP,
      expired = shape.count("keys that stay where they are, as they have expired, or are about to"),
      expired_keys = keys("these"),
      written = shape.count("keys that were written"),
    })
  end),

  document("kv bulk put", "keys that were written from a file", { "kv bulk put" }, function()
    return report("what was written", { written = shape.count("keys that were written") })
  end),

  document("kv bulk get", "many keys", { "kv bulk get" }, function()
    return shape.list("in the order in which they were asked for", PAIR)
  end),

  document("restore", "keys that were written from a backup", { "restore" }, function()
    return filled(false)
  end),

  document("copy", "keys that were written from another namespace", { "copy" }, function()
    return filled(true)
  end),

  document("backup", "backups that were made", { "backup" }, function()
    return shape.object("the backups", {
      backups = shape.list("one a namespace", MADE),
      format_version = parts.format_version,
    })
  end),

  document("backup list", "the backups that cfkv kept", { "backup list" }, function()
    return shape.object("the backups", {
      backups = shape.list("the newest first", SHELVED),
      format_version = parts.format_version,
    })
  end),

  document("backup purge", "old backups that were deleted", { "backup purge" }, function()
    return shape.object("how many", {
      deleted = shape.count("backups that were deleted"),
      format_version = parts.format_version,
      kept = shape.count("backups that stay"),
    })
  end),
}
