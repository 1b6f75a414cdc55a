return {
  about = "of evaluation and of Workers KV",
  text = [==[
Evaluation ends after 10 seconds, 500 million instructions or 256 MiB
(`--eval-seconds`, `--eval-instructions`, `--eval-memory`), and reaches no
network, clock, shell or file outside the project. Keys up to 512 bytes,
values up to 25 MiB, metadata up to 1,024 bytes, expiry at least 60 seconds
ahead, 1,000 namespaces an account: Cloudflare's limits are checked before
anything is done. Where Cloudflare lets your account have more namespaces, say
so: `cfkv.project { name = "shop", limits = { namespaces = 2000 } }`. Since
deletes come last, a plan that replaces namespaces of a full account is refused;
`renamed_from` needs no room, and `cfkv apply --only OLD` deletes first.

What a plan says that it costs is what the whole `apply` sends: to look, then to
act, backups included, and the time that takes at the rate of this run with what
is left of the 1,200 requests that Cloudflare allows in 5 minutes. It is exact,
unless it says "at least": values that are no text take a request each to back
up, and where more than 1,000 are to go a plan does not read them to find out.
]==],
}
