return {
  about = "the way to another tool, and what its format cannot say",
  text = [==[
`cfkv export --to TOOL` writes what is declared as another tool declares it,
with the ids that the state records, so that the tool takes over the
namespaces that are there instead of making new ones. Nothing is sent, and no
credentials are needed: what has no recorded id yet is told.

```sh
cfkv export --to terraform >main.tf.json
cfkv export --to pulumi -o infra --env prod
```

- terraform: one file in its JSON syntax, with an `import` block for each
  resource: `terraform apply` takes over;
- pulumi: Pulumi.yaml, and import.json for `pulumi import --file import.json
  --generate-code=false`;
- crossplane: manifests, with `crossplane.io/external-name`;
- planton: a manifest a file; above each stands what takes over.

What a tool has no word for (ttl_seconds, owner, expirations, policy) stands
where it does not look, in comments, annotations or a variable that nothing
uses, and `cfkv import` reads it back: exported and imported again, the
namespaces and keys are the same. Not so:

- values of secrets: only the key goes out, and Terraform and Pulumi ask for
  the value; values with an id in them that nothing has recorded yet;
- sources of `ns:bulk`, which are files of pairs already, and `ns:prune`;
- outputs, policies, inputs, `cfkv.wrangler`, `cfkv.removed`, and of
  `cfkv.project` all but its name and account: an environment that it
  protects is `protect = true` on each namespace, and a namespace has the id
  of its account, not its name; `renamed_from`;
- the loops: what is declared is written out.

Values that are no text are for cfkv alone: no other tool writes them. Planton
has neither titles of more than 64 characters nor empty values. Each export
tells what of all this concerns it.

Before the other tool manages them, cfkv lets go: `cfkv state rm ADDRESS`
forgets a namespace and leaves it as it is.
]==],
}
