-- What is declared of a namespace and of a key, beside which one it is and what it holds: a row a field, in the
-- order in which they are told. Exports (export_extras) and imports (import.inventory and the readers) go by it,
-- so a new field is a row here.
--
-- A row is { name, kind, usual }: the kind is import.inventory's, false for what readers take apart; `usual` is
-- what goes without saying.

local attributes = {}

attributes.NAMESPACE = {
  { "app", "string" }, { "purpose", "string" }, { "env", "string" },
  { "ttl_seconds", "integer", 0 },
  { "description", "bytes" }, { "owner", "string" },
  { "binding", false }, -- a binding of its own
  { "jurisdiction", "line" }, { "mode", "line", "standard" },
  { "create_options", "table" },
  { "protect", "boolean", false }, { "on_remove", "string" }, { "create", "boolean", true },
  { "preview", "boolean", false },
  { "preview_of", false }, -- it comes with that one
  { "fingerprint", "boolean", false },
}

attributes.KEY = {
  { "expiration", "integer" }, { "expiration_ttl", "integer" },
  { "policy", "string", "managed" }, { "secret", "boolean", false },
}


-- Name → kind of the fields, and of `more`.
function attributes.kinds(rows, more)
  local kinds = {}
  for _, row in ipairs(rows) do
    kinds[row[1]] = row[2] or nil
  end
  for name, kind in pairs(more) do
    kinds[name] = kind
  end
  return kinds
end


-- Name → what `get(name, kind)` gives for each field.
function attributes.read(rows, get)
  local fields = {}
  for _, row in ipairs(rows) do
    if row[2] then
      fields[row[1]] = get(row[1], row[2])
    end
  end
  return fields
end


return attributes
