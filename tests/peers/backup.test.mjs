// Real wrangler reads what cfkv restored and copied into the local store.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { AWKWARD, Project, checkDatabases, luaString, show } from "./support.mjs";

// A run of wrangler takes seconds: all keys are listed, and these are read.
const READ = ["🗝️", "binary"];
const SOON = Math.floor(Date.now() / 1000) + 86_400;

describe("what cfkv restored and copied", () => {
  let p;
  const ids = {};
  const lists = {};

  function run(...args) {
    const r = p.cfkv(...args, "--local", "--json");
    assert.equal(r.code, 0, r.stderr);
    return JSON.parse(r.text);
  }

  before(() => {
    p = new Project();
    const puts = AWKWARD.map(({ key, lua }) => `ns:put(${luaString(key)}, ${lua})`);
    p.configure(`${puts.join("\n")}
ns:put("with metadata", "v", { metadata = { list = { 1, "zwei" } } })
ns:put("with expiration", "v", { expiration = ${SOON} })`);
    p.apply();
    run("backup", "peers", "-o", "b.jsonl.gz");
    ids.restored = run("restore", "b.jsonl.gz", "--namespace", "restored", "--create").id;
    ids.copied = run("copy", "restored", "copied", "--create").id;
    for (const [name, id] of Object.entries(ids))
      lists[name] = new Map(JSON.parse(p.key(id, "list").text).map((entry) => [entry.name, entry]));
  });
  after(() => p[Symbol.dispose]());

  for (const name of ["restored", "copied"]) {
    it(`is listed by wrangler, every key of it, with metadata and expiry: ${name}`, () => {
      const list = lists[name];
      for (const { key } of AWKWARD) assert.ok(list.has(key), show(key));
      assert.equal(list.size, AWKWARD.length + 2);
      assert.deepEqual(list.get("with metadata").metadata, { list: [1, "zwei"] });
      assert.equal(list.get("with expiration").expiration, SOON);
      assert.equal(list.get("plain").metadata, undefined);
    });

    it(`is read by wrangler: ${name}`, () => {
      for (const { key, value } of AWKWARD.filter((item) => READ.includes(item.key)))
        assert.deepEqual(p.key(ids[name], "get", key).stdout, value, show(key));
    });
  }

  it("leaves databases that SQLite finds sound", () => checkDatabases(p));
});
