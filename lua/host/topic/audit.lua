return {
  about = "what each namespace of an account is, and what to do about it",
  text = [==[
`cfkv audit` lists every namespace of the account, with a configuration or
without: in a folder that has no kv.lua (and none above) it takes the
credentials' account, or the local store with `--local`. It reads what lies
below the project root, or below the current folder: the wrangler configs that
people edit (not what build tools make), and the states of other projects
(NAME.state.json beside NAME.lua). It changes nothing.

  managed    the state of this configuration records it
  declared   it is declared; the next `cfkv apply` takes it under management
  adoptable  nothing declares it, and a wrangler config binds it: `cfkv import
             apps/api/wrangler.toml` writes what declares it
  foreign    the state of another project records it; which one stands below
  orphan     none of these. Without a configuration: nothing binds or records
             it. `cfkv import --match 'shop-*'` takes such ones, `cfkv kv
             namespace delete` ends them
  gone       the state records it, and it is no longer there: the next apply
             creates it anew, empty
  missing    it is declared, and not created yet
  stale      a wrangler config holds an id (32 hex digits) that no namespace of
             the account has; a Worker with it does not deploy. A placeholder
             is not stale. What is gone is stale too where a config names it

Besides, a namespace may be

  misnamed   its title does not follow the `naming` of the project, where that
             is used. Without a configuration the template that nearly all
             titles follow is told, and nothing is called misnamed
  no-expiry  with `--ttl`: it has a default ttl, recorded or declared, and keys
             without an expiration; how many, and the first five

`--keys` counts the keys of every namespace and tells when the first of them
expires; `--ttl` alone lists the keys only where there is a default ttl. Keys
are listed page by page (1,000 a request, a namespace at least one), nothing
of them is kept, and no value is read. What that takes is told first.

`--fail-on orphan,stale` exits with 2 when there is a namespace of these words,
once everything is printed: for a nightly job. `--env` and `--only` narrow what
is listed; ids that are stale are then left out.

`--format html` is one page for a browser: it sorts, filters and opens what is
behind a row, prints well, and is dark where the browser is. It asks nobody for
anything, and titles, descriptions and paths are only text in it, whatever
they say; letters that are not seen or that turn others around are named.
`--format markdown` is a table for an issue or a wiki, `--json` (`--format
json`) for programs: `cfkv schema audit`. Nothing in any format has a clock:
the same account gives the same bytes.

```
cfkv audit --local --keys --fail-on stale
```
]==],
}
