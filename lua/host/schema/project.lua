-- What the commands around a project print: its outputs, its wrangler configs, these schemas.

local parts = require "shape_parts"
local shape = require "shape"

local CONFIG = shape.object("a file", {
  diff = shape.maybe(shape.text("what is stale in it, as a unified diff; null: nothing")),
  path = shape.text("its path"),
  stale = shape.flag("it is not as declared"),
  written = shape.flag("and was written"),
})

local DOCUMENT = shape.object("a document", {
  about = shape.text("what it is"),
  commands = shape.list("the commands that print it with --json", shape.text()),
  name = shape.text("what cfkv schema calls it"),
})


return {
  {
    name = "output",
    about = "recorded outputs; of cfkv output NAME the value alone",
    commands = { "output" },
    shape = function()
      return shape.map("values by name", {})
    end,
  },
  {
    name = "wrangler",
    about = "wrangler configs, or files of types, and what was written",
    commands = { "wrangler" },
    shape = function()
      return shape.object("the files", {
        diagnostics = parts.diagnostics,
        files = shape.list("those that are declared, or were named", CONFIG),
        format_version = parts.format_version,
      })
    end,
  },
  {
    name = "schema",
    about = "the documents that have a schema",
    commands = { "schema" },
    shape = function()
      return shape.object("the documents", {
        documents = shape.list("by name", DOCUMENT),
        format_version = parts.format_version,
      })
    end,
  },
}
