// Real wrangler talks to `cfkv serve` as it would to Cloudflare.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { AWKWARD, MIB, Project, show } from "./support.mjs";
import { Emulator } from "./emulator.mjs";

const SOON = Math.floor(Date.now() / 1000) + 86_400;

let emulator, p;

before(async () => {
  emulator = await Emulator.start();
  p = new Project();
  Object.assign(p.env, emulator.env);
});

after(async () => {
  p?.[Symbol.dispose]();
  await emulator?.[Symbol.asyncDispose]();
});

// `wrangler kv key VERB … --remote` on one namespace.
function key(id, verb, ...args) {
  return p.wrangler("kv", "key", verb, ...args, "--remote", "--namespace-id", id);
}

function bulk(id, verb, content, ...args) {
  p.write("bulk.json", JSON.stringify(content));
  return p.wrangler("kv", "bulk", verb, "bulk.json", "--remote", "--namespace-id", id, ...args);
}

// Some versions print values as they are, others {"value": …}.
function plain(value) {
  return value?.value ?? value;
}

function byBytes(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

// A new namespace, by plain request.
async function namespace(title) {
  return (await emulator.result("POST", "", { title })).id;
}

describe("wrangler kv namespace", () => {
  it("creates, lists, renames and deletes", async () => {
    const created = p.wrangler("kv", "namespace", "create", "wr-one").text;
    const id = /[0-9a-f]{32}/.exec(created)?.[0];
    assert.ok(id, created);
    assert.deepEqual(await emulator.titles(), ["wr-one"]);

    const listed = JSON.parse(p.wrangler("kv", "namespace", "list").text);
    assert.deepEqual(listed, [{ id, title: "wr-one", supports_url_encoding: true }]);

    p.wrangler("kv", "namespace", "rename", "wr-one", "--new-name", "wr-two");
    assert.deepEqual(await emulator.titles(), ["wr-two"]);

    p.wrangler("kv", "namespace", "delete", "--namespace-id", id, "-y");
    assert.deepEqual(await emulator.titles(), []);
  });

  it("is told of a title that is taken", async () => {
    const id = await namespace("taken");
    assert.throws(() => p.wrangler("kv", "namespace", "create", "taken"), /already exists|10014/);
    await emulator.result("DELETE", `/${id}`);
  });

  it("lists more than a page holds", async () => {
    const ids = [];
    for (let i = 0; i < 120; i++) ids.push(await namespace(`many-${i}`));
    const listed = JSON.parse(p.wrangler("kv", "namespace", "list").text);
    assert.deepEqual(listed.map((ns) => ns.id).sort(), ids.sort());
    p.wrangler("kv", "namespace", "rename", "many-119", "--new-name", "renamed");
    for (const id of ids) await emulator.result("DELETE", `/${id}`);
  });
});

describe("wrangler kv key", () => {
  let id;

  before(async () => {
    id = await namespace("keys");
  });

  // Each character that needs an escape in a URL is in one of these; the other names go in bulk.
  for (const { key: name, value } of AWKWARD.filter(({ key }) => /#.*%2F|^binary$|^k+$|🗝/u.test(key)))
    it(`puts, gets and deletes ${show(name)}`, async () => {
      p.write("value", value);
      key(id, "put", name, "--path", "value");
      assert.deepEqual(await emulator.value(id, name), value);
      assert.deepEqual(key(id, "get", name).stdout, value);
      key(id, "delete", name);
      assert.equal(await emulator.value(id, name), null);
    });

  it("puts 25 MiB and no byte more", async () => {
    const big = randomBytes(25 * MIB);
    p.write("value", big);
    key(id, "put", "big", "--path", "value");
    assert.ok(big.equals(await emulator.value(id, "big")));
    p.write("value", Buffer.concat([big, Buffer.from("x")]));
    assert.throws(() => key(id, "put", "big", "--path", "value"));
    assert.ok(big.equals(await emulator.value(id, "big")));
    key(id, "delete", "big");
  });

  it("puts a ttl, an expiration and metadata, and lists them", () => {
    const now = Math.floor(Date.now() / 1000);
    key(id, "put", "a-ttl", "v", "--ttl", "3600");
    key(id, "put", "b-exp", "v", "--expiration", String(SOON));
    key(id, "put", "c-meta", "v", "--metadata", '{"a":[1,"zwei"],"b":null}', "--ttl", "3600");
    key(id, "put", "d-plain", "v");
    const [ttl, expiration, metadata, plain] = JSON.parse(key(id, "list").text);
    assert.ok(ttl.expiration >= now + 3600 && ttl.expiration < now + 3700);
    assert.deepEqual(expiration, { name: "b-exp", expiration: SOON });
    assert.deepEqual(metadata.metadata, { a: [1, "zwei"], b: null });
    assert.deepEqual(plain, { name: "d-plain" });
    assert.equal(JSON.parse(key(id, "list", "--prefix", "c-").text).length, 1);
  });

  it("is refused a ttl below 60", () => {
    assert.throws(() => key(id, "put", "k", "v", "--ttl", "59"), /10034|at least 60/);
  });

  it("lists more than a page holds", async () => {
    const many = await namespace("many keys");
    const pairs = Array.from({ length: 2345 }, (_, i) => ({ key: `k${i}`, value: "v" }));
    await emulator.result("PUT", `/${many}/bulk`, pairs);
    const names = JSON.parse(key(many, "list").text).map((entry) => entry.name);
    assert.deepEqual(names, pairs.map((pair) => pair.key).sort());
  });

  it("is told of a key that is not there", () => {
    assert.throws(() => key(id, "get", "never there"), /404/);
  });
});

describe("wrangler kv bulk", () => {
  let id;

  before(async () => {
    id = await namespace("bulk");
  });

  it("puts text, base64, metadata and expiry", async () => {
    bulk(id, "put", [
      { key: "text", value: "größe" },
      { key: "binary", value: "AP/+", base64: true },
      { key: "meta", value: "v", metadata: { n: 1 } },
      { key: "exp", value: "v", expiration: SOON },
    ]);
    assert.deepEqual(await emulator.value(id, "binary"), Buffer.from([0, 255, 254]));
    assert.deepEqual(JSON.parse(key(id, "list").text), [
      { name: "binary" },
      { name: "exp", expiration: SOON },
      { name: "meta", metadata: { n: 1 } },
      { name: "text" },
    ]);
    assert.equal((await emulator.value(id, "text")).toString(), "größe");
  });

  it("puts, lists, gets and deletes every awkward key", async () => {
    const awkward = await namespace("awkward");
    const base64 = AWKWARD.map(({ key, value }) => ({ key, value: value.toString("base64"), base64: true }));
    bulk(awkward, "put", base64);
    for (const { key: name, value } of AWKWARD)
      assert.deepEqual(await emulator.value(awkward, name), value, show(name));

    const names = JSON.parse(key(awkward, "list").text).map((entry) => entry.name);
    assert.deepEqual(names, AWKWARD.map(({ key }) => key).sort(byBytes));

    const texts = AWKWARD.filter(({ key }) => key !== "binary");
    const { text } = bulk(awkward, "get", texts.map(({ key }) => key));
    const values = JSON.parse(text.slice(0, text.lastIndexOf("}") + 1));
    for (const { key: name, value } of texts) assert.equal(plain(values[name]), value.toString(), show(name));

    bulk(awkward, "delete", names, "-f");
    assert.deepEqual(await emulator.result("GET", `/${awkward}/keys`), []);
  });

  it("puts and deletes several thousands, in parts of a thousand", async () => {
    const many = await namespace("bulk of many");
    const pairs = Array.from({ length: 2500 }, (_, i) => ({ key: `k/${i}`, value: `${i}` }));
    bulk(many, "put", pairs);
    const parts = emulator.requests.filter((r) => r.endpoint === "bulk_put" && r.path.includes(many));
    assert.deepEqual(parts.map((r) => r.items), [1000, 1000, 500]);
    assert.equal((await emulator.value(many, "k/2499")).toString(), "2499");
    bulk(many, "delete", pairs.map((pair) => pair.key), "-f");
    assert.deepEqual(await emulator.result("GET", `/${many}/keys`), []);
  });

  it("gets what there is and null for what is not", () => {
    const { text } = bulk(id, "get", ["text", "none"]);
    const values = JSON.parse(text.slice(0, text.lastIndexOf("}") + 1));
    assert.deepEqual([plain(values.text), plain(values.none)], ["größe", null]);
  });
});

describe("wrangler without an account id", () => {
  it("finds the one there is, and says who it is", () => {
    const { CLOUDFLARE_ACCOUNT_ID: account, ...env } = p.env;
    p.env = env;
    assert.ok(!emulator.requests.some((r) => r.endpoint === "membership_list"));
    assert.ok(Array.isArray(JSON.parse(p.wrangler("kv", "namespace", "list").text)));
    assert.ok(emulator.requests.some((r) => r.endpoint === "membership_list"));
    assert.match(p.wrangler("whoami").text, new RegExp(account));
    p.env = { ...env, CLOUDFLARE_ACCOUNT_ID: account };
  });
});

describe("the global key", () => {
  it("is a credential too", () => {
    const { CLOUDFLARE_API_TOKEN: token, ...env } = p.env;
    p.env = { ...env, CLOUDFLARE_API_KEY: "0123456789abcdef", CLOUDFLARE_EMAIL: "user@example.com" };
    p.wrangler("kv", "namespace", "list");
    assert.equal(emulator.requests.at(-1).credential, "key");
    p.env = { ...env, CLOUDFLARE_API_TOKEN: token };
  });
});

describe("faults, as wrangler sees them", () => {
  it("is a 503 that is tried again", async () => {
    await using broken = await Emulator.start({
      faults: { rules: [{ match: { endpoint: "namespace_list", nth: 1 }, fault: "html", status: 503 }] },
    });
    using project = new Project();
    Object.assign(project.env, broken.env);
    assert.deepEqual(JSON.parse(project.wrangler("kv", "namespace", "list").text), []);
    assert.deepEqual(broken.requests.map((r) => r.status).slice(0, 2), [503, 200]);
  });
});
