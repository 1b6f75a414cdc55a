// The states of one project, in a Durable Object: one thread, one database, so that of many who ask
// at once each sees what the one before did. What a request does is one transaction without a
// pause; what takes time (its body, its digest) comes before.

import { DurableObject } from "cloudflare:workers";

import { common, empty, json, Refusal } from "./answers.js";
import { base64Of, hexOf, ofHex } from "./bytes.js";
import { Locks, readInfo } from "./locks.js";
import { routeOf } from "./route.js";
import { Versions } from "./versions.js";

const MIB = 1024 * 1024;
const MAX_LOCK = 16 * 1024; // bytes of a lock info

function setting(env, name, most) {
  const value = Number(env[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Refusal(503, `${name} is no number from 1 to ${most}; see wrangler.jsonc`);
}

// One that is too large is read to its end, and forgotten: who is still sending sees no answer.
async function bodyOf(request, limit) {
  const parts = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size <= limit) parts.push(part);
    else parts.length = 0;
  }
  if (size > limit) throw new Refusal(413, `the body has ${size} bytes; ${limit} are taken`);
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "the body is no UTF-8");
  }
}

async function md5Of(bytes) {
  return new Uint8Array(await crypto.subtle.digest("MD5", bytes));
}

// Serial and lineage of a state: Terraform's, cfkv's envelope, or another document that has them.
function identityOf(bytes) {
  let document = null;
  try {
    document = JSON.parse(textOf(bytes));
  } catch (error) {
    if (error instanceof Refusal) throw error;
  }
  const { serial, lineage } = document ?? {};
  if (!Number.isSafeInteger(serial) || serial < 0) throw new Refusal(400, 'a state is a JSON object with a whole number "serial"');
  return { serial, lineage: typeof lineage === "string" ? lineage : "" };
}

// Whether a list of ETags has this one. Weak ones count: ours have no other meaning.
function listed(header, etag) {
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return etag !== undefined && (tags.includes("*") || tags.includes(etag));
}

function demandConditions(headers, present) {
  const match = headers.get("if-match");
  const none = headers.get("if-none-match");
  const holds = (match === null || listed(match, present?.etag)) && (none === null || !listed(none, present?.etag));
  if (holds) return;
  const there = present ? `serial ${present.serial} stands there` : "there is no state";
  throw new Refusal(412, `another one was expected: ${there}`, { headers: present ? { etag: present.etag } : {} });
}

function stateAnswer(row, bytes) {
  const headers = {
    "content-type": "application/json",
    "content-length": String(row.size),
    "content-md5": base64Of(ofHex(row.md5)),
    etag: row.etag,
  };
  return new Response(bytes, { headers: common(headers) });
}

export class Project extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.locks = new Locks(ctx.storage.sql);
    this.versions = new Versions(ctx.storage.sql);
  }

  async fetch(request) {
    const route = routeOf(request.url);
    const verbs = this.#verbs(route.part);
    try {
      const verb = verbs[request.method === "HEAD" ? "GET" : request.method];
      if (!verb) throw new Refusal(405, `no ${request.method} here`, { headers: { allow: Object.keys(verbs).join(", ") } });
      return await verb.call(this, request, route);
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      throw error;
    }
  }

  #verbs(part) {
    return {
      state: { GET: this.read, POST: this.write, PUT: this.write, DELETE: this.remove, LOCK: this.lock, UNLOCK: this.unlock },
      lock: { GET: this.holder, POST: this.lock, PUT: this.lock, DELETE: this.unlock },
      versions: { GET: this.list },
      version: { GET: this.readVersion },
    }[part];
  }

  read(request, { name }) {
    const present = this.versions.present(name);
    return present ? stateAnswer(present, this.versions.bytes(present)) : empty(204);
  }

  list(request, { name }) {
    return json(200, this.versions.list(name));
  }

  readVersion(request, { name, serial }) {
    const row = this.versions.ofSerial(name, serial, new URL(request.url).searchParams.get("lineage"));
    if (!row) throw new Refusal(404, `no version with serial ${serial} is kept; …/versions lists what is`);
    return stateAnswer(row, this.versions.bytes(row));
  }

  async write(request, { name }) {
    const keep = setting(this.env, "KEEP_VERSIONS", 1000);
    const bytes = await bodyOf(request, setting(this.env, "MAX_STATE_MIB", 16) * MIB);
    const digest = await md5Of(bytes);
    const md5 = hexOf(digest);
    const promised = request.headers.get("content-md5");
    if (promised !== null && promised !== base64Of(digest)) throw new Refusal(400, "the body is not what its Content-MD5 says");
    const { serial, lineage } = identityOf(bytes);
    const id = new URL(request.url).searchParams.get("ID");
    const etag = this.ctx.storage.transactionSync(() => {
      const info = this.locks.demand(name, id, Date.now());
      const present = this.versions.present(name);
      // The same again, since the answer to the first time was lost.
      if (present?.md5 === md5 && present.size === bytes.length) return present.etag;
      demandConditions(request.headers, present);
      if (present && serial <= present.serial)
        throw new Refusal(422, `serial ${serial} is not above ${present.serial}, which stands there; to put an old version back, give it serial ${present.serial + 1}`);
      const who = typeof info.Who === "string" ? info.Who : "";
      return this.versions.add(name, bytes, { serial, lineage, md5, written: Date.now(), who, keep });
    });
    return json(200, { serial }, { etag });
  }

  remove(request, { name }) {
    const id = new URL(request.url).searchParams.get("ID");
    this.ctx.storage.transactionSync(() => {
      this.locks.demandFree(name, id, Date.now());
      demandConditions(request.headers, this.versions.present(name));
      this.versions.remove(name);
    });
    return json(200, {});
  }

  holder(request, { name }) {
    const holder = this.locks.holder(name, Date.now());
    return holder ? json(200, holder) : empty(204);
  }

  async lock(request, { name }) {
    const info = readInfo(textOf(await bodyOf(request, MAX_LOCK)));
    const told = this.ctx.storage.transactionSync(() => this.locks.take(name, info, Date.now()));
    if (info.Lease !== undefined) await this.#setAlarm();
    return json(200, told);
  }

  async unlock(request, { name }) {
    const text = textOf(await bodyOf(request, MAX_LOCK));
    const named = new URL(request.url).searchParams.get("ID");
    const id = named ?? (text === "" ? null : readInfo(text).ID);
    this.ctx.storage.transactionSync(() => this.locks.free(name, id, Date.now()));
    return json(200, {});
  }

  // Only sweeps: whether a lease is over is decided by each request.
  async alarm() {
    this.ctx.storage.transactionSync(() => this.locks.sweep(Date.now()));
    await this.#setAlarm();
  }

  async #setAlarm() {
    const next = this.locks.nextSweep();
    if (next !== null && (await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(next);
  }
}
