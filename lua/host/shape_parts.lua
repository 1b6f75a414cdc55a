-- Shapes that several documents have (host/schema/*.lua).

local shape = require "shape"

local parts = {}

parts.format_version = shape.constant(1, "raised when a reader of this version could not read the document")

parts.hash = "^[0-9a-f]{64}$"

parts.diagnostic = shape.named("diagnostic", shape.object("one problem, or what is good to know", {
  code = shape.text("what kind it is, in words that stay: \"key.duplicate\"; policies have names of their own",
    "^(policy\\.|[a-z]+(\\.[a-z0-9_]+)+$)"),
  column = shape.maybe(shape.count("where in the line, in characters from 1; null: the whole line")),
  file = shape.maybe(shape.text("the file it is in")),
  hint = shape.maybe(shape.text("what to do about it")),
  line = shape.maybe(shape.count("where in the file; 0: the whole file")),
  message = shape.text("what is wrong, for people"),
  severity = shape.word("errors stand in the way, warnings do not", { "error", "warning" }),
}))

parts.diagnostics = shape.list("what is wrong, and what is good to know", parts.diagnostic)

parts.accounts = shape.list("ids of the accounts it is about; none on the local store", shape.text())

parts.target = shape.word("the account, or the local store", { "cloudflare", "local" })

parts.account_id = shape.maybe(shape.text("the account it is in; null: the only one, or the local store"))

parts.address = shape.maybe(shape.text("what the configuration calls the namespace: \"app/purpose/env\""))

parts.id = shape.maybe(shape.text("the namespace's id; null until it is created"))

parts.summary = shape.named("summary", shape.object("how many there are of each action", {
  adopt = shape.count("namespaces that exist and come under management"),
  create = shape.count("namespaces that are created"),
  delete = shape.count("namespaces that are deleted"),
  delete_keys = shape.count("keys that are deleted"),
  forget = shape.count("entries of the state that are dropped while their namespaces stay"),
  outputs = shape.count("outputs that are added, changed or removed"),
  overwrite = shape.count("keys whose value cfkv did not write, and that get another one"),
  put = shape.count("keys that are written, without those that are overwritten"),
  rename = shape.count("namespaces that get another title"),
  unchanged = shape.count("what is as declared already"),
  update = shape.count("namespaces of which something else is recorded"),
  write = shape.count("files that are written"),
}))

-- ---- Values ---------------------------------------------------------------------------------------

-- Bytes that are no text.
parts.base64 = shape.object("bytes that are no valid UTF-8", { base64 = shape.text("the bytes, in base64") })

parts.key = shape.named("key", shape.either("the name of a key", { shape.text(), parts.base64 }))


local function only(word, doc)
  return shape.object(doc, { [word] = shape.constant(true, doc) })
end


parts.value = shape.named("value", shape.either("a value, or what may be told of it", {
  shape.text("the value"),
  parts.base64,
  shape.object("a value that is too long to be shown", {
    bytes = shape.count("its length"),
    sha256 = shape.text("its hash", parts.hash),
  }),
  only("secret", "it is a secret, or looks like one"),
  only("known_after_apply", "it names an id that apply will know"),
}))

parts.metadata = shape.any("the key's metadata: any JSON; {\"sha256\": …} where it is not known otherwise")

parts.expiration = shape.integer("when the key expires, in seconds since 1970")

-- What a key has, or is to have. Of what is to go the value is not told.
parts.content = shape.named("content", shape.object("what a key has", {
  bytes = shape.optional(shape.count("the length of a value that is about to go")),
  expiration = shape.optional(parts.expiration),
  expiration_ttl = shape.optional(shape.integer("seconds it is to live from when it is written")),
  metadata = shape.optional(parts.metadata),
  value = shape.optional(parts.value),
}))


-- `members`, and the fields of a namespace that are `named`.
function parts.with_fields(members, all, named)
  for _, name in ipairs(named) do
    members[name] = all.fields.namespace[name]
  end
  return members
end


-- What the state records of a namespace, with further `members`.
function parts.record(all, members)
  members.on_remove = shape.word("what happens when its declaration goes away", { "delete", "keep" })
  members.protect = shape.flag("it is never deleted, pruned or emptied")
  members.title = shape.text("its title")
  return shape.object("what is recorded of a namespace", parts.with_fields(members, all, all.recorded))
end


return parts
