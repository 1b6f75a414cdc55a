// A running `cfkv serve` over an empty memory store, and plain requests to it.
//
//   await using emulator = await Emulator.start();
//   Object.assign(project.env, emulator.env)
//   await emulator.json("GET", "/accounts")

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const CFKV = resolve(process.env.CFKV ?? join(import.meta.dirname, "../../build/release/cfkv"));
// What serves, when it is another program than cfkv.
const COMMAND = process.env.CFKV_SERVE?.split(" ") ?? [CFKV, "serve", "--memory"];

export const ACCOUNT = "cf000000000000000000000000000001";
export const TOKEN = "a-token-of-the-tests";

export class Emulator {
  // `faults` is the content of a faults file.
  static async start({ faults, args = [] } = {}) {
    const dir = mkdtempSync(join(tmpdir(), "cfkv-emulator-"));
    if (faults) {
      writeFileSync(join(dir, "faults.json"), JSON.stringify(faults));
      args = [...args, "--faults", join(dir, "faults.json")];
    }
    // To a file and not a pipe: nobody reads a pipe while a client is waited for.
    const said = openSync(join(dir, "said"), "a");
    const [program, ...rest] = COMMAND;
    const child = spawn(program, [...rest, "--port", "0", ...args], {
      stdio: ["ignore", said, said],
    });
    closeSync(said);
    const emulator = new Emulator(child, dir);
    try {
      await emulator.#ready(10_000);
    } catch (error) {
      await emulator[Symbol.asyncDispose]();
      throw error;
    }
    return emulator;
  }

  constructor(child, dir) {
    this.child = child;
    this.dir = dir;
    this.ended = new Promise((done) => child.once("exit", done));
  }

  get said() {
    return readFileSync(join(this.dir, "said"), "utf8");
  }

  async #ready(timeout) {
    for (const until = Date.now() + timeout; Date.now() < until; await delay(10)) {
      if (this.child.exitCode !== null) throw new Error(`the emulator ended: ${this.said}`);
      this.url = /http:\/\/127\.0\.0\.1:\d+\/client\/v4/.exec(this.said)?.[0];
      if (this.url) return;
    }
    throw new Error(`the emulator did not get ready: ${this.said}`);
  }

  // What points a client at it.
  get env() {
    return {
      CLOUDFLARE_API_BASE_URL: this.url,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    };
  }

  // The requests so far, as the log has them.
  get requests() {
    return this.said
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  // On a connection of its own: between two requests wrangler may run so long, and nothing else does
  // meanwhile, that one which was kept is closed by then.
  fetch(method, path, body) {
    const headers = { Authorization: `Bearer ${TOKEN}`, Connection: "close" };
    return fetch(this.url + path, { method, body, headers });
  }

  kv(method, path, body) {
    return this.fetch(method, `/accounts/${ACCOUNT}/storage/kv/namespaces${path}`, body);
  }

  // The result of a request that must succeed.
  async result(method, path, body) {
    const r = await this.kv(method, path, body === undefined ? undefined : JSON.stringify(body));
    const answer = await r.json();
    assert.ok(answer.success, JSON.stringify(answer));
    return answer.result;
  }

  async value(id, key) {
    const r = await this.kv("GET", `/${id}/values/${encodeURIComponent(key)}`);
    if (r.status === 404) return null;
    assert.equal(r.status, 200, await r.clone().text());
    return Buffer.from(await r.arrayBuffer());
  }

  async titles() {
    return (await this.result("GET", "?per_page=1000")).map((ns) => ns.title).sort();
  }

  async [Symbol.asyncDispose]() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await this.ended;
    clearTimeout(late);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
