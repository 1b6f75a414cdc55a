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

describe("the examples", () => {
  function start(example) {
    const p = new Project();
    p.copy(`../../examples/${example}`);
    p.apply();
    return p;
  }

  async function ask(dev, path) {
    return (await fetch(new URL(path, dev.url))).text();
  }

  it("one-worker is served as it was seeded, in both environments", async () => {
    using p = start("one-worker");
    await using dev = await p.devOf({ env: null });
    assert.equal(await ask(dev, "/"), "HELLO\n");
    assert.equal(await ask(dev, "/fr"), "BONJOUR\n");
    await using production = await p.devOf({ env: "production" });
    assert.equal(await ask(production, "/fr"), "Bonjour\n");
  });

  it("monorepo has each app read its own namespaces and the common one", async () => {
    using p = start("monorepo");
    await using shop = await p.devOf({ env: "production", cwd: "apps/shop" });
    assert.deepEqual(JSON.parse(await ask(shop, "/")), { free_shipping_from: 50, currency: "EUR" });
    await using blog = await p.devOf({ env: null, cwd: "apps/blog" });
    const page = await ask(blog, "/x");
    assert.match(page, /^This is \/x, rendered at /);
    assert.equal(await ask(blog, "/x"), page); // kept, for an hour
  });
});
