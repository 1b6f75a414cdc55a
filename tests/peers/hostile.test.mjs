// What others named, and what an API answers that is no friend: documents hold it whole, and stay
// documents.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";

import { Judge } from "./documents.mjs";
import { luaString, Project } from "./support.mjs";

const judge = new Judge((...args) => {
  using p = new Project();
  return JSON.parse(p.cfkv(...args).text);
});

function run(p, args, env = {}) {
  const options = { cwd: p.dir, env: { ...p.env, ...env }, timeout: 60_000, encoding: "buffer", maxBuffer: 64 << 20 };
  return new Promise((done) =>
    execFile(process.env.CFKV, ["--json", ...args], options, (error, stdout, stderr) =>
      done({ args: ["--json", ...args], code: error ? (error.code ?? 128) : 0, out: new TextDecoder("utf-8", { fatal: true }).decode(stdout), said: stderr.toString() }),
    ),
  );
}

// The document, which has to be one; `code` is the only one that it may end with, if it is given.
async function judged(p, args, env, code) {
  const r = await run(p, args, env);
  assert.ok(r.code < 124, `${args.join(" ")}: ${r.code}\n${r.said}`);
  assert.equal(judge.problem(r), undefined, `${args.join(" ")} (${r.code})\n${r.said}\n${r.out.slice(0, 2000)}`);
  if (code !== undefined) assert.equal(r.code, code, r.said);
  return r.out === "" ? undefined : JSON.parse(r.out);
}

// ---- What users name ------------------------------------------------------------------------------------

const NAMES = ['"', "\\", "'", "$(touch x)", "a b", "{}", "[]", "</script>", "é", "日本語", "🗝️", "\u2028", "\u202e", "\x1b[31m", "\x7f", "##[error]", "::error::", "%00", "${ns.id}", "__proto__", "-", "null", "1e9"];

const VALUES = [
  ['"\\xff\\xfe"', "bytes"],
  ['("x"):rep(2000000)', "long"],
  ['("\\xff"):rep(100000)', "long bytes"],
  ['""', "empty"],
  ['{ big = 9007199254740993, small = -0.0, list = {}, deep = { { { {} } } } }', "numbers"],
  ['"\\27]0;title\\7"', "a terminal's"],
  ['cfkv.secret("\\xff")', "a secret"],
];

const HOSTILE = `local cfkv = require "cfkv"
cfkv.project { name = "hostile" }
local ns = cfkv.namespace { title = "hostile", description = "\\27[31m \\\\ \\"", owner = ${luaString("é\u2028")}, ttl_seconds = 0 }
for i, name in ipairs { ${NAMES.map(luaString).join(", ")} } do
  ns:put(name, name, { metadata = { [name] = name } })
  cfkv.output("o" .. i, name)
end
${VALUES.map(([lua, name]) => `ns:put(${luaString(name)}, ${lua})`).join("\n")}
ns:bulk { { key = "bulk", value = "/wA=", base64 = true } }
`;

describe("names and values that are hard to write", () => {
  it("are in the documents of a project on the local store, whole", async () => {
    using p = new Project({ "kv.lua": HOSTILE });
    const evaluated = await judged(p, ["eval"], {}, 0);
    const puts = new Map(evaluated.namespaces[0].puts.map((put) => [put.key, put]));
    const plan = await judged(p, ["plan", "--local"], {}, 0);
    const keys = new Map(plan.actions.filter(({ kind }) => kind === "key").map((action) => [action.key, action.after]));
    for (const name of NAMES) {
      assert.equal(puts.get(name).value, name);
      assert.deepEqual(keys.get(name).metadata, { [name]: name });
    }
    assert.deepEqual(keys.get("bytes").value, { base64: "//4=" });
    await judged(p, ["apply", "--local", "--yes"], {}, 0);
    assert.deepEqual(new Set(Object.values(await judged(p, ["output", "--local"], {}, 0))), new Set(NAMES));
    const listed = await judged(p, ["kv", "key", "list", "--namespace", "hostile", "--local"], {}, 0);
    for (const name of NAMES) assert.ok(listed.some((key) => key.name === name), name);
    for (const name of [...NAMES, "bytes", "long bytes"]) {
      if (name === "-") continue;
      const pair = await judged(p, ["kv", "key", "get", "--namespace", "hostile", "--local", "--", name], {}, 0);
      assert.equal(pair.key, name);
    }
    p.write("keys.json", JSON.stringify(NAMES));
    const pairs = await judged(p, ["kv", "bulk", "get", "keys.json", "--namespace", "hostile", "--local"], {}, 0);
    assert.deepEqual(pairs.map(({ value }) => value), NAMES);
    for (const key of NAMES.slice(0, 12)) p.kv("put", "--namespace", "hostile", "--local", "--metadata", JSON.stringify(key), "--", key, "\x1b");
    p.kv("put", "bytes", "text", "--namespace", "hostile", "--local");
    await judged(p, ["drift", "--local"], {}, 2);
    await judged(p, ["plan", "--local"], {}, 0);
    await judged(p, ["state", "show", "hostile", "--local"], {}, 0);
    await judged(p, ["audit", "--local"], {}, 0);
    await judged(p, ["destroy", "--local", "--yes", "--allow-data-loss=*"], {}, 0);
  });

  it("are in the refusal of what is not there", async () => {
    using p = new Project({ "kv.lua": HOSTILE });
    for (const name of NAMES.filter((text) => text !== "-")) {
      await judged(p, ["output", "--local", "--", name], {}, 1);
      await judged(p, ["kv", "namespace", "get", "--local", "--", name], {}, 1);
      await judged(p, ["state", "show", "--local", "--", name], {}, 1);
      await judged(p, ["plan", "--local", "-f", name], {});
    }
  });
});

// ---- What an API answers --------------------------------------------------------------------------------

const ID = "0123456789abcdef0123456789abcdef";
const ACCOUNT = "a".repeat(32);

// JSON texts of a title, of a key's name, of its metadata.
const TITLES = ['"\\u0000"', '"\\u001b[31m"', '"\\ud800"', '"\\udc00\\ud800"', `"${"t".repeat(3000)}"`, '""', '"##[error]"', "null", "7", "[]"];
const KEYS = ['"\\u0000"', '"\\ud800"', '"\\u2028"', `"${"k".repeat(600)}"`, '""', '"."', "null", "{}"];
const METADATA = ['"\\ud800"', '{"a":1,"a":2}', "1e400", "-0", "123456789012345678901234567890", `${"[".repeat(900)}${"]".repeat(900)}`, '"\\u0000"', "0.1e1", '{"__proto__":1}'];

let server;

before(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const answer = Object.entries(server.answers).find(([path]) => pathname.endsWith(path));
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    response.end(answer?.[1] ?? '{"success":false,"errors":[{"code":10009,"message":"key not found"}]}');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
});

after(() => server.close());

const page = (items) => `{"success":true,"errors":[],"messages":[],"result":[${items.join(",")}],"result_info":{"count":${items.length},"page":1,"per_page":1000,"total_count":${items.length},"cursor":""}}`;

describe("an API that answers", () => {
  const env = () => ({
    CLOUDFLARE_API_TOKEN: "token",
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${server.address().port}/client/v4`,
  });
  const configuration = `local cfkv = require "cfkv"\ncfkv.project { name = "p" }\ncfkv.namespace { title = "ns" }:put("k", "v")\n`;

  for (const title of TITLES)
    it(`the title ${title.slice(0, 20)}`, async () => {
      using p = new Project({ "kv.lua": configuration });
      server.answers = { "/storage/kv/namespaces": page([`{"id":"${ID}","title":${title}}`]), [`/namespaces/${ID}`]: `{"success":true,"result":{"id":"${ID}","title":${title}}}`, "/keys": page([]) };
      await judged(p, ["kv", "namespace", "list"], env());
      await judged(p, ["kv", "namespace", "get", ID], env());
      await judged(p, ["audit"], env());
      await judged(p, ["plan"], env());
      await judged(p, ["backup", ID, "-o", "b.jsonl"], env());
    });

  const keyed = async (name, metadata) => {
    using p = new Project({ "kv.lua": configuration.replace("}:put", '}:prune("")\ncfkv.namespace { title = "other" }:put') });
    server.answers = {
      "/storage/kv/namespaces": page([`{"id":"${ID}","title":"ns"}`]),
      [`/namespaces/${ID}`]: `{"success":true,"result":{"id":"${ID}","title":"ns"}}`,
      "/keys": page([`{"name":${name},"metadata":${metadata}}`]),
      "/bulk/get": `{"success":true,"errors":[],"result":{"values":{${typeof JSON.parse(name) === "string" ? `${name}:{"value":"v","metadata":${metadata}}` : ""}}}}`,
    };
    await judged(p, ["kv", "key", "list", "--namespace-id", ID], env());
    await judged(p, ["kv", "key", "delete", "--prefix", "", "--namespace-id", ID, "--yes"], env());
    await judged(p, ["plan"], env());
    await judged(p, ["backup", ID, "-o", "b.jsonl"], env());
    p.write("keys.json", '["k"]');
    await judged(p, ["kv", "bulk", "get", "keys.json", "--namespace-id", ID], env());
  };

  for (const name of KEYS) it(`the key ${name.slice(0, 20)}`, () => keyed(name, "null"));
  for (const metadata of METADATA) it(`the metadata ${metadata.slice(0, 20)}`, () => keyed('"k"', metadata));
});
