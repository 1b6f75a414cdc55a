return {
  about = "JSON for programs, and JSON Schema of it",
  text = [==[
With `--json` a command prints one document on stdout, and nothing else;
messages for people stay on stderr. A command that fails prints its document
as far as it came (`apply`, `kv bulk put`, …), else `diagnostics`: a program
always has something to read, also of a command line that is wrong. `eval` and
`kv bulk get` print JSON unasked.

`cfkv schema DOCUMENT` prints what a document is made of, as JSON Schema
(2020-12); without DOCUMENT it lists them. The name of a command does, too.

```sh
cfkv schema                                   # all there are
cfkv schema plan >plan.schema.json            # for a validator, an editor
cfkv schema destroy | jq -r '."$id"'          # what apply prints, too
cfkv plan --local --json | jq -e '.summary.delete == 0'
```

- Objects are closed: a member that the schema does not know is not there. All
  members are there; `null` says that something has none. Those that may be
  missing are not under `required`.
- `format_version`, and the number at the end of `$id`, is raised when a
  reader of this version could not read the document. New members come without
  that: read a document with the schema of the cfkv that printed it.
- `code` of a diagnostic stays; its message may be worded anew.
- Bytes that are no UTF-8 are `{"base64": …}`. Numbers and metadata are as the
  service has them.

`cfkv schema bulk` is for files that you write: what `kv bulk put` and
`cfkv.source.json` read, with its limits, durations and times. An editor checks
such a file while it is written:

    "json.schemas": [{ "fileMatch": ["seed/*.json"], "url": "./bulk.schema.json" }]

`cfkv schema state` is the state file, as this version writes it. `cfkv help
--json` has all commands with their options, the exit codes, the fields of
every table and what there is in Lua.
]==],
}
