-- What scripts print of themselves.

local parts = require "shape_parts"
local shape = require "shape"

local CHANGE = shape.object("what would become of a key", {
  action = shape.word("what", { "put", "delete" }),
  key = parts.key,
  overwrite = shape.flag("it is there with another value, metadata or expiry"),
})

local NAMESPACE = shape.object("what would become of a namespace and its keys", {
  account_id = parts.account_id,
  action = shape.maybe(shape.word("of the namespace itself; null: it stays as it is; replace: it is deleted, and "
    .. "another one gets its id", { "create", "delete", "rename", "replace" })),
  changes = shape.list("the first of its keys that would change, by name", CHANGE),
  id = shape.text("its id; of one that would be created, one that is made up"),
  keys = shape.object("how many of its keys", {
    changed = shape.count("would get another value, metadata or expiry"),
    deleted = shape.count("would go"),
    new = shape.count("would come"),
    unchanged = shape.count("would be written as they are"),
  }),
  more = shape.count("keys that would change and are not in `changes`"),
  old_title = shape.maybe(shape.text("the title it has, where it would get another one")),
  title = shape.text("its title then"),
})


return {
  {
    name = "run",
    about = "what a script would write (run --dry-run)",
    commands = { "run" },
    shape = function()
      return shape.object("what a script would write", {
        cost = shape.object("what the account would be billed for", {
          deletes = shape.count("keys that are deleted, as often as they are"),
          writes = shape.count("keys that are put, as often as they are"),
        }),
        diagnostics = parts.diagnostics,
        exit_code = shape.count("with which the script ended"),
        format_version = parts.format_version,
        namespaces = shape.list("those that it would change", NAMESPACE),
        summary = shape.object("all of them together", {
          create = shape.count("namespaces that are created"),
          delete = shape.count("namespaces that are deleted"),
          delete_keys = shape.count("keys that are deleted, with those of the namespaces"),
          overwrite = shape.count("keys that get another value, metadata or expiry"),
          put = shape.count("keys that are new"),
          rename = shape.count("namespaces that get another title"),
          unchanged = shape.count("keys that are written as they are"),
        }),
        target = parts.target,
      })
    end,
  },
}
