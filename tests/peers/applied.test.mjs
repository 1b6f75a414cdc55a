// What cfkv applied to the account is what real wrangler and the SDK read there, and what they write
// is what the next plan sees.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";

import { ACCOUNT, Emulator, TOKEN } from "./emulator.mjs";
import { AWKWARD, MIB, Project, luaString, show } from "./support.mjs";

const require = createRequire(new URL("./package.json", import.meta.url));
const Cloudflare = require("cloudflare");

const BIG = randomBytes(25 * MIB);
const SOON = Math.floor(Date.now() / 1000) + 86_400;

const ATTRIBUTES = `
ns:put("with metadata", "v", { metadata = { list = { 1, "zwei" }, null_ = cfkv.null } })
ns:put("with ttl", "v", { expiration_ttl = 3600 })
ns:put("with expiration", "v", { expiration = ${SOON} })
ns:put("big", cfkv.file.bytes("big.bin"))
ns:put("big with metadata", cfkv.file.bytes("big.bin"), { metadata = "big", expiration = ${SOON} })
ns:bulk({ { key = "bulk/base64", value = "AP8A", base64 = true },
          { key = "bulk/meta", value = "v", metadata = "text" } })
ns:bulk(cfkv.source.jsonl("seed.jsonl"))
`;

const JSONL = Array.from({ length: 1200 }, (_, i) =>
  JSON.stringify({ key: `many/${String(i).padStart(4, "0")}`, value: `value ${i}` }),
).join("\n");

const DECLARED = AWKWARD.length + 5 + 2 + 1200;

let emulator, p, id, sdk;

before(async () => {
  emulator = await Emulator.start();
  p = new Project({ "big.bin": BIG, "seed.jsonl": JSONL }, emulator);
  const puts = AWKWARD.map(({ key, lua }) => `ns:put(${luaString(key)}, ${lua})`);
  p.configure(puts.join("\n") + ATTRIBUTES);
  p.apply();
  id = p.output("id");
  sdk = new Cloudflare({ apiToken: TOKEN, baseURL: emulator.url }).kv.namespaces;
});

after(async () => {
  p?.[Symbol.dispose]();
  await emulator?.[Symbol.asyncDispose]();
});

const here = (more) => ({ account_id: ACCOUNT, namespace_id: id, ...more });

async function bytes(key) {
  return Buffer.from(await (await sdk.values.get(key, here())).arrayBuffer());
}

function near(expiration, ttl) {
  const left = expiration - Date.now() / 1000;
  assert.ok(left > ttl - 600 && left <= ttl, `${left} seconds left of ${ttl}`);
}

describe("what cfkv applied to the account", () => {
  it("is one namespace for wrangler", () => {
    const listed = JSON.parse(p.wrangler("kv", "namespace", "list").text);
    assert.deepEqual(listed.map((ns) => [ns.id, ns.title]), [[id, "peers"]]);
  });

  it("is listed by both, with metadata and expiry", async () => {
    const list = new Map(JSON.parse(p.key(id, "list").text).map((entry) => [entry.name, entry]));
    const same = [];
    for await (const key of sdk.keys.list(id, { account_id: ACCOUNT })) same.push(key);
    assert.deepEqual(same, [...list.values()]);
    assert.equal(list.size, DECLARED);
    for (const { key } of AWKWARD) assert.ok(list.has(key), show(key));
    assert.deepEqual(list.get("with metadata").metadata, { list: [1, "zwei"], null_: null });
    assert.equal(list.get("bulk/meta").metadata, "text");
    assert.deepEqual(list.get("big with metadata"), { name: "big with metadata", metadata: "big", expiration: SOON });
    assert.deepEqual(list.get("plain"), { name: "plain" });
    near(list.get("with ttl").expiration, 3600);
    assert.equal(list.get("with expiration").expiration, SOON);
  });

  for (const { key, value } of AWKWARD)
    it(`is the same bytes under ${show(key)} for the SDK`, async () => {
      assert.deepEqual(await bytes(key), value);
    });

  for (const { key, value } of AWKWARD.filter((item) => item.cli))
    it(`is the same bytes under ${show(key)} for wrangler`, () => {
      assert.deepEqual(p.key(id, "get", key).stdout, value);
    });

  it("is the same 25 MiB for both, with metadata and without", async () => {
    assert.ok(p.key(id, "get", "big").stdout.equals(BIG));
    assert.ok((await bytes("big with metadata")).equals(BIG));
  });

  it("is the same bulk for both", async () => {
    assert.deepEqual(await bytes("bulk/base64"), Buffer.from([0, 255, 0]));
    assert.equal(p.key(id, "get", "many/1199").text, "value 1199");
  });

  it("is as declared for the next plan, binary and large values included", () => {
    assert.deepEqual(p.plan().actions, []);
  });
});

describe("what others wrote to the account", () => {
  // Plans one put of `lua` (with options) under `key`, in a namespace that stays otherwise.
  function plan(key, lua) {
    p.configure(`ns:put(${luaString(key)}, ${lua})`);
    return p.plan("--refresh", "values").actions.filter((action) => action.key === key);
  }

  it("is no change when the SDK put what is declared", async () => {
    for (const { key, value } of AWKWARD) {
      const file = new File([value], "value");
      await sdk.values.update(`sdk ${key}`.slice(0, 512), here({ value: file, metadata: '{"by":"sdk"}' }));
    }
    const puts = AWKWARD.map(
      ({ key, lua }) => `ns:put(${luaString(`sdk ${key}`.slice(0, 512))}, ${lua}, { metadata = { by = "sdk" } })`,
    );
    p.configure(puts.join("\n"));
    assert.deepEqual(p.plan().actions.filter((action) => action.action === "put"), []);
  });

  it("is an overwrite that shows the value when wrangler put something else", () => {
    p.key(id, "put", "theirs", "from wrangler");
    const [action] = plan("theirs", '"from cfkv"');
    assert.equal(action.overwrite, true);
    assert.equal(action.before.value, "from wrangler");
    assert.equal(action.after.value, "from cfkv");
  });

  it("is adopted when wrangler made the namespace", () => {
    p.wrangler("kv", "namespace", "create", "theirs");
    p.write("kv.lua", 'require "cfkv".namespace { title = "theirs", binding = "T" }');
    const { actions } = p.plan("--state", "other.json");
    assert.deepEqual(actions.map((action) => [action.action, action.title]), [["adopt", "theirs"]]);
  });
});
