// Every JSON document that cfkv prints is what `cfkv schema` says of it, as ajv judges; and a schema that
// took anything would be found out.
//
// Besides those that are made here, documents are judged that `make test` left (CFKV_DOCUMENTS; default
// build/fault/documents): what its specs made the program print, and the states they left behind; unless
// the program was built anew since.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { Judge } from "./documents.mjs";
import { Emulator } from "./emulator.mjs";
import { mutants } from "./mutants.mjs";
import { Project } from "./support.mjs";

const CFKV = process.env.CFKV ?? join(import.meta.dirname, "../../build/release/cfkv");
const LEFT = process.env.CFKV_DOCUMENTS ?? join(import.meta.dirname, "../../build/fault/documents");

const CONFIGURATION = `local cfkv = require "cfkv"
cfkv.project { name = "documents", naming = "{app}-{purpose}-{env}", guards = { mass_percent = 40 },
  backups = { keep = 5 }, ephemeral = { match = "pr-*" } }
local region = cfkv.var("region", { default = "eu", oneof = { "eu", "us" }, doc = "where it is" })
for _, env in ipairs { "dev", "prod" } do
  local ns = cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG", owner = "platform",
    description = "flags", ttl_seconds = 3600 }
  ns:put("flags", { dark = true, region = region }, { metadata = { by = "me" } })
  ns:put("self", "id " .. ns.id)
  ns:put("token", cfkv.secret("hunter2hunter2"))
  ns:put("binary", "\\xff\\0")
  ns:put("late", "x", { expiration = 2147483000 })
  ns:bulk { { key = "bulk/1", value = "one" }, { key = "bulk/2", value = "two" } }
  ns:bulk(cfkv.source.csv "seed.csv")
  ns:prune "old/"
  cfkv.output("id_" .. env, ns.id)
end
cfkv.output("table", { 1, "two", { three = true } })
cfkv.removed { title = "gone", allow_data_loss = true }
cfkv.wrangler { path = "wrangler.toml", top_level = "dev", environments = { prod = "production" } }
`;

const FILES = {
  "kv.lua": CONFIGURATION,
  "wrangler.toml": 'name = "shop"\nmain = "w.js"\ncompatibility_date = "2026-01-01"\n[env.production]\n',
  "seed.csv": "key,value\ncsv/1,1\ncsv/2,2\n",
  "pairs.json": '[{"key":"old/1","value":"v","metadata":null},{"key":"b","value":"AP8=","base64":true}]',
  "keys.json": '["old/1","b"]',
  "script.lua": `local cfkv = require "cfkv"
cfkv.key.put("shop-config-dev", "scripted", "v")
cfkv.key.put("shop-config-dev", "flags", "v")
cfkv.key.delete("shop-config-dev", "binary")
cfkv.namespace.create("scripted")
`,
  "broken.lua": 'local cfkv = require "cfkv"\ncfkv.namespace { titel = "x", ttl_seconds = -1 }\n',
};

const DEV = ["--namespace", "shop-config-dev"];
const ADDRESS = "shop/config/dev";

// What is run, in this order; a number in front is the exit code, if it is not 0.
const RUNS = [
  [3, "plan", "--local", "-f", "broken.lua"],
  [3, "validate", "-f", "broken.lua"],
  [3, "eval", "broken.lua"],
  [1, "plan", "--local", "-f", "absent.lua"],
  [1, "output", "--local", "absent"],
  ["validate"],
  ["eval"],
  ["inputs"],
  ["plan", "--local"],
  ["kv", "namespace", "create", "shop-config-dev", "--local"],
  ["kv", "key", "put", "flags", "mine", "--metadata", '{"by":"you"}', "--local", ...DEV],
  ["kv", "key", "put", "old/x", "x", "--ttl", "600", "--local", ...DEV],
  ["kv", "key", "put", "old/x", "x", "--if-missing", "--local", ...DEV],
  ["plan", "--local"],
  [5, "apply", "--local", "--yes"],
  ["apply", "--local", "--yes", `--allow-data-loss=${ADDRESS}`],
  ["plan", "--local"],
  ["drift", "--local"],
  ["kv", "key", "delete", "self", "--local", ...DEV],
  ["kv", "key", "put", "flags", "theirs", "--local", ...DEV, "--backup"],
  ["kv", "key", "put", "csv/1", "theirs", "--local", ...DEV],
  ["kv", "key", "put", "old/y", "y", "--local", ...DEV, "--expiration", "2147483000"],
  ["kv", "namespace", "rename", "shop-config-prod", "shop-config-live", "--local"],
  [2, "drift", "--local"],
  ["plan", "--local"],
  ["audit", "--local"],
  ["sweep", "--local", "--yes", "--keep-none"],
  ["output", "--local"],
  ["output", "table", "--local"],
  ["wrangler", "--local"],
  ["wrangler", "--check", "--local", "--types", "env.d.ts", 2],
  ["import", "wrangler.toml", "-f", "imported.lua"],
  ["state", "list", "--local"],
  ["state", "show", ADDRESS, "--local"],
  ["kv", "namespace", "list", "--local"],
  ["kv", "namespace", "get", "shop-config-dev", "--local"],
  ["kv", "key", "list", "--local", ...DEV],
  ["kv", "key", "get", "flags", "--local", ...DEV],
  ["kv", "key", "get", "binary", "--local", ...DEV],
  [1, "kv", "key", "get", "absent", "--local", ...DEV],
  ["kv", "key", "put", "was", "w", "--local", ...DEV],
  ["kv", "key", "rename", "was", "is", "--local", ...DEV],
  ["kv", "key", "rename", "--prefix", "is", "was", "--yes", "--local", ...DEV],
  [1, "kv", "key", "rename", "absent", "is", "--local", ...DEV],
  ["kv", "key", "delete", "was", "--local", ...DEV],
  ["kv", "key", "rename", "late", "later", "--local", "--yes", ...DEV],
  ["kv", "key", "rename", "--prefix", "bulk/", "moved/", "--local", "--yes", ...DEV],
  ["kv", "bulk", "put", "pairs.json", "--local", ...DEV],
  ["kv", "bulk", "get", "keys.json", "--local", ...DEV],
  ["kv", "bulk", "delete", "keys.json", "--local", "--yes", ...DEV],
  ["backup", "shop-config-dev", "-o", "dev.jsonl", "--local"],
  ["kv", "namespace", "create", "copy", "--local"],
  ["copy", "local:shop-config-dev", "local:copy", "--yes", "--local"],
  ["restore", "dev.jsonl", "--namespace", "copy", "--prune", "--yes", "--local"],
  ["kv", "namespace", "clear", "copy", "--local", "--yes"],
  ["kv", "namespace", "delete", "copy", "--local", "--yes"],
  ["backup", "list", "--local"],
  ["backup", "purge", "--keep", "1", "--yes", "--local"],
  ["run", "--dry-run", "script.lua", "--local"],
  ["schema"],
  ["help"],
  ["doctor", "--local"],
  [1, "doctor", "-f", "broken.lua"],
  [3, "destroy", "--local", "--yes", "-f", "broken.lua"],
  [5, "destroy", "--local", "--yes"],
  ["kv", "namespace", "rename", "shop-config-live", "shop-config-prod", "--local"],
  ["destroy", "--local", "--yes", "--allow-data-loss=shop/*"],
];

// What is read, and not printed: pairs.test.mjs.
const READ = ["bulk"];

function run(p, line) {
  const code = line.find(Number.isInteger) ?? 0;
  const args = [...line.filter((word) => !Number.isInteger(word)), "--json"];
  const r = p.cfkv(...args);
  return { args, code: r.code, out: r.text, said: r.stderr, wanted: code };
}

function made() {
  using p = new Project(FILES);
  return RUNS.map((line) => run(p, line));
}

function* left() {
  if (!existsSync(LEFT)) return;
  const built = statSync(CFKV).mtimeMs;
  for (const path of readdirSync(LEFT).map((name) => join(LEFT, name)))
    if (statSync(path).mtimeMs >= built)
      for (const line of readFileSync(path, "utf8").split("\n")) if (line !== "") yield JSON.parse(line);
}

const judge = new Judge((...args) => {
  using p = new Project();
  return JSON.parse(p.cfkv(...args).text);
});

// The state file of the same project on an account.
async function recorded() {
  await using emulator = await Emulator.start();
  using p = new Project(FILES, emulator);
  p.apply("--var", "region=us");
  return { args: ["a", "state"], state: p.read("kv.state.json") };
}

// What an account has of each kind, and what import makes of it.
async function imported() {
  await using emulator = await Emulator.start();
  using p = new Project({}, emulator);
  return [
    ["kv", "namespace", "create", "shop-config-prod", "--jurisdiction", "eu"],
    ["kv", "namespace", "create", "shop-config-dev", "--mode", "instant"],
    ["kv", "namespace", "list"],
    ["audit", "--keys"],
    ["import", "--all", "--keys"],
    ["plan"],
    ["state", "show", "shop-config-prod"],
  ].map((line) => run(p, line));
}

const documents = [...made(), await recorded(), ...await imported()];

const text = ({ out, state }) => out ?? state;
const told = (document) => `${document.args?.join(" ") ?? "a state"} ${document.spec ?? ""}\n${text(document).slice(0, 2000)}`;

describe("cfkv schema", () => {
  it("is JSON Schema, by the name of the document", () => {
    for (const [name, schema] of judge.schemas) {
      assert.equal(schema.$id, `urn:cfkv:schema:${name.replaceAll(" ", "-")}:${name === "state" ? 2 : 1}`);
      assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    }
  });

  for (const [name, schema] of judge.schemas)
    it(`of ${name} closes every object and explains every member`, () => {
      (function walk(node, path) {
        if (node === null || typeof node !== "object") return;
        if (node.properties) assert.equal(node.additionalProperties, false, path);
        for (const [member, property] of Object.entries(node.properties ?? {}))
          assert.ok(property.description, `${path}/${member} has no description`);
        for (const [member, below] of Object.entries(node)) if (!["if", "then"].includes(member)) walk(below, `${path}/${member}`);
      })(schema, name);
    });
});

describe("documents", () => {
  it("are there of every schema", () => {
    const seen = new Set(documents.map((document) => judge.document(document)));
    const missing = [...judge.schemas.keys()].filter((name) => !seen.has(name) && !READ.includes(name));
    assert.deepEqual(missing, []);
  });

  for (const document of documents)
    it(`of ${document.args.join(" ")} (${document.wanted ?? "as it is"})`, () => {
      assert.equal(document.code, document.wanted, document.said);
      assert.equal(judge.problem(document), undefined, told(document));
    });

  it("that the specs of cfkv left", (t) => {
    const problems = [];
    let n = 0;
    for (const document of left()) {
      n++;
      const problem = judge.problem(document);
      if (problem) problems.push(`${problem}\n  ${told(document)}`);
    }
    if (n === 0) t.skip("there are none of this build: make test leaves some");
    assert.equal(problems.length, 0, problems.slice(0, 10).join("\n\n"));
  });
});

describe("ajv refuses", () => {
  for (const document of documents)
    it(`what is no ${judge.document(document)} (${document.args.join(" ")})`, () => {
      const name = judge.document(document);
      for (const { value, what } of mutants(name, JSON.parse(text(document))))
        assert.notEqual(judge.against(name, value), undefined, `${name} may have ${what}`);
    });
});
