-- What `cfkv import` prints.

local parts = require "shape_parts"
local shape = require "shape"

local function maybe(doc)
  return shape.maybe(shape.text(doc))
end

local BINDING = shape.object("a binding that names it", {
  env = maybe "the environment of the Worker's config; null: its top level",
  file = maybe "the file that has it",
  name = shape.text("its name in the Worker"),
  worker = maybe "the Worker",
})

local FROM = shape.object("where an input has it", {
  file = shape.text("the file"),
  line = shape.maybe(shape.count("the line of it")),
  ref = maybe "what the tool calls it",
  tool = shape.text("the tool"),
})

local KEY = shape.object("a key that an input declares", {
  key = shape.text("its name"),
  known = shape.flag("its value stands in the input"),
  secret = shape.flag("the input marks it as a secret"),
})

local NAMESPACE = shape.object("a namespace that was found", {
  account_id = shape.maybe(shape.text("the account it is in; null: that of the credentials")),
  bindings = shape.list("where it is bound", BINDING),
  from = shape.list("the inputs that have it; none: it was found in the account", FROM),
  gone = shape.flag("the account does not have it any more: it is not declared"),
  id = maybe "its id; null: nobody knows it, and it is adopted by its title",
  keys = shape.list("its keys, by name", KEY),
  seeded = shape.count("keys that --keys put into its seed file"),
  seeds = maybe "its seed file; null: it has none",
  title = maybe "its title; null: nobody knows it",
})

local FILE = shape.object("a file", {
  done = shape.word("what became of it", { "made", "replaced", "same" }),
  kept = maybe "what the old one is called now; null: nothing was replaced",
  path = shape.text("its path"),
})

local LET_GO = shape.object("how a tool lets go of what it has", {
  file = shape.text("the input"),
  lines = shape.list("commands, or what to write", shape.text()),
  tool = shape.text("the tool"),
})


return {
  {
    name = "import",
    about = "what was found, which files were written, and what is recorded",
    commands = { "import" },
    shape = function()
      return shape.object("what was imported", {
        diagnostics = parts.diagnostics,
        files = shape.list("those that were to be written; none: the configuration declares all of it", FILE),
        foreign = shape.count("things of other kinds that were left out"),
        format_version = parts.format_version,
        let_go = shape.list("how the other tools let go", LET_GO),
        looked = shape.flag("an account was asked"),
        namespaces = shape.list("by account and title", NAMESPACE),
        recorded = shape.object("what the state records that it did not before", {
          keys = shape.count("keys"),
          namespaces = shape.count("namespaces"),
        }),
        target = shape.text("where the namespaces are, for people"),
      })
    end,
  },
}
