// A throw-away project in which cfkv and wrangler meet.
//
//   const p = new Project({ "kv.lua": "…" });
//   p.apply();
//   p.wrangler("kv", "key", "get", "k", "--local", "--namespace-id", p.output("id")).stdout
//   await using dev = await p.dev(id);
//   await dev.value("k")

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const here = import.meta.dirname;
const CFKV = resolve(process.env.CFKV ?? join(here, "../../build/release/cfkv"));
const WRANGLER = join(here, "node_modules/wrangler/bin/wrangler.js");

export const MIB = 1024 * 1024;

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
function environment(home) {
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
  };
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

  output(name) {
    const r = this.cfkv("output", ...this.target, "--json", "-f", "kv.lua");
    assert.equal(r.code, 0, r.stderr);
    return JSON.parse(r.text)[name];
  }

  wrangler(...args) {
    const r = this.#run(process.execPath, [WRANGLER, ...args]);
    assert.equal(r.code, 0, r.stderr + r.text);
    return r;
  }

  // `wrangler kv key VERB …` on one namespace of the project's target.
  key(id, verb, ...args) {
    return this.wrangler("kv", "key", verb, ...args, this.where, "--namespace-id", id);
  }

  dev(id) {
    return Dev.start(this, id);
  }

  [Symbol.dispose]() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// A running `wrangler dev` of worker.mjs with namespace `id` bound as KV.
class Dev {
  static async start(project, id) {
    copyFileSync(join(here, "worker.mjs"), project.path("worker.mjs"));
    project.write(
      "wrangler.toml",
      `name = "peers"
main = "worker.mjs"
compatibility_date = "2026-01-01"
[[kv_namespaces]]
binding = "KV"
id = "${id}"
`,
    );
    const args = ["dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
    const child = spawn(process.execPath, [WRANGLER, ...args], {
      cwd: project.dir,
      env: project.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that its workerd ends with it
    });
    const dev = new Dev(child);
    try {
      dev.url = await dev.#ready(90_000);
    } catch (error) {
      await dev[Symbol.asyncDispose]();
      throw error;
    }
    return dev;
  }

  constructor(child) {
    this.child = child;
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
      return (await fetch(`${url}/keys?prefix=none`)).ok;
    } catch {
      return false;
    }
  }

  async #fetch(path, query, init) {
    return fetch(`${this.url}${path}?${new URLSearchParams(query)}`, init);
  }

  // { value, metadata }, or null when there is no such key.
  async value(key) {
    const r = await this.#fetch("/value", { key });
    if (r.status === 404) return null;
    assert.equal(r.status, 200, await r.clone().text());
    return {
      value: Buffer.from(await r.arrayBuffer()),
      metadata: JSON.parse(decodeURIComponent(r.headers.get("x-metadata"))),
    };
  }

  async put(key, body, query = {}) {
    const r = await this.#fetch("/value", { key, ...query }, { method: "PUT", body });
    assert.equal(r.status, 200, await r.text());
  }

  async keys(prefix = "") {
    return (await this.#fetch("/keys", { prefix })).json();
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
