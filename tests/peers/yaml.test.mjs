// What another parser of YAML makes of the files that cfkv reads, and of those that it writes.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, it } from "node:test";

import { Document, parseAllDocuments, visit } from "yaml";

const CFKV = resolve(process.env.CFKV);
const FOREIGN_VIEW = join(dirname(CFKV), "support/foreign_view");
const FIXTURES = join(import.meta.dirname, "../import");
const MARK = "cloudflare"; // what makes a document one that concerns cfkv

// ---- Both readers --------------------------------------------------------------------------------

function ours(text) {
  const run = spawnSync(FOREIGN_VIEW, ["-"], { input: text, encoding: "utf8", maxBuffer: 1 << 28 });
  return run.status === 0 ? JSON.parse(run.stdout) : { refused: run.stderr };
}

// All documents as JSON has them; null when it is no YAML for it.
function theirs(text) {
  const documents = parseAllDocuments(text, { version: "1.2", merge: true, uniqueKeys: true, maxAliasCount: 1000 });
  return documents.some?.((one) => one.errors.length > 0) ? null : [...documents].map((one) => one.toJS({ maxAliasCount: -1 }));
}

// ---- Made by chance ------------------------------------------------------------------------------

function randomly(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n), of: (list) => list[Math.floor(next() * list.length)] };
}

const TEXTS = [
  "", " ", "a", "true", "no", "null", "~", "12", "-1.5", "0x1F", "1e3", "2026-11-30", "12:30", "a: b", "a #b", "- a", "? a",
  "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", '"', "\\", "\\n", "{a: b}", "[a]", "a,b", "<<", "=", "---", "...",
  "a\nb", "a\n\nb\n", "\n", "\n\na", "a\n ", " a\n  b\nc", "\ttab", "a\tb", "\r\n", "é", "😀 ключ", "\u2028", "\u0085", "\u0000",
  "\u001b[31m", "\u007f", "\ufeffx", "x".repeat(200), "long words ".repeat(30), "a/b/c", "key: 'v' # not", "#", ":", "-", "?",
];

// That parser writes DEL as it is, which no version allows. What ends a line in 1.1 only, what begins with '?' or ':'
// between brackets, and a block that begins with a tab are read by the rules of 1.1, as kubectl reads them.
const READABLE = TEXTS.filter((one) => !/[\u007f\u0085\u2028\ufeff]|^[?:\t]/.test(one));
const IS_OLD = /[{[,]\s*[?:]\S/;

function value(random, depth) {
  const kind = random.below(depth > 0 ? 9 : 6);
  if (kind === 6 || kind === 7) {
    const map = {};
    for (let i = random.below(5); i > 0; i--) {
      map[`${random.of(READABLE)}${random.of(["", "x", "1"])}`] = value(random, depth - 1);
    }
    delete map["<<"];
    delete map["__proto__"];
    return map;
  } else if (kind === 8) {
    return Array.from({ length: random.below(5) }, () => value(random, depth - 1));
  }
  return [random.of(READABLE), random.of(READABLE), random.below(1e6), random.below(1000) / 8, random.next() < 0.5, null][kind];
}

const STYLES = ["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL", "BLOCK_FOLDED"];

// The text of a value, in whichever styles.
function written(random, root) {
  const document = new Document(root, { version: "1.2" });
  visit(document, {
    Scalar(key, node) {
      if (key !== "key" && typeof node.value === "string" && random.next() < 0.5) {
        node.type = random.of(STYLES);
      }
    },
    Collection(key, node) {
      node.flow = random.next() < 0.3;
    },
  });
  const text = document.toString({ lineWidth: random.of([0, 20, 80]), indent: random.of([2, 4]) });
  return random.next() < 0.2 ? text.replaceAll("\n", "\r\n") : text;
}

describe("YAML that is read", () => {
  it("means what it means to another parser, in whichever style it is written", () => {
    const random = randomly(16);
    for (let round = 0; round < 40; round++) {
      const roots = Array.from({ length: 25 }, (_, n) => ({ kind: MARK, n, value: value(random, 4) }));
      const text = roots.map((root) => written(random, root)).join("---\n");
      const want = theirs(text);
      assert.ok(want, text);
      const got = ours(text);
      assert.ok(got.documents, `${got.refused}\n${text}`);
      got.documents.forEach((one, n) => assert.deepEqual(one.value, want[n], written(random, roots[n])));
      assert.equal(got.documents.length, want.length);
    }
  });

  it("is refused where the other parser refuses it, or says the same, when it is broken", () => {
    const random = randomly(17);
    let same = 0, refused = 0;
    for (let round = 0; round < 400; round++) {
      const text = [...written(random, { kind: MARK, value: value(random, 3) })];
      for (let i = 1 + random.below(2); i > 0; i--) {
        text.splice(random.below(text.length), random.below(3), random.of([..." \n:-#'\"{}[],&*!|>?%@\t\\"]));
      }
      if (IS_OLD.test(text.join(""))) {
        continue;
      }
      const want = theirs(text.join("")), got = ours(text.join(""));
      if (got.documents && want && got.documents.length === want.length) {
        got.documents.forEach((one, n) => assert.deepEqual(one.value, want[n], text.join("")));
        same++;
      } else {
        refused++;
      }
    }
    assert.ok(same > 50 && refused > 50, `${same} and ${refused}`);
  });

  it("is what the files say that people have", () => {
    for (const folder of ["crossplane", "planton"]) {
      for (const name of readdirSync(join(FIXTURES, folder)).filter((one) => one.endsWith(".yaml"))) {
        const text = readFileSync(join(FIXTURES, folder, name), "utf8");
        const want = theirs(text.replace(/^\ufeff/, "")), got = ours(text);
        assert.ok(got.documents, `${name}: ${got.refused}`);
        for (const one of got.documents) {
          // A number of 20 characters and more stays the text that it is: it is more likely an id.
          const plain = JSON.parse(JSON.stringify(one.value, (key, member) =>
            key === "@line" ? undefined : /^[0-9.e+]{20,}$/.test(member) ? Number(member) : member));
          assert.deepEqual(plain, want[one.number - 1], name);
        }
      }
    }
  });

  it("is JSON as well", () => {
    const random = randomly(18);
    for (let round = 0; round < 100; round++) {
      const root = { kind: MARK, value: value(random, 4) };
      const got = ours(JSON.stringify(root, null, random.below(3)));
      assert.equal(got.syntax, "json");
      assert.deepEqual(got.documents[0].value, root);
    }
  });
});

describe("YAML that is written", () => {
  it("means to parsers of both versions what was declared", () => {
    const folder = mkdtempSync(join(tmpdir(), "cfkv-yaml-"));
    const bytes = (text) => `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
    writeFileSync(join(folder, "kv.lua"), `local cfkv = require "cfkv"
cfkv.project { name = "judged", account_id = ("a"):rep(32) }
local ns = cfkv.namespace { title = "shop", binding = "SHOP" }
${TEXTS.map((text, n) => `ns:put("k${n}", ${bytes(text)})`).join("\n")}
`);
    const text = execFileSync(CFKV, ["export", "--to", "crossplane"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    for (const version of ["1.1", "1.2"]) {
      const found = new Map();
      for (const document of parseAllDocuments(text, { version })) {
        assert.deepEqual(document.errors, []);
        const { kind, spec } = document.toJS();
        if (kind === "Kv") {
          found.set(spec.forProvider.keyName, spec.forProvider.value);
        }
      }
      TEXTS.forEach((one, n) => assert.equal(found.get(`k${n}`), one, version));
    }
    rmSync(folder, { recursive: true });
  });
});
