// Files of pairs: what `cfkv schema bulk` refuses cfkv refuses, and what cfkv takes the schema takes. What
// kv bulk get prints, and wrangler's own file of pairs, is among it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Judge } from "./documents.mjs";
import { Project } from "./support.mjs";

const PAIR = { key: "a", value: "v" };
const SOON = 1_900_000_000;

const TAKEN = [
  [],
  [PAIR],
  [PAIR, { key: "b", value: "" }],
  [{ ...PAIR, base64: false }],
  [{ ...PAIR, base64: true, value: "AA==" }],
  [{ ...PAIR, base64: true, value: "" }],
  [{ ...PAIR, metadata: null }],
  [{ ...PAIR, metadata: { deep: [1, { b: null }] } }],
  [{ ...PAIR, key: "..." }],
  [{ ...PAIR, key: "\u0000" }],
  [{ ...PAIR, key: "é".repeat(256) }],
  [{ ...PAIR, key: "k".repeat(512) }],
  ...[1, SOON, 2 ** 31 - 1, "2030-01-01T00:00:00Z", "2030-01-01t00:00:00.25+02:00"].map((expiration) => [{ ...PAIR, expiration }]),
  ...[0, 60, 86400, "60s", "1h", "1h30m", "2w1d", "0s"].map((expiration_ttl) => [{ ...PAIR, expiration_ttl }]),
  [{ ...PAIR, expiration: SOON, expiration_ttl: 60 }],
];

const REFUSED = [
  {},
  "a",
  null,
  [null],
  ["a"],
  [[]],
  [{}],
  [{ key: "a" }],
  [{ value: "v" }],
  [{ ...PAIR, name: "a" }],
  [{ ...PAIR, ttl: 60 }],
  [{ ...PAIR, expirationTtl: 60 }],
  ...["", ".", "..", "k".repeat(513), 7, null].map((key) => [{ ...PAIR, key }]),
  ...[1, null, {}, true].map((value) => [{ ...PAIR, value }]),
  ...["true", 1, null].map((base64) => [{ ...PAIR, base64 }]),
  ...["A", "AA", "AA-_", "====", "A A="].map((value) => [{ ...PAIR, base64: true, value }]),
  ...[null, 0, -1, 1.5, 2 ** 31, "2030-01-01", `${SOON}`, "1h", true, {}].map((expiration) => [{ ...PAIR, expiration }]),
  ...[null, -1, 59, 60.5, "60", "1H", "1 h", "30m1h", "1h1h", "", "h", true].map((expiration_ttl) => [{ ...PAIR, expiration_ttl }]),
];

// What a schema cannot say.
const ONLY_BY_CFKV = [
  [PAIR, PAIR],
  [{ ...PAIR, key: "é".repeat(257) }],
  [{ ...PAIR, metadata: "m".repeat(1024) }],
  [{ ...PAIR, expiration_ttl: "59s" }],
  [{ ...PAIR, expiration: "2030-02-30T00:00:00Z" }],
];

describe("a file of pairs", () => {
  let p, judge;

  before(() => {
    p = new Project({ "kv.lua": 'local cfkv = require "cfkv"\ncfkv.namespace { title = "n" }:bulk(cfkv.source.json "pairs.json")\n' });
    judge = new Judge((...args) => JSON.parse(p.cfkv(...args).text));
  });

  after(() => p[Symbol.dispose]());

  function byCfkv(items) {
    p.write("pairs.json", JSON.stringify(items));
    return p.cfkv("validate").code === 0;
  }

  const bySchema = (items) => judge.against("bulk", items) === undefined;
  const named = (items) => JSON.stringify(items).slice(0, 70);

  for (const items of TAKEN)
    it(`is ${named(items)}`, () => assert.deepEqual([bySchema(items), byCfkv(items)], [true, true]));
  for (const items of REFUSED)
    it(`is not ${named(items)}`, () => assert.deepEqual([bySchema(items), byCfkv(items)], [false, false]));
  for (const items of ONLY_BY_CFKV)
    it(`is not ${named(items)}, which only cfkv can tell`, () => assert.equal(byCfkv(items), false));

  it("is what kv bulk get prints", () => {
    p.write("pairs.json", JSON.stringify(TAKEN.find((items) => items[0]?.metadata?.deep)));
    p.apply();
    p.write("keys.json", '["a"]');
    const r = p.cfkv("kv", "bulk", "get", "keys.json", "--namespace", "n", "--local");
    assert.equal(judge.against("bulk", JSON.parse(r.text)), undefined);
    assert.equal(JSON.parse(r.text).length, 1);
  });
});
