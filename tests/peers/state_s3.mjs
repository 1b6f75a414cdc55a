// Services that speak S3, each with a bucket "states", and what lies in it.
//
//   await using service = await R2.start();       // in workerd, over wrangler's S3 endpoint
//   await using service = await S3rver.start();   // takes conditions and ignores them
//   const service = Given.found();                // the one that CFKV_PEER_S3 names (tests/peers/ceph)
//   Object.assign(project.env, service.env);
//   service.get("kv.json")                        // { status, text }

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { Dev, Project, WORKER } from "./support.mjs";

const S3RVER = join(import.meta.dirname, "node_modules/s3rver/bin/s3rver.js");

export const BUCKET = "states";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class Service {
  constructor(endpoint, id, secret, region = "us-east-1") {
    Object.assign(this, { endpoint, id, secret, region });
  }

  get env() {
    return {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_ACCESS_KEY_ID: this.id,
      AWS_SECRET_ACCESS_KEY: this.secret,
      AWS_REGION: this.region,
    };
  }

  // By curl, which signs, too.
  #ask(method, path, headers = []) {
    const args = ["-q", "-sS", "--noproxy", "*", "-X", method, "-w", "\n%{http_code}", "--config", "-"];
    const lines = [`aws:amz:${this.region}:s3`].map((v) => `aws-sigv4 = "${v}"`);
    lines.push(`user = "${this.id}:${this.secret}"`, `header = "x-amz-content-sha256: ${EMPTY}"`);
    for (const header of headers) lines.push(`header = "${header}"`);
    const r = spawnSync("curl", [...args, `${this.endpoint}/${path}`], { input: lines.join("\n"), encoding: "utf8" });
    if (r.status !== 0) throw new Error(r.stderr);
    const at = r.stdout.lastIndexOf("\n");
    return { status: Number(r.stdout.slice(at + 1)), text: r.stdout.slice(0, at) };
  }

  get(key) {
    return this.#ask("GET", `${BUCKET}/${key}`);
  }

  delete(key) {
    return this.#ask("DELETE", `${BUCKET}/${key}`);
  }

  // The names of everything in the bucket.
  keys() {
    const { text } = this.#ask("GET", `${BUCKET}?list-type=2`);
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key);
  }

  async [Symbol.asyncDispose]() {}
}

export class Given extends Service {
  static found() {
    const { CFKV_PEER_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    return CFKV_PEER_S3 && new Given(CFKV_PEER_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);
  }
}

export class R2 extends Service {
  static async start() {
    const id = "an-id-of-the-tests";
    const secret = "a-secret-of-the-tests";
    const credentials = { accessKeyId: id, secretAccessKey: secret };
    const project = new Project({
      "worker.mjs": WORKER,
      "wrangler.json": JSON.stringify({
        name: "peers",
        main: "worker.mjs",
        compatibility_date: "2026-01-01",
        r2_buckets: [
          { binding: "STATES", bucket_name: BUCKET, local_dev: { experimental_s3_credentials: credentials } },
        ],
      }),
    });
    try {
      const dev = await Dev.start(project, ".", ["--show-interactive-dev-session=false"]);
      const service = new R2(`${dev.url}/cdn-cgi/local/r2/s3`, id, secret, "auto");
      return Object.assign(service, { project, dev });
    } catch (error) {
      project[Symbol.dispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose]() {
    await this.dev[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}

export class S3rver extends Service {
  static async start() {
    const dir = mkdtempSync(join(tmpdir(), "cfkv-s3rver-"));
    const options = ["-d", dir, "-a", "127.0.0.1", "-p", "0", "--no-vhost-buckets", "--configure-bucket", BUCKET];
    const child = spawn(process.execPath, ["--no-warnings", S3RVER, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += piece));
    // The keys that it knows are these, always.
    const service = Object.assign(new S3rver("", "S3RVER", "S3RVER"), { dir, child });
    for (const until = Date.now() + 20_000; Date.now() < until && child.exitCode === null; await delay(20)) {
      const [, address] = /listening on ((?:127\.0\.0\.1|localhost):\d+)/.exec(said) ?? [];
      if (!address) continue;
      service.endpoint = `http://${address}`;
      return service;
    }
    await service[Symbol.asyncDispose]();
    throw new Error(`s3rver did not get ready: ${said}`);
  }

  async [Symbol.asyncDispose]() {
    if (this.child.exitCode === null) {
      const ended = new Promise((done) => this.child.once("exit", done));
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
