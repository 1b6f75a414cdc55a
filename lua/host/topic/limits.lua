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
]==],
}
