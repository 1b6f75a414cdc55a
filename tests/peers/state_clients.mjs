// Terraform, where there is one, on a running state worker.
//
//   describeTerraform(() => server);

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { lockInfo, TOKEN } from "./state_worker.mjs";
import { Project } from "./support.mjs";

const { error: missing } = spawnSync("terraform", ["version"]);

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

  // { code, said }
  async run(command, ...args) {
    const options = { cwd: this.project.dir, env: this.env, timeout: 60_000, killSignal: "SIGKILL" };
    const r = await promisify(execFile)("terraform", [command, "-no-color", ...args], options).catch((error) => error);
    return { code: r.code ?? 0, said: r.stdout + r.stderr };
  }

  async apply(...args) {
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

    function assertDone({ code, said }) {
      assert.equal(code, 0, said);
    }

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
