// What the editor of wrangler configs makes of each file of the corpus, seen by the parsers that
// wrangler itself uses.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";

import { CORPUS, NOT_AS_BEFORE, PREVIEWS, assertDocument, parse, takeApart } from "./corpus.mjs";

const EDITOR = join(dirname(process.env.CFKV), "support/wrangler_edit");
const ENVS = ["-", PREVIEWS, "prod", "staging", "my env", "brand-new", "dotted.name"];

const folder = mkdtempSync(join(tmpdir(), "cfkv-wrangler-"));
after(() => rmSync(folder, { recursive: true }));

function edit(name, bytes, ...edits) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { status, stdout, stderr } = spawnSync(EDITOR, [path, ...edits]);
  assert.equal(status, 0, `${name}: ${stderr}`);
  return stdout;
}

function lines(bytes) {
  return bytes.toString("utf8").split("\n");
}

// Lines of `a` from the first to the last that `b` has otherwise.
function differing(a, b) {
  const [x, y] = [lines(a), lines(b)];
  const least = Math.min(x.length, y.length);
  let head = 0;
  while (head < least && x[head] === y[head]) head++;
  let tail = 0;
  while (tail < least - head && x[x.length - 1 - tail] === y[y.length - 1 - tail]) tail++;
  return x.slice(head, x.length - tail);
}

// A text without escapes, on one line: as the editor writes it.
function isPlain(bytes, text) {
  return [`"${text}"`, `'${text}'`].some((quoted) => bytes.includes(quoted));
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
        assert.ok(differing(original, added).length <= 1, "more than one line differs");
        assert.ok(edit(name, added, ...set).equals(added), "a second run changes something");
        const removed = edit(name, added, "remove", env, "ADDED");
        if (NOT_AS_BEFORE.has(`${name} ${env}`)) assertDocument(name, removed, apart());
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
      if (ENVS.some((env) => NOT_AS_BEFORE.has(`${name} ${env}`))) assertDocument(name, removed, apart());
      else assert.equal(removed.toString(), original.toString());
    });

    const stringify = (value) => JSON.stringify(value, null, 2);
    if (!name.endsWith(".toml") && Object.keys(parse(name, original)).length > 0)
      it("keeps the layout that JSON.stringify gives", () => {
        const before = Buffer.from(stringify(parse(name, original)));
        for (const env of ENVS) {
          const added = edit(name, before, "set", env, "ADDED", "new-id", "new-preview");
          assert.equal(added.toString(), stringify(parse(name, added)), env);
        }
      });

    for (const [env, { binding, id, preview_id }] of bindings) {
      it(`gives ${env}/${binding} another id where it stands`, () => {
        const changed = edit(name, original, "set", env, binding, "other-id", preview_id ?? "-");
        const expected = apart();
        expected.lists.get(env).find((b) => b.binding === binding).id = "other-id";
        assertDocument(name, changed, expected);
        if (!id || !isPlain(original, id)) return;
        assert.ok(differing(original, changed).length <= 1, "more than one line differs");
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
        assert.ok(differing(removed, original).length <= 1, "more than one line differs");
        assert.ok(edit(name, removed, "remove", env, binding).equals(removed));
      });
    }
  });

describe("the corpus", () => {
  it("has at least 120 files", () => assert.ok(readdirSync(CORPUS).length >= 120));
});
