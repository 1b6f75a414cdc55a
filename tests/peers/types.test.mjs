// cfkv wrangler --types, judged by the TypeScript compiler and beside what `wrangler types` says of
// the same config.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import ts from "typescript";

import { Project, luaString } from "./support.mjs";

const OURS = "kv.d.ts";
const THEIRS = "theirs.d.ts";
const RUNTIME = "runtime.d.ts";

const WORKER = `export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response(await env.CONFIG?.get("k"));
  },
} satisfies ExportedHandler<Env>;
`;

// A namespace of each environment, bound as CONFIG; `more` declares others and the config.
function declare(more, envs = ["dev", "prod"]) {
  return `local cfkv = require "cfkv"
for _, env in ipairs { ${envs.map(luaString).join(", ")} } do
  cfkv.namespace { app = "shop", purpose = "config", env = env, binding = "CONFIG", description = "Flags" }
end
${more}`;
}

const BASE = `{ "name": "shop", "main": "src/index.ts", "compatibility_date": "2026-01-01" }\n`;

// Names, and what their projects are made of.
const SHAPES = {
  "a binding of all sections": { "kv.lua": declare(`cfkv.wrangler { path = "wrangler.jsonc", top_level = "dev" }`) },
  "environments alone": { "kv.lua": declare(`cfkv.wrangler { path = "wrangler.jsonc" }`) },
  "the top level alone": {
    "kv.lua": `local cfkv = require "cfkv"
cfkv.namespace { title = "config", binding = "CONFIG" }
cfkv.namespace { title = "zoo", binding = "$zoo_1" }
cfkv.wrangler { path = "wrangler.jsonc" }`,
  },
  "a binding of one section": {
    "kv.lua": declare(`cfkv.namespace { title = "shop-log-prod", env = "prod", binding = "LOG" }
cfkv.wrangler { path = "wrangler.jsonc", top_level = "dev" }`),
  },
  "an environment without bindings": {
    "kv.lua": declare(`cfkv.wrangler { path = "wrangler.jsonc", top_level = "dev" }`),
    "wrangler.jsonc": BASE.replace(" }\n", `, "env": { "qa": {} } }\n`),
  },
  "an environment that has it by hand": {
    "kv.lua": declare(`cfkv.wrangler { path = "wrangler.jsonc", top_level = "dev" }`),
    "wrangler.jsonc": BASE.replace(" }\n", `, "env": { "qa": { "kv_namespaces": [ { "binding": "CONFIG", "id": "x" } ] } } }\n`),
  },
  "names that are words of the language": {
    "kv.lua": `local cfkv = require "cfkv"
for i, name in ipairs { "readonly", "declare", "CONFIG", "get", "_", "$" } do
  cfkv.namespace { title = "n" .. i, binding = name }
end
cfkv.wrangler { path = "wrangler.jsonc" }`,
  },
};

const OPTIONS = {
  strict: true,
  noEmit: true,
  types: [],
  lib: ["lib.esnext.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
};

// What is large and the same in all programs is parsed once.
const parsed = new Map();

function host() {
  const plain = ts.createCompilerHost(OPTIONS);
  const read = (name, ...more) => {
    if (!/(lib\.[^/]*|runtime)\.d\.ts$/.test(name)) return plain.getSourceFile(name, ...more);
    const key = name.replace(/.*\//, "");
    if (!parsed.has(key)) parsed.set(key, plain.getSourceFile(name, ...more));
    return parsed.get(key);
  };
  return { ...plain, getSourceFile: read };
}

function compile(p, ...names) {
  return ts.createProgram(names.map((name) => p.path(name)), OPTIONS, host());
}

// What the compiler finds wrong, as "FILE: message"; the runtime's types are wrangler's affair.
function problems(program) {
  const files = program.getSourceFiles().filter((file) => /(kv|theirs|index)(\.d)?\.ts$/.test(file.fileName));
  const found = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  return [...program.getGlobalDiagnostics(), ...found].map((d) => {
    const file = d.file?.fileName.replace(/.*\//, "") ?? "";
    return `${file}: ${ts.flattenDiagnosticMessageText(d.messageText, "\n")}`;
  });
}

// The members of an interface that are namespaces: { CONFIG: "required" }.
function members(program, interfaceOf) {
  const checker = program.getTypeChecker();
  const found = {};
  for (const member of checker.getPropertiesOfType(interfaceOf(checker))) {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(member));
    if (type.symbol?.name !== "KVNamespace") continue;
    found[member.name] = member.flags & ts.SymbolFlags.Optional ? "optional" : "required";
  }
  return found;
}

function globalEnv(checker) {
  const symbol = checker.resolveName("Env", undefined, ts.SymbolFlags.Interface, false);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

function cloudflareEnv(checker) {
  const space = checker.resolveName("Cloudflare", undefined, ts.SymbolFlags.Namespace, false);
  return checker.getDeclaredTypeOfSymbol(space.exports.get("Env"));
}

describe("cfkv wrangler --types", () => {
  let runtime;

  before(() => {
    using p = start({});
    p.wrangler("types", "--include-env=false", RUNTIME);
    runtime = p.read(RUNTIME);
  });

  // The project with what both programs generate in it.
  function start(files) {
    return new Project({
      "wrangler.jsonc": BASE,
      "src/index.ts": WORKER,
      ...(runtime && { [RUNTIME]: runtime }),
      ...files,
    });
  }

  function generate(p) {
    const r = p.cfkv("wrangler", "--types", OURS);
    assert.equal(r.code, 0, r.stderr);
    p.wrangler("types", "--include-runtime=false", THEIRS);
  }

  for (const [name, files] of Object.entries(SHAPES)) {
    it(`says of ${name} what wrangler types does`, () => {
      using p = start(files);
      p.apply();
      generate(p);
      const ours = compile(p, RUNTIME, OURS, "src/index.ts");
      assert.deepEqual(problems(ours), []);
      const theirs = members(compile(p, RUNTIME, THEIRS), globalEnv);
      assert.ok(Object.keys(theirs).length > 0);
      assert.deepEqual(members(ours, globalEnv), theirs);
      assert.deepEqual(members(ours, cloudflareEnv), theirs);
      const both = compile(p, RUNTIME, THEIRS, OURS, "src/index.ts");
      assert.deepEqual(problems(both), []);
      assert.deepEqual(members(both, globalEnv), theirs);
    });
  }

  it("says the same before and after the config is written", () => {
    for (const files of Object.values(SHAPES)) {
      using p = start(files);
      const r = p.cfkv("wrangler", "--types", OURS);
      assert.equal(r.code, 0, r.stderr);
      p.apply();
      assert.equal(p.cfkv("wrangler", "--types", OURS, "--check").code, 0);
    }
  });

  it("makes a binding that nothing declares a mistake", () => {
    using p = start({ ...SHAPES["a binding of all sections"], "src/index.ts": WORKER.replace("CONFIG", "CONFG") });
    generate(p);
    assert.deepEqual(problems(compile(p, RUNTIME, OURS, "src/index.ts")), [
      "index.ts: Property 'CONFG' does not exist on type 'Env'. Did you mean 'CONFIG'?",
    ]);
  });

  it("declares nothing that a title or a description would smuggle in", () => {
    const evil = "*/ } declare const pwned: 1; interface X { /*\\n*/ declare const pwned: 1;\\r// \\u{2028}declare const pwned: 1;";
    using p = start({
      "kv.lua": `local cfkv = require "cfkv"
cfkv.namespace { title = "*/ declare const pwned: 1;", binding = "CONFIG", description = "${evil}" }
cfkv.wrangler { path = "wrangler.jsonc" }`,
    });
    generate(p);
    const program = compile(p, RUNTIME, OURS, "src/index.ts");
    assert.deepEqual(problems(program), []);
    assert.equal(program.getTypeChecker().resolveName("pwned", undefined, ts.SymbolFlags.Value, false), undefined);
  });
});
