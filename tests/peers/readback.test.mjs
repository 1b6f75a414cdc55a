// cfkv reads what real wrangler wrote into the local store.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { AWKWARD, MIB, Project, luaString, show } from "./support.mjs";

const BIG = randomBytes(25 * MIB);

// A project whose namespace exists and is empty.
function start(files) {
  const p = new Project(files);
  p.configure("");
  p.apply();
  return p;
}

// The one action of a plan.
function only(plan) {
  assert.equal(plan.actions.length, 1);
  return plan.actions[0];
}

describe("what wrangler wrote", () => {
  let p, id;

  before(() => {
    p = start({ "big.bin": BIG });
    id = p.output("id");
  });
  after(() => p[Symbol.dispose]());

  it("is no change when it came from a bulk and is what is declared", () => {
    const pairs = AWKWARD.map(({ key, value }) => ({ key, value: value.toString("base64"), base64: true }));
    p.write("bulk.json", JSON.stringify(pairs));
    p.wrangler("kv", "bulk", "put", "bulk.json", "--local", "--namespace-id", id);
    p.configure(AWKWARD.map(({ key, lua }) => `ns:put(${luaString(key)}, ${lua})`).join("\n"));
    assert.deepEqual(p.plan().actions, []);
    p.configure('ns:bulk(cfkv.source.json("bulk.json"))');
    assert.deepEqual(p.plan().actions, []);
  });

  for (const { key, value } of [AWKWARD[1], ...AWKWARD.filter((item) => ["binary", "empty"].includes(item.key))])
    it(`is no change when it was put under the key ${show(key)}`, () => {
      p.write("value", value);
      p.key(id, "put", `single ${key}`, "--path", "value");
      p.configure(`ns:put(${luaString(`single ${key}`)}, cfkv.file.bytes("value"))`);
      assert.deepEqual(p.plan().actions, []);
    });

  it("is no change when it has 25 MiB and is what is declared", () => {
    p.key(id, "put", "big", "--path", "big.bin");
    p.configure('ns:put("big", cfkv.file.bytes("big.bin"))');
    assert.deepEqual(p.plan().actions, []);
  });

  it("is an overwrite that shows the value when something else is declared", () => {
    p.key(id, "put", "theirs", "from wrangler");
    p.configure('ns:put("theirs", "from cfkv")');
    const plan = p.plan();
    assert.equal(plan.summary.overwrite, 1);
    assert.equal(only(plan).before.value, "from wrangler");
    assert.equal(only(plan).after.value, "from cfkv");
  });

  it("is compared with its metadata", () => {
    p.key(id, "put", "meta", "v", "--metadata", '{ "b": 2, "a": [1] }');
    p.configure('ns:put("meta", "v", { metadata = { a = { 1 }, b = 2 } })');
    assert.deepEqual(p.plan().actions, []);
    p.configure('ns:put("meta", "v", { metadata = { a = { 1 }, b = 3 } })');
    assert.deepEqual(only(p.plan()).before.metadata, { a: [1], b: 2 });
    p.configure('ns:put("meta", "v")');
    assert.equal(p.plan().summary.overwrite, 1);
  });

  it("is compared with its expiry", () => {
    const expiration = Math.floor(Date.now() / 1000) + 86_400;
    p.key(id, "put", "exp", "v", "--expiration", String(expiration));
    p.configure(`ns:put("exp", "v", { expiration = ${expiration} })`);
    assert.deepEqual(p.plan().actions, []);
    p.configure(`ns:put("exp", "v", { expiration = ${expiration + 60} })`);
    assert.equal(only(p.plan()).before.expiration, expiration);
  });

  it("is deleted by a prune", () => {
    p.key(id, "put", "old/1", "v");
    p.configure('ns:prune "old/"');
    p.apply();
    const names = JSON.parse(p.key(id, "list").text).map((entry) => entry.name);
    assert.ok(!names.includes("old/1"));
    assert.ok(names.includes("theirs"));
  });
});

describe("what wrangler does to keys of cfkv", () => {
  it("is put right: a changed value is an overwrite, a deleted key is put again", () => {
    using p = start();
    const id = p.output("id");
    p.configure('ns:put("changed", "ours") ns:put("deleted", "ours") ns:put("kept", "ours")');
    p.apply();
    p.key(id, "put", "changed", "theirs");
    p.key(id, "delete", "deleted");

    const { summary } = p.plan();
    assert.deepEqual([summary.overwrite, summary.put, summary.unchanged], [1, 1, 1]);
    const drift = p.cfkv("drift", "--local", "-f", "kv.lua");
    assert.equal(drift.code, 2, drift.stderr);

    p.apply();
    assert.equal(p.key(id, "get", "changed").text, "ours");
    assert.equal(p.key(id, "get", "deleted").text, "ours");
    assert.deepEqual(p.plan().actions, []);
  });
});

describe("what a worker writes while wrangler dev runs", () => {
  it("is what the next plan sees", async () => {
    using p = start();
    await using dev = await p.dev(p.output("id"));
    const bytes = Buffer.from([0, 200, 10, 0]);
    await dev.put("größe/#1", bytes, { metadata: '{"by":"worker"}', expiration_ttl: "3600" });
    p.configure(`ns:put("größe/#1", "\\0\\200\\n\\0", { metadata = { by = "worker" } })`);
    assert.equal(only(p.plan()).before.metadata.by, "worker");

    await dev.put("größe/#1", bytes, { metadata: '{"by":"worker"}' });
    assert.deepEqual(p.plan().actions, []);

    p.configure('ns:put("größe/#1", "ours")');
    p.apply();
    assert.equal((await dev.value("größe/#1")).value.toString(), "ours");
    await dev.put("größe/#1", "theirs again");
    assert.equal(only(p.plan()).before.value, "theirs again");
  });
});
