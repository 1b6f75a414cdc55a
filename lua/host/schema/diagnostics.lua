-- What every command prints with --json that cannot print its own document.

local parts = require "shape_parts"
local shape = require "shape"


return {
  {
    name = "diagnostics",
    about = "why there is no other document: of every command with --json that failed",
    shape = function()
      return shape.object("what went wrong", {
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
      })
    end,
  },
  {
    name = "validate",
    about = "the problems of a configuration",
    commands = { "validate" },
    shape = function()
      return shape.object("the verdict", {
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
        valid = shape.flag("there are no errors"),
      })
    end,
  },
}
