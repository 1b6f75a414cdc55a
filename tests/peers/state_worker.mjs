// A running examples/state-worker, in workerd, and plain requests to it.
//
//   const server = new StateServer({ TOKEN_SHA256: sha256(TOKEN) });
//   await server.start();
//   await server.state("shop/prod").lock({ ID: "1" })

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { Dev, Project } from "./support.mjs";

export const TOKEN = "t0ken-of-the-tests-that-may-do-everything";
export const READER = "t0ken-of-the-tests-that-may-only-read";

export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
export const md5 = (bytes) => createHash("md5").update(bytes).digest("base64");
export const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

// The seven members that Terraform sends.
export function lockInfo(ID, more = {}) {
  const Created = "2026-12-01T10:00:00.123456789Z";
  return { ID, Operation: "OperationTypeApply", Info: "", Who: `${ID}@host`, Version: "1.11.4", Created, Path: "", ...more };
}

export function document(serial, more = {}) {
  return JSON.stringify({ version: 4, terraform_version: "1.11.4", serial, lineage: "one", ...more });
}

// A state of a server, asked with the token that may do everything unless a header says otherwise.
export class State {
  constructor(server, path) {
    this.server = server;
    this.path = path;
  }

  get url() {
    return `${this.server.url}/${this.path}`;
  }

  // { status, headers, text, json }; `json` is undefined when it is none.
  async ask(method, path = "", { body, ...headers } = {}) {
    const all = { authorization: `Bearer ${TOKEN}`, ...headers };
    const response = await fetch(this.url + path, { method, body, headers: all });
    const bytes = Buffer.from(await response.arrayBuffer());
    const answer = { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
    if (response.headers.get("content-type") === "application/json" && bytes.length > 0) answer.json = JSON.parse(answer.text);
    return answer;
  }

  read() {
    return this.ask("GET");
  }

  write(id, body, headers = {}) {
    return this.ask("POST", id === null ? "" : `?ID=${encodeURIComponent(id)}`, { body, ...headers });
  }

  lock(info) {
    return this.ask("LOCK", "", { body: JSON.stringify(info) });
  }

  unlock(info) {
    return this.ask("UNLOCK", "", { body: JSON.stringify(info) });
  }

  // Locks, writes and frees.
  async put(serial, more) {
    const id = `put-${serial}-${Math.random()}`;
    assert.equal((await this.lock(lockInfo(id))).status, 200);
    const answer = await this.write(id, document(serial, more));
    assert.equal(answer.status, 200, answer.text);
    await this.unlock({ ID: id });
    return answer;
  }
}

export class StateServer {
  // `secrets` as `wrangler secret put` sets them.
  constructor(secrets = {}) {
    this.project = new Project();
    this.project.copy("../../examples/state-worker");
    this.logs = [];
    this.#secrets(secrets);
  }

  #secrets(secrets) {
    this.project.write(".dev.vars", Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`).join(""));
  }

  async start() {
    // The first to come is answered with a refusal, which is an answer.
    this.dev = await Dev.start(this.project, ".", ["--show-interactive-dev-session=false"], () => true);
    this.logs.push(this.dev);
  }

  get url() {
    return this.dev.url;
  }

  state(path) {
    return new State(this, path);
  }

  // Sets others, and waits until they count: until GET / is answered as `told` says.
  async set(secrets, told) {
    this.#secrets(secrets);
    for (let tried = 0; tried < 1500; tried++) {
      if (tried % 250 === 0) this.#touch(); // a change right behind another may be overlooked
      if (told(await this.state("").read())) return;
      await delay(20);
    }
    throw new Error(`the secrets were not taken over: ${this.dev.log.slice(0, 5000)}`);
  }

  // The configuration is what wrangler watches; it is to see no half of it.
  #touch() {
    this.project.write("wrangler.next", this.project.read("wrangler.jsonc"));
    renameSync(this.project.path("wrangler.next"), this.project.path("wrangler.jsonc"));
  }

  async killAndStart() {
    await this.dev.kill();
    await this.start();
  }

  // What every start so far printed.
  get log() {
    return this.logs.map((dev) => dev.log).join("");
  }

  async [Symbol.asyncDispose]() {
    await this.dev?.[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}
