-- What is declared. The fields of declarations come from the tables of src/model.

local parts = require "shape_parts"
local shape = require "shape"

local FILE = shape.maybe(shape.text("the file that declares it"))
local LINE = shape.maybe(shape.count("where in it"))
local POLICY = shape.word("once: put only while it is absent", { "managed", "once" })


-- The object of a table of fields, and more.
local function declared(doc, fields, more)
  local members = {}
  for name, field in pairs(fields) do
    members[name] = field
  end
  for name, member in pairs(more or {}) do
    members[name] = member
  end
  return shape.object(doc, members)
end


local PUT = shape.object("a key", {
  expiration = shape.maybe(parts.expiration),
  expiration_ttl = shape.maybe(shape.count("seconds to live; 0: none; null: the namespace's ttl_seconds")),
  file = FILE,
  key = shape.text("its name"),
  line = LINE,
  metadata = shape.any("any JSON; null: none"),
  policy = POLICY,
  secret = shape.flag("its value is never shown"),
  value = shape.maybe(shape.either("a value; null: a secret, ${ADDRESS.id}: an id that apply will know",
    { shape.text(), parts.base64 })),
})

local BULK = shape.object("a source of pairs", {
  file = FILE,
  format = shape.word("how it is read", { "csv", "dir", "inline", "json", "jsonl" }),
  items = shape.maybe(shape.count("how many pairs; null: a file, which is not read for this")),
  line = LINE,
  path = shape.maybe(shape.text("its path; null: the pairs stand in the configuration")),
  policy = POLICY,
})

local PRUNE = shape.object("keys below a prefix that are deleted unless they are declared", {
  file = FILE,
  line = LINE,
  prefix = shape.text("the prefix"),
})


local function namespace(all)
  return declared("a namespace", all.fields.namespace, {
    account = shape.maybe(shape.text("the name of its account in cfkv.project")),
    account_id = shape.maybe(shape.text("the account it lives in; null: the only one")),
    address = shape.text("what the other commands call it"),
    bulk = shape.list("its sources of pairs", BULK),
    chain = shape.list("the calls that led to the declaration, as FILE:LINE", shape.text()),
    file = FILE,
    line = LINE,
    preview_of = shape.maybe(shape.text("the address of the namespace whose preview it is")),
    protect = shape.flag("it is never deleted, pruned or emptied"),
    prune = shape.list("what is deleted in it", PRUNE),
    puts = shape.list("its keys, by name", PUT),
  })
end


local INPUT = shape.named("input", shape.object("a variable", {
  default = { type = { "string", "number", "boolean", "null" }, description = "null: none, or a secret" },
  doc = shape.maybe(shape.text("what it is for")),
  given = shape.flag("it was given a value"),
  kind = shape.word("cfkv.var or cfkv.getenv", { "env", "var" }),
  name = shape.text("its name"),
  oneof = shape.list("the only values it takes; none: any", shape.text()),
  secret = shape.flag("it is never shown"),
  type = shape.word("what its value is read as", { "boolean", "duration", "integer", "number", "string", "time" }),
}))

local INPUTS = shape.list("what the configuration asks for", INPUT)


return {
  {
    name = "eval",
    about = "what a configuration declares",
    commands = { "eval" },
    shape = function(all)
      local place = { file = FILE, line = LINE }
      return shape.object("the evaluated configuration", {
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
        inputs = INPUTS,
        namespaces = shape.list("by account and address", namespace(all)),
        outputs = shape.map("values by name; ${ADDRESS.id} stands for an id that apply will know", {}),
        project = declared("cfkv.project", all.fields.project, {
          name = shape.maybe(all.fields.project.name),
        }),
        removed = shape.list("cfkv.removed", declared("one of them", all.fields.removed, place)),
        wrangler = shape.list("cfkv.wrangler", declared("one of them", all.fields.wrangler, place)),
      })
    end,
  },
  {
    name = "inputs",
    about = "the variables that a configuration declares",
    commands = { "inputs" },
    shape = function()
      return shape.object("the variables", {
        diagnostics = parts.diagnostics,
        format_version = parts.format_version,
        inputs = INPUTS,
      })
    end,
  },
}
