// What a new user sees who follows the quickstart or the README and then types `wrangler dev`.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { Project, WORKER } from "./support.mjs";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

// The configuration of a section of the README.
function configurationOf(heading) {
  const section = README.split(`\n## ${heading}\n`)[1];
  return /```lua\n([^]*?)```/.exec(section)[1];
}

describe("the quickstart", () => {
  function start() {
    const p = new Project();
    p.copy("../../examples/quickstart");
    for (const made of [".wrangler", "wrangler.toml"]) rmSync(p.path(made), { recursive: true, force: true });
    return p;
  }

  async function answer(dev) {
    return (await fetch(dev.url)).json();
  }

  it("is what a plain wrangler dev serves, and says whose ids those are", async () => {
    using p = start();
    const r = p.apply();
    assert.match(r.stderr, /9 ids in wrangler\.toml are local; `cfkv apply` replaces them before a deploy\n/);
    await using dev = await p.devOf({ env: null });
    assert.deepEqual(await answer(dev), { dark_mode: true, new_checkout: true });
  });

  it("is what wrangler dev --env serves of the other environments", async () => {
    using p = start();
    p.apply();
    await using dev = await p.devOf({ env: "prod" });
    assert.deepEqual(await answer(dev), { dark_mode: false, new_checkout: false });
  });
});

describe("the README", () => {
  for (const [heading, binding, key, value] of [
    ["One Worker, one namespace", "CACHE", "greeting", "hello"],
    ["A project", "CONFIG", "feature_flags", '{"dark_mode":true}'],
  ])
    it(`has a plain wrangler dev serve what '${heading}' seeds`, async () => {
      using p = new Project({ "kv.lua": configurationOf(heading), "src/index.js": WORKER });
      p.apply();
      await using dev = await p.devOf({ env: null });
      assert.equal(await dev.text(key, binding), value);
    });
});
