// The official SDK talks to `cfkv serve` as it would to Cloudflare.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";

import { AWKWARD, show } from "./support.mjs";
import { ACCOUNT, Emulator, TOKEN } from "./emulator.mjs";

const require = createRequire(new URL("./package.json", import.meta.url));
const Cloudflare = require("cloudflare");

let emulator, client;

function connect(to) {
  return new Cloudflare({ apiToken: TOKEN, baseURL: to.url, maxRetries: 2 });
}

before(async () => {
  emulator = await Emulator.start();
  client = connect(emulator);
});

after(() => emulator?.[Symbol.asyncDispose]());

async function collect(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

// The parameters of a call on one namespace.
function on(namespace_id, more) {
  return { account_id: ACCOUNT, namespace_id, ...more };
}

async function namespace(title) {
  return (await client.kv.namespaces.create({ account_id: ACCOUNT, title })).id;
}

async function bytes(id, key) {
  const r = await client.kv.namespaces.values.get(key, on(id));
  return Buffer.from(await r.arrayBuffer());
}

describe("the SDK's namespaces", () => {
  it("are created, read, renamed, listed over pages and deleted", async () => {
    const kv = client.kv.namespaces;
    const ids = [];
    for (let i = 0; i < 25; i++) ids.push(await namespace(`sdk-${i}`));
    assert.equal((await kv.get(ids[3], { account_id: ACCOUNT })).title, "sdk-3");
    const renamed = await kv.update(ids[3], { account_id: ACCOUNT, title: "renamed" });
    assert.equal(renamed.title, "renamed");
    const listed = await collect(kv.list({ account_id: ACCOUNT, per_page: 10, order: "title" }));
    assert.deepEqual(listed.map((ns) => ns.id).sort(), ids.sort());
    for (const id of ids) await kv.delete(id, { account_id: ACCOUNT });
    assert.deepEqual(await collect(kv.list({ account_id: ACCOUNT })), []);
  });

  it("have a jurisdiction, or a mode, from their creation on", async () => {
    const kv = client.kv.namespaces;
    const made = [];
    for (const kind of [{ jurisdiction: "eu" }, { jurisdiction: "fedramp" }, { mode: "instant" }, {}])
      made.push(await kv.create({ account_id: ACCOUNT, title: `kind-${made.length}`, ...kind }));
    assert.deepEqual(made.map((ns) => [ns.jurisdiction, ns.mode]),
      [["eu", undefined], ["fedramp", undefined], [undefined, "instant"], [undefined, undefined]]);
    assert.equal((await kv.update(made[0].id, { account_id: ACCOUNT, title: "renamed" })).jurisdiction, "eu");
    const listed = await collect(kv.list({ account_id: ACCOUNT, order: "title" }));
    assert.deepEqual(listed.map((ns) => ns.jurisdiction ?? ns.mode), ["fedramp", "instant", undefined, "eu"]);
    await assert.rejects(kv.create({ account_id: ACCOUNT, title: "no", jurisdiction: "mars" }), { status: 400 });
    await assert.rejects(kv.create({ account_id: ACCOUNT, title: "no", mode: "instant", jurisdiction: "eu" }),
      { status: 400 });
    await assert.rejects(kv.keys.bulkUpdate(made[2].id, { account_id: ACCOUNT, body: [{ key: "a", value: "b" }] }),
      { status: 400 });
    for (const ns of made) await kv.delete(ns.id, { account_id: ACCOUNT });
  });

  it("fail with the service's codes", async () => {
    const id = await namespace("twice");
    await assert.rejects(namespace("twice"), (error) => {
      assert.equal(error.status, 400);
      assert.equal(error.errors[0].code, 10014);
      return true;
    });
    await client.kv.namespaces.delete(id, { account_id: ACCOUNT });
    await assert.rejects(client.kv.namespaces.get(id, { account_id: ACCOUNT }), { status: 404 });
  });
});

describe("the SDK's values", () => {
  let id;

  before(async () => {
    id = await namespace("values");
  });

  for (const { key, value } of AWKWARD)
    it(`are the same bytes under ${show(key)}`, async () => {
      const file = new File([value], "value");
      await client.kv.namespaces.values.update(key, on(id, { value: file }));
      assert.deepEqual(await bytes(id, key), value);
      assert.deepEqual(await emulator.value(id, key), value);
      await client.kv.namespaces.values.delete(key, on(id));
      await assert.rejects(bytes(id, key), { status: 404 });
    });

  it("have metadata and expiry", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 86_400;
    const value = { value: "v", metadata: '{"a":[1,null]}', expiration };
    await client.kv.namespaces.values.update("meta", on(id, value));
    assert.deepEqual(await client.kv.namespaces.metadata.get("meta", on(id)), { a: [1, null] });
    const [key] = await collect(client.kv.namespaces.keys.list(id, { account_id: ACCOUNT }));
    assert.deepEqual(key, { name: "meta", expiration, metadata: { a: [1, null] } });
  });
});

describe("the SDK's bulks", () => {
  it("put, list over pages, get and delete", async () => {
    const id = await namespace("bulks");
    const body = Array.from({ length: 95 }, (_, i) => ({ key: `k${i}`, value: `${i}`, metadata: { i } }));
    const put = await client.kv.namespaces.bulkUpdate(id, { account_id: ACCOUNT, body });
    assert.deepEqual(put, { successful_key_count: 95, unsuccessful_keys: [] });

    const keys = await collect(client.kv.namespaces.keys.list(id, { account_id: ACCOUNT, limit: 10 }));
    assert.deepEqual(keys.map((key) => key.name), body.map((pair) => pair.key).sort());

    const got = await client.kv.namespaces.bulkGet(id, {
      account_id: ACCOUNT,
      keys: ["k7", "none"],
      withMetadata: true,
    });
    assert.deepEqual(got.values, { k7: { value: "7", metadata: { i: 7 } }, none: null });

    const deleted = await client.kv.namespaces.bulkDelete(id, {
      account_id: ACCOUNT,
      body: body.map((pair) => pair.key),
    });
    assert.equal(deleted.successful_key_count, 95);
    assert.deepEqual(await collect(client.kv.namespaces.keys.list(id, { account_id: ACCOUNT })), []);
  });
});

describe("the SDK's other calls", () => {
  it("find the account and verify the token", async () => {
    assert.deepEqual((await collect(client.accounts.list())).map((account) => account.id), [ACCOUNT]);
    assert.equal((await client.user.tokens.verify()).status, "active");
  });
});

describe("faults, as the SDK sees them", () => {
  it("are tried again when they may pass", async () => {
    await using broken = await Emulator.start({
      faults: {
        rules: [
          { match: { endpoint: "namespace_create", nth: 1 }, fault: "status", status: 429, code: 971, retry_after: 0 },
          { match: { endpoint: "namespace_create", nth: 2 }, fault: "reset" },
        ],
      },
    });
    const made = await connect(broken).kv.namespaces.create({ account_id: ACCOUNT, title: "third time" });
    assert.equal(made.title, "third time");
    assert.deepEqual(broken.requests.map((r) => r.status), [429, 0, 200]);
  });
});
