return {
  about = "pipelines: what they run, what exit codes ask of them, where state and backups are",
  text = [==[
`cfkv init --ci github` and `--ci gitlab` write a pipeline; examples/ci has both
with a project. A test runs them from a first commit to a second one, each job
on a fresh disk. What each job does:

  pull request         cfkv plan: log with annotations, summary, one comment
  one from a fork      cfkv validate only, and it says so: forks get no secrets
  merged               cfkv apply, then the Worker (./deploy, else wrangler)
  each morning         cfkv drift; cfkv sweep for closed pull requests

What an exit code asks of a pipeline:

  0    go on
  1    look at it: credentials, the service, a file that cannot be written
  2    nothing failed: there are differences. plan --detailed-exitcode: show
       them; drift: tell somebody; wrangler --check: run cfkv wrangler, commit
  3    the configuration or an input file is wrong: fail the pull request
  4    applied in part: run the same job again, it goes on from there. Do not
       deploy
  5    refused: by a guard, a stale plan, or nobody was there to say yes. Again
       will not help: the hint says what to write into the reviewed file
       (cfkv.removed), or which option is missing
  64   the command line is wrong
  75   somebody else holds the state, or it is out of reach: the same again
       later. `--lock-timeout 10m` waits by itself
  130  cancelled: what was done is recorded, the next run goes on

- The state is on a service that every runner reaches (`--state`, or `state` in
  cfkv.project): s3://BUCKET/NAME.json in a bucket of R2, or https:// of GitLab
  or of examples/state-worker. Two runs at once are told apart by it: the later
  one waits, or plans again. A kv.state.json of before goes there once, by cfkv
  state move URL, and out of git: beside the other one the pipelines refuse it.
- Plans take no lock and write nothing: give them a token and a key that only
  read. Those that write belong to an environment which only the default branch
  may use. On GitHub never pull_request_target, which gives secrets to the code
  of a fork.
- A run that is repeated a week later applies what is newest on the branch, not
  what it had then.
- Backups in .cfkv/backups die with the runner, and hold values: a private
  project keeps them as artefacts for seven days, a public one copies them into
  the bucket of the state. Where there is neither, the pipeline refuses what
  would need one (exit 5) instead of doing it unsaved.
- Nothing asks in a pipeline: `--yes` answers the question, and permits nothing
  that a guard refuses.
- What a plan shows of values that cfkv did not write is their size and a hash
  where CI is set; `--show-values` shows them.
- The ids of namespaces are in the state, so wrangler's config need not be in
  git with them: apply fills them in before the deploy, or a script makes the
  config of `cfkv output --format json` as examples/ci does.
- An environment for each pull request: `cfkv help pull-requests`.
]==],
}
