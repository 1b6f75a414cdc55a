return {
  about = "the emulator: clients, faults, safety",
  text = [==[
`cfkv serve` is Cloudflare's Workers KV REST API on your own machine: its
endpoints, limits, error codes and pages. Any Cloudflare client can be pointed
at it: wrangler, the SDKs, your own scripts and tests. It serves the local
store of the project, so it shows what `apply --local` put there.

```sh
cfkv serve --port 0 --quiet >url &  # 0: any free port; without --port it is 8788
until [ -s url ]; do sleep 0.1; done  # the URL is printed once it listens
export CLOUDFLARE_API_BASE_URL=$(cat url) CLOUDFLARE_API_TOKEN=any
export CLOUDFLARE_ACCOUNT_ID=cf000000000000000000000000000001
curl -sf -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" \
  "$CLOUDFLARE_API_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/storage/kv/namespaces" | jq '.result'
kill $!
```

With `--memory` it starts empty and leaves nothing behind; with `--discard` it
forgets what is written, for benchmarks. `--rate 1200/300` refuses what is
above the service's own rate, `--latency MS` is the network, and `--faults
FILE` makes requests fail, hang, come back cut or half-done, and listings
short, stale or endless: src/serve/faults.h describes the file. Each request
is one line of JSON on stderr; credentials and values are not in it.

It listens on 127.0.0.1, wants a credential with each request but takes any,
and refuses requests from foreign web pages and those that can be read in two
ways (two lengths, two hosts). A connection that does nothing is closed after
30 s, earlier when there are many. With a token of your choice in
`CFKV_SERVE_TOKEN` it takes only that one, and may listen elsewhere
(`--address`).
]==],
}
