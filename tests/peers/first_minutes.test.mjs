// What a new user does who has an empty folder and the README: each command is one of its own, and a
// slip is mended by what the message says, and nothing else.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { environment } from "./support.mjs";

const TOP = resolve(import.meta.dirname, "../..");
const README = readFileSync(join(TOP, "README.md"), "utf8");
const WRANGLER = join(import.meta.dirname, "node_modules/wrangler/bin/wrangler.js");
const AT_MOST = 6;

// The commands of a section, without what they are for.
function commandsOf(heading) {
  const section = README.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const block = /```(?:sh|console)\n([^]*?)```/.exec(section)[1];
  return block
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\$ /, "").replace(/ +#.*$/, ""));
}

// A terminal: a folder that commands may leave, and a home of its own.
class Terminal {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "cfkv-first-"));
    this.prefix = join(this.dir, "usr");
    this.cwd = join(this.dir, "work");
    this.home = join(this.dir, "home");
    mkdirSync(this.cwd);
    mkdirSync(join(this.home, "bin"), { recursive: true });
    this.env = environment(this.home);
    this.env.PATH = `${join(this.prefix, "bin")}:${join(this.home, "bin")}:${this.env.PATH}`;
    // As the program was built, so that nothing is built again.
    for (const name of ["CC", "CFLAGS", "LDFLAGS"]) if (process.env[name]) this.env[name] = process.env[name];
    // The wrangler that is here instead of one from the registry, on ports that are free; and nobody is root.
    this.#program("npx", `shift; exec '${process.execPath}' '${WRANGLER}' "$@" --port 0 --inspector-port 0`);
    this.#program("sudo", `exec "$@" PREFIX='${this.prefix}'`);
    this.typed = [];
  }

  #program(name, script) {
    writeFileSync(join(this.home, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.home, "bin", name), 0o755);
  }

  // { code, text }; the folder is the one that the command ended in.
  async type(command, cwd = this.cwd) {
    this.typed.push(command);
    const script = `${command}\ncode=$?\npwd >'${this.home}/cwd'\nexit $code`;
    const options = { cwd, env: this.env, timeout: 300_000 };
    const r = await promisify(execFile)("/bin/sh", ["-c", script], options).catch((error) => error);
    if (cwd === this.cwd) this.cwd = readFileSync(join(this.home, "cwd"), "utf8").trim();
    return { code: r instanceof Error ? r.code : 0, text: r.stdout + r.stderr };
  }

  // Types it and waits until what it starts answers; then ends it.
  async answer(command) {
    this.typed.push(command);
    const child = spawn("/bin/sh", ["-c", `exec ${command}`], { cwd: this.cwd, env: this.env, detached: true });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (log += piece));
    try {
      for (const until = Date.now() + 90_000; Date.now() < until; await delay(50)) {
        const url = /Ready on (http:\/\/[^\s]+)/.exec(log)?.[1];
        if (url) return await (await fetch(url)).text();
        assert.equal(child.exitCode, null, log);
      }
      assert.fail(log);
    } finally {
      const ended = new Promise((done) => child.once("exit", done));
      process.kill(-child.pid, "SIGKILL");
      await ended;
    }
  }

  read(name) {
    return readFileSync(join(this.cwd, name), "utf8");
  }

  write(name, text) {
    writeFileSync(join(this.cwd, name), text);
  }
}

// Mends a file by a message alone: "FILE:LINE: … 'WRONG'" and "did you mean 'RIGHT'?".
function mend(terminal, said) {
  const [, file, line, message] = /^([^\s:]+):(\d+):(?:\d+:)? error: (.*)$/m.exec(said) ?? assert.fail(said);
  const right = /did you mean '([^']+)'\?/.exec(said)?.[1] ?? assert.fail(said);
  const lines = terminal.read(file).split("\n");
  const wrong = [...message.matchAll(/'([^']+)'/g)].map((m) => m[1]).find((word) => lines[line - 1].includes(word));
  assert.ok(wrong, said);
  lines[line - 1] = lines[line - 1].replace(wrong, right);
  terminal.write(file, lines.join("\n"));
}

describe("the first five minutes", () => {
  const install = commandsOf("Install").find((command) => command.includes("make install"));
  const [init, plan, apply, dev] = commandsOf("The first five minutes");
  let terminal;
  before(() => {
    terminal = new Terminal();
  });
  after(() => rmSync(terminal.dir, { recursive: true, force: true }));

  it("installs by one command", async () => {
    const r = await terminal.type(install, TOP);
    assert.equal(r.code, 0, r.text);
    assert.ok(readdirSync(join(terminal.prefix, "bin")).includes("cfkv"));
  });

  it("begins in an empty folder", async () => {
    const r = await terminal.type(init);
    assert.equal(r.code, 0, r.text);
    assert.ok(terminal.cwd.endsWith("/my-app"), terminal.cwd);
    const luarc = JSON.parse(terminal.read(".luarc.json"));
    const library = luarc["workspace.library"][0];
    assert.equal(library, join(terminal.prefix, "share/cfkv/stdlib"));
    assert.match(readFileSync(join(library, "meta/cfkv.lua"), "utf8"), /^---@meta/m);
  });

  it("has a first plan", async () => {
    const r = await terminal.type(plan);
    assert.equal(r.code, 0, r.text);
    assert.match(r.text, /^Target: the local store$/m);
    assert.match(r.text, /1 namespace to create, 1 key to put, 1 file to write/);
  });

  it("mends a slip by what its message says", async () => {
    const good = terminal.read("kv.lua");
    terminal.write("kv.lua", good.replace("ttl_seconds = 0", "tll_seconds = 0"));
    const r = await terminal.type(plan);
    assert.equal(r.code, 3, r.text);
    mend(terminal, r.text);
    assert.equal(terminal.read("kv.lua"), good);
  });

  it("seeds a key that wrangler dev reads", async () => {
    const r = await terminal.type(apply);
    assert.equal(r.code, 0, r.text);
    assert.equal(await terminal.answer(dev), "hello from my-app-kv");
  });

  it(`takes ${AT_MOST} commands at most`, () => {
    assert.ok(terminal.typed.length <= AT_MOST, terminal.typed.join("\n"));
  });

  // Not of the first minutes: slips of every kind that a nearest name mends.
  for (const [wrong, where] of [
    ["cfkv.namespce {", "cfkv.namespace {"],
    ["bindin = ", "binding = "],
    ["kv:putt(", "kv:put("],
    ["nmae = ", "name = "],
    ["pth = ", "path = "],
  ])
    it(`mends ${wrong.trim()}`, async () => {
      const good = terminal.read("kv.lua");
      assert.ok(good.includes(where));
      terminal.write("kv.lua", good.replace(where, wrong));
      const r = await terminal.type("cfkv validate");
      assert.equal(r.code, 3, r.text);
      mend(terminal, r.text);
      assert.equal(terminal.read("kv.lua"), good);
    });
});
