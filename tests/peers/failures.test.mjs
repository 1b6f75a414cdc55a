// However a command with --json fails, what it prints is a document: its own, or `diagnostics`; and it
// prints one.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";

import { Judge } from "./documents.mjs";
import { Project } from "./support.mjs";

const CONFIGURATION = `local cfkv = require "cfkv"
cfkv.project { name = "failures" }
local ns = cfkv.namespace { title = "ns", binding = "NS" }
ns:put("key", "value")
cfkv.output("id", ns.id)
cfkv.wrangler { path = "wrangler.toml" }
`;

const FILES = {
  "kv.lua": CONFIGURATION,
  "wrangler.toml": 'name = "w"\n',
  "pairs.json": '[{"key":"a","value":"1"}]',
  "keys.json": '["a"]',
  "script.lua": 'require("cfkv").key.put("ns", "key", "scripted")',
};

const NS = ["--namespace", "ns"];

// What each command is given; those that are missing take nothing.
const ARGUMENTS = {
  backup: ["ns", "-o", "out.jsonl"],
  "backup purge": ["--keep", "1", "--yes"],
  restore: ["backup.jsonl", "--yes"],
  copy: ["ns", "other", "--yes"],
  apply: ["--yes"],
  destroy: ["--yes"],
  "state show": ["ns"],
  "kv namespace create": ["made"],
  "kv namespace get": ["ns"],
  "kv namespace rename": ["ns", "renamed"],
  "kv namespace clear": ["ns", "--yes"],
  "kv namespace delete": ["ns", "--yes"],
  "kv key list": NS,
  "kv key get": ["key", ...NS],
  "kv key put": ["key", "other", ...NS],
  "kv key rename": ["--prefix", "k", "new/", "--yes", ...NS],
  run: ["--dry-run", "script.lua"],
  "kv key delete": ["key", ...NS],
  "kv bulk put": ["pairs.json", ...NS],
  "kv bulk get": ["keys.json", ...NS],
  "kv bulk delete": ["keys.json", "--yes", ...NS],
};

// Commands that look at nothing that is broken here.
const INDEPENDENT = ["schema", "help"];

const ACCOUNT = { CLOUDFLARE_API_TOKEN: "token", CLOUDFLARE_ACCOUNT_ID: "a".repeat(32) };

// What an API answers that is not asked again.
const REFUSAL = [403, '{"success":false,"errors":[{"code":10000,"message":"no"}]}'];

// What is around a command: what is done to a folder with a project that is applied locally, the options
// and the environment, or what the API answers.
const SURROUNDINGS = {
  "no configuration": { break: (p) => rmSync(p.path("kv.lua")), local: true },
  "an invalid configuration": { break: (p) => p.write("kv.lua", `${CONFIGURATION}\ncfkv.namespace { titel = "\\xff" }`), local: true },
  "a configuration with an error": { break: (p) => p.write("kv.lua", `${CONFIGURATION}\nerror("\\xff\\0\\27[31m")`), local: true },
  "a configuration that does not parse": { break: (p) => p.write("kv.lua", "local = \xff"), local: true },
  "a folder for a configuration": { break: (p) => (rmSync(p.path("kv.lua")), mkdirSync(p.path("kv.lua"))), local: true },
  "a configuration that is its own link": { break: (p) => (rmSync(p.path("kv.lua")), symlinkSync("kv.lua", p.path("kv.lua"))), local: true },
  "a wrangler config that does not parse": { break: (p) => p.write("wrangler.toml", "name = [\xff"), local: true },
  "a state that is none": { break: (p) => p.write("kv.state.json", "{"), account: true },
  "a state of another version": { break: (p) => p.write("kv.state.json", '{"version":99}'), account: true },
  "a state of another project": {
    break: (p) => p.write("kv.state.json", `{"version":2,"accounts":{},"outputs":{},"project":"\\u0001other","salt":"${"0".repeat(32)}"}`),
    account: true,
  },
  "a local store that is none": {
    break: (p) => (rmSync(p.path(".wrangler"), { recursive: true }), p.write(".wrangler/state/v3/cfkv.sqlite", "no database")),
    local: true,
  },
  "a folder that cannot be written": { break: (p) => chmodSync(p.dir, 0o500), local: true },
  "no credentials": {},
  "an option that there is not": { local: true, args: ["--jsonn"] },
  "an argument too many": { local: true, args: ["a", "b", "c", "--", "d"] },
  "a folder that there is not": { local: true, args: ["-C", "absent"] },
  "a token with a line break": { env: { CLOUDFLARE_API_TOKEN: "to\nken" } },
  "an API that is not there": { account: true, url: "http://127.0.0.1:1" },
  "an API that is no URL": { account: true, url: "no url" },
  "an API that knows no token": { account: true, answer: [401, '{"success":false,"errors":[{"code":10000,"message":"Authentication \\u001b error"}]}'] },
  "an API that says no": { account: true, answer: [403, "<html>\xff</html>"] },
  "an API that says nothing": { account: true, answer: [200, ""] },
  "an API that answers in another form": { account: true, answer: [200, '{"success":true,"result":{"id":7}}'] },
  "an API that has nothing": { account: true, answer: [200, '{"success":true,"errors":[],"messages":[],"result":[],"result_info":{"count":0,"page":1,"per_page":1000,"total_count":0}}'] },
};

const judge = new Judge((...args) => {
  using p = new Project();
  return JSON.parse(p.cfkv(...args).text);
});

const help = (() => {
  using p = new Project();
  return JSON.parse(p.cfkv("help", "--json").text);
})();

const takes = (command, name) => command.options.some((place) => help.options[place].name === name);
const COMMANDS = help.commands.filter((command) => takes(command, "json") && !INDEPENDENT.includes(command.name));

let server;

before(async () => {
  server = createServer((request, response) => {
    const [status, text] = server.answer;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(Buffer.from(text, "latin1"));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
});

after(() => server.close());

function run(p, args, env) {
  const options = { cwd: p.dir, env: { ...p.env, ...env }, timeout: 60_000, encoding: "buffer" };
  const program = process.env.CFKV;
  return new Promise((done) =>
    execFile(program, args, options, (error, stdout, stderr) =>
      done({ args, code: error ? (error.code ?? 128) : 0, out: new TextDecoder("utf-8", { fatal: true }).decode(stdout), said: stderr.toString() }),
    ),
  );
}

describe("with --json", () => {
  for (const [name, around] of Object.entries(SURROUNDINGS))
    describe(name, { concurrency: false }, () => {
      for (const command of COMMANDS)
        it(`is no reason for ${command.name} to print something else`, async () => {
          using p = new Project(FILES);
          p.apply();
          p.cfkv("backup", "ns", "-o", "backup.jsonl", "--local");
          around.break?.(p);
          server.answer = around.answer ?? REFUSAL;
          const url = around.url ?? `http://127.0.0.1:${server.address().port}/client/v4`;
          const env = { ...(around.account ? { ...ACCOUNT, CLOUDFLARE_API_BASE_URL: url } : {}), ...around.env };
          const args = [...command.name.split(" "), ...(ARGUMENTS[command.name] ?? []), "--json"];
          if (around.local && takes(command, "local")) args.push("--local");
          args.push(...(around.args ?? []));
          const r = await run(p, args, env);
          chmodSync(p.dir, 0o700);
          assert.ok(r.code < 124, `code ${r.code}\n${r.said}`);
          assert.equal(judge.problem(r), undefined, `${args.join(" ")} (${r.code})\n${r.said}\n${r.out}`);
        });
    });
});
