-- What `cfkv help --json` prints: all that help is made of.

local parts = require "shape_parts"
local shape = require "shape"

local COMMAND = shape.object("a command", {
  about = shape.text("what it does"),
  args = shape.text("its arguments: \"[FILE]\"; empty: it takes none"),
  example = shape.maybe(shape.text("shell lines")),
  name = shape.text("its words"),
  options = shape.list("places of its options in `options`, from 0", shape.count()),
  summary = shape.text("the same in a line"),
})

local OPTION = shape.object("an option, as the commands have it that name its place", {
  argument = shape.maybe(shape.text("what its value is called; null: it takes none")),
  argument_optional = shape.flag("a value may follow, behind an equals sign"),
  choices = shape.maybe(shape.list("the words that it may be", shape.text())),
  default = shape.maybe(shape.text("what it is when it is not given, in words")),
  help = shape.text("what it says"),
  letter = shape.maybe(shape.text("its short form, without the dash")),
  max = shape.maybe(shape.integer("the largest number")),
  min = shape.maybe(shape.integer("the smallest number")),
  name = shape.text("its name, without the dashes"),
  repeatable = shape.flag("it may be given several times"),
  type = shape.word("what its value is", { "choice", "duration", "flag", "integer", "permission", "rate", "text",
    "time" }),
  unit = shape.maybe(shape.count("the seconds that a number without a unit counts by, where it is a duration")),
})

local MEMBER = shape.object("a parameter, a result or a field", {
  doc = shape.text("what it is"),
  name = shape.maybe(shape.text("its name; null: it has none")),
  optional = shape.optional(shape.flag("it may be left out")),
  type = shape.text("its type, as LuaLS writes it; cfkv.… are of `types`"),
})

local LUA = shape.object("a function, or a value, in Lua", {
  call = shape.maybe(shape.text("how it is called; null: it is no function")),
  doc = shape.text("what it does"),
  example = shape.maybe(shape.text("Lua; ns is what cfkv.namespace gives, or a namespace")),
  module = shape.text("what it is required from"),
  name = shape.text("its name; ns:… are methods of what cfkv.namespace gives"),
  params = shape.list("what it takes", MEMBER),
  place = shape.text("where it may be called: configurations, scripts, or both"),
  returns = shape.list("what it gives", MEMBER),
})

local TYPE = shape.object("a type", {
  base = shape.maybe(shape.text("the type that it has all fields of, too")),
  doc = shape.text("what it is"),
  fields = shape.maybe(shape.list("its fields; null: it is another name of `type`", MEMBER)),
  type = shape.maybe(shape.text("what it is another name of")),
})

local FIELD = shape.named("field", shape.object("a field", {
  choices = shape.optional(shape.list("the words that it may be", shape.text())),
  default = shape.optional(shape.any "what it is when it is not given"),
  doc = shape.text("what it is"),
  max = shape.optional(shape.integer("the largest number")),
  max_bytes = shape.optional(shape.count("the most bytes")),
  max_characters = shape.optional(shape.count("the most characters")),
  min = shape.optional(shape.integer("the smallest number")),
  name = shape.text("its name"),
  or_text = shape.optional(shape.flag("a string may stand for the table: its first member")),
  or_zero = shape.optional(shape.flag("0 is right, too")),
  recorded = shape.flag("the state has it as it is declared"),
  required = shape.flag("it must be given"),
  type = shape.word("what its value is", { "any", "boolean", "duration", "integer", "list", "string", "table",
    "time" }),
  unit = shape.optional(shape.count("the seconds that a number counts by, where it is a duration")),
}))
FIELD.shape.properties.fields = shape.list("those of the table that it is", FIELD)


return {
  {
    name = "help",
    about = "commands, options, exit codes, topics, and what there is in Lua",
    commands = { "help" },
    shape = function()
      return shape.object("help", {
        commands = shape.list("in the order of help", COMMAND),
        exit_codes = shape.list("in their order", shape.object("an exit code", {
          code = shape.count("the number"),
          meaning = shape.text("what it says"),
        })),
        fields = shape.map("tables of fields, by the names of their types", shape.list("a table", FIELD)),
        format_version = parts.format_version,
        lua = shape.list("functions and values", LUA),
        options = shape.list("those of all commands; a name may be there twice", OPTION),
        topics = shape.list("by name", shape.object("a topic", {
          about = shape.text("what it is about"),
          name = shape.text("its name"),
          text = shape.text("paragraphs, and examples between lines of ```"),
        })),
        types = shape.map("by name", TYPE),
        version = shape.text("of cfkv"),
      })
    end,
  },
}
