return {
  about = "cfkv run, and the live calls of a script",
  text = [==[
`cfkv run SCRIPT [ARGS…]` runs a Lua script that works on the target at once,
without a plan:

```lua
local cfkv = require "cfkv"

local ns = assert(cfkv.namespace.get "shop-config-dev")
local i = 0
local result = assert(cfkv.bulk.put(ns, function()  -- or an array, or a source
  i = i + 1
  if i <= 3 then return { key = "stock/" .. i, value = { left = 10 * i } } end
end))
for key in cfkv.key.list(ns, { prefix = "stock/" }) do -- pages by itself
  print(key.key)
end
print(result.written, #result.failed)
```

`cfkv run --dry-run` writes nothing and shows what would be written: how many
keys of which namespace are new, changed and deleted, and the first of them
with their values; for that, what is there under these keys is read. What the
script reads is as it would be then. Only what goes through cfkv is held back:
what it does with `io` and `os` is done.

Files are read row by row (products.lua), and judged as a whole before the
first row is given:

```lua
local cfkv = require "cfkv"

for row, line in cfkv.rows.csv("products.csv", {   -- quotes, CRLF and gzip too
  delimiter = ";", decimal = ",", columns = { Artikel = "sku" },
  types = { price = "number", stock = "integer" }, -- else text
}) do
  print(line, row.sku, row.price * row.stock)
end
```

```sh
cfkv run seed.lua --local
cfkv run products.lua --local
cfkv run seed.lua --local --dry-run
```

Types are integer, number, boolean, json, duration and time (both give seconds).
`cfkv.rows.jsonl(path)` gives the objects of JSON Lines, `cfkv.rows.dir(path)`
the files of a folder as `{ key = …, value = … }`. A relative path is looked
up from the script's folder; "-" is standard input.

`cfkv.migrate` changes the shape of keys and values in named steps, once each:
what was done is recorded in the namespace (cfkv/migrations/NAME), one runner
works at a time (exit code 75 where another does), and a run that was killed is
run again. See examples/migrate.

Expected failures are `nil, err` (`err.code`, `err.message`, `err.hint`);
misuse raises at your line. Writes and deletions that failed and that the
script did not look at are counted in a last line on stderr, with the place of
the first; `--strict`, or `cfkv.strict()`, makes expected failures raise. What
is deleted is guarded and backed up as it is at the terminal: `err.code` is
`"guard"`, and `cfkv.key.delete`, `cfkv.bulk.delete` and
`cfkv.namespace.delete` take `{ allow_data_loss = true, allow_mass_delete =
true, backup = false }` and give the path of the backup; puts take `{ backup =
true }`. Scripts have Lua's libraries, `io` and `os` among them, and `cjson`
(which rounds numbers to 14 digits; `cfkv.json` keeps them or refuses);
evaluated configurations have not. Of `debug` there is `traceback` and
`getinfo`, of `package` only `loaded`: `require` finds modules below the
script's folder (`--root`), and cfkv's own. `require "cfkv.matrix"` (app x
purpose x env), `"cfkv.naming"` and `"cfkv.versioned"` (values with a version
and a time, to detect stale reads) serve both. See examples/seeding,
examples/versioned and examples/matrix.
]==],
}
