// A throw-away project in which cfkv and wrangler meet.
//
//   const p = new Project({ "kv.lua": "…" });
//   p.apply();
//   p.wrangler("kv", "key", "get", "k", "--local", "--namespace-id", p.output("id")).stdout
//   await using dev = await p.dev(id);
//   await dev.value("k")
//
// Or on configs of its own, whose `main` is WORKER:
//
//   (await p.dryRun({ env: "prod" })).bindings
//   await using dev = await p.devOf({ env: "prod" });
//   await dev.text("k", "CACHE")

import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify, stripVTControlCharacters } from "node:util";

const here = import.meta.dirname;
const CFKV = resolve(process.env.CFKV ?? join(here, "../../build/release/cfkv"));
const WRANGLER = join(here, "node_modules/wrangler/bin/wrangler.js");

export const MIB = 1024 * 1024;

// What a Worker is made of that answers Dev's questions.
export const WORKER = readFileSync(join(here, "worker.mjs"), "utf8");

// Names and values that have broken a store before. `lua` is how a configuration writes the value.
// A run of wrangler takes seconds, so only the `cli` ones get one of their own.
export const AWKWARD = [
  { key: "plain", lua: '"value"', value: "value", cli: true },
  { key: " a/b?c#d e%2Ff%g&h+ ", lua: '"everything"', value: "everything", cli: true },
  { key: "a/b/c", lua: '"slashes"', value: "slashes" },
  { key: "100% of %2F and %41", lua: '"percents"', value: "percents" },
  { key: "what?is=this&that", lua: '"query"', value: "query" },
  { key: "#fragment#", lua: '"fragment"', value: "fragment" },
  { key: " spaces  inside ", lua: '"spaces"', value: "spaces" },
  { key: "+plus+", lua: '"plus"', value: "plus" },
  { key: "größe", lua: '"Straße"', value: "Straße", cli: true },
  { key: "日本語/キー", lua: '"値"', value: "値" },
  { key: "🗝️", lua: '"🔓"', value: "🔓", cli: true },
  { key: "k".repeat(512), lua: '"longest"', value: "longest", cli: true },
  { key: "binary", lua: '"\\0\\1\\xff\\xfe\\0\\r\\n"', value: Buffer.from([0, 1, 255, 254, 0, 13, 10]), cli: true },
  { key: "empty", lua: '""', value: "", cli: true },
  { key: "json", lua: '{ b = { 1, 2.5, true }, a = "ü" }', value: '{"a":"ü","b":[1,2.5,true]}' },
].map((item) => ({ ...item, value: Buffer.from(item.value) }));

export function luaString(text) {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

export function show(key) {
  return key.length > 40 ? `${key.slice(0, 10)}… (${Buffer.byteLength(key)} bytes)` : `'${key}'`;
}

// Nothing of what a developer has exported reaches either program, and neither calls home.
export function environment(home) {
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    LANG: "C.UTF-8",
    CI: "true",
    NO_COLOR: "1",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NODE_COMPILE_CACHE: join(here, "node_modules/.compiled"),
  };
}

// The KV bindings that a dry run lists: { CACHE: "id" }.
export function boundIn(said) {
  const lines = said.matchAll(/^env\.(\S+) \((.*)\) +KV Namespace/gm);
  return Object.fromEntries([...lines].map(([, binding, id]) => [binding, id]));
}

// Each warning in what wrangler said, as one line; without the headings above them.
function warnings(said) {
  const items = [];
  for (const line of stripVTControlCharacters(said).split("\n").map((text) => text.trim())) {
    if (line === "" || /^▲ .* Processing .* configuration:$|^- "env\..*" environment configuration$/.test(line)) continue;
    if (/^[-▲] /.test(line) || items.length === 0) items.push(line);
    else items[items.length - 1] += ` ${line}`;
  }
  return items;
}

// Ends a group of processes, unless it has ended by itself.
function killGroup(pid, signal = "SIGKILL") {
  try {
    return pid > 0 && process.kill(-pid, signal); // 0 would be our own group
  } catch {
    return false;
  }
}

export class Project {
  // On the local store; or, with an Emulator, on the account that it serves.
  constructor(files = {}, emulator) {
    this.dir = mkdtempSync(join(tmpdir(), "cfkv-peers-"));
    this.env = { ...environment(join(this.dir, "home")), ...emulator?.env };
    this.target = emulator ? [] : ["--local"];
    this.where = emulator ? "--remote" : "--local"; // in wrangler's words
    mkdirSync(this.env.HOME);
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  path(name) {
    return join(this.dir, name);
  }

  // The files of a folder that is named relative to this one.
  copy(folder) {
    cpSync(join(here, folder), this.dir, { recursive: true });
  }

  read(name) {
    return readFileSync(this.path(name), "utf8");
  }

  has(name) {
    return existsSync(this.path(name));
  }

  write(name, content) {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  // kv.lua with one namespace `ns` whose id is the output "id"; `body` declares its keys.
  configure(body) {
    this.write(
      "kv.lua",
      `local cfkv = require "cfkv"
cfkv.project { name = "peers" }
local ns = cfkv.namespace { title = "peers", ttl_seconds = 0 }
cfkv.output("id", ns.id)
${body}
`,
    );
  }

  #run(program, args, options) {
    const r = spawnSync(program, args, {
      cwd: this.dir,
      env: this.env,
      maxBuffer: 64 * MIB,
      timeout: 120_000,
      killSignal: "SIGKILL",
      detached: true, // a group of its own, so that what it started ends with it
      ...options,
    });
    if (r.error) {
      killGroup(r.pid);
      throw r.error;
    }
    return { code: r.status, stdout: r.stdout, stderr: r.stderr.toString(), text: r.stdout.toString() };
  }

  cfkv(...args) {
    return this.#run(CFKV, args);
  }

  // A script of sh that has cfkv as CFKV, while others run.
  async shell(script, env = {}) {
    const options = { cwd: this.dir, env: { ...this.env, CFKV, ...env }, timeout: 120_000, killSignal: "SIGKILL" };
    await promisify(execFile)("/bin/sh", ["-c", script], options);
  }

  apply(...args) {
    const r = this.cfkv("apply", ...this.target, "--yes", "-f", "kv.lua", ...args);
    assert.equal(r.code, 0, r.stderr);
    return r;
  }

  plan(...args) {
    const r = this.cfkv("plan", ...this.target, "--json", "-f", "kv.lua", ...args);
    assert.equal(r.code, 0, r.stderr);
    return JSON.parse(r.text);
  }

  outputs() {
    const r = this.cfkv("output", ...this.target, "--json", "-f", "kv.lua");
    assert.equal(r.code, 0, r.stderr);
    return JSON.parse(r.text);
  }

  output(name) {
    return this.outputs()[name];
  }

  // What `cfkv kv key VERB …` prints.
  kv(verb, ...args) {
    const r = this.cfkv("kv", "key", verb, ...args);
    assert.equal(r.code, 0, r.stderr);
    return r.text;
  }

  wrangler(...args) {
    const r = this.#run(process.execPath, [WRANGLER, ...args]);
    assert.equal(r.code, 0, r.stderr + r.text);
    return r;
  }

  // What a script of the project says that gets cfkv as its argument, and wrangler in WRANGLER.
  script(path) {
    this.write("home/wrangler", `#!/bin/sh\nexec '${process.execPath}' '${WRANGLER}' "$@"\n`);
    chmodSync(this.path("home/wrangler"), 0o755);
    const r = this.#run(path, [CFKV], { env: { ...this.env, WRANGLER: this.path("home/wrangler") } });
    assert.equal(r.code, 0, r.stderr);
    return r.text;
  }

  // `wrangler kv key VERB …` on one namespace of the project's target.
  key(id, verb, ...args) {
    return this.wrangler("kv", "key", verb, ...args, this.where, "--namespace-id", id);
  }

  // `wrangler deploy --dry-run` of an environment (default: the top level) of a config of the
  // project: { ok, bindings: { CACHE: "id" }, warnings: […], said }.
  async dryRun({ env = "", config = "wrangler.toml", args: more = [] } = {}) {
    const args = [WRANGLER, "deploy", ...more, "--dry-run", "--env", env, "--config", config];
    const options = { cwd: this.dir, env: this.env, timeout: 120_000, killSignal: "SIGKILL" };
    const r = await promisify(execFile)(process.execPath, args, options).catch((error) => error);
    return {
      ok: !(r instanceof Error),
      bindings: boundIn(r.stdout),
      warnings: warnings(r.stderr),
      said: r.stderr + r.stdout,
    };
  }

  // `wrangler dev` of WORKER with namespace `id` bound as KV.
  dev(id) {
    this.write("worker.mjs", WORKER);
    this.write(
      "wrangler.toml",
      `name = "peers"
main = "worker.mjs"
compatibility_date = "2026-01-01"
[[kv_namespaces]]
binding = "KV"
id = "${id}"
`,
    );
    return this.devOf();
  }

  // `wrangler dev` of an environment of a config that is there, started in a folder of the project;
  // `env` null: without naming one.
  devOf({ env = "", cwd = ".", args = [] } = {}) {
    return Dev.start(this, cwd, [...(env === null ? [] : ["--env", env]), ...args]);
  }

  [Symbol.dispose]() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// A running `wrangler dev` of WORKER. What is asked for a key takes the name of a binding last.
export class Dev {
  // `answers` judges the answer to GET /ready.
  static async start(project, cwd, options, answers = (response) => response.ok) {
    const args = ["dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", ...options];
    const child = spawn(process.execPath, [WRANGLER, ...args], {
      cwd: project.path(cwd),
      env: project.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that its workerd ends with it
    });
    const dev = new Dev(child, answers);
    try {
      dev.url = await dev.#ready(90_000);
    } catch (error) {
      await dev[Symbol.asyncDispose]();
      throw error;
    }
    return dev;
  }

  constructor(child, answers) {
    this.child = child;
    this.answers = answers;
    this.log = "";
    this.ended = new Promise((done) => child.once("exit", done));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (piece) => {
        this.log += piece;
      });
  }

  async #ready(timeout) {
    for (const until = Date.now() + timeout; Date.now() < until; await delay(50)) {
      if (this.child.exitCode !== null) throw new Error(`wrangler dev ended: ${this.log}`);
      const url = /Ready on (http:\/\/[^\s]+)/.exec(this.log)?.[1];
      if (url && (await this.#answers(url))) return url;
    }
    throw new Error(`wrangler dev did not get ready: ${this.log}`);
  }

  async #answers(url) {
    try {
      return this.answers(await fetch(`${url}/ready`));
    } catch {
      return false;
    }
  }

  async #fetch(path, query, init) {
    return fetch(`${this.url}${path}?${new URLSearchParams(query)}`, init);
  }

  // Waits until a changed config, that binds this id, is loaded.
  async serves(id) {
    for (const until = Date.now() + 30_000; Date.now() < until; await delay(50)) {
      const from = this.log.indexOf(id);
      if (from >= 0 && this.log.includes("updated and ready", from)) return;
    }
    throw new Error(`wrangler dev did not load ${id}: ${this.log}`);
  }

  // { value, metadata }, or null when there is no such key.
  async value(key, binding = "KV") {
    const r = await this.#fetch("/value", { key, binding });
    if (r.status === 404) return null;
    assert.equal(r.status, 200, await r.clone().text());
    return {
      value: Buffer.from(await r.arrayBuffer()),
      metadata: JSON.parse(decodeURIComponent(r.headers.get("x-metadata"))),
    };
  }

  // The value as text, or null.
  async text(key, binding) {
    return (await this.value(key, binding))?.value.toString() ?? null;
  }

  async put(key, body, query = {}) {
    const r = await this.#fetch("/value", { key, ...query }, { method: "PUT", body });
    assert.equal(r.status, 200, await r.text());
  }

  async keys(prefix = "", binding = "KV") {
    return (await this.#fetch("/keys", { prefix, binding })).json();
  }

  // As a machine that loses its power.
  async kill() {
    killGroup(this.child.pid);
    await this.ended;
  }

  async [Symbol.asyncDispose]() {
    if (!killGroup(this.child.pid, "SIGTERM")) return;
    const late = setTimeout(() => killGroup(this.child.pid), 5000);
    await this.ended;
    clearTimeout(late);
  }
}

// PRAGMA integrity_check of every database under the project's local store.
export async function checkDatabases(project) {
  const { DatabaseSync } = await import("node:sqlite");
  const files = globSync(".wrangler/state/v3/kv/*/*.sqlite", { cwd: project.dir });
  assert.ok(files.length > 0);
  for (const file of files) {
    const db = new DatabaseSync(project.path(file), { readOnly: true });
    assert.deepEqual(db.prepare("PRAGMA integrity_check").all().map((row) => row.integrity_check), ["ok"], file);
    db.close();
  }
}
