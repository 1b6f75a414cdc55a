return {
  about = "the variables that are read, besides credentials",
  rows = "ENVIRONMENT",
  text = [==[
Credentials and the account are in `cfkv help account`, those of the host of a
remote state in `cfkv help state-credentials`. Of the rest:

  CFKV_VAR_NAME             the value of cfkv.var("NAME") unless `--var` gives
                            it; what cfkv.getenv asks for has the name that it
                            says
  CFKV_SERVE_TOKEN          the one token that `cfkv serve` accepts
  CLOUDFLARE_ENV            the environment of the wrangler config that
                            `--binding` is looked up in, unless `--env` says
  CI                        true: values that cfkv did not write are not shown
                            in plans (`--show-values`)
  GITHUB_ACTIONS            true: diagnostics are annotations, and what people
                            read is no command to the runner
  GITHUB_STEP_SUMMARY       where `--format github` writes its summary
  NO_COLOR, TERM            no colour where the one has any value, or the other
                            is "dumb"
  COLUMNS                   the width of what is no terminal
  HOME                      configurations above it are not looked for
  XDG_CONFIG_HOME           your own settings are in cfkv/config below it
                            (default: ~/.config)
  XDG_STATE_HOME            backups of work outside of a project are kept below
                            it, in cfkv/backups (default: ~/.local/state)
  TMPDIR                    where a plan puts what it must keep until its end
  HTTPS_PROXY, NO_PROXY     as curl has them
  SOURCE_DATE_EPOCH         the date of the manual page that `help --man`
                            prints

One that is set but empty counts as not set. What a file of `--env-file` may
give are credentials, the account and what cfkv.getenv asks for, nothing else.
]==],
}
