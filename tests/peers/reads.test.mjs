// Which config wrangler reads, by its own word; and local keys of bindings, from both sides.

import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { describe, it } from "node:test";

import { experimental_readRawConfig as readRawConfig } from "wrangler";

import { boundIn, Project, WORKER } from "./support.mjs";

const ID = "0a".repeat(16);
const NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

function lua(path) {
  return `local cfkv = require "cfkv"
cfkv.project { name = "peers" }
cfkv.namespace { title = "peers", binding = "KV" }
cfkv.wrangler { path = "${path}" }
`;
}

describe("the config that is read:", () => {
  // What wrangler's dev and deploy read in a folder of the project, relative to the project.
  function readIn(p, folder) {
    const before = process.cwd();
    process.chdir(p.path(folder));
    try {
      const r = readRawConfig({}, { useRedirectIfAvailable: true });
      const real = (path) => path && relative(realpathSync(p.dir), realpathSync(path));
      return { user: real(r.userConfigPath), config: real(r.configPath) };
    } catch (error) {
      return { refused: error.message };
    } finally {
      process.chdir(before);
    }
  }

  function warnings(p, path) {
    p.write("kv.lua", lua(path));
    const r = p.cfkv("validate", "--json");
    return JSON.parse(r.text).diagnostics;
  }

  it("cfkv names the one that wrangler takes, whichever of them lie in a folder and above", () => {
    for (let set = 1; set < 64; set++) {
      using p = new Project({ "sub/x": "" });
      const files = [...NAMES, ...NAMES.map((name) => `sub/${name}`)].filter((_, i) => set & (1 << i));
      for (const file of files) p.write(file, file.endsWith("toml") ? "" : "{}");
      const { user } = readIn(p, "sub");
      for (const name of NAMES) {
        const file = `sub/${name}`;
        if (!files.includes(file)) continue;
        const told = warnings(p, file).find((d) => d.code === "wrangler.unread");
        const other = /it takes '([^']*)'/.exec(told?.message)?.[1];
        assert.equal(other ?? file, user, files.join(" "));
      }
    }
  });

  it("cfkv warns where wrangler is redirected, and refuses what wrangler refuses", () => {
    const own = `[[kv_namespaces]]\nbinding = "KV"\nid = "${ID}"\n`;
    for (const [redirect, expected] of [
      ['{"configPath":"../../dist/w.json"}', "wrangler.redirect"],
      ['{ /* c */ "configPath": "../../dist/w.json", }', "wrangler.redirect"],
      ['{"configPath":"../../wrangler.toml"}', undefined],
      ["{}", "wrangler.config"],
      ['{"configPath":""}', "wrangler.config"],
      ["{", "wrangler.config"],
    ]) {
      using p = new Project({ "wrangler.toml": own, ".wrangler/deploy/config.json": redirect });
      p.write("dist/w.json", '{"kv_namespaces":[]}');
      const { refused, config } = readIn(p, ".");
      assert.equal(Boolean(refused), expected === "wrangler.config", redirect);
      if (!refused) assert.equal(config !== "wrangler.toml", expected === "wrangler.redirect", redirect);
      assert.equal(warnings(p, "wrangler.toml")[0]?.code, expected, redirect);
    }
    using p = new Project({ "sub/wrangler.toml": own, ".wrangler/deploy/config.json": '{"configPath":"../../w.json"}' });
    p.write("w.json", "{}");
    assert.match(readIn(p, "sub").refused, /do not share the same base path/);
    assert.match(warnings(p, "sub/wrangler.toml")[0].message, /which lies elsewhere/);
  });

  it("wrangler takes what cfkv prints for a program under --x-new-config", () => {
    using p = new Project({ "kv.lua": lua("wrangler.toml"), "worker.mjs": WORKER, "wrangler.toml": 'name = "w"\n' });
    p.write("cloudflare.config.ts", "export default {}");
    p.apply();
    p.write(
      "cloudflare.config.ts",
      `export default { worker: { name: "w", entrypoint: "./worker.mjs", compatibilityDate: "2026-01-01",
      ${p.cfkv("wrangler", "--local").text} } };`,
    );
    const bound = boundIn(p.wrangler("deploy", "--dry-run", "--x-new-config").text);
    assert.equal(bound.KV, /id = "(\w{32})"/.exec(p.read("wrangler.toml"))[1]);
  });
});

describe("local keys of a binding that no namespace stands behind yet:", () => {
  const entries = [
    { given: "", args: [] },
    { given: 'id = "<YOUR_ID>"', args: [], folder: "data" },
    { given: 'id = "a/b:c"', args: [] },
    { given: `id = "${ID}"\npreview_id = "DEV"`, args: ["--preview"] },
  ];
  for (const { given, args, folder } of entries)
    it(`wrangler and cfkv have the same store for ${given.replace("\n", ", ") || "no id"}`, () => {
      using p = new Project({ "wrangler.toml": `[[kv_namespaces]]\nbinding = "KV"\n${given}\n` });
      const where = ["--local", "--binding", "KV", ...args];
      if (folder) where.push("--persist-to", folder);
      assert.equal(p.kv("list", ...where), "");
      p.kv("put", "ours", "of cfkv", ...where);
      assert.equal(p.wrangler("kv", "key", "get", "ours", ...where).text, "of cfkv");
      p.wrangler("kv", "key", "put", "theirs", "of wrangler", ...where);
      assert.equal(p.kv("get", "theirs", ...where), "of wrangler");
      assert.equal(p.kv("list", ...where), "ours\ntheirs\n");
      assert.equal(p.has(`${folder ?? ".wrangler/state"}/v3/kv`), true);
    });

  it("without --preview cfkv has the one where wrangler dev looks", async () => {
    using p = new Project({ "worker.mjs": WORKER });
    const head = 'name = "peers"\nmain = "worker.mjs"\ncompatibility_date = "2026-01-01"\n';
    p.write("wrangler.toml", `${head}[[kv_namespaces]]\nbinding = "KV"\nid = "${ID}"\npreview_id = "DEV"\n`);
    p.kv("put", "k", "dev's", "--local", "--binding", "KV");
    p.kv("put", "k", "elsewhere", "--local", "--binding", "KV", "--persist-to", "data");
    {
      await using dev = await p.devOf();
      assert.equal(await dev.text("k", "KV"), "dev's");
    }
    await using dev = await p.devOf({ args: ["--persist-to", "data"] });
    assert.equal(await dev.text("k", "KV"), "elsewhere");
  });
});
