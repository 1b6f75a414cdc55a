return {
  about = "credentials, what is sent when, rates and failures",
  rows = "ENVIRONMENT",
  text = [==[
Without `--local` a command works on the account that the credentials in the
environment are for. There is no falling back: without credentials and without
`--local` it refuses, and says both ways out. wrangler is the other way round:
its `kv` commands work on the local store unless `--remote` is given, cfkv's
on what the credentials are for unless `--local` is. The first line of a plan,
every question and every result say which one it is: `account ID (Name)` or
`the local store`.

  CLOUDFLARE_API_TOKEN      a token that may edit Workers KV Storage ("Read"
                            is enough for `plan`, `drift` and `audit`)
  CLOUDFLARE_API_TOKEN_FILE
                            a file that holds it, instead
  CLOUDFLARE_API_TOKEN_NAME that of the account which the project calls so
  CLOUDFLARE_API_KEY, CLOUDFLARE_EMAIL
                            the global key, when there is no token
  CFKV_CREDENTIALS_COMMAND  a program that prints the token, when none of
                            these is set: `wrangler auth token --json`
  CLOUDFLARE_ACCOUNT_ID     the account; not needed when the project says
                            `account_id`, or when the token sees only one
  CLOUDFLARE_API_BASE_URL   another API, such as the emulator; plain http only
                            to loopback

`--env-file .env` reads these from a file (dotenv's rules, as wrangler has
them), and what `cfkv.getenv` asks for; the environment wins where it is not
empty, a later file over an earlier one. The base URL, proxies, programs
and what a loader reads are never taken from a file, and no file is read
unasked. A
credential that names another variable (`$NAME`) is refused: write `\$` for a
dollar.

A program that prints the token keeps it out of files and of the environment
of every shell. It is named by CFKV_CREDENTIALS_COMMAND, or for good by you in
~/.config/cfkv/config (XDG_CONFIG_HOME says another place than ~/.config),
never by a project:

  credentials_command = "wrangler auth token --json"

Its words stand between blanks, quotes mean nothing, and no shell is asked; so
`op read op://work/cloudflare/token` works as it stands, and what needs more is
a script of yours. It is run once a command, and only where the account is
asked; it has 30 seconds, sees your environment but for cfkv's own variables,
and says on stderr what it has to say. It prints the token alone, or what
wrangler prints. That file is refused when it belongs to neither you nor root,
or when your group or others may write it. wrangler's own login is not read:
its token ends after an hour, and whoever renews it beside wrangler logs that
out.

`cfkv doctor` says which of these counts and where it comes from, whether the
token is valid and until when, what it may do and in which account, and looks
at the rest that a run depends on: configuration, state and lock, the config
that wrangler reads, the local store, the clock. It changes nothing, and exits
with 1 when something is wrong.

A project may have several accounts. `cfkv.project` names them, `account` of a
namespace (or of the `defaults`) says which one it lives in:

  cfkv.project { name = "shop", accounts = { prod = "ID", staging = "ID" } }
  cfkv.namespace { title = "shop-cache", account = "prod" }

The token in CLOUDFLARE_API_TOKEN_PROD then goes with the requests of that
account and with no other's (the name in capitals, with `_` for all but
letters and digits); accounts without one use the common credentials. Where
several accounts are in play an address is written `prod:shop/cache/prod`, or
with the account's id, and may be given so wherever an address is: to `state`,
`--only`, permissions, `kv`, `backup`, `restore`, `copy`, `cfkv.removed` and
`renamed_from`. A title that reads so as a whole comes first.

```
cfkv plan  # what would change, and how many requests and billed operations it takes
cfkv apply  # shows it, asks, does it, and records the ids in kv.state.json
```

examples/account does so against the emulator; its `run` needs no account. The
state, `kv.state.json`, holds ids and salted digests, no values and no
credentials; keep it with the configuration, or where your CI can lock it. No
token is ever printed, logged (`--verbose`) or written anywhere; redirects are
not followed, and certificates are verified. What the host of a remote state
gets is in `cfkv help state-credentials`.

What is sent when. One listing shows up to 1,000 namespaces; keys are listed
(1,000 a request) only for namespaces that declare keys, and values are read
(100 a request) only for keys that are declared `managed`. `--refresh keys`
reads no values, `names` lists no keys, `none` sends nothing. Then one request
creates, renames or deletes a namespace, and one carries up to 10,000 pairs
(about 8 MiB), or one value of a MiB or more. The plan's last line says how
many requests `apply` will take.

Listings are not believed twice. A listing that holds fewer namespaces than it
counts is taken again after a second, twice; stays it short, nothing is
forgotten, called deleted or deleted in that run, while creates and puts go
on, and the exit code is 4 where something was left alone. What a listing
lacks and the state records is read by its id before it is called deleted, up
to 20 of them; more than that is a guard. Pages that bring nothing new, keys
out of their order and ids that are none are errors. `drift` and `audit`
believe by the same rule.

Rates and failures. Cloudflare allows 1,200 requests in 5 minutes, for
everything that uses the same credentials; cfkv counts its own, by token,
believes what the answers say is left, slows down from half of it on, and
never asks earlier than a `Retry-After` allows. `--rate 300/300` leaves more
to others; `--jobs N` is how many requests are in flight; without it 8, and up
to 32 while answers come quickly and the budget lasts, fewer again after a 429
or 5xx. What is safe to repeat is repeated, with growing pauses, for up to 15
minutes: lost connections, 408, 429, 5xx. A create whose answer is lost is
looked up rather than sent twice. Keys that the service names as not written
are sent again, and if they stay refused they are listed, and the exit code is
4. A run that failed or was killed is finished by the next one.
]==],
}
