// cfkv's imperative verbs and real wrangler's, on the same store: what one writes the other reads.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { AWKWARD, Project, show } from "./support.mjs";
import { Emulator } from "./emulator.mjs";

const SOON = Math.floor(Date.now() / 1000) + 86_400;
const FEW = AWKWARD.filter(({ key }) => /#.*%2F|^binary$|^k+$|🗝/u.test(key));
const LINES = { key: "line\nbreak\ttab", value: Buffer.from("two\nlines\n") };

function byBytes(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

for (const target of ["the local store", "an account"])
  describe(`kv on ${target}:`, () => {
    let emulator, p, id;

    before(async () => {
      if (target === "an account") emulator = await Emulator.start();
      p = new Project({}, emulator);
      id = JSON.parse(cfkv("namespace", "create", "peers", "--json").text).id;
    });

    after(async () => {
      p?.[Symbol.dispose]();
      await emulator?.[Symbol.asyncDispose]();
    });

    // `cfkv kv …` on the target, which must succeed.
    function cfkv(...args) {
      const r = p.cfkv("kv", ...args.slice(0, 2), ...p.target, ...args.slice(2));
      assert.equal(r.code, 0, r.stderr);
      return r;
    }

    function key(verb, ...args) {
      return cfkv("key", verb, "--namespace-id", id, ...args);
    }

    // Outside of a project nobody knows whether a namespace is protected: that wants a word.
    function remove(...args) {
      key("delete", "--yes", ...args);
    }

    function names() {
      return JSON.parse(key("list", "--json").text).map((entry) => entry.name);
    }

    it("wrangler reads every awkward key that cfkv put, and cfkv reads it too", () => {
      for (const { key: name, value } of [...AWKWARD, LINES]) {
        p.write("value", value);
        key("put", "--path", "value", "--", name);
        assert.deepEqual(key("get", "--", name).stdout, value, show(name));
      }
      const listed = JSON.parse(p.key(id, "list").text).map((entry) => entry.name);
      const expected = [...AWKWARD, LINES].map(({ key }) => key).sort(byBytes);
      assert.deepEqual(listed.sort(byBytes), expected);
      assert.deepEqual(names(), expected);
      for (const { key: name, value } of FEW) assert.deepEqual(p.key(id, "get", name).stdout, value, show(name));
      remove("--", ...expected);
      assert.deepEqual(JSON.parse(p.key(id, "list").text), []);
    });

    it("cfkv reads and deletes what wrangler put", () => {
      const some = FEW.filter(({ key }) => !/^k+$/.test(key));
      for (const { key: name, value } of some) {
        p.write("value", value);
        p.key(id, "put", name, "--path", "value");
        assert.deepEqual(key("get", "--", name).stdout, value, show(name));
      }
      assert.deepEqual(names(), some.map(({ key }) => key).sort(byBytes));
      p.key(id, "delete", some[0].key);
      assert.notEqual(p.cfkv("kv", "key", "get", ...p.target, "--namespace-id", id, "--", some[0].key).code, 0);
      remove("--", ...some.slice(1).map(({ key }) => key));
      assert.deepEqual(JSON.parse(p.key(id, "list").text), []);
    });

    it("wrangler reads under its new name what cfkv renamed", () => {
      const some = FEW.filter(({ key }) => !/^k+$/.test(key));
      for (const { key: name, value } of some) {
        p.write("value", value);
        key("put", "--path", "value", "--metadata", '{"of":"it"}', "--expiration", String(SOON), "--", `old/${name}`);
      }
      key("rename", "--yes", "--prefix", "old/", "new:#%2F");
      const listed = JSON.parse(p.key(id, "list").text);
      const expected = some.map(({ key }) => `new:#%2F${key}`).sort(byBytes);
      assert.deepEqual(listed.map((entry) => entry.name).sort(byBytes), expected);
      for (const entry of listed) assert.deepEqual([entry.metadata, entry.expiration], [{ of: "it" }, SOON]);
      for (const { key: name, value } of some)
        assert.deepEqual(p.key(id, "get", `new:#%2F${name}`).stdout, value, show(name));
      remove("--", ...expected);
    });

    it("both tell the same of metadata and expiry", () => {
      const metadata = { a: [1, "zwei", null], "ü": true };
      key("put", "cfkv", "v", "--metadata", JSON.stringify(metadata), "--expiration", String(SOON));
      p.key(id, "put", "wrangler", "v", "--metadata", JSON.stringify(metadata), "--expiration", String(SOON));
      const expected = ["cfkv", "wrangler"].map((name) => ({ name, expiration: SOON, metadata }));
      assert.deepEqual(JSON.parse(p.key(id, "list").text), expected);
      assert.deepEqual(JSON.parse(key("list", "--json").text), expected);
      remove("cfkv", "wrangler");
    });

    it("wrangler's command lines are cfkv's", () => {
      const args = ["k", "v", p.where, "--namespace-id", id, "--metadata", '{"n":1}', "--ttl", "3600"];
      for (const program of ["cfkv", "wrangler"]) {
        const r = p[program]("kv", "key", "put", ...args);
        assert.equal(r.code, 0, r.stderr);
      }
      const r = p.cfkv("kv", "key", "get", "k", p.where, "--namespace-id", id, "--text");
      assert.equal(r.text, "v");
      remove("k");
    });
  });

describe("kv namespace beside wrangler's", () => {
  it("lists the members that wrangler lists, and each sees the other's", async () => {
    await using emulator = await Emulator.start();
    using p = new Project({}, emulator);
    const id = JSON.parse(p.cfkv("kv", "namespace", "create", "ours", "--json").text).id;
    p.wrangler("kv", "namespace", "create", "theirs");
    const cfkv = JSON.parse(p.cfkv("kv", "namespace", "list", "--json").text);
    const wrangler = JSON.parse(p.wrangler("kv", "namespace", "list").text);
    assert.deepEqual(
      cfkv,
      wrangler.map(({ id, title }) => ({ id, title })).sort((a, b) => byBytes(a.title, b.title)),
    );
    p.wrangler("kv", "namespace", "rename", "ours", "--new-name", "renamed");
    assert.match(p.cfkv("kv", "namespace", "get", id).text, /renamed/);
    const r = p.cfkv("kv", "namespace", "delete", "--namespace-id", id, "-y");
    assert.equal(r.code, 0, r.stderr);
    assert.deepEqual(await emulator.titles(), ["theirs"]);
  });
});
