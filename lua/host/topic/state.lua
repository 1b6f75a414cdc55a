return {
  about = "cfkv's files, finding kv.lua; the state of a team: which service, what protects what",
  rows = "FILES",
  text = [==[
  kv.lua                    the configuration, here or nearest above; `-f
                            FILE` names another. Files are read below its
                            folder (`--root`) only
  kv.state.json             what cfkv knows of the account, with mode 0600; a
                            link is followed; `--state PATH` names another.
                            Not where it is on a service (below)
  kv.state.json.journal, .lock
                            what an apply has done so far, folded in at its
                            end; one writer at a time
  wrangler.toml, .json, .jsonc
                            yours; cfkv writes the bindings that are declared
  .wrangler/state/v3/kv/    the local store, wrangler's own: beside each
                            wrangler config, else beside `kv.lua`
  .wrangler/state/v3/cfkv.sqlite
                            what cfkv knows of it: titles, ids, folders, and
                            the local state
  .cfkv/resume/*.jsonl      how far an interrupted `kv bulk put`, `restore` or
                            `copy` came
  .cfkv/state.json          where the state is, when it is on a service: for
                            commands that evaluate nothing, as the kv verbs
  .cfkv/state/              what belongs to such a state on this machine: what
                            was read last, what is still to be written there
  .cfkv/backups/*.jsonl     for each namespace one header line, one line a key
                            in wrangler's bulk format, a checksum

Without `-f` and without a `kv.lua` in the current folder the nearest above it
is taken, up to the repository's root (the folder with `.git`), else up to
your home, and never from another file system. One that belongs to neither you
nor root, or that everybody may write, is refused by name; one from above
stands in the first line of output, and `apply` and `destroy` with `--yes`
want it named (`-f`, `-C`). The `kv` verbs find their project the same way: in
`apps/api`, `--binding CONFIG` is as protected, and its keys get the same
`ttl_seconds`, as where `kv.lua` lies.

A state holds addresses, ids and salted digests of what was written, never a
value. Losing it is survivable: what is declared is then adopted, nothing is
deleted, and plan, apply and drift say that there is none; `destroy` lists
what exists of what is declared and exits 5. A configuration that names no
project is refused where the state names one, so that an emptied file deletes
nothing.

Its format is version 2. A state of version 1 is read, and the first run that
writes it makes it version 2 and says so; an older cfkv refuses that.

Two people's states merge where what they changed are not neighbours. `cfkv
state merge` merges record by record, and names what both changed. `cfkv init`
writes the first of these lines; the second is for each clone:

```
echo '*.state.json merge=cfkv' >>.gitattributes
git config merge.cfkv.driver 'cfkv state merge %O %A %B'
```

Several people, or a pipeline with fresh disks, keep the state on a service:

  cfkv.project { name = "shop", state = "s3://team-states/shop/kv.json" }

  Cloudflare R2     s3://BUCKET/KEY with `endpoint =
                    "https://ACCOUNT_ID.r2.cloudflarestorage.com"`. It has
                    conditional writes. `wrangler r2 bucket create` makes the
                    bucket; an API token that may write it is enough. R2 has
                    to be enabled (card), and this costs nothing there
  own Worker        https://HOST/PROJECT/NAME: examples/state-worker, a Worker
                    with a Durable Object. Fits the free plan; its locks
                    expire, and it keeps the last versions
  GitLab, Gitea     https://HOST/api/v4/projects/ID/terraform/state/NAME, as
                    Terraform has it: TF_HTTP_ADDRESS, TF_HTTP_USERNAME,
                    TF_HTTP_PASSWORD; in a job gitlab-ci-token and
                    CI_JOB_TOKEN
  S3 elsewhere      s3://BUCKET/KEY: AWS, Ceph, MinIO. One that ignores
                    conditions is found before the first write, and refused
  Workers KV        never: what is read there may be a minute old

`state` is a URL or a table with it (`cfkv help lua cfkv.project`), `--state
URL` names one for one command, and `cfkv help state-credentials` says which
credentials its host gets: no others.

  cfkv state move URL       takes the state there, from the file or from
                            another service, reads the copy back, and marks
                            the old one; `state move kv.state.json` brings it
                            back
  cfkv state pull, push     read it whole; put it back, if nobody wrote since
  cfkv state unlock         frees the lock of a run that is gone

What protects what:

- On S3 no write replaces what its writer has not read (`If-Match`), so that a
  lock that was lost, or freed by force, lets no stale writer win. The lock is
  a lease in the document itself: renewed each 20 seconds, over after 60. An
  apply is 3 requests, one that does nothing, and a plan, 1.
- Over https a lock is required, taken before the state is read. Where the
  service gives an ETag, or refuses a repeated serial as GitLab does, that is
  checked at each write, too; else lineage and serial are read again before
  it, and `cfkv doctor` says that the lock alone protects the state.
- Locks of services that know no end stay when a runner is killed: `cfkv state
  unlock` says whose it is. `--lock-timeout 10m` waits for one.
- Plans take no lock. Who lost his lock stops before the next operation.

When the network fails: what a run did is in a journal here, fsynced, before
the next thing is done; what could not be written to the service is kept, the
run says so and exits 4 or 75, and the next command that opens the state, or
`cfkv state push`, finishes it. If the disk goes with the runner, the service
has what it was about to do, and the next apply anywhere recognises that.

An address that changed is refused with both ones, unless the old place was
marked by `state move`, and so is a kv.state.json beside a state on a service:
two states would each lack what the other has. A folder with kv.lua that has
neither is none of a project's for the `kv` verbs: nothing is known to be
protected there. `cfkv plan` once, and they know.
]==],
}
