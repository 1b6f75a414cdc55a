// What the editor of wrangler configs makes of each file of the corpus, seen by the parsers that
// wrangler itself uses.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import * as jsonc from "jsonc-parser";
import * as toml from "smol-toml";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "../wrangler/corpus");
const EDITOR = join(dirname(process.env.CFKV), "support/wrangler_edit");
const ENVS = ["-", "prod", "staging", "my env", "brand-new", "dotted.name"];

// Lists that were there, empty, inside a table on one line: as the editor writes new ones there. So
// they go with their last binding.
const GONE_AFTERWARDS = new Set(["empty-lists.jsonc prod", "env-inline-tables.toml prod"]);

const folder = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
after(() => rmSync(folder, { recursive: true }));

function parse(name, bytes) {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (name.endsWith(".toml")) return JSON.parse(JSON.stringify(toml.parse(text)));
  const errors = [];
  const value = jsonc.parse(text, errors, { allowTrailingComma: true });
  assert.deepEqual(errors, []);
  return value;
}

function edit(name, bytes, ...edits) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { status, stdout, stderr } = spawnSync(EDITOR, [path, ...edits]);
  assert.equal(status, 0, `${name}: ${stderr}`);
  return stdout;
}

// The document with a list of bindings in each environment, and without that list in the rest.
function takeApart(document) {
  const lists = new Map();
  const take = (env, table) => {
    if (table.kv_namespaces?.length) lists.set(env, table.kv_namespaces);
    delete table.kv_namespaces;
  };
  take("-", document);
  for (const [env, table] of Object.entries(document.env ?? {})) {
    take(env, table);
    if (Object.keys(table).length === 0) delete document.env[env];
  }
  if (document.env && Object.keys(document.env).length === 0) delete document.env;
  return { lists, rest: document };
}

function assertDocument(name, bytes, expected) {
  const { lists, rest } = takeApart(parse(name, bytes));
  assert.deepEqual(rest, expected.rest);
  for (const env of new Set([...lists.keys(), ...expected.lists.keys()]))
    assert.deepEqual(lists.get(env) ?? [], expected.lists.get(env) ?? [], env);
}

function lines(bytes) {
  return bytes.toString("utf8").split("\n");
}

// Lines of `a` that are not in `b`, when `b` is gone through once, in order.
function missing(a, b) {
  let at = 0;
  return lines(a).filter((line) => {
    const found = lines(b).indexOf(line, at);
    if (found >= 0) at = found + 1;
    return found < 0;
  });
}

for (const name of readdirSync(CORPUS).sort())
  describe(name, () => {
    const original = readFileSync(join(CORPUS, name));
    const apart = () => takeApart(parse(name, original));
    const bindings = [...apart().lists].flatMap(([env, list]) => list.map((b) => [env, b]));

    it("is listed as the parser sees it", () => {
      const listed = JSON.parse(edit(name, original, "list"));
      assert.deepEqual(
        listed.map((b) => [b.env ?? "-", b.binding, b.id ?? undefined, b.preview_id ?? undefined]).sort(),
        bindings.map(([env, b]) => [env, b.binding, b.id, b.preview_id]).sort(),
      );
    });

    for (const env of ENVS)
      it(`takes a new binding into ${env}, and gives the old bytes without it`, () => {
        const set = ["set", env, "ADDED", "new-id", "new-preview"];
        const added = edit(name, original, ...set);
        const expected = apart();
        const entry = { binding: "ADDED", id: "new-id", preview_id: "new-preview" };
        expected.lists.set(env, [...(expected.lists.get(env) ?? []), entry]);
        assertDocument(name, added, expected);
        assert.ok(missing(original, added).length <= 1, "more than one line differs");
        assert.ok(edit(name, added, ...set).equals(added), "a second run changes something");
        const removed = edit(name, added, "remove", env, "ADDED");
        if (GONE_AFTERWARDS.has(`${name} ${env}`)) assertDocument(name, removed, apart());
        else assert.equal(removed.toString(), original.toString());
      });

    it("takes two bindings into each environment, and gives the old bytes without them", () => {
      const all = ENVS.flatMap((env) => ["ADDED_1", "ADDED_2"].map((binding) => [env, binding]));
      const added = edit(name, original, ...all.flatMap((which) => ["set", ...which, "id", "-"]));
      const expected = apart();
      for (const [env, binding] of all)
        expected.lists.set(env, [...(expected.lists.get(env) ?? []), { binding, id: "id" }]);
      assertDocument(name, added, expected);
      const removed = edit(name, added, ...all.flatMap((which) => ["remove", ...which]));
      if (ENVS.some((env) => GONE_AFTERWARDS.has(`${name} ${env}`))) assertDocument(name, removed, apart());
      else assert.equal(removed.toString(), original.toString());
    });

    for (const [env, { binding, id, preview_id }] of bindings) {
      it(`gives ${env}/${binding} another id where it stands`, () => {
        const changed = edit(name, original, "set", env, binding, "other-id", preview_id ?? "-");
        const expected = apart();
        expected.lists.get(env).find((b) => b.binding === binding).id = "other-id";
        assertDocument(name, changed, expected);
        if (!id) return;
        assert.ok(missing(original, changed).length <= 1, "more than one line differs");
        const back = edit(name, changed, "set", env, binding, id, "-");
        assert.equal(back.toString(), original.toString());
      });

      it(`gives ${env}/${binding} a preview_id`, () => {
        const changed = edit(name, original, "set", env, binding, id || "new", "other-preview");
        const expected = apart();
        Object.assign(
          expected.lists.get(env).find((b) => b.binding === binding),
          { id: id || "new", preview_id: "other-preview" },
        );
        assertDocument(name, changed, expected);
      });

      it(`removes ${env}/${binding} and no line of another`, () => {
        const removed = edit(name, original, "remove", env, binding);
        const expected = apart();
        expected.lists.set(
          env,
          expected.lists.get(env).filter((b) => b.binding !== binding),
        );
        assertDocument(name, removed, expected);
        assert.ok(missing(removed, original).length <= 1, "more than one line differs");
        assert.ok(edit(name, removed, "remove", env, binding).equals(removed));
      });
    }
  });

describe("the corpus", () => {
  it("has at least 40 files", () => assert.ok(readdirSync(CORPUS).length >= 40));
});
