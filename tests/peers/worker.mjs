// What the tests ask of a running `wrangler dev`: a binding, over HTTP.
//
//   GET /ready                    always ok
//   GET /value?key=K              the bytes, metadata as JSON in the header x-metadata; 404 when absent
//   PUT /value?key=K              stores the body; metadata and expiration_ttl from the query
//   GET /keys?prefix=P            every key as list() shows it
//
// Each takes binding=NAME; without it the binding is KV.

async function allKeys(kv, prefix) {
  const keys = [];
  let cursor;
  do {
    const page = await kv.list({ prefix, cursor });
    keys.push(...page.keys);
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor);
  return keys;
}

async function getValue(kv, key) {
  const { value, metadata } = await kv.getWithMetadata(key, { type: "arrayBuffer" });
  if (value === null) return new Response("absent", { status: 404 });
  return new Response(value, { headers: { "x-metadata": encodeURIComponent(JSON.stringify(metadata)) } });
}

async function putValue(kv, key, body, query) {
  const metadata = query.get("metadata");
  const ttl = query.get("expiration_ttl");
  await kv.put(key, body, {
    metadata: metadata === null ? undefined : JSON.parse(metadata),
    expirationTtl: ttl === null ? undefined : Number(ttl),
  });
  return new Response("stored");
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ready") return new Response("ready");
    const kv = env[searchParams.get("binding") ?? "KV"];
    if (pathname === "/keys") return Response.json(await allKeys(kv, searchParams.get("prefix") ?? ""));
    const key = searchParams.get("key");
    if (request.method === "PUT") return putValue(kv, key, await request.arrayBuffer(), searchParams);
    return getValue(kv, key);
  },
};
