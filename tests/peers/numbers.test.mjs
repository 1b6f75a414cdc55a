// A number of a file is stored as the number that it is, or it is refused by name: never rounded in
// silence. JSON.parse of V8 judges, which gives the text of each number as it stands there.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Project } from "./support.mjs";

const EDGES = [
  "0", "-0", "-0.0", "0e9", "1", "-1", "2.50", "1E2", "1e+2", "100e-2", "0.1", "0.30000000000000004", "1e22", "1e23",
  "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740992.0",
  "9007199254740993.0", "9007199254740993.5", "9.007199254740993e15", "90071992547409930e-1", "4503599627370497.5",
  "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
  "12345678901234567890", "123456789012345678.0", "12345678901234567e3", "12345678901234567890123e-3",
  "1.7976931348623157e308", "5e-324", "123456789.123456789123456789",
];

// The same ones in every run.
function* random() {
  let seed = 1;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const digits = (n) => String(1 + next(9)) + Array.from({ length: n - 1 }, () => next(10)).join("");
  for (let i = 0; i < 400; i++) {
    const sign = next(4) === 0 ? "-" : "";
    const fraction = next(2) ? `.${digits(1 + next(18))}` : "";
    const exponent = next(3) === 0 ? `e${next(2) ? "" : "-"}${next(25)}` : "";
    yield sign + digits(1 + next(20)) + fraction + exponent;
  }
}

const LITERALS = [...new Set([...EDGES, ...random()])];

// A decimal as [digits, exponent] without zeros at its end.
function exact(literal) {
  const [, sign, whole, fraction = "", power = "0"] = literal.match(/^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/);
  const digits = (whole + fraction).replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  if (kept === "") return "0";
  return `${sign}${kept}e${Number(power) - fraction.length + digits.length - kept.length}`;
}

// What a reader with doubles takes for the same, where doubles have all whole numbers.
function sameDouble(a, b) {
  return Number(a) === Number(b) && Math.abs(Number(a)) < 2 ** 53;
}

function assertKept(given, stored) {
  assert.ok(exact(given) === exact(stored) || sameDouble(given, stored), `${given} is stored as ${stored}`);
}

// The text of each number in a JSON text, by the name of its member.
function numbersOf(text) {
  const found = {};
  JSON.parse(text, (name, value, context) => {
    if (typeof value === "number") found[name] = context.source;
    return value;
  });
  return found;
}

describe("a number", () => {
  let p, id, kept, refused;

  before(() => {
    p = new Project();
    p.configure("");
    p.apply();
    id = p.output("id");
    p.write("all.jsonl", LITERALS.map((n, i) => `{"key":"n${i}","value":"","metadata":{"n${i}":[${n}],"x${i}":${n}}}\n`).join(""));
    const r = p.cfkv("kv", "bulk", "put", "all.jsonl", "--namespace-id", id, "--local", "--keep-going");
    refused = LITERALS.filter((n) => r.stderr.includes(`'${n}' `));
    kept = LITERALS.filter((n) => !refused.includes(n));
  });
  after(() => p[Symbol.dispose]());

  it("is one of many that are kept, and of many that are refused", () => {
    assert.ok(kept.length > 200 && refused.length > 50, `${kept.length} are kept`);
    for (const n of ["9007199254740993", "9223372036854775807", "2.50", "1e23"]) assert.ok(kept.includes(n), n);
  });

  it("of metadata is what it was, to bulk put and to a declaration", () => {
    const lines = kept.map((n, i) => `{"key":"n${i}","value":"","metadata":{"x${i}":${n}}}\n`).join("");
    const check = () => {
      const stored = numbersOf(p.kv("list", "--namespace-id", id, "--local", "--json"));
      kept.forEach((n, i) => assertKept(n, stored[`x${i}`]));
    };
    p.write("kept.jsonl", lines);
    assert.equal(p.cfkv("kv", "bulk", "put", "kept.jsonl", "--namespace-id", id, "--local").code, 0);
    check();
    p.configure('ns:bulk(cfkv.source.jsonl "kept.jsonl")');
    p.apply();
    assert.deepEqual(p.plan().actions, []);
    check();
  });

  it("of cfkv.file.json is what it was, as a value and as metadata", () => {
    p.write("n.json", JSON.stringify(Object.fromEntries(kept.map((n, i) => [`n${i}`, n]))).replaceAll(/:"([^"]+)"/g, ":$1"));
    p.write("few.json", `[${kept.slice(0, 20)}]`);
    p.configure(`ns:put("k", cfkv.file.json("n.json"))
ns:put("m", "", { metadata = cfkv.file.json("few.json") })`);
    p.apply();
    const stored = numbersOf(p.kv("get", "k", "--namespace-id", id, "--local"));
    kept.forEach((n, i) => assertKept(n, stored[`n${i}`]));
    const listed = numbersOf(p.kv("list", "--namespace-id", id, "--local", "--json", "--prefix", "m"));
    kept.slice(0, 20).forEach((n, i) => assertKept(n, listed[i]));
  });

  it("that cannot be kept is named with its file, and nothing is written", () => {
    for (const n of refused.slice(0, 25)) {
      p.write("one.json", `{"deep":[{"n":${n}}]}`);
      p.configure('ns:put("k", cfkv.file.json("one.json"))');
      const r = p.cfkv("validate", "-f", "kv.lua");
      assert.equal(r.code, 3, r.stderr);
      assert.match(r.stderr, /kv\.lua:\d+: error: file 'one\.json': at 'deep\[1\]\.n'/);
      assert.ok(r.stderr.includes(`'${n}'`), r.stderr);
    }
  });
});
