// What a reader of CommonMark, and the runner of GitHub Actions, make of plans whose names, keys,
// values and messages would be more than text.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";

import { Parser } from "commonmark";

import { Project, luaString } from "./support.mjs";

const HOST_TEXT = join(dirname(process.env.CFKV), "support/host_text");

const HOSTILE = [
  "</script><img src=x onerror=alert(1)>",
  "</summary></details><b>x</b>",
  "<!-- x",
  "```\n</details>\n# x\n```",
  "~~~~\n`````x`",
  "@team and a@b.example",
  "#123 GH-7 owner/repo#1",
  "[x](https://evil.example) ![x](y) <https://evil.example>",
  "https://evil.example www.evil.example",
  "**b** _i_ ~~s~~ $x^2$ | a | b |",
  "\n\n# heading\n\n- item\n\n---\n",
  "&lt;b&gt; &#64;team &nbsp;",
  "::add-mask::x",
  "  ::stop-commands::x",
  "##[group]x",
  "\u001b[31mred\r\u202e\u2028\u0000\u009b",
  "\\",
  "\\`\\<b>\\*",
  "[x]: https://evil.example",
];

function summary(counts = {}) {
  const words = ["adopt", "create", "delete", "delete_keys", "forget", "outputs", "overwrite", "put", "rename", "unchanged"];
  return { ...Object.fromEntries([...words, "update", "write"].map((word) => [word, 0])), ...counts };
}

function entry(h, more) {
  return {
    action: "put", kind: "key", key: h, title: h, address: h, id: h, old_title: h, reason: h, overwrite: false,
    protected: false, pruned: false, counts: null, lines: null, value: null, metadata: null, expiry: null,
    namespaces: null, ...more,
  };
}

// A plan in which every text is `h`.
function calls(h) {
  const json = JSON.stringify(h);
  const lines = h.split("\n");
  const head = {
    command: "plan", target: h, by: h, accounts: [], now: 1764504000, utc_offset: 0, local_time: false, width: 80,
    color: false, verbose: false, public: true, fresh: true, adopts: true, summary: summary({ put: 1 }),
    environments: [{ name: h, account: h, summary: summary({ put: 1 }) }],
    diagnostics: [
      { severity: "error", code: "guard.x", message: h, hint: h, file: h, line: 3, also: [h, h], also_count: 3 },
      { severity: "warning", code: "x", message: h, hint: null, file: null, line: null },
    ],
  };
  const entries = [
    entry(h, { value: { kind: "new", shown: h, bytes: 5, cut: true, json: false } }),
    entry(h, {
      value: { kind: "text", more: 0, hunks: [{ before: [1, 1], after: [1, 1], lines: lines.map((line) => `+${line}`) }] },
      metadata: { kind: "json", more: 0, changes: [{ op: "set", path: h, before: json, after: json }] },
    }),
    entry(h, { kind: "namespace", action: "rename" }),
    entry(h, { kind: "bulk", counts: { new: 1, changed: 1, overwrite: 0, unchanged: 0 } }),
    entry(h, { namespaces: { count: 5, names: [h, h] } }),
  ];
  const section = { env: h, account: h, address: h, title: `${h}2`, entries, more: 2 };
  const file = { env: null, account: null, address: null, title: h, file: h, more: 0,
    entries: [entry(h, { kind: "file", action: "write", lines })] };
  const tail = {
    outputs: [{ name: h, account: h, before: json, after: json }], summary: summary({ put: 1 }), cost: null,
    left_out: 1, unsure: 0, checked: null, saved: null,
  };
  return [["open", head], ["section", section], ["section", file], ["close", tail]];
}

function show(module, list) {
  const input = list.map(([name, view]) => `${name} ${JSON.stringify(view)}\n`).join("");
  const r = spawnSync(HOST_TEXT, [module], { input });
  assert.equal(r.status, 0, r.stderr.toString());
  return r.stdout.toString();
}

function nodes(markdown) {
  const walker = new Parser().parse(markdown).walker();
  const list = [];
  for (let event = walker.next(); event; event = walker.next()) if (event.entering) list.push(event.node);
  return list;
}

// The commands of a log by the rules of the runner, where none is stopped.
function commands(log) {
  return log.split(/\r\n?|\n/).filter((line) => /^::.*::/.test(line.trimStart()) || /##\[.*\]/.test(line));
}

// Nothing but a heading, paragraphs, lists, and code in our own folds.
function assertText(markdown, folds) {
  const list = nodes(markdown);
  const html = list.filter((node) => node.type === "html_block").map((node) => node.literal);
  assert.equal(list.filter((node) => ["html_inline", "link", "image", "thematic_break", "emph"].includes(node.type)).length, 0);
  assert.deepEqual(list.filter((node) => node.type === "heading").map((node) => node.level), [3]);
  assert.equal(html.length, 2 * folds, markdown);
  for (const [i, block] of html.entries())
    assert.match(block, i % 2 ? /^<\/details>$/ : /^<details>\n<summary>[^<>\n]*<\/summary>$/);
  assert.equal(list.filter((node) => node.type === "code_block").length, folds);
  const prose = [...list.filter((node) => node.type === "text"), ...html.map((literal) => ({ literal }))];
  for (const { literal } of prose)
    assert.doesNotMatch(literal, /@\w|#\d|gh-\d|:\/\/|www\./i, literal);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  assert.doesNotMatch(markdown, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/);
  assert.deepEqual(commands(markdown), []);
}

describe("a plan as markdown", () => {
  for (const h of HOSTILE) {
    it(`shows as text only: ${JSON.stringify(h)}`, () => {
      assertText(show("plan.markdown", calls(h)), 3);
    });
  }

  it("shows as text only what a whole run of the program brings about", () => {
    const names = HOSTILE.map((h) => h.replace(/[\p{Cc}\p{Cf}\u2028]/gu, " ").slice(0, 60));
    const declare = (value) => `local cfkv = require "cfkv"
cfkv.project { name = "peers" }
${names.map((name, i) => `do local ns = cfkv.namespace { title = ${lua(`${name} ${i}`)}, env = ${i % 2 ? '"dev"' : '"prod"'} }
ns:put(${lua(HOSTILE[i].replaceAll("\0", "0"))}, ${lua(HOSTILE[i] + value)}, { metadata = { m = ${lua(HOSTILE[i] + value)} } })
cfkv.output("o${i}", ${lua(HOSTILE[i] + value)}) end`).join("\n")}
`;
    using p = new Project({ "kv.lua": declare("1") });
    const plan = () => p.cfkv("plan", "--local", "--verbose", "--format", "markdown").text;
    assertText(plan(), 3);
    p.apply();
    p.write("kv.lua", declare("2"));
    assertText(plan(), 3);
  });
});

// Bytes that Lua reads back.
function lua(text) {
  return luaString(text).replace(/[\0\r\u001b]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, "0")}`);
}

describe("annotations", () => {
  for (const h of HOSTILE) {
    it(`are one command a diagnostic: ${JSON.stringify(h)}`, () => {
      const log = show("plan.github", [["annotations", { diagnostics: calls(h)[0][1].diagnostics, folder: h }]]);
      assert.equal(log.split("\n").length, 3);
      assert.match(log, /^::error file=[^,:]*,line=3,title=cfkv%3A guard.x::refused: .*\n::warning title=cfkv%3A x::/);
    });
  }
});

describe("the report for GitLab", () => {
  it("is one object of three counts, whatever is in a plan", () => {
    for (const h of HOSTILE) {
      const counts = JSON.parse(show("plan.gitlab", calls(h)));
      assert.deepEqual(Object.keys(counts), ["create", "delete", "update"]);
    }
  });
});
