return {
  about = "how to read a plan, and its formats",
  text = [==[
A plan says first where it would be applied, then what changes, then what it
comes to and costs:

    ~ put 'flags' in 100 namespaces: limits.per_minute 60 -> 90  (…)
        shop-config-1, shop-config-2, shop-config-3 and 97 more

    shop/config/prod (shop-config-prod)
      + create  (no namespace of that title exists)
      ! overwrite 'page'  (cfkv did not write it)
          @@ -2,3 +2,3 @@
            <h1>Shop</h1>
          - <p>old</p>
          + <p>new</p>
          metadata:
          ~ owner: "a" -> "b"
          expires: in 5 h (2026-11-30 15:50 UTC) -> never

- `+` is new, `~` changes, `-` goes, `=` comes under or leaves management
  without a change, and `!` writes over what cfkv did not write. The words in
  brackets say why.
- JSON is compared by path, text of several lines by lines, other values by
  size and hash. Secrets are never shown. Metadata and expiry stand there only
  where they change.
- What changes alike in at least four namespaces stands there once, in front.
  Of a namespace 20 keys are shown, and as many that are lost, of all
  namespaces 1,000 that lose nothing; `--verbose` shows everything,
  `--summary` a line an environment.
- Times are a terminal's own on a terminal, UTC elsewhere.

`--format` of `plan`, `drift` and `validate` takes

- `text`, the default, and `json` (`--json`), a stable document for programs;
- `markdown`, the comment of a pull request: a table of the environments, and
  a folded diff of each, cut to the 65,000 characters of a comment;
- `github`, the text, annotations of what is wrong at file and line, and the
  markdown in the step summary, where `GITHUB_STEP_SUMMARY` names its file;
- `gitlab`, the `terraform` report that a merge request shows (of `validate`
  the `codequality` report).

Where others may read it (these three formats, and text where `CI` is set)
values that cfkv did not write are told by size and hash; `--show-values`
shows them.

Under GitHub Actions text for people stands between `::stop-commands::` and
its end, so that no title or value is a command of the log, and annotations
come unasked. JSON has `##[` as `\u0023#[` there. Raw values (`kv key get`,
`output NAME`) are as they are.

`plan --out FILE` saves a plan, without values, and says how to apply it;
`apply --plan FILE` refuses when anything it was made of has moved since.
]==],
}
