// What runs of cfkv make of each config of the corpus, in each way of declaring bindings into it, on
// the account and locally: seen by parsers that are not ours, and by wrangler's own reader.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";

import * as jsonc from "jsonc-parser";

import { NOT_AS_BEFORE, PREVIEWS, TOP, assertDocument, parse, shapes, takeApart, withLists } from "./corpus.mjs";
import { ACCOUNT, Emulator } from "./emulator.mjs";
import { read } from "./reader.mjs";
import { Project, WORKER, luaString } from "./support.mjs";

const EDITOR = join(dirname(process.env.CFKV), "support/wrangler_edit");
const OTHER_ACCOUNT = "cf0000000000000000000000000000ff";
const NEW = "brand-new";

// Files that wrangler refuses as they are, and why; with or without bindings of ours.
const REFUSED_BY_WRANGLER = {
  "comments.toml": /A assigned to KV Namespace and Environment Variable bindings/,
  "joined.json": /A assigned to KV Namespace and Environment Variable bindings/,
  "many-bindings.jsonc": /r2_buckets\[0\]\.bucket_name="r2" is invalid/,
  "order.toml": /r2_buckets\[0\]\.bucket_name="r" is invalid/,
  "remote.jsonc": /should have a string "id" field but got \{"id":"","binding":"EMPTY"\}/,
  "remote.toml": /should have a string "id" field but got \{"remote":true,"binding":"EMPTY","id":""\}/,
  "types.toml": /"vars\.odt" is a TOML date, which is not supported/,
};

// Files that cfkv refuses, whatever is declared.
const REFUSED = {
  "generated.json": { code: 1, says: ["a build tool generated it from '/app/wrangler.jsonc'"] },
  "vite-generated.json": { code: 1, says: ["a build tool generated it from '/home/me/app/wrangler.jsonc'"] },
};

// What stands in a config before somebody has an id. Each is no id yet.
const PLACEHOLDERS = ["<YOUR_ID>", "your-kv-id", "", "${KV_ID}", "../../etc", "a:b?c*d|e'f", ".hidden", "TODO", undefined];

const pick = (list, index) => list[index % list.length];
const isReal = (id) => /^[0-9a-f]{32}$/i.test(id ?? "");
const anId = () => randomBytes(16).toString("hex");

let emulator;
const scratch = new Project();
before(async () => {
  emulator = await Emulator.start({ args: ["--quiet"] });
});
after(async () => {
  scratch[Symbol.dispose]();
  await emulator?.[Symbol.asyncDispose]();
});

// ---- A config before the run ---------------------------------------------------------------------

const isPages = (shape) => "pages_build_output_dir" in shape.document;
const environmentsOf = (shape) => Object.keys(shape.document.env ?? {});

// What the editor makes of a file with one more binding, whose ids are MARKS. Asked once a place.
const MARKS = ["1d".repeat(16), "1e".repeat(16)];
const marked = new Map();
function withMarks(shape, section, binding, preview) {
  const key = [shape.name, section, binding, preview].join("\0");
  if (!marked.has(key)) {
    scratch.write(shape.config, shape.text);
    const edit = ["set", section, binding, MARKS[0], preview ? MARKS[1] : "-"];
    marked.set(key, execFileSync(EDITOR, [scratch.path(shape.config), ...edit]).toString());
  }
  return marked.get(key);
}

// Text with one more binding, that has these ids (undefined: none).
function withEntry(shape, section, binding, { id, preview_id }) {
  const text = withMarks(shape, section, binding, preview_id !== undefined);
  const unquoted = (value) => JSON.stringify(value).slice(1, -1);
  const member = new RegExp(`,?\\s*"?id"?\\s*[=:]\\s*"${MARKS[0]}"`);
  const identified = id === undefined ? text.replace(member, "") : text.replace(MARKS[0], () => unquoted(id));
  return identified.replace(MARKS[1], () => unquoted(preview_id));
}

// Text whose account, at the top level or in an environment, is this one.
function withAccount(shape, section, account, text = shape.text) {
  const path = section === TOP ? ["account_id"] : ["env", section, "account_id"];
  const bom = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(bom.length);
  if (!shape.name.endsWith(".toml"))
    return bom + jsonc.applyEdits(body, jsonc.modify(body, path, account, { formattingOptions: {} }));
  const line = `account_id = "${account}"`;
  if (section !== TOP) return `${text}\n[env.${section}]\n${line}\n`;
  if (shape.document.account_id === undefined) return `${bom}${line}\n${body}`;
  return text.replace(/\baccount_id *= *"[^"]*"/, line);
}

// An environment of the file; when it has none, one that somebody added.
function existing(shape) {
  const section = environmentsOf(shape).find((env) => !/\p{Cc}/u.test(env)); // cfkv takes none with these
  if (section) return { section, text: shape.text };
  const added = isPages(shape) ? "preview" : "added";
  return { section: added, text: withEntry(shape, added, "OTHER", { id: anId() }) };
}

// An environment that the file does not have; undefined: there can be no other.
function fresh(shape) {
  return isPages(shape) ? ["preview", "production"].find((env) => !environmentsOf(shape).includes(env)) : NEW;
}

// One of the sections that there are, or can be.
const sectionOf = (shape, index) => pick([TOP, fresh(shape) ?? TOP], index);

// A namespace that somebody made.
async function somebodys(title, target) {
  return target === "account" ? (await emulator.result("POST", "", { title })).id : anId();
}

// ---- Cases ---------------------------------------------------------------------------------------

const two = (section, more) => ["ADDED_ONE", "ADDED_TWO"].map((binding) => ({ section, binding, ...more }));

// What is declared into a config and what comes of it:
//   text      the config before, when it is not the shape's
//   declared  a binding each; with `sections`, one namespace in several of them
//   refusal   what a first run says instead of changing anything
//   flags     what makes a run go on all the same; without any that was all
//   left      the config when the declaration has gone (default: as before), or which of the entries that
//             it had are still there
const CASES = {
  "at the top level": () => ({ declared: two(TOP) }),

  "in an environment": ({ shape }) => {
    const { section, text } = existing(shape);
    return { text, declared: two(section) };
  },

  "in a new environment": ({ shape }) => ({ declared: two(fresh(shape)) }),

  "in two sections": ({ shape }) => ({ declared: [{ binding: "ADDED", sections: [TOP, fresh(shape)] }] }),

  "in [previews]": () => ({ declared: two(PREVIEWS) }),

  "with a preview": ({ shape, index }) => ({ declared: two(sectionOf(shape, index), { preview: true }) }),

  "over somebody's id": async ({ shape, index, slug, target }) => {
    const section = sectionOf(shape, index);
    const id = await somebodys(`${slug}-theirs`, target);
    const text = withEntry(shape, section, "TAKEN", { id });
    const declared = [{ section, binding: "TAKEN" }];
    if (target === "local") return { text, declared };
    const says = [`has the id ${id}, which cfkv did not write`, "--take-over"];
    return { text, declared, refusal: { code: 5, says }, flags: ["--take-over"], left: shape.text };
  },

  "over the id it has, beside somebody's preview_id": async ({ shape, index, slug, target }) => {
    const section = sectionOf(shape, index + 1);
    const id = await somebodys(`${slug}-b0`, target);
    const preview_id = await somebodys(`${slug}-theirs`, target);
    const text = withEntry(shape, section, "TAKEN", { id, preview_id });
    return { text, declared: [{ section, binding: "TAKEN" }] };
  },

  "over a placeholder": ({ shape, index }) => {
    const section = sectionOf(shape, index);
    const text = withEntry(shape, section, "TAKEN", { id: pick(PLACEHOLDERS, index) });
    return { text, declared: [{ section, binding: "TAKEN" }], left: shape.text };
  },

  // Nothing has the ids that are there: the account is asked for 20 of them at most. Locally an entry
  // that says where somebody's data are stays.
  "over all it has": ({ shape, target }) => {
    const { lists } = takeApart(structuredClone(shape.document));
    const all = [...lists].flatMap(([section, list]) => list.map((b) => ({ section, ...b })));
    const declared = all.map(({ section, binding }) => ({ section, binding }));
    const left = (b) => target === "local" && (isReal(b.id) || isReal(b.preview_id));
    const strange = declared.find(({ binding }) => !/^[\w$]+$/.test(binding)); // ASCII is what cfkv takes
    if (strange) {
      const says = [`binding '${strange.binding}' is not a JavaScript identifier`];
      return { declared, refusal: { code: 3, says } };
    }
    if (target === "local" || all.filter((b) => isReal(b.id)).length <= 20) return { declared, left };
    return { declared, left, refusal: { code: 5, says: ["which cfkv did not write"] }, flags: ["--take-over"] };
  },

  "in another account": ({ shape, index, target }) => {
    const section = pick([TOP, shape.opens ? "elsewhere" : TOP], index);
    const text = withAccount(shape, section, OTHER_ACCOUNT);
    const refusal = { code: 5, says: [OTHER_ACCOUNT, ACCOUNT] };
    return { text, declared: two(section), refusal: target === "account" ? refusal : undefined };
  },

  "in an environment of this account, the file being another's": ({ shape }) => ({
    text: withAccount(shape, "here", ACCOUNT, withAccount(shape, TOP, OTHER_ACCOUNT)),
    declared: two("here"),
  }),

  "where the account is a placeholder": ({ shape, index }) => ({
    text: withAccount(shape, TOP, pick(["<YOUR_ACCOUNT_ID>", "", "your-account"], index)),
    declared: two(TOP),
  }),
};

// Which shapes a case is not for, and why.
const NOT_FOR = {
  "in a new environment": (shape) => !fresh(shape), // Pages has two
  "in two sections": (shape) => !fresh(shape),
  "in [previews]": (shape) => isPages(shape), // has an environment of that name
  "in another account": (shape) => isPages(shape), // wrangler takes no account_id there
  "in an environment of this account, the file being another's": (shape) => isPages(shape) || !shape.opens,
  "where the account is a placeholder": (shape) => isPages(shape),
  "over all it has": (shape) => takeApart(structuredClone(shape.document)).lists.size === 0,
};

// ---- Runs ----------------------------------------------------------------------------------------

class Runs {
  constructor({ shape, slug, target, text = shape.text, declared }) {
    Object.assign(this, { shape, slug, declared, before: text, local: target === "local" });
    this.p = new Project({ [shape.config]: text }, this.local ? undefined : emulator);
    this.declare("kv.lua", declared);
    this.declare("without.lua", []);
  }

  // Namespaces `declared`, one that no Worker uses, and the config that binds them.
  declare(file, declared) {
    const { slug, shape } = this;
    const sections = declared.map((d) => d.sections ?? [d.section]);
    const all = [...new Set(sections.map(String))].map((key) => sections.find((list) => String(list) === key));
    const env = (list) => `e${all.findIndex((other) => String(other) === String(list))}`;
    const where = { top_level: [], previews: [], environments: [] };
    for (const list of all) {
      const named = list.filter((section) => section !== TOP && section !== PREVIEWS).map(luaString);
      if (list.includes(TOP)) where.top_level.push(`top_level = "${env(list)}"`);
      if (list.includes(PREVIEWS)) where.previews.push(`previews = "${env(list)}"`);
      if (named.length) where.environments.push(`${env(list)} = ${named.length > 1 ? `{ ${named} }` : named}`);
    }
    const namespaces = declared.map(
      (d, i) => `cfkv.namespace {
  app = "${slug}", purpose = "b${i}", env = "${env(sections[i])}", binding = ${luaString(d.binding)},
  preview = ${Boolean(d.preview)},
}`,
    );
    this.p.write(
      file,
      `local cfkv = require "cfkv"
cfkv.project { name = "corpus", naming = "{app}-{purpose}" }
cfkv.namespace { app = "${slug}", purpose = "kept", env = "none" }
${namespaces.join("\n")}
cfkv.wrangler {
  ${[`path = "${shape.config}", app = "${slug}"`, ...where.top_level, ...where.previews].join(", ")},
  environments = { ${where.environments.join(", ")} },
}
`,
    );
  }

  // One shell a case: to start a process costs node more than cfkv's own work.
  async run({ refused, flags, removed = true }) {
    const steps = [
      refused && "run refused apply --yes; cp $CONFIG said/config.refused",
      flags && "run apply apply --yes $FLAGS; cp $CONFIG said/config.applied; run ids kv namespace list --json",
      flags && "run plan plan --detailed-exitcode; run again apply --yes; run check wrangler --check",
      flags && "cp $CONFIG said/config.again",
      flags && removed && "cp without.lua kv.lua; run gone apply --yes --allow-mass-delete=*",
      !flags && "run ids kv namespace list --json",
    ];
    const script = `run() { name=$1; shift; "$CFKV" "$@" $TARGET >said/$name.out 2>said/$name.err || echo $? >said/$name.code; }
mkdir said; set -f
${steps.filter(Boolean).join("\n")}`;
    const env = { CONFIG: this.shape.config, TARGET: this.p.target.join(" "), FLAGS: flags?.join(" ") };
    await this.p.shell(script, env);
  }

  // How a step ended: { code, text }, the text being all that it said.
  said(step) {
    const of = (what) => this.p.read(`said/${step}.${what}`);
    return { code: this.p.has(`said/${step}.code`) ? Number(of("code")) : 0, text: of("err") + of("out") };
  }

  assertDone(...steps) {
    for (const step of steps) {
      const { code, text } = this.said(step);
      assert.equal(code, 0, `${step}: exit ${code}\n${text}`);
    }
  }

  config(after) {
    return this.p.read(`said/config.${after}`);
  }

  // The ids of the target's namespaces, by title.
  get ids() {
    this.assertDone("ids");
    return new Map(JSON.parse(this.p.read("said/ids.out")).map(({ title, id }) => [title, id]));
  }

  // The account has room for 1,000 namespaces.
  async [Symbol.asyncDispose]() {
    this.p[Symbol.dispose]();
    if (this.local) return;
    for (const { title, id } of await emulator.result("GET", "?per_page=1000"))
      if (title.startsWith(`${this.slug}-`)) await emulator.result("DELETE", `/${id}`);
  }
}

// What an entry of the config becomes for a namespace of the account.
const forAccount = (entry, { id, preview_id }) => ({ ...entry, id, ...(preview_id && { preview_id }) });

// The same locally: an id that is there stays, what is none yet becomes the namespace's local one. Its
// data are where `wrangler dev` looks, unless those of another namespace are there.
function forDev(entry, { id, title, others }) {
  const own = createHash("sha256").update(`cfkv-local:corpus:${title}`).digest("hex").slice(0, 32);
  const real = (there) => (isReal(there) ? there : own);
  const looked = real(entry.preview_id ?? entry.id);
  assert.equal(id, others.has(looked) ? own : looked, `where the data of ${title} are`);
  others.add(looked);
  const preview = entry.preview_id !== undefined && { preview_id: real(entry.preview_id) };
  return { ...entry, id: real(entry.id), ...preview };
}

// The bindings that are wanted in each section.
function wanted({ declared, before: text, shape, slug, local }, ids) {
  const { lists } = takeApart(parse(shape.name, text));
  const others = new Set();
  declared.forEach(({ section, sections = [section], binding, preview }, i) => {
    const title = `${slug}-b${i}`;
    const known = { title, others, id: ids.get(title), preview_id: preview && ids.get(`${title}_preview`) };
    assert.ok(isReal(known.id) && (!preview || local || isReal(known.preview_id)), `${title} is missing`);
    for (const where of sections) {
      const list = lists.get(where) ?? [];
      const at = list.findIndex((b) => b.binding === binding);
      const entry = (local ? forDev : forAccount)(list[at] ?? { binding }, known);
      lists.set(where, at < 0 ? [...list, entry] : list.with(at, entry));
    }
  });
  return lists;
}

// Member by member: a whole config is long.
function assertSame(is, expected, env) {
  assert.equal(is.refusal, expected.refusal, env);
  for (const name of new Set([...Object.keys(is.config ?? {}), ...Object.keys(expected.config ?? {})]))
    assert.deepEqual(is.config[name], expected.config[name], `${name} of ${env}`);
}

// That wrangler reads from the config, in every section, what it reads from one that says what is
// expected.
function assertReader({ p, shape, before: text }, applied, lists) {
  const document = withLists(parse(shape.name, text), lists);
  p.write("judged/expected.json", JSON.stringify(document));
  p.write(`judged/${shape.config}`, applied);
  for (const env of [undefined, ...Object.keys(document.env ?? {})]) {
    const is = read(p.path(`judged/${shape.config}`), env);
    const refused = REFUSED_BY_WRANGLER[shape.name];
    if (refused && is.refusal) assert.match(is.refusal, refused);
    else assertSame(is, read(p.path("judged/expected.json"), env), env ?? TOP);
  }
}

function assertRefused(runs, { code, says }) {
  const refused = runs.said("refused");
  assert.equal(refused.code, code, refused.text);
  for (const words of says) assert.ok(refused.text.includes(words), `${words} in: ${refused.text}`);
  assert.equal(runs.config("refused"), runs.before);
}

function assertInStep(runs) {
  const { shape, before: text } = runs;
  runs.assertDone("apply");
  const lists = wanted(runs, runs.ids);
  const applied = runs.config("applied");
  assertDocument(shape.name, applied, { ...takeApart(parse(shape.name, text)), lists });
  assertReader(runs, applied, lists);
  runs.assertDone("plan", "again", "check");
  assert.equal(runs.config("again"), applied, "a second run changes something");
}

// The config as it was applied, without the entries that do not stay.
function without(runs, stays) {
  const { shape, before: text } = runs;
  const { lists: old } = takeApart(parse(shape.name, text));
  const { lists, rest } = takeApart(parse(shape.name, runs.config("applied")));
  for (const [section, list] of lists) lists.set(section, list.filter((_, i) => stays(old.get(section)[i])));
  return { lists, rest };
}

function assertGone(runs, left) {
  const { shape, declared } = runs;
  const text = runs.p.read(shape.config);
  runs.assertDone("gone");
  if (left instanceof Function) assertDocument(shape.name, text, without(runs, left));
  else if (NOT_AS_BEFORE.has(`${shape.name} ${declared[0].section}`))
    assertDocument(shape.name, text, takeApart(parse(shape.name, left)));
  else assert.equal(text, left);
}

// ---- All -----------------------------------------------------------------------------------------

// A file of the corpus; its accounts are made the one that is served.
function prepared(shape) {
  const text = shape.bytes.toString().replace(/(account_id"?\s*[:=]\s*")[0-9a-f]{32}"/g, `$1${ACCOUNT}"`);
  const of = { ...shape, text, document: parse(shape.name, text) };
  try {
    parse(shape.name, withAccount(of, "elsewhere", ACCOUNT));
    return { ...of, opens: true }; // another table can follow
  } catch {
    return of;
  }
}

describe("the corpus", { concurrency: 2 }, () => {
  shapes()
    .map(prepared)
    .forEach((shape, index) =>
      describe(shape.name, () => {
        Object.entries(CASES).forEach(([name, prepare], n) => {
          if (NOT_FOR[name]?.(shape)) return;
          for (const target of ["account", "local"])
            it(`${name}, ${target}`, async () => {
              const slug = `c${index}-${n}`;
              const { refusal, flags, left, ...rest } = await prepare({ shape, index, slug, target });
              await using runs = new Runs({ shape, slug, target, ...rest });
              const refused = REFUSED[shape.name] ?? refusal;
              const goes = !refused || (!REFUSED[shape.name] && flags);
              await runs.run({ refused, flags: goes ? (flags ?? []) : undefined });
              if (refused) assertRefused(runs, refused);
              if (!goes) return assert.ok(!runs.ids.has(`${slug}-kept`), "something was made");
              assertInStep(runs);
              assertGone(runs, left ?? runs.before);
            });
        });
      }),
    );
});

// ---- Deploys -------------------------------------------------------------------------------------

// Shapes that no dry run can build, and why. Nor are Pages, which `wrangler deploy` does not take.
const NOT_BUILT = {
  "many-bindings.toml": "runs a command to build it",
  "opennext-cache.jsonc": "binds a Durable Object that WORKER does not export",
  "rust.toml": "runs a command to build it",
};

const builds = (shape) => !isPages(shape) && ![NOT_BUILT, REFUSED, REFUSED_BY_WRANGLER].some((set) => shape.name in set);

// What a Worker of this config is made of, and the options that stand for what the config does not say.
function buildable({ p, shape }, section) {
  const table = { ...shape.document, ...shape.document.env?.[section] };
  p.write(table.main ?? "worker.mjs", WORKER);
  if (table.assets?.directory) p.write(`${table.assets.directory}/index.html`, "");
  return [
    ...(table.main ? [] : ["worker.mjs"]),
    ...(table.compatibility_date ? [] : ["--compatibility-date", "2026-01-01"]),
    ...(table.name ? [] : ["--name", "worker"]),
  ];
}

describe("a dry run of a deploy has the bindings that are wanted", { concurrency: 2 }, () => {
  shapes()
    .map(prepared)
    .forEach((shape, index) => {
      if (!builds(shape)) return;
      it(shape.name, async () => {
        const section = sectionOf(shape, index);
        await using runs = new Runs({ shape, slug: `d${index}`, target: "account", declared: two(section) });
        await runs.run({ flags: [], removed: false });
        assertInStep(runs);
        const args = buildable(runs, section);
        const dry = await runs.p.dryRun({ env: section === TOP ? "" : section, config: shape.config, args });
        assert.ok(dry.ok, dry.said);
        const list = wanted(runs, runs.ids).get(section);
        assert.deepEqual(dry.bindings, Object.fromEntries(list.filter((b) => b.id).map((b) => [b.binding, b.id])));
      });
    });
});
