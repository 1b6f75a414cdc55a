// Real wrangler reads what cfkv seeded into the local store.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { AWKWARD, MIB, Project, checkDatabases, luaString, show } from "./support.mjs";

const BIG = randomBytes(25 * MIB);
const SOON = Math.floor(Date.now() / 1000) + 86_400;

const ATTRIBUTES = `
ns:put("with metadata", "v", { metadata = { list = { 1, "zwei" }, null_ = cfkv.null } })
ns:put("with ttl", "v", { expiration_ttl = 3600 })
ns:put("with expiration", "v", { expiration = ${SOON} })
ns:put("big", cfkv.file.bytes("big.bin"))
ns:bulk({ { key = "bulk/base64", value = "AP8A", base64 = true },
          { key = "bulk/meta", value = "v", metadata = "text" } })
ns:bulk(cfkv.source.jsonl("seed.jsonl"))
`;

const JSONL = Array.from({ length: 1200 }, (_, i) =>
  JSON.stringify({ key: `many/${String(i).padStart(4, "0")}`, value: `value ${i}` }),
).join("\n");

function start() {
  const p = new Project({ "big.bin": BIG, "seed.jsonl": JSONL });
  const puts = AWKWARD.map(({ key, lua }) => `ns:put(${luaString(key)}, ${lua})`);
  p.configure(puts.join("\n") + ATTRIBUTES);
  p.apply();
  return p;
}

function near(expiration, ttl) {
  const left = expiration - Date.now() / 1000;
  assert.ok(left > ttl - 600 && left <= ttl, `${left} seconds left of ${ttl}`);
}

describe("what cfkv seeded", () => {
  let p, id, list;

  before(() => {
    p = start();
    id = p.output("id");
    list = new Map(JSON.parse(p.key(id, "list").text).map((entry) => [entry.name, entry]));
  });
  after(() => p[Symbol.dispose]());

  it("is listed by wrangler, every key of it", () => {
    for (const { key } of AWKWARD) assert.ok(list.has(key), show(key));
    assert.equal([...list.keys()].filter((key) => key.startsWith("many/")).length, 1200);
    assert.equal(list.size, AWKWARD.length + 4 + 2 + 1200);
  });

  for (const { key, value } of AWKWARD.filter((item) => item.cli))
    it(`is read by wrangler under the key ${show(key)}`, () => {
      assert.deepEqual(p.key(id, "get", key).stdout, value);
    });

  it("is read by wrangler when it has 25 MiB", () => {
    assert.ok(p.key(id, "get", "big").stdout.equals(BIG));
  });

  it("is read by wrangler when it came from a bulk", () => {
    assert.deepEqual(p.key(id, "get", "bulk/base64").stdout, Buffer.from([0, 255, 0]));
    assert.equal(p.key(id, "get", "many/1199").text, "value 1199");
  });

  it("has its metadata in wrangler's list", () => {
    assert.deepEqual(list.get("with metadata").metadata, { list: [1, "zwei"], null_: null });
    assert.equal(list.get("bulk/meta").metadata, "text");
    assert.equal(list.get("plain").metadata, undefined);
  });

  it("has its expiry in wrangler's list", () => {
    near(list.get("with ttl").expiration, 3600);
    assert.equal(list.get("with expiration").expiration, SOON);
    assert.equal(list.get("plain").expiration, undefined);
  });

  it("is still as declared after wrangler has read it", async () => {
    assert.deepEqual(p.plan().actions, []);
    await checkDatabases(p);
  });
});

describe("the ttl of a namespace", () => {
  it("is the expiry of its keys in wrangler's list", () => {
    using p = new Project({
      "kv.lua": `local cfkv = require "cfkv"
        cfkv.project { name = "peers" }
        local ns = cfkv.namespace { title = "cache", ttl_seconds = 1800 }
        cfkv.output("id", ns.id)
        ns:put("inherits", "v")
        ns:put("own", "v", { expiration_ttl = 7200 })`,
    });
    p.apply();
    const [inherits, own] = JSON.parse(p.key(p.output("id"), "list").text);
    near(inherits.expiration, 1800);
    near(own.expiration, 7200);
  });
});

describe("while wrangler dev runs", () => {
  let p, dev;

  before(async () => {
    p = start();
    dev = await p.dev(p.output("id"));
  });
  after(async () => {
    await dev?.[Symbol.asyncDispose]();
    p[Symbol.dispose]();
  });

  it("a worker reads every value", async () => {
    for (const { key, value } of AWKWARD) assert.deepEqual((await dev.value(key))?.value, value, show(key));
    assert.ok((await dev.value("big")).value.equals(BIG));
  });

  it("a worker reads metadata and expiry", async () => {
    assert.deepEqual((await dev.value("with metadata")).metadata, { list: [1, "zwei"], null_: null });
    assert.equal((await dev.value("plain")).metadata, null);
    const [expiring] = await dev.keys("with ttl");
    near(expiring.expiration, 3600);
  });

  it("a worker lists every key", async () => {
    assert.equal((await dev.keys("many/")).length, 1200);
    const names = (await dev.keys()).map((key) => key.name);
    for (const { key } of AWKWARD) assert.ok(names.includes(key), show(key));
  });

  it("what cfkv changes is what the next request sees", async () => {
    p.configure(`
      ns:put("plain", "changed", { metadata = { now = true } })
      ns:put("new", "added")
      ns:prune "many/"`);
    p.apply("--allow-mass-delete=*");
    assert.deepEqual(await dev.value("plain"), { value: Buffer.from("changed"), metadata: { now: true } });
    assert.equal((await dev.value("new")).value.toString(), "added");
    assert.equal(await dev.value("binary"), null);
    assert.deepEqual(await dev.keys("many/"), []);
    assert.equal(await dev.value("many/0000"), null);
  });

  it("a destroyed namespace is empty, and filled again it is full", async () => {
    const destroyed = p.cfkv("destroy", "--local", "--yes", "--allow-data-loss=*", "-f", "kv.lua");
    assert.equal(destroyed.code, 0, destroyed.stderr);
    assert.deepEqual(await dev.keys(), []);
    assert.equal(await dev.value("plain"), null);
    p.apply();
    assert.equal((await dev.value("plain")).value.toString(), "changed");
  });

  it("leaves databases that SQLite finds sound", () => checkDatabases(p));
});
