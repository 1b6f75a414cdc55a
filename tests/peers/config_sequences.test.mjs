// Any sequence of local runs, runs on the account, and hands that edit config and declarations:
// where `wrangler dev` keeps its data, nothing goes astray. miniflare judges, and for some of them
// `wrangler dev` itself.
//
//   SEED=17 tests/peers/run config_sequences.test.mjs     one sequence, told step by step
//   SEEDS=1000 …                                          so many
//   LIST=1 …                                              a line for each that fails
//   SHRINK=0 …                                            none is made shorter

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";

import { Emulator } from "./emulator.mjs";
import { Broken, Laws, must } from "./sequence_laws.mjs";
import {
  Chance,
  PREVIEWS,
  World,
  devWord,
  entriesOf,
  parseConfig,
  placeOf,
  sectionsOf,
  setId,
  stepsOf,
  writeConfig,
} from "./sequence_world.mjs";
import { StoreJudge } from "./store_judge.mjs";
import { Dev, WORKER, environment } from "./support.mjs";

const CFKV = resolve(process.env.CFKV ?? join(import.meta.dirname, "../../build/release/cfkv"));
// Without them it is what older programs can be asked for, too: FEATURES='{"auto":false}'.
const FEATURES = { auto: true, both: true, previews: true, ...JSON.parse(process.env.FEATURES ?? "{}") };

// Nobody asks, and what goes with a namespace is in a backup.
const GO = ["--yes", "--allow-data-loss=*", "--allow-mass-delete=*"];

// ---- A place to run in ---------------------------------------------------------------------------

// A folder with a store that stays, in which one sequence after another is run.
class Bench {
  static async open() {
    const bench = new Bench();
    bench.dir = mkdtempSync(join(tmpdir(), "cfkv-sequences-"));
    bench.v3 = join(bench.dir, ".wrangler/state/v3");
    bench.judge = new StoreJudge(bench.v3);
    bench.emulator = await Emulator.start();
    return bench;
  }

  // Nothing of the last sequence but its local data, as those of another project.
  async clear() {
    for (const name of readdirSync(this.dir)) if (name !== ".wrangler") rmSync(join(this.dir, name), { recursive: true });
    for (const path of globSync("cfkv.*", { cwd: this.v3 })) rmSync(join(this.v3, path));
    for (const { id } of await this.account()) await this.emulator.kv("DELETE", `/${id}`);
  }

  async account() {
    return this.emulator.result("GET", "?per_page=1000");
  }

  cfkv(...args) {
    const env = { PATH: process.env.PATH, HOME: this.dir, LANG: "C.UTF-8", NO_COLOR: "1", ...this.emulator.env };
    return new Promise((done) => {
      execFile(CFKV, args, { cwd: this.dir, env, timeout: 60_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        done({ code: error ? (error.code ?? String(error.signal)) : 0, said: stdout + stderr }),
      );
    });
  }

  // The words under which there is something: those that look like an id.
  idsOnDisk() {
    if (!existsSync(join(this.v3, "kv"))) return [];
    return readdirSync(join(this.v3, "kv")).filter((name) => /^[0-9a-f]{32}$/.test(name));
  }

  async [Symbol.asyncDispose]() {
    await this.judge[Symbol.asyncDispose]();
    await this.emulator[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// ---- One sequence --------------------------------------------------------------------------------

class Sequence {
  constructor(bench, seed, tag) {
    this.bench = bench;
    this.world = new World(seed, tag, FEATURES);
    this.laws = new Laws(this.world);
    this.words = new Set();
    this.log = [];
  }

  tell(text) {
    this.log.push(text);
  }

  get path() {
    return join(this.bench.dir, this.world.file);
  }

  write(doc) {
    writeFileSync(this.path, writeConfig(this.world.file, doc, this.world.style));
  }

  text() {
    return readFileSync(this.path, "utf8");
  }

  doc() {
    return parseConfig(this.world.file, this.text());
  }

  declare() {
    writeFileSync(join(this.bench.dir, "kv.lua"), this.world.kvLua());
  }

  async start() {
    await this.bench.clear();
    this.others = new Set(this.bench.idsOnDisk());
    for (const one of this.world.live) await this.#live(one);
    this.#adopted();
    this.write(this.world.doc);
    this.declare();
    this.tell(`kv.lua:\n${this.world.kvLua()}${this.world.file}:\n${this.text()}`);
    await this.dev(new Chance(this.world.seed, "dev"), 0.9);
  }

  // The account has it from now on. The emulator makes the ids.
  async #live(one) {
    if (one.made) return;
    one.made = true;
    const { id } = await this.bench.emulator.result("POST", "", { title: one.title });
    if (one.id) this.#reid(one, id);
    one.id = id;
  }

  // An id that the world made up is that of the account now.
  #reid(one, id) {
    this.world.somebodys.delete(one.id);
    this.world.somebodys.add(id);
    const text = JSON.stringify(this.pending ?? this.world.doc).replaceAll(one.id, id);
    if (this.pending) this.pending = JSON.parse(text);
    else this.world.doc = JSON.parse(text);
  }

  // A config that has the ids of namespaces which are about to be declared: somebody made them by hand.
  #adopted() {
    const chance = new Chance(this.world.seed, "adopted");
    for (const one of this.world.live) {
      const wanted = this.world.wanted().find(({ uid }) => uid === one.uid);
      if (wanted && chance.is(0.7)) setId(this.world.doc, wanted, one.id);
    }
  }

  async dev(chance, often) {
    const puts = this.world.foreign(this.doc(), chance, often);
    for (const put of puts) this.words.add(put.word);
    await this.bench.judge.put(puts);
    if (puts.length > 0) this.tell(`dev puts ${puts.map(({ word, key }) => `${key} under ${word}`).join(", ")}`);
  }

  async look() {
    const text = this.text();
    const doc = parseConfig(this.world.file, text);
    for (const entry of entriesOf(doc))
      for (const word of [devWord(entry), entry.id, entry.preview_id, entry.binding]) if (word) this.words.add(word);
    for (const id of this.bench.idsOnDisk()) if (!this.others.has(id)) this.words.add(id);
    return { text, doc, store: await this.bench.judge.read([...this.words]) };
  }

  // ---- Steps -------------------------------------------------------------------------------------

  async step({ kind, seed }) {
    const chance = new Chance(seed, kind);
    if (kind === "local" || kind === "account") await this.run(kind, chance);
    else if (kind === "edit") await this.edit(chance);
    else {
      this.tell(kind === "rename" ? `rename ${this.world.rename(chance)}` : `take out ${this.world.takeOut(chance)}`);
      this.laws.released = true;
      this.declare();
    }
    await this.dev(chance, 0.5);
  }

  async edit(chance) {
    const old = this.doc();
    this.pending = structuredClone(old);
    const did = this.world.edit(this.pending, chance);
    for (const one of this.world.live) await this.#live(one);
    if (did === "writes comments") {
      const mark = this.world.file.endsWith(".toml") ? "#" : "//";
      writeFileSync(this.path, `${mark} by hand\n${this.text()}${mark} at the end\n`);
    } else if (did) this.write(this.pending);
    this.laws.edited(old, this.pending);
    this.pending = undefined;
    this.tell(`edit: ${did}\n${this.text()}`);
  }

  async run(kind, chance) {
    const envs = this.world.namespaces.filter((ns) => !ns.taken).map(({ env }) => env);
    const filtered = chance.is(0.12) && envs.length > 0 ? chance.of(envs) : null;
    const options = [...(kind === "local" ? ["--local"] : []), ...(filtered ? ["--env", filtered] : [])];
    const run = { kind, filtered, backedUp: (key) => this.#backedUp(key) };
    const first = await this.look();
    if (this.world.seed % 20 === 10) await this.bench.judge.close(); // while no dev runs
    let last = await this.#apply(run, options);
    if (run.code !== 0) {
      must(kind === "account" && this.laws.mayRefuse(first.doc), "a run", `exit ${run.code}`);
      must(last.text === first.text, "a run", "was refused and changed the file");
      this.laws.account(run, first, last);
      if (!chance.is(0.5)) return;
      options.push("--take-over");
      last = await this.#apply(run, options);
      must(run.code === 0, "a run", `exit ${run.code} with --take-over`);
    }
    this.tell(last.text);
    run.takeOver = options.includes("--take-over");
    run.ids = new Map((await this.bench.account()).map(({ title, id }) => [title, id]));
    this.laws.file(run, first, last);
    this.laws[kind](run, first, last);
    await this.#again(options, last);
    if (!filtered) this.laws.released = false;
  }

  // The run gets what it said and its exit code; what it left is looked at.
  async #apply(run, options) {
    Object.assign(run, await this.bench.cfkv("apply", ...options, ...GO));
    this.tell(`cfkv apply ${options.join(" ")} → ${run.code}\n${run.said}`);
    return this.look();
  }

  // The plan behind a run is empty, and the run again changes nothing.
  async #again(options, last) {
    const plan = await this.bench.cfkv("plan", ...options, "--detailed-exitcode");
    must(plan.code === 0, "second run", `the plan behind it has exit ${plan.code}:\n${plan.said}`);
    must(this.text() === last.text, "second run", "a plan changed the file");
    const again = await this.bench.cfkv("apply", ...options, ...GO);
    must(again.code === 0, "second run", `exit ${again.code}:\n${again.said}`);
    must(this.text() === last.text, "second run", `the file changed:\n${this.text()}`);
  }

  #backedUp(key) {
    const { dir } = this.bench;
    const name = JSON.stringify(key);
    return globSync(".cfkv/backups/**/*.jsonl", { cwd: dir }).some((path) =>
      readFileSync(join(dir, path), "utf8").includes(name),
    );
  }
}

let attempts = 0;

// null when all laws hold, else what was broken, with the story. `end` is asked when all is done.
async function attempt(bench, seed, steps, end = () => {}) {
  const sequence = new Sequence(bench, seed, `s${seed}t${attempts++}`);
  try {
    await sequence.start();
    for (const step of steps) await sequence.step(step);
    await end(sequence);
    return null;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { seed, error, steps, story: sequence.log.join("\n---- ") };
  }
}

// The shortest that still fails by dropping steps.
async function shrink(bench, failure) {
  for (let i = 0; i < failure.steps.length; ) {
    const fewer = await attempt(bench, failure.seed, failure.steps.toSpliced(i, 1));
    if (fewer) [failure, i] = [fewer, 0];
    else i++;
  }
  return failure;
}

const kinds = ({ steps }) => steps.map(({ kind }) => kind).join(", ");

function report(failure) {
  return `seed ${failure.seed}: ${kinds(failure)}\n${failure.story}\n==== ${failure.error.message}`;
}

// ---- wrangler dev --------------------------------------------------------------------------------

// `wrangler dev` of each section of the config serves what the judge found under the words.
async function devAgrees(sequence) {
  const { doc, store } = await sequence.look();
  const { dir } = sequence.bench;
  writeFileSync(join(dir, "worker.mjs"), WORKER);
  const project = { path: (name) => join(dir, name), env: environment(join(dir, "home")) };
  for (const section of sectionsOf(doc)) {
    const entries = entriesOf(doc).filter((entry) => entry.section === section);
    if (section === PREVIEWS || entries.length === 0 || entries.some((entry) => devWord(entry) === null)) continue;
    await using dev = await Dev.start(project, ".", ["--env", section]);
    for (const entry of entries) {
      const where = `${sequence.world.tag}: ${placeOf(entry)}`;
      assert.deepEqual(await servedBy(dev, entry.binding), Object.fromEntries(store.get(devWord(entry))), where);
    }
  }
}

// { key: { value, metadata, expiration } }, as the judge has them.
async function servedBy(dev, binding) {
  const served = {};
  for (const { name, metadata, expiration } of await dev.keys("", binding)) {
    const found = await dev.value(name, binding);
    const plain = { value: found?.value.toString("base64"), metadata: metadata && JSON.stringify(metadata), expiration };
    if (found) served[name] = JSON.parse(JSON.stringify(plain));
  }
  return served;
}

// ---- All of them ---------------------------------------------------------------------------------

const ALL = Array.from({ length: Number(process.env.SEEDS ?? 200) }, (_, i) => i + 1);
const SEEDS = process.env.SEED ? process.env.SEED.split(" ").map(Number) : ALL;

// Two at a time. The failures, the shortest first.
async function failuresOf(seeds, end) {
  const queue = [...seeds];
  const failures = [];
  async function work() {
    await using bench = await Bench.open();
    for (let seed; (seed = queue.shift()) !== undefined; ) {
      const failure = await attempt(bench, seed, stepsOf(seed), end);
      if (failure) failures.push(failure);
    }
  }
  await Promise.all([work(), work()]);
  return failures.sort((a, b) => a.steps.length - b.steps.length || a.seed - b.seed);
}

// Some of the shortest, made shorter.
async function shortest(failures) {
  await using bench = await Bench.open();
  const shrunk = [];
  for (const failure of failures.slice(0, process.env.SHRINK ?? 3)) shrunk.push(await shrink(bench, failure));
  return shrunk.sort((a, b) => a.steps.length - b.steps.length);
}

async function check(seeds, end) {
  const failures = await failuresOf(seeds, end);
  if (failures.length === 0) return;
  const line = (one) => `${one.seed}\t${kinds(one)}\t${one.error.message.split("\n")[0]}`;
  if (process.env.LIST) console.log(failures.map(line).join("\n"));
  const which = failures.map(({ seed }) => seed).join(" ");
  assert.fail(`${failures.length} of ${seeds.length} sequences fail: ${which}\n${report((await shortest(failures))[0] ?? failures[0])}`);
}

describe("any sequence of runs, edits, removals and renames", () => {
  it("leaves dev's data where dev looks, loses nothing, and is followed by empty plans", () => check(SEEDS));

  it("is seen by wrangler dev as by the miniflare that judged it", { skip: Boolean(process.env.SEED) }, () =>
    check(SEEDS.filter((seed) => seed % 30 === 0), devAgrees),
  );
});
