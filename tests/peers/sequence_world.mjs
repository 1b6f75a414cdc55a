// What a sequence starts from, and what hands do between two runs: a kv.lua, a wrangler config, and
// what `wrangler dev` had. All of it follows from a seed; no name, word or id of one sequence (`tag`)
// is another one's, so many of them can share a store.

import { createHash } from "node:crypto";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";

// ---- Chance --------------------------------------------------------------------------------------

export class Chance {
  #state;

  constructor(...seed) {
    this.#state = createHash("sha256").update(seed.join("/")).digest().readUInt32LE();
  }

  // mulberry32
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  is(probability) {
    return this.next() < probability;
  }

  below(n) {
    return Math.floor(this.next() * n);
  }

  of(items) {
    return items[this.below(items.length)];
  }

  // { name: weight } → name
  weighted(weights) {
    let left = this.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name;
    return Object.keys(weights).at(-1);
  }
}

// ---- Configs -------------------------------------------------------------------------------------

export const TOP = "";
export const PREVIEWS = "[previews]";

export const isReal = (id) => typeof id === "string" && /^[0-9a-fA-F]{32}$/.test(id);

// Under which word `wrangler dev` keeps the data of a binding; null where it refuses the file, or
// does not look at the section.
export function devWord({ section, binding, id, preview_id }) {
  if (section === PREVIEWS || id === "" || preview_id === "") return null;
  return preview_id ?? id ?? binding;
}

export function parseConfig(name, text) {
  if (name.endsWith(".toml")) return parseToml(text);
  const errors = [];
  const doc = parseJsonc(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw new Error(`${name} is broken: ${JSON.stringify(errors)}\n${text}`);
  return doc;
}

// The part of a document in which a section's bindings stand.
function sectionOf(doc, section, make = false) {
  if (section === TOP) return doc;
  if (section === PREVIEWS) return make ? (doc.previews ??= {}) : doc.previews;
  if (make) doc.env ??= {};
  return make ? (doc.env[section] ??= {}) : doc.env?.[section];
}

export function sectionsOf(doc) {
  return [TOP, ...Object.keys(doc.env ?? {}), ...(doc.previews ? [PREVIEWS] : [])];
}

// Every binding of a config: [{ section, binding, id, preview_id }].
export function entriesOf(doc) {
  return sectionsOf(doc).flatMap((section) =>
    (sectionOf(doc, section).kv_namespaces ?? []).map((entry) => ({ section, ...entry })),
  );
}

// Gives a binding that is there another id.
export function setId(doc, { section, binding }, id) {
  const entry = sectionOf(doc, section)?.kv_namespaces?.find((other) => other.binding === binding);
  if (entry) entry.id = id;
}

export const placeOf = ({ section, binding }) => `${section} ${binding}`;

// What is no binding of KV; environments and blocks that hold nothing else do not count.
export function besidesKv(doc) {
  const strip = ({ kv_namespaces, ...rest }) => rest;
  const used = (entry) => Object.keys(entry[1]).length > 0;
  const { env = {}, previews = {}, ...rest } = strip(doc);
  const others = Object.entries(env).map(([name, content]) => [name, strip(content)]);
  return { ...rest, env: Object.fromEntries(others.filter(used)), previews: strip(previews) };
}

const quoted = (text) => JSON.stringify(text);
const pairs = (entry) => Object.entries(entry).map(([name, value]) => `${name} = ${quoted(value)}`);

function tomlSection(path, { kv_namespaces: list, vars, env, previews, ...plain }, inline) {
  const lines = path || !Object.keys(plain).length ? [] : pairs(plain);
  if (path) lines.push("", `[${path}]`, ...pairs(plain));
  if (list && inline)
    lines.push("kv_namespaces = [", ...list.map((entry) => `  { ${pairs(entry).join(", ")} },`), "]");
  if (vars) lines.push("", `[${path ? `${path}.` : ""}vars]`, ...pairs(vars));
  if (list && !inline)
    for (const entry of list)
      lines.push("", `[[${path ? `${path}.` : ""}kv_namespaces]] # theirs`, ...pairs(entry));
  for (const [name, content] of Object.entries(env ?? {})) lines.push(...tomlSection(`env.${name}`, content, inline));
  if (previews) lines.push(...tomlSection("previews", previews, inline));
  return lines;
}

// `style`: one of four ways in which people write it.
export function writeConfig(name, doc, style) {
  if (name.endsWith(".toml")) return `# the Worker\n${tomlSection("", doc, style % 2 === 1).join("\n")}\n`;
  const text = JSON.stringify(doc, null, style % 2 ? "\t" : 2);
  return `// the Worker\n${style < 2 ? text : text.replace(/"\n(\s*)([}\]])/g, '",\n$1$2')}\n`;
}

// ---- The world -----------------------------------------------------------------------------------

const ENVS = ["dev", "prod"];
const SECTION_OF = { dev: TOP, prod: "production" };

// Of what kind an id or a preview_id is, and how often.
const ID_KINDS = {
  absent: 3,
  shared: 3,
  placeholder: 2,
  hostile: 1,
  hidden: 0.5,
  foreign: 0.5,
  long: 0.3,
  upper: 0.3,
  empty: 0.3,
  dead: 2,
  live: 0.7,
};
const PREVIEW_KINDS = {
  absent: 4,
  shared: 1,
  placeholder: 1.5,
  hostile: 0.5,
  foreign: 0.3,
  upper: 0.4,
  dead: 3,
  live: 2,
  same: 1,
  one: 1,
};

export class World {
  // `features`: what the program under test is to be asked for beyond what it always could.
  constructor(seed, tag, features = {}) {
    const chance = new Chance(seed, "world");
    this.seed = seed;
    this.tag = tag;
    this.file = chance.is(0.6) ? "wrangler.toml" : "wrangler.jsonc";
    this.style = chance.below(4);
    this.auto = Boolean(features.auto) && chance.is(0.12);
    this.both = Boolean(features.both) && chance.is(0.2); // prod is at the top level, too
    this.previews = features.previews && chance.is(0.15) ? chance.of(ENVS) : null; // stands in [previews], too
    this.declared = true; // the line cfkv.wrangler
    this.sectionNames = { ...SECTION_OF };
    this.somebodys = new Set(); // ids that others made: nobody else may touch them or their data
    this.live = []; // titles and ids that the account has before: [{ title, id? }]
    this.count = 0;
    this.chance = chance;
    this.#makeNamespaces(chance);
    this.doc = this.#makeDoc(chance);
  }

  word(name) {
    return `${name}_${this.tag}`;
  }

  // An id that somebody has; the account may have a namespace of it.
  realId(upper = false) {
    const hex = createHash("md5").update(`${this.tag}/${this.count++}`).digest("hex");
    const id = upper ? hex.toUpperCase() : hex;
    this.somebodys.add(id);
    return id;
  }

  #makeNamespaces(chance) {
    this.namespaces = [];
    const n = chance.weighted({ 1: 3, 2: 4, 3: 3 });
    const purposes = ["cache", "config"];
    for (let i = 0; i < Number(n); i++) {
      const purpose = i < 2 ? purposes[i] : this.both ? "third" : "cache";
      const env = i === 2 ? "prod" : this.both ? "prod" : "dev";
      // Some bindings have one name in both sections, and so one word where they have no id.
      const binding = this.word(i === 2 && !this.both && chance.is(0.5) ? "CACHE_PROD" : purpose.toUpperCase());
      this.namespaces.push({ uid: `n${i}`, purpose, env, binding, preview: chance.is(0.35), taken: false });
    }
    for (const ns of this.namespaces) if (chance.is(0.35)) this.live.push({ title: this.title(ns), uid: ns.uid });
  }

  title({ purpose, env }) {
    return `${this.tag}-${purpose}-${env}`;
  }

  // One of the words that stand where an id belongs. "shared" is the same one in a whole file.
  fieldOf(kind, entry) {
    if (kind === "absent") return undefined;
    if (kind === "shared") return this.word("<YOUR_ID>");
    if (kind === "placeholder") return this.word(`<${kind}${this.count++}>`);
    if (kind === "hostile") return this.word(`../a:b?c*${this.count++}|'`);
    if (kind === "foreign") return this.word(`<deine ID für ${this.count++}>`);
    if (kind === "long") return this.word(`${"long".repeat(70)}${this.count++}`);
    if (kind === "upper") return this.realId(true);
    if (kind === "hidden") return this.word(`.hidden${this.count++}`);
    if (kind === "empty") return "";
    if (kind === "same") return entry.id ?? this.realId();
    if (kind === "one") return (this.oneForAll ??= this.realId());
    const id = this.realId();
    if (kind === "live") this.live.push({ title: `${this.tag} somebody's ${this.count}`, id });
    return id;
  }

  #entry(binding, chance) {
    const entry = { binding };
    const id = this.fieldOf(chance.weighted(ID_KINDS), entry);
    if (id !== undefined) entry.id = id;
    const preview = this.fieldOf(chance.weighted(PREVIEW_KINDS), entry);
    if (preview !== undefined) entry.preview_id = preview;
    return entry;
  }

  #makeDoc(chance) {
    const doc = { name: `worker-${this.tag}`, main: "worker.mjs", compatibility_date: "2026-01-01" };
    if (chance.is(0.5)) doc.vars = { STAGE: "dev" };
    if (chance.is(0.5)) sectionOf(doc, "production", true).workers_dev = false;
    const add = (section, entry) => (sectionOf(doc, section, true).kv_namespaces ??= []).push(entry);
    for (const ns of this.namespaces)
      for (const section of this.sectionsFor(ns)) if (chance.is(0.8)) add(section, this.#entry(ns.binding, chance));
    if (chance.is(0.4)) add(chance.of([TOP, "production"]), this.#entry(this.word("SESSIONS"), chance));
    return doc;
  }

  // ---- What is declared --------------------------------------------------------------------------

  sectionsFor(ns) {
    const more = ns.env === this.previews ? [PREVIEWS] : [];
    if (this.both && ns.env === "prod") return [TOP, this.sectionNames.prod, ...more];
    return [this.sectionNames[ns.env], ...more];
  }

  // What cfkv is to bind: [{ uid, section, binding }].
  wanted() {
    if (!this.declared) return [];
    return this.namespaces
      .filter((ns) => !ns.taken)
      .flatMap((ns) => this.sectionsFor(ns).map((section) => ({ ns, uid: ns.uid, section, binding: ns.binding })));
  }

  seeds(ns) {
    return new Map([
      ["seed/plain", { value: Buffer.from(`of ${ns.purpose} ${ns.env}`) }],
      ["seed/binary", { value: Buffer.from([0, 255, 10, 200, 0]), metadata: { by: "cfkv", n: [1, 2] } }],
    ]);
  }

  #wranglerFields() {
    const envs = new Set(this.namespaces.filter((ns) => !ns.taken).map(({ env }) => env));
    const top = this.both ? "prod" : "dev";
    const fields = [`path = "${this.file}"`];
    if (envs.has(top)) fields.push(`top_level = "${top}"`);
    if (envs.has("prod")) fields.push(`environments = { prod = "${this.sectionNames.prod}" }`);
    if (envs.has(this.previews)) fields.push(`previews = "${this.previews}"`);
    if (this.auto) fields.push('ids = "auto"');
    return fields;
  }

  kvLua() {
    const lines = ['local cfkv = require "cfkv"', `cfkv.project { name = "${this.tag}" }`];
    for (const ns of this.namespaces) {
      if (ns.taken) continue;
      const fields = [`app = "${this.tag}"`, `purpose = "${ns.purpose}"`, `env = "${ns.env}"`, `binding = "${ns.binding}"`];
      if (ns.preview) fields.push("preview = true");
      if (ns.from) fields.push(`renamed_from = "${ns.from}"`);
      lines.push(
        `do local ns = cfkv.namespace { ${fields.join(", ")} }`,
        `ns:put("seed/plain", "of ${ns.purpose} ${ns.env}")`,
        `ns:put("seed/binary", "\\0\\255\\n\\200\\0", { metadata = { by = "cfkv", n = { 1, 2 } } }) end`,
      );
    }
    if (this.declared) lines.push(`cfkv.wrangler { ${this.#wranglerFields().join(", ")} }`);
    return `${lines.join("\n")}\n`;
  }

  // ---- What `wrangler dev` puts ------------------------------------------------------------------

  // Entries that Workers put, a few of each binding that dev would serve from this config.
  foreign(doc, chance, often = 0.7) {
    const puts = [];
    for (const entry of entriesOf(doc)) {
      const word = devWord(entry);
      if (word === null || !chance.is(often)) continue;
      const n = this.count++;
      const value = chance.is(0.3) ? Buffer.from([0, 1, 255, n & 255, 0, 13]) : Buffer.from(`dev's ${n}`);
      const put = { word, key: chance.is(0.12) ? "dev/common" : `dev/${n} ü#?%2F`, value };
      if (chance.is(0.5)) put.metadata = { n, by: "Wörker" };
      if (chance.is(0.5)) put.expiration = 2_000_000_000 + n;
      puts.push(put);
    }
    return puts;
  }

  // ---- Hands -------------------------------------------------------------------------------------

  // Each changes the world or the document and says what it did; null: there was nothing to do it on.
  edit(doc, chance) {
    const entries = entriesOf(doc);
    const kind = chance.weighted({ id: 3, preview: 3, drop: 2, add: 2, move: 2, name: 1, remove: 1, comment: 1 });
    const list = (section) => (sectionOf(doc, section, true).kv_namespaces ??= []);
    if (kind === "comment") return "writes comments";
    if (kind === "add") {
      const section = chance.of([TOP, "production", "extra"]);
      const entry = this.#entry(this.word(`MORE${this.count++}`), chance);
      list(section).push(entry);
      return `adds ${section} ${JSON.stringify(entry)}`;
    }
    if (entries.length === 0) return null;
    const { section, binding } = chance.of(entries);
    const at = list(section).findIndex((entry) => entry.binding === binding);
    const entry = list(section)[at];
    const field = kind === "id" ? "id" : "preview_id";
    if (kind === "drop") delete entry.preview_id;
    else if (kind === "name") entry.binding = this.word(`BYHAND${this.count++}`);
    else if (kind === "remove" || kind === "move") list(section).splice(at, 1);
    if (kind === "move") {
      const to = section === TOP ? "production" : TOP;
      if (list(to).some((other) => other.binding === binding)) list(section).splice(at, 0, entry);
      else list(to).push(entry);
    }
    if (kind === "id" || kind === "preview") {
      const value = this.fieldOf(chance.weighted({ dead: 3, live: 2, shared: 1, placeholder: 2, absent: 1 }), entry);
      if (value === undefined) delete entry[field];
      else entry[field] = value;
    }
    return `${kind} ${section || "top"} ${binding} ${JSON.stringify(entry)}`;
  }

  takeOut(chance) {
    const kind = chance.weighted({ namespace: 4, line: 1, both: 1 });
    const ns = chance.of(this.namespaces);
    if (kind !== "namespace") this.declared = !this.declared;
    if (kind !== "line") ns.taken = !ns.taken;
    if (kind !== "line" && !ns.taken) ns.uid += "'"; // put back it is a new one
    return `${kind}: ${ns.purpose} ${ns.taken ? "out" : "in"}, the line ${this.declared ? "in" : "out"}`;
  }

  rename(chance) {
    const ns = chance.of(this.namespaces);
    const n = this.count++;
    // One old title can be named, so a namespace that has one keeps it.
    const kind = chance.weighted({ binding: 3, section: 2, anew: 1, ...(ns.from ? {} : { title: 3, env: 1 }), preview: 1.5 });
    if (kind === "preview") ns.preview = !ns.preview;
    if (kind === "binding") ns.binding = this.word(`OTHER${n}`);
    if (kind === "section") this.sectionNames.prod = this.sectionNames.prod === "production" ? "live" : "production";
    if (kind === "title" || kind === "anew") {
      const old = this.title(ns);
      ns.purpose = `other${n}`;
      if (kind === "title") ns.from = old;
      else (ns.uid += "*"), delete ns.from;
    }
    if (kind === "env" && !this.both) {
      ns.from = this.title(ns);
      ns.env = ENVS[1 - ENVS.indexOf(ns.env)];
      const taken = this.namespaces.some(
        (o) => o !== ns && o.env === ns.env && (o.purpose === ns.purpose || o.binding === ns.binding),
      );
      if (taken) (ns.purpose = `other${n}`), (ns.binding = this.word(`OTHER${n}`));
    }
    return `${kind} of ${ns.uid}: ${this.title(ns)} ${ns.binding}`;
  }
}

// ---- Sequences -----------------------------------------------------------------------------------

// Up to six of what people do; the last one is a run.
export function stepsOf(seed) {
  const chance = new Chance(seed, "steps");
  const kinds = { local: 4, account: 3, edit: 2.5, "take out": 1, rename: 1.5 };
  const steps = Array.from({ length: 1 + chance.below(6) }, (_, i) => ({
    kind: chance.weighted(kinds),
    seed: `${seed}/${i}`,
  }));
  const last = steps.at(-1);
  if (last.kind !== "local" && last.kind !== "account") last.kind = chance.of(["local", "account"]);
  return steps;
}
