// A state in an object of real services: R2 as workerd has it, or the one that CFKV_PEER_S3 names
// (tests/peers/ceph); and one that ignores conditions, which must be refused.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { resolve, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { Emulator } from "./emulator.mjs";
import { BUCKET, Given, R2, S3rver } from "./state_s3.mjs";
import { Project } from "./support.mjs";

const CFKV = resolve(process.env.CFKV ?? join(import.meta.dirname, "../../build/release/cfkv"));
const WRITERS = 20;

const names = (n) => Array.from({ length: n }, (_, i) => `ns${String(i).padStart(2, "0")}`);

let service;
before(async () => {
  service = Given.found() ?? (await R2.start());
});
after(() => service?.[Symbol.asyncDispose]());

// A project over an account and the service, whose state is `key`.
function projectOf(emulator, on, key, titles = ["cache", "flags"]) {
  const p = new Project({}, emulator);
  Object.assign(p.env, on.env);
  p.write(
    "kv.lua",
    `local cfkv = require "cfkv"
cfkv.project { name = "peers", state = "s3://${BUCKET}/${key}" }
${titles.map((title) => `cfkv.namespace { title = "${title}" }:put("k", "v")`).join("\n")}
`,
  );
  return p;
}

function addresses(document) {
  return Object.values(document.state.accounts).flatMap((account) => Object.keys(account.namespaces)).sort();
}

function documentOf(key) {
  const { status, text } = service.get(key);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

// Ends of `cfkv ARGS` for each of them, all at the same time.
function allAtOnce(p, runs) {
  const one = (args) =>
    promisify(execFile)(CFKV, args, { cwd: p.dir, env: p.env, timeout: 120_000, killSignal: "SIGKILL" }).then(
      () => ({ code: 0, stderr: "" }),
      (error) => ({ code: error.code, stderr: error.stderr }),
    );
  return Promise.all(runs.map(one));
}

test("an apply keeps its state there, the next has nothing to do, and another machine goes on", async () => {
  await using emulator = await Emulator.start();
  using p = projectOf(emulator, service, "end/to/end.json");
  assert.match(p.apply().text, /2 namespaces created/);
  const first = documentOf("end/to/end.json");
  assert.equal(first.cfkv_state, 1);
  assert.equal(first.lease, null);
  assert.deepEqual(addresses(first), ["cache", "flags"]);
  assert.equal(first.service.endpoint, service.endpoint);
  assert.ok(!p.has("kv.state.json"));
  assert.deepEqual(service.keys().filter((key) => key.includes("probe")), []);

  p.apply();
  assert.deepEqual(documentOf("end/to/end.json"), first);

  using other = projectOf(emulator, service, "end/to/end.json", ["cache", "flags", "more"]);
  assert.match(other.apply().text, /1 namespace created/);
  const second = documentOf("end/to/end.json");
  assert.deepEqual(addresses(second), ["cache", "flags", "more"]);
  assert.equal(second.lineage, first.lineage);
  assert.ok(second.serial > first.serial);
  assert.deepEqual(await emulator.titles(), ["cache", "flags", "more"]);
  assert.equal(p.cfkv("state", "list").code, 0);
});

test(`${WRITERS} changes of the state at the same time are ${WRITERS} changes`, async () => {
  await using emulator = await Emulator.start();
  using p = projectOf(emulator, service, "moves.json", names(WRITERS));
  p.apply();
  const before = documentOf("moves.json").serial;
  const moves = names(WRITERS).map((name) => ["state", "mv", name, `${name}-new`, "--lock-timeout", "100s"]);
  for (const { code, stderr } of await allAtOnce(p, moves)) assert.equal(code, 0, stderr);
  const document = documentOf("moves.json");
  assert.deepEqual(addresses(document), names(WRITERS).map((name) => `${name}-new`));
  assert.ok(document.serial >= before + WRITERS);
  assert.equal(document.lease, null);
});

test(`${WRITERS} applies of a new project at the same time create each namespace once`, async () => {
  await using emulator = await Emulator.start();
  using p = projectOf(emulator, service, "applies.json", names(3));
  const runs = Array(WRITERS).fill(["apply", "--yes", "-f", "kv.lua", "--lock-timeout", "100s"]);
  for (const { code, stderr } of await allAtOnce(p, runs)) assert.equal(code, 0, stderr);
  assert.deepEqual(addresses(documentOf("applies.json")), names(3));
  assert.deepEqual(await emulator.titles(), names(3));
  const created = emulator.requests.filter((r) => r.method === "POST" && r.path.endsWith("/namespaces"));
  assert.equal(created.length, 3);
});

test("wrong keys are refused, and nothing is written", async () => {
  await using emulator = await Emulator.start();
  using p = projectOf(emulator, service, "denied.json");
  p.env.AWS_SECRET_ACCESS_KEY = "another-secret";
  const r = p.cfkv("apply", "--yes", "-f", "kv.lua");
  assert.equal(r.code, 1, r.stderr);
  assert.match(r.stderr, /HTTP 403, SignatureDoesNotMatch.*\n.*AWS_ACCESS_KEY_ID/);
  assert.doesNotMatch(r.stderr, /another-secret/);
  assert.equal(service.get("denied.json").status, 404);
});

test("a bucket that is not there is told", async () => {
  await using emulator = await Emulator.start();
  using p = projectOf(emulator, service, "x.json");
  p.write("kv.lua", p.read("kv.lua").replace(`s3://${BUCKET}/`, "s3://no-such-bucket/"));
  const r = p.cfkv("plan", "-f", "kv.lua");
  assert.equal(r.code, 1, r.stderr);
  assert.match(r.stderr, /HTTP 404, NoSuchBucket/);
});

test("a service that ignores conditions is refused before anything is done", { skip: Boolean(Given.found()) }, async () => {
  await using emulator = await Emulator.start();
  await using ignorant = await S3rver.start();
  using p = projectOf(emulator, ignorant, "kv.json");
  const r = p.cfkv("apply", "--yes", "-f", "kv.lua");
  assert.equal(r.code, 1, r.stderr);
  assert.match(r.stderr, /takes 'If-None-Match: \*' and writes all the same/);
  assert.deepEqual(ignorant.keys(), []);
  assert.deepEqual(await emulator.titles(), []);
});
