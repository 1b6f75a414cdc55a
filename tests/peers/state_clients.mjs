// The clients that the state worker is made for, on a running one: cfkv, and Terraform where there is
// one.
//
//   describeTerraform(() => server);
//   describeCfkv(() => server);

import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { Emulator } from "./emulator.mjs";
import { lockInfo, TOKEN } from "./state_worker.mjs";
import { Project } from "./support.mjs";

const CFKV = resolve(process.env.CFKV ?? join(import.meta.dirname, "../../build/release/cfkv"));

const { error: missing } = spawnSync("terraform", ["version"]);

// What a program did: { code, said, out }; `code` is null where a signal ended it.
function run(program, args, options) {
  return new Promise((done) => {
    execFile(program, args, { timeout: 60_000, killSignal: "SIGKILL", ...options }, (error, out, err) =>
      done({ code: error ? (error.code ?? null) : 0, said: out + err, out }),
    );
  });
}

function assertDone({ code, said }) {
  assert.equal(code, 0, said);
}

// Waits until `probe` gives something, and gives that.
export async function until(probe) {
  for (const end = Date.now() + 30_000; Date.now() < end; await delay(20)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`nothing came of ${probe}`);
}

// A folder with a configuration whose state is `state`; needs no provider.
class Terraform {
  constructor(state, project = new Project()) {
    this.project = project;
    project.write(
      "main.tf",
      `terraform {
  backend "http" {}
}
variable "word" { default = "one" }
variable "wait" { default = "" }
resource "terraform_data" "it" {
  input = var.word
  triggers_replace = var.wait
  provisioner "local-exec" {
    command = var.wait == "" ? "true" : "touch begun; while [ ! -e ${"${var.wait}"} ]; do sleep 0.05; done"
  }
}
output "word" { value = terraform_data.it.output }
`,
    );
    this.env = {
      ...project.env,
      TF_HTTP_ADDRESS: state.url,
      TF_HTTP_LOCK_ADDRESS: state.url,
      TF_HTTP_UNLOCK_ADDRESS: state.url,
      TF_HTTP_USERNAME: "terraform",
      TF_HTTP_PASSWORD: TOKEN,
      TF_HTTP_RETRY_MAX: "0",
      TF_INPUT: "0",
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    };
  }

  run(command, ...args) {
    return run("terraform", [...command.split(" "), "-no-color", ...args], { cwd: this.project.dir, env: this.env });
  }

  apply(...args) {
    return this.run("apply", "-auto-approve", ...args);
  }
}

export function describeTerraform(server) {
  describe("terraform", { skip: missing ? "there is no terraform" : false }, () => {
    let terraform, state;
    let count = 0;

    before(async () => {
      terraform = new Terraform({ url: "" });
    });

    after(() => terraform?.project[Symbol.dispose]());

    // Each test has a state of its own.
    beforeEach(async () => {
      state = server().state(`terraform/state-${++count}`);
      terraform = new Terraform(state, terraform.project);
      assertDone(await terraform.run("init", "-reconfigure"));
    });

    it("applies, finds nothing to do, changes, and destroys", async () => {
      assertDone(await terraform.apply());
      assertDone(await terraform.run("plan", "-detailed-exitcode"));
      assertDone(await terraform.apply("-var=word=two"));
      const { said } = await terraform.run("output", "-raw", "word");
      assert.equal(said, "two");
      assertDone(await terraform.run("destroy", "-auto-approve"));

      const versions = (await state.ask("GET", "/versions")).json;
      assert.ok(versions.length >= 3);
      assert.ok(versions.every(({ lineage }) => lineage === versions[0].lineage));
      assert.match(versions[0].who, /@/);
      assert.equal((await state.ask("GET", "/lock")).status, 204);
    });

    it("respects a lock of others until it is freed", async () => {
      await state.lock(lockInfo("11111111-2222-3333-4444-555555555555"));
      const refused = await terraform.apply();
      assert.equal(refused.code, 1);
      assert.match(refused.said, /already locked:\s+ID=11111111-2222-3333-4444-555555555555/);
      assert.equal((await state.read()).status, 204);

      const waiting = terraform.apply("-lock-timeout=30s");
      const asked = () => server().log.split(`LOCK /${state.path} 423`).length - 1;
      await until(() => asked() >= 2);
      await state.unlock({ ID: "11111111-2222-3333-4444-555555555555" });
      assertDone(await waiting);
    });

    it("takes over a lease that is over", async () => {
      await state.lock(lockInfo("a", { Lease: 1 }));
      assertDone(await terraform.apply("-lock-timeout=10s"));
      assert.equal((await state.write("a", "{}")).status, 400);
      assert.equal((await state.write("a", '{"serial":99}')).status, 409);
    });

    it("holds its lock while it works, and loses when it is forced", async () => {
      const working = terraform.apply("-var=wait=go");
      await until(() => terraform.project.has("begun"));
      const refused = await state.lock(lockInfo("us", { Lease: 60 }));
      assert.equal(refused.status, 423);
      assert.equal(refused.json.Operation, "OperationTypeApply");
      assert.match(refused.json.Who, /@/);

      const other = new Terraform(state, terraform.project);
      assertDone(await other.run("force-unlock", "-force", refused.json.ID));
      assert.equal((await state.lock(lockInfo("us", { Lease: 60 }))).status, 200);
      assert.equal((await state.write("us", '{"serial":7,"lineage":"ours"}')).status, 200);
      terraform.project.write("go", "");
      const lost = await working;
      assert.equal(lost.code, 1);
      assert.match(lost.said, /Failed to (save|persist) state|HTTP error: 423/);
      assert.equal((await state.read()).json.serial, 7);
    });

    it("puts an old version back whose serial was raised, and by force no other", async () => {
      assertDone(await terraform.apply());
      const [{ serial }] = (await state.ask("GET", "/versions")).json;
      assertDone(await terraform.apply("-var=word=two"));
      const { json } = await state.ask("GET", `/versions/${serial}`);
      const push = (content, ...args) => {
        terraform.project.write("old.json", JSON.stringify(content));
        return terraform.run("state push", ...args, "old.json");
      };
      const forced = await push(json, "-force");
      assert.equal(forced.code, 1);
      assert.match(forced.said, /HTTP error: 422/);
      assertDone(await push({ ...json, serial: (await state.read()).json.serial + 1 }));
      assert.equal((await state.read()).json.outputs.word.value, "one");
    });

    it("migrates a state that lay in a file", async () => {
      const main = terraform.project.read("main.tf");
      terraform.project.write("main.tf", main.replace('backend "http" {}', 'backend "local" {}'));
      assertDone(await terraform.run("init", "-reconfigure"));
      assertDone(await terraform.apply());
      terraform.project.write("main.tf", main);
      assertDone(await terraform.run("init", "-migrate-state", "-force-copy"));
      assertDone(await terraform.run("plan", "-detailed-exitcode"));
      assert.equal((await state.read()).json.terraform_version.split(".").length, 3);
    });
  });
}

// A folder with a configuration whose state is `state`, on the account of an emulator.
class Folder {
  constructor(state, emulator, { names = ["one", "two"], value = "v" } = {}) {
    this.project = new Project({}, emulator);
    this.env = { ...this.project.env, CFKV_STATE_TOKEN_127_0_0_1: TOKEN };
    this.state = state;
    this.declare(names, value);
  }

  declare(names, value = "v") {
    const namespaces = names.map((name) => `cfkv.namespace { title = "${name}" }:put("key", "${value}")\n`);
    const project = `cfkv.project { name = "shop", state = "${this.state.url}" }`;
    this.project.write("kv.lua", `local cfkv = require "cfkv"\n${project}\n${namespaces.join("")}`);
  }

  run(...args) {
    return run(CFKV, args, { cwd: this.project.dir, env: this.env });
  }

  apply(...args) {
    return this.run("apply", "--yes", ...args);
  }

  async plan() {
    const r = await this.run("plan", "--json");
    assertDone(r);
    return JSON.parse(r.out).summary;
  }

  // One that goes on while others are asked: { child, done }.
  startApply() {
    const child = spawn(CFKV, ["apply", "--yes"], { cwd: this.project.dir, env: this.env, stdio: "ignore" });
    return { child, done: new Promise((end) => child.once("exit", end)) };
  }

  [Symbol.dispose]() {
    this.project[Symbol.dispose]();
  }
}

export function describeCfkv(server) {
  describe("cfkv", () => {
    let state, emulator;
    let count = 0;
    const folders = [];

    // Each test has a state and an account of its own.
    async function begin(faults) {
      state = server().state(`cfkv/state-${++count}`);
      emulator = await Emulator.start(faults ? { faults: { rules: [faults] } } : {});
    }

    function folder(options) {
      folders.push(new Folder(state, emulator, options));
      return folders.at(-1);
    }

    // The methods of the requests for the state, while `work` goes on.
    async function requests(work) {
      const from = server().log.length;
      await work();
      // Wrangler's log comes behind.
      const marker = `/cfkv/end-${Math.random()}`;
      await server().state(marker.slice(1)).read();
      await until(() => server().log.includes(marker, from));
      const lines = server().log.slice(from).matchAll(/\] ([A-Z]+) (\S+) \d+ /g);
      return [...lines].filter(([, , path]) => path === `/${state.path}`).map(([, method]) => method);
    }

    // The origin of each namespace that is recorded.
    async function recorded() {
      const { accounts } = (await state.read()).json.state;
      const { namespaces } = Object.values(accounts)[0];
      return Object.fromEntries(Object.entries(namespaces).map(([address, { origin }]) => [address, origin]));
    }

    afterEach(async () => {
      for (const made of folders.splice(0)) made[Symbol.dispose]();
      await emulator?.[Symbol.asyncDispose]();
    });

    it("asks five times to change something, three times to find nothing to do, once to plan", async () => {
      await begin();
      const a = folder();
      assert.deepEqual(await requests(async () => assertDone(await a.apply())), ["LOCK", "GET", "POST", "POST", "UNLOCK"]);
      assert.deepEqual(await requests(async () => assertDone(await a.apply())), ["LOCK", "GET", "UNLOCK"]);
      assert.deepEqual(await requests(() => a.plan()), ["GET"]);
      assert.deepEqual(await recorded(), { one: "created", two: "created" });
    });

    it("finds in any folder what was applied in another", async () => {
      await begin();
      const [a, b] = [folder(), folder()];
      assertDone(await a.apply());
      assert.deepEqual([(await b.plan()).unchanged > 0, (await b.plan()).create, (await b.plan()).put], [true, 0, 0]);
      b.declare(["one", "two", "three"], "w");
      assertDone(await b.apply());
      a.declare(["one", "two", "three"], "w");
      assert.deepEqual([(await a.plan()).create, (await a.plan()).put], [0, 0]);
      const serials = (await state.ask("GET", "/versions")).json.map(({ serial }) => serial);
      assert.deepEqual(serials, [4, 3, 2, 1]);
    });

    it("lets five folders apply at once, one after the other", async () => {
      await begin();
      const all = Array.from({ length: 5 }, () => folder());
      for (const r of await Promise.all(all.map((one) => one.apply("--lock-timeout", "60")))) assertDone(r);
      assert.deepEqual(await recorded(), { one: "created", two: "created" });
      assert.deepEqual(await emulator.titles(), ["one", "two"]);
      assert.equal((await state.ask("GET", "/lock")).status, 204);
    });

    it("goes on elsewhere when it was killed and its disk is gone", async () => {
      await begin({ match: { endpoint: "namespace_create", nth: 2 }, times: 1, fault: "drop_after" });
      // The answer to a create is lost, and its repetition is not to come.
      const a = folder({ names: ["one", "two", "three"] });
      const { child, done } = a.startApply();
      await until(async () => (await emulator.titles()).length >= 2);
      child.kill("SIGKILL");
      await done;
      a[Symbol.dispose]();

      const b = folder({ names: ["one", "two", "three"] });
      const left = await state.ask("GET", "/lock");
      assert.ok(Date.parse(left.json.Expires) - Date.now() <= 60_000);
      const refused = await b.apply();
      assert.equal(refused.code, 75, refused.said);
      assert.match(refused.said, /in use by .*cfkv apply/);
      assertDone(await b.run("state", "unlock", "--yes"));
      assertDone(await b.apply());
      assert.deepEqual(await emulator.titles(), ["one", "three", "two"]);
      assert.deepEqual(await recorded(), { one: "created", three: "created", two: "created" });
    });

    it("stops when its lock is taken from it, keeps what is done, and finishes it later", async () => {
      await begin({ match: { endpoint: "namespace_create", nth: 1 }, fault: "delay", ms: 700 });
      const a = folder();
      const { done } = a.startApply();
      await until(async () => (await state.read()).status === 200); // its intents are there
      await state.unlock({ ID: (await state.ask("GET", "/lock")).json.ID });
      await state.lock(lockInfo("thief", { Lease: 60 }));
      const before = await state.read();
      assert.notEqual(await done, 0);
      assert.equal((await state.read()).headers.get("etag"), before.headers.get("etag"));
      await state.unlock({ ID: "thief" });
      assertDone(await a.apply());
      assert.deepEqual(await recorded(), { one: "created", two: "created" });
    });

    it("puts an old version back", async () => {
      await begin();
      const a = folder();
      assertDone(await a.apply());
      const [old] = (await state.ask("GET", "/versions")).json;
      a.declare(["one", "two", "three"]);
      assertDone(await a.apply());
      a.project.write("old.json", (await state.ask("GET", `/versions/${old.serial}`)).bytes);
      assertDone(await a.run("state", "push", "old.json", "--force", "--yes"));
      assert.deepEqual(await recorded(), { one: "created", two: "created" });
      assert.equal((await state.read()).json.serial, 5);
    });

    it("takes over a lease that is over, and says whose", async () => {
      await begin();
      await state.lock(lockInfo("anna", { Lease: 1, Operation: "cfkv apply" }));
      const r = await folder().apply("--lock-timeout", "30");
      assertDone(r);
      assert.match(r.said, /the lock of anna@host .* is taken over/);
    });

    it("and terraform respect each other's locks", { skip: missing ? "there is no terraform" : false }, async (t) => {
      await begin({ match: { endpoint: "namespace_create", nth: 1 }, fault: "delay", ms: 1000 });
      const terraform = new Terraform(state);
      t.after(() => terraform.project[Symbol.dispose]());
      assertDone(await terraform.run("init"));
      const a = folder();

      const { done } = a.startApply();
      const held = await until(async () => (await state.ask("GET", "/lock")).json);
      const refused = await terraform.apply();
      assert.equal(refused.code, 1, refused.said);
      assert.ok(refused.said.includes(held.ID), refused.said);
      assert.equal(await done, 0);

      // A state of its own for Terraform, who holds it now.
      state = server().state(`cfkv/terraform-${count}`);
      const working = new Terraform(state, terraform.project);
      assertDone(await working.run("init", "-reconfigure"));
      const applying = working.apply("-var=wait=go");
      await until(() => working.project.has("begun"));
      const b = folder();
      const waits = await b.apply();
      assert.equal(waits.code, 75, waits.said);
      assert.match(waits.said, /in use by .*OperationTypeApply/);
      working.project.write("go", "");
      assertDone(await applying);
      const kept = (await state.read()).text;
      const theirs = await b.apply("--lock-timeout", "30");
      assert.equal(theirs.code, 3, theirs.said);
      assert.match(theirs.said, /holds a state of Terraform's/);
      assert.equal((await state.read()).text, kept);
    });
  });
}
