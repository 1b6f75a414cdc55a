// Real wrangler judges the configs that cfkv writes: what a deploy would bind, and what
// `wrangler dev` serves.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { Emulator } from "./emulator.mjs";
import { Project, WORKER, boundIn } from "./support.mjs";

const CORPUS = join(import.meta.dirname, "../wrangler/corpus");
const template = (name) => readFileSync(join(CORPUS, `create-cloudflare.${name}`), "utf8");

// CONFIG and CACHE in three environments, each seeded with a key `who`, their ids being outputs.
function declare({ path = "wrangler.toml", top = "dev", namespace = "", more = "" } = {}) {
  return `local cfkv = require "cfkv"
cfkv.project { name = "shop" }
for _, env in ipairs { "dev", "staging", "prod" } do
  for _, purpose in ipairs { "config", "cache" } do
    local ns = cfkv.namespace {
      app = "shop", purpose = purpose, env = env, binding = purpose:upper(), ${namespace}
    }
    ns:put("who", purpose .. " of " .. env)
    cfkv.output(purpose .. "_" .. env, ns.id)
  end
end
cfkv.wrangler { path = "${path}", top_level = "${top}", environments = { prod = "production" }, ${more} }
`;
}

// Two Workers, each with a config and namespaces of its own under one name.
const MONOREPO = `local cfkv = require "cfkv"
cfkv.project { name = "mono" }
for _, app in ipairs { "api", "web" } do
  for _, env in ipairs { "dev", "prod" } do
    local ns = cfkv.namespace { app = app, purpose = "data", env = env, binding = "DATA" }
    ns:put("who", app .. " " .. env)
    cfkv.output(app .. "_" .. env, ns.id)
  end
  cfkv.wrangler { path = "apps/" .. app .. "/wrangler.toml", app = app, top_level = "dev" }
end
`;

const worker = (name) => `name = "${name}" # ${name}
main = "src/index.js"
compatibility_date = "2026-01-01"
`;

// wrangler's notice that an environment lacks bindings of the top level: { env, binding }, the
// binding being undefined when it lacks all; null for any other warning.
function notInherited(warning) {
  const [, member, env] = /^- "(\w+)" exists at the top level, but not on "env\.(.*?)"\./.exec(warning) ?? [];
  if (member) return { env, binding: member === "kv_namespaces" ? undefined : member };
  const lacks = /^- There is a kv_namespaces binding with name "(.*?)" at the top level, but not on "env\.(.*?)"\./;
  const [, binding, of] = lacks.exec(warning) ?? [];
  return binding ? { env: of, binding } : null;
}

// What cfkv told of that, as "ENV BINDING".
function toldMissing(said) {
  const lines = said.matchAll(
    /environment '(.*?)' (?:of '.*?' has no binding (.*?): environments|is new in '.*?', and environments do not inherit (.*?) of)/g,
  );
  return [...lines].flatMap(([, env, names, others]) => (names ?? others).split(", ").map((name) => `${env} ${name}`));
}

// ---- Dry runs ------------------------------------------------------------------------------------

// Which output is the id of each binding of an environment.
const OF = (env) => ({ CONFIG: `config_${env}`, CACHE: `cache_${env}` });
const ELSEWHERE = "0f".repeat(16); // the id of what cfkv does not manage

// `files`: with the configs as they were. `wanted`: what each environment of each config has in the
// end, an output or an id; `lacks`: what cfkv tells that environments do not have of the top level.
const SCENARIOS = [
  {
    name: "a TOML config from a template, with comments and environments",
    files: {
      "src/index.ts": WORKER,
      "wrangler.toml": `${template("toml")}
# ---- staging --------------------------------------------------------
[env.staging]
workers_dev = true # for the testers

# Plain text, not secrets.
[env.staging.vars]
STAGE = "staging"

# ---- the old site, which needs no KV --------------------------------
[env.legacy]
workers_dev = false
`,
      "kv.lua": declare(),
    },
    wanted: { "wrangler.toml": { "": OF("dev"), staging: OF("staging"), production: OF("prod"), legacy: {} } },
    lacks: ["legacy CONFIG", "legacy CACHE"],
  },
  {
    name: "a TOML config with bindings of its own, and stale ones",
    files: {
      "src/index.js": WORKER,
      "wrangler.toml": `${worker("shop")}kv_namespaces = [
  { binding = "CACHE", id = "" }, # from another tool
  { binding = "SESSIONS", id = "${ELSEWHERE}" },
]

[env.staging]
kv_namespaces = [{ id = "${"0e".repeat(16)}", binding = "CONFIG" }]

[[env.legacy.kv_namespaces]]
binding = "SESSIONS"
id = "${ELSEWHERE}"
`,
      "kv.lua": declare({ top: "prod" }),
    },
    wanted: {
      "wrangler.toml": {
        "": { ...OF("prod"), SESSIONS: ELSEWHERE },
        production: OF("prod"),
        staging: OF("staging"),
        dev: OF("dev"),
        legacy: { SESSIONS: ELSEWHERE },
      },
    },
    lacks: ["legacy CONFIG", "legacy CACHE", "staging SESSIONS", "dev SESSIONS", "production SESSIONS"],
  },
  {
    name: "a JSONC config from a template, with comments and environments",
    files: {
      "src/index.ts": WORKER,
      "wrangler.jsonc": template("jsonc").replace(
        /\n}\s*$/,
        `
	,
	"env": {
		// for the testers
		"staging": {
			"vars": { "STAGE": "staging" }
		},
		"legacy": { "workers_dev": false },
	}
}
`,
      ),
      "kv.lua": declare({ path: "wrangler.jsonc" }),
    },
    wanted: { "wrangler.jsonc": { "": OF("dev"), staging: OF("staging"), production: OF("prod"), legacy: {} } },
    lacks: ["legacy CONFIG", "legacy CACHE"],
  },
  {
    name: "a config that cfkv made, with previews",
    files: { "src/index.js": WORKER, "kv.lua": declare({ namespace: "preview = true" }) },
    wanted: { "wrangler.toml": { "": OF("dev"), staging: OF("staging"), production: OF("prod") } },
  },
  {
    name: "a JSONC config that cfkv made",
    files: { "src/index.js": WORKER, "kv.lua": declare({ path: "wrangler.jsonc", top: "prod" }) },
    wanted: { "wrangler.jsonc": { "": OF("prod"), staging: OF("staging"), dev: OF("dev") } },
  },
  {
    name: "a monorepo with two apps",
    files: {
      "apps/api/src/index.js": WORKER,
      "apps/web/src/index.js": WORKER,
      "apps/api/wrangler.toml": `${worker("api")}\n[vars]\nSTAGE = "dev"\n`,
      "apps/web/wrangler.toml": `${worker("web")}\n[env.prod]\nworkers_dev = false\n`,
      "kv.lua": MONOREPO,
    },
    wanted: {
      "apps/api/wrangler.toml": { "": { DATA: "api_dev" }, prod: { DATA: "api_prod" } },
      "apps/web/wrangler.toml": { "": { DATA: "web_dev" }, prod: { DATA: "web_prod" } },
    },
    lacks: ["prod vars"],
  },
];

const unedited = (config) => config.replace("wrangler.", "unedited.");

// The warnings of a dry run that the config did not cause before it was edited.
async function newWarnings(project, env, config, warnings) {
  if (warnings.length === 0 || !project.has(unedited(config))) return warnings;
  const old = await project.dryRun({ env, config: unedited(config) });
  return warnings.filter((warning) => !old.warnings.includes(warning));
}

for (const { name, files, wanted, lacks = [] } of SCENARIOS)
  describe(`for a deploy, ${name}`, () => {
    let emulator, p, ids, told;

    before(async () => {
      emulator = await Emulator.start();
      p = new Project(files, emulator);
      for (const config of Object.keys(wanted)) if (files[config]) p.write(unedited(config), files[config]);
      told = toldMissing(p.apply().stderr);
      ids = p.outputs();
    });
    after(async () => {
      p?.[Symbol.dispose]();
      await emulator?.[Symbol.asyncDispose]();
    });

    for (const [config, environments] of Object.entries(wanted))
      it(`binds the right ids in each environment of ${config}, and warns of nothing that cfkv does not`, () =>
        Promise.all(
          Object.entries(environments).map(async ([env, names]) => {
            const { ok, bindings, warnings, said } = await p.dryRun({ env, config });
            assert.ok(ok, said);
            const expected = Object.entries(names).map(([binding, output]) => [binding, ids[output] ?? output]);
            assert.deepEqual(bindings, Object.fromEntries(expected), env);
            for (const warning of await newWarnings(p, env, config, warnings)) {
              const missing = notInherited(warning);
              assert.ok(missing?.env === env, warning);
              if (missing.binding) assert.ok(lacks.includes(`${env} ${missing.binding}`), warning);
              else assert.ok(lacks.some((line) => line.startsWith(`${env} `)), warning);
            }
          }),
        ));

    it("has cfkv tell which environments lack what the top level has", () => {
      assert.deepEqual(told.sort(), [...lacks].sort());
    });
  });

// ---- wrangler dev --------------------------------------------------------------------------------

// What `wrangler dev` serves for each [environment, binding, key], read from one run an environment.
async function served(project, reads, options = {}) {
  const values = {};
  for (const env of new Set(reads.map(([of]) => of))) {
    await using dev = await project.devOf({ env, ...options });
    for (const [of, binding, key] of reads) if (of === env) values[`${of} ${binding} ${key}`] = await dev.text(key, binding);
  }
  return values;
}

const SEEDED = [
  ["", "CONFIG", "who"],
  ["", "CACHE", "who"],
  ["staging", "CACHE", "who"],
];
const SEEDS = { " CONFIG who": "config of dev", " CACHE who": "cache of dev", "staging CACHE who": "cache of staging" };

function start(files, emulator) {
  return new Project({ "src/index.js": WORKER, "wrangler.toml": worker("shop"), ...files }, emulator);
}

describe("while a namespace gets its remote id", () => {
  let emulator, p;

  before(async () => {
    emulator = await Emulator.start();
    p = start({ "kv.lua": declare() }, emulator);
    p.apply("--local");
  });
  after(async () => {
    p?.[Symbol.dispose]();
    await emulator?.[Symbol.asyncDispose]();
  });

  // Each reads what the other put by name of a binding: in an environment, and at the top level.
  function bothKnow(ids) {
    const theirs = `wrangler's ${ids}`;
    const ours = `cfkv's ${ids}`;
    p.wrangler("kv", "key", "put", theirs, "put in staging", "--binding", "CACHE", "--env", "staging", "--local");
    p.kv("put", ours, "put in dev", "--binding", "CACHE", "--local");
    assert.equal(p.kv("get", theirs, "--binding", "CACHE", "-e", "staging", "--local"), "put in staging");
    const read = p.wrangler("kv", "key", "get", ours, "--binding", "CACHE", "--env", "", "--local");
    assert.equal(read.text, "put in dev");
  }

  it("wrangler dev serves what a local apply seeded", async () => {
    assert.deepEqual(await served(p, SEEDED), SEEDS);
  });

  it("a binding is the same for cfkv and wrangler, before", () => bothKnow("before"));

  it("wrangler dev serves the same after a remote apply and another local one, and what others put", async () => {
    p.apply();
    p.apply("--local");
    const config = p.read("wrangler.toml");
    for (const id of Object.values(p.outputs())) assert.ok(config.includes(id), id);
    const reads = [...SEEDED, ["staging", "CACHE", "wrangler's before"], ["", "CACHE", "cfkv's before"]];
    assert.deepEqual(await served(p, reads), {
      ...SEEDS,
      "staging CACHE wrangler's before": "put in staging",
      " CACHE cfkv's before": "put in dev",
    });
  });

  it("a binding is the same for cfkv and wrangler, afterwards", () => bothKnow("afterwards"));

  it("a binding is the same for both on the account", () => {
    p.wrangler("kv", "key", "put", "theirs", "from wrangler", "--binding", "CACHE", "--env", "staging", "--remote");
    assert.equal(p.kv("get", "theirs", "--binding", "CACHE", "-e", "staging"), "from wrangler");
  });
});

describe("a wrangler dev that runs meanwhile", () => {
  it("serves what a worker put under the local id, once a local apply followed the remote one", async () => {
    await using emulator = await Emulator.start();
    using p = start({ "kv.lua": declare() }, emulator);
    p.apply("--local");
    await using dev = await p.devOf();
    await dev.put("by the worker", "put", { binding: "CACHE" });
    p.apply();
    p.apply("--local");
    await dev.serves(p.output("cache_dev"));
    assert.equal(await dev.text("by the worker", "CACHE"), "put");
    assert.equal(await dev.text("who", "CACHE"), "cache of dev");
  });
});

describe("a namespace with a preview", () => {
  const READS = [
    ["", "CACHE", "who"],
    ["", "CACHE", "by hand"],
  ];
  const VALUES = { " CACHE who": "cache of dev", " CACHE by hand": "put" };
  let emulator, p;

  before(async () => {
    emulator = await Emulator.start();
    p = start({ "kv.lua": declare({ namespace: "preview = true" }) }, emulator);
    p.apply("--local");
    p.kv("put", "by hand", "put", "--binding", "CACHE", "--local");
  });
  after(async () => {
    p?.[Symbol.dispose]();
    await emulator?.[Symbol.asyncDispose]();
  });

  it("is served by wrangler dev from where a local apply seeded it", async () => {
    assert.deepEqual(await served(p, READS), VALUES);
  });

  it("is served the same after a remote apply, which writes a preview_id, and another local one", async () => {
    p.apply();
    assert.equal(p.read("wrangler.toml").match(/preview_id = "[0-9a-f]{32}"/g)?.length, 6);
    p.apply("--local");
    assert.deepEqual(await served(p, READS), VALUES);
  });

  it("is one for wrangler's --preview, cfkv's, and cfkv's default", () => {
    const where = ["--binding", "CACHE", "--local", "--env"];
    p.wrangler("kv", "key", "put", "theirs", "from wrangler", ...where, "staging", "--preview");
    assert.equal(p.kv("get", "theirs", ...where, "staging"), "from wrangler");
    assert.equal(p.kv("get", "theirs", ...where, "staging", "--preview"), "from wrangler");
    p.kv("put", "ours", "from cfkv", ...where, "production", "--preview");
    assert.equal(p.wrangler("kv", "key", "get", "ours", ...where, "production", "--preview").text, "from cfkv");
  });
});

describe("the apps of a monorepo", () => {
  it("are served each from its own store", async () => {
    using p = new Project({
      "apps/api/src/index.js": WORKER,
      "apps/web/src/index.js": WORKER,
      "apps/api/wrangler.toml": worker("api"),
      "apps/web/wrangler.toml": worker("web"),
      "kv.lua": MONOREPO,
    });
    p.apply();
    for (const app of ["api", "web"]) {
      const reads = [["", "DATA", "who"]];
      assert.deepEqual(await served(p, reads, { cwd: `apps/${app}` }), { " DATA who": `${app} dev` });
    }
    assert.ok(!p.has(".wrangler/state/v3/kv"));
  });
});

describe("with persist_to", () => {
  it("wrangler dev --persist-to serves what cfkv seeded there", async () => {
    using p = start({ "kv.lua": declare({ more: 'persist_to = "data/kv"' }) });
    p.apply();
    const reads = [["staging", "CACHE", "who"]];
    assert.deepEqual(await served(p, reads, { args: ["--persist-to", "data/kv"] }), {
      "staging CACHE who": "cache of staging",
    });
    assert.ok(!p.has(".wrangler/state/v3/kv"));
  });
});

// ---- A pipeline ----------------------------------------------------------------------------------

describe("the example of a pipeline", () => {
  it("has wrangler bind what it applied, in each environment", async () => {
    await using emulator = await Emulator.start();
    using p = new Project({}, emulator);
    p.copy("../../examples/ci");
    const said = p.script("./run");
    const ids = p.outputs();
    assert.equal(new Set(Object.values(ids)).size, 4);
    for (const env of ["staging", "production"]) {
      const [, dryRun] = said.split(`deploy --dry-run --outdir dist/${env} --env ${env}\n`);
      const bound = boundIn(dryRun.split("--dry-run: exiting now.")[0]);
      assert.deepEqual(bound, { CACHE: ids[`cache_${env}`], CONFIG: ids[`config_${env}`] });
      assert.ok(p.has(`dist/${env}/index.js`));
    }
  });
});
