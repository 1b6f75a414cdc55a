// examples/state-worker in workerd: Terraform's protocol request by request, who may do what, races,
// what a kill leaves, and the clients that it is made for. Times are in state_worker_rules.test.mjs.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { describeCfkv, describeTerraform } from "./state_clients.mjs";
import { basic, document, lockInfo, md5, READER, sha256, StateServer, TOKEN } from "./state_worker.mjs";
import { MIB } from "./support.mjs";

const OLD = "t0ken-of-the-tests-that-is-being-replaced";
const SHOP = "t0ken-of-the-tests-of-one-project";
const KEEP = 4;

const SECRETS = {
  TOKEN_SHA256: `${sha256(OLD)} ${sha256(TOKEN).toUpperCase()} shop=${sha256(SHOP)}`,
  READ_TOKEN_SHA256: sha256(READER),
  KEEP_VERSIONS: String(KEEP),
  MAX_STATE_MIB: "5",
};

let server, dryRun;
let count = 0;

// A state that nobody has used.
function fresh(project = "tests") {
  return server.state(`${project}/state-${++count}`);
}

// The statuses of answers, counted: { 200: 1, 423: 19 }.
function statuses(answers) {
  const counted = {};
  for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
  return counted;
}

const twenty = (ask) => Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)));

function assertRefused(answer, status, words) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.json.error, words);
}

before(async () => {
  server = new StateServer();
  dryRun = server.project.dryRun({ config: "wrangler.jsonc" });
  await server.start();
});

after(() => server?.[Symbol.asyncDispose]());

describe("the state worker before its secret is set", () => {
  it("answers nothing, to nobody", async () => {
    const s = server.state("tests/unset");
    for (const headers of [{}, { authorization: "" }, { authorization: basic("", "") }])
      for (const [method, body] of [["GET"], ["POST", document(1)], ["LOCK", JSON.stringify(lockInfo("a"))], ["DELETE"]])
        assertRefused(await s.ask(method, "", { ...headers, body }), 503, /wrangler secret put TOKEN_SHA256/);
  });

  it("passes wrangler deploy --dry-run without a warning", async () => {
    const { ok, warnings, said } = await dryRun;
    assert.ok(ok, said);
    assert.deepEqual(warnings, []);
  });
});

describe("the state worker", () => {
  before(() => server.set(SECRETS, ({ status }) => status === 400));

  describe("asked for a state", () => {
    it("has none, then the bytes as they were written", async () => {
      const s = fresh();
      const none = await s.read();
      assert.deepEqual([none.status, none.text, none.headers.get("etag")], [204, "", null]);

      await s.lock(lockInfo("a"));
      const body = ` ${document(1, { text: "größe 🗝️ \u0000" })}\n\n`;
      const written = await s.write("a", body, { "content-type": "application/json", "content-md5": md5(body) });
      assert.deepEqual([written.status, written.json], [200, { serial: 1 }]);

      const read = await s.read();
      assert.equal(read.status, 200);
      assert.equal(read.text, body);
      assert.equal(read.headers.get("content-md5"), md5(body));
      assert.equal(read.headers.get("etag"), written.headers.get("etag"));
      assert.match(read.headers.get("etag"), /^"[^"]+"$/);
      assert.match(read.headers.get("cache-control"), /no-store, no-transform/);
      assert.ok(Math.abs(Date.parse(read.headers.get("date")) - Date.now()) < 60_000);
    });

    it("keeps one that is larger than a row, and refuses one that is too large", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      const body = document(1, { text: "ü".repeat(2.4 * MIB) });
      assert.equal((await s.write("a", body)).status, 200);
      assert.ok((await s.read()).text === body);

      const large = document(2, { text: randomBytes(2.6 * MIB).toString("hex") });
      assertRefused(await s.write("a", large), 413, /5242880 are taken/);
      // Without a Content-Length, too.
      const stream = new Blob([large]).stream();
      const response = await fetch(`${s.url}?ID=a`, {
        method: "POST", body: stream, duplex: "half", headers: { authorization: `Bearer ${TOKEN}` },
      });
      assert.equal(response.status, 413);
      assert.ok((await s.read()).text === body);
    });

    it("refuses what is no state, or was damaged on its way", async () => {
      const s = fresh();
      const { headers } = await s.put(1);
      await s.lock(lockInfo("a"));
      for (const body of ["", "<html>", "[]", "null", '"serial"', "{}", document(1.5), document("2"), document(-1), document(2).slice(0, -1),
        Buffer.from([0x7b, 0xff, 0x7d])])
        assert.equal((await s.write("a", body)).status, 400, String(body));
      assertRefused(await s.write("a", document(2), { "content-md5": md5("another") }), 400, /Content-MD5/);
      assert.equal((await s.read()).headers.get("etag"), headers.get("etag"));
    });

    it("forgets it, but not its versions, nor the lock", async () => {
      const s = fresh();
      await s.put(1);
      await s.lock(lockInfo("a"));
      const held = await s.ask("DELETE");
      assert.deepEqual([held.status, held.json], [423, lockInfo("a")]);
      assert.equal((await s.ask("DELETE", "?ID=a")).status, 200);
      assert.equal((await s.read()).status, 204);
      assert.equal((await s.ask("GET", "/versions/1")).text, document(1));
      assert.equal((await s.ask("DELETE", "?ID=a")).status, 200); // again
      assert.equal((await s.lock(lockInfo("b"))).status, 423);
    });
  });

  describe("asked for a lock", () => {
    it("gives it to one, and tells others who has it, word by word", async () => {
      const s = fresh();
      const mine = await s.lock(lockInfo("a"));
      assert.deepEqual([mine.status, mine.json], [200, lockInfo("a")]);
      const theirs = await s.lock(lockInfo("b"));
      assert.deepEqual([theirs.status, theirs.json], [423, lockInfo("a")]);
      const holder = await s.ask("GET", "/lock");
      assert.deepEqual([holder.status, holder.json], [200, lockInfo("a")]);

      assert.equal((await s.lock(lockInfo("a"))).status, 200); // the same again: its answer was lost
      const other = await s.unlock(lockInfo("b"));
      assert.deepEqual([other.status, other.json], [409, lockInfo("a")]);
      assert.equal((await s.unlock(lockInfo("a"))).status, 200);
      assert.equal((await s.unlock(lockInfo("a"))).status, 200); // gone already
      assert.equal((await s.ask("GET", "/lock")).status, 204);
      assert.equal((await s.lock(lockInfo("b"))).status, 200);
    });

    it("takes POST and DELETE of …/lock for the same lock", async () => {
      const s = fresh();
      assert.equal((await s.ask("POST", "/lock", { body: JSON.stringify(lockInfo("a")) })).status, 200);
      assert.equal((await s.lock(lockInfo("b"))).status, 423);
      assert.equal((await s.ask("DELETE", "/lock", { body: JSON.stringify(lockInfo("b")) })).status, 409);
      assert.equal((await s.ask("DELETE", "/lock", { body: JSON.stringify(lockInfo("a")) })).status, 200);
      assert.equal((await s.lock(lockInfo("b"))).status, 200);
      assert.equal((await s.ask("DELETE", "/lock?ID=b")).status, 200);
    });

    it("is forced by the ID alone", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      for (const body of ["{}", '{"ID":""}', '{"ID":7}', "[]", "no JSON"])
        assertRefused(await s.ask("UNLOCK", "", { body }), 400, /"ID"/);
      assert.equal((await s.ask("GET", "/lock")).json.ID, "a");
      const forced = { ...lockInfo(""), Operation: "", Who: "", Version: "", Created: "0001-01-01T00:00:00Z", ID: "a" };
      assert.equal((await s.unlock(forced)).status, 200);
      assert.equal((await s.ask("GET", "/lock")).status, 204);
    });

    it("is forced without an ID, as Terraform does it, unless it expires", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      assert.equal((await s.ask("UNLOCK", "", { body: "", "content-type": "application/json" })).status, 200);
      const lease = (await s.lock(lockInfo("b", { Lease: 60 }))).json;
      for (const [method, path] of [["UNLOCK", ""], ["DELETE", "/lock"]]) {
        const refused = await s.ask(method, path);
        assert.deepEqual([refused.status, refused.json], [409, lease]);
      }
    });

    it("refuses a lock info that is none, or too large", async () => {
      const s = fresh();
      for (const [body, words] of [["", /"ID"/], ["{", /"ID"/], ['{"Who":"me"}', /"ID"/], [JSON.stringify(lockInfo("i".repeat(257))), /"ID"/],
        [JSON.stringify(lockInfo("a", { Lease: 0 })), /"Lease"/], [JSON.stringify(lockInfo("a", { Lease: "60" })), /"Lease"/],
        [JSON.stringify(lockInfo("a", { Lease: 86_401 })), /"Lease"/]])
        assertRefused(await s.ask("LOCK", "", { body }), 400, words);
      const large = JSON.stringify(lockInfo("a", { Info: "i".repeat(17_000) }));
      assertRefused(await s.ask("LOCK", "", { body: large }), 413, /16384 are taken/);
      assert.equal((await s.lock(lockInfo("a"))).status, 200);
    });
  });

  describe("asked to write", () => {
    it("asks for the lock that is held", async () => {
      const s = fresh();
      assertRefused(await s.write(null, document(1)), 409, /needs a lock/);
      assertRefused(await s.write("a", document(1)), 409, /'a' is not held/);
      await s.lock(lockInfo("b"));
      for (const id of [null, "", "a"]) {
        const answer = await s.write(id, document(1));
        assert.deepEqual([answer.status, answer.json], [423, lockInfo("b")]);
      }
      assert.equal((await s.read()).status, 204);
    });

    it("refuses who lost his lock, also when its taker is gone", async () => {
      const s = fresh();
      await s.lock(lockInfo("stale"));
      await s.unlock({ ID: "stale" }); // by force
      await s.lock(lockInfo("taker"));
      assert.deepEqual((await s.write("stale", document(9))).json, lockInfo("taker"));
      assert.equal((await s.write("taker", document(1))).status, 200);
      await s.unlock({ ID: "taker" });

      assertRefused(await s.write("stale", document(9)), 409, /not held/);
      assertRefused(await s.lock(lockInfo("stale")), 409, /an ID locks only once/);
      assert.equal((await s.read()).text, document(1));
    });

    it("keeps to If-Match and If-None-Match", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      assertRefused(await s.write("a", document(1), { "if-match": "*" }), 412, /no state/);
      const one = (await s.write("a", document(1), { "if-none-match": "*" })).headers.get("etag");
      const refused = await s.write("a", document(2), { "if-none-match": "*" });
      assertRefused(refused, 412, /serial 1 stands there/);
      assert.equal(refused.headers.get("etag"), one);

      const two = (await s.write("a", document(2), { "if-match": one })).headers.get("etag");
      assert.notEqual(two, one);
      assert.equal((await s.write("a", document(3), { "if-match": one })).status, 412);
      assert.equal((await s.write("a", document(3), { "if-match": `W/${two}` })).status, 200);
      assert.equal((await s.ask("DELETE", "?ID=a", { "if-match": two })).status, 412);
      assert.equal((await s.read()).text, document(3));
    });

    it("takes a serial above the one that stands there, and the very same bytes again", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      const { headers } = await s.write("a", document(5));
      for (const body of [document(5, { other: 1 }), document(4), document(5, { lineage: "two" }), document(0, { lineage: "two" })])
        assertRefused(await s.write("a", body), 422, /is not above 5.*give it serial 6/);
      const again = await s.write("a", document(5), { "if-match": '"an older one"' });
      assert.deepEqual([again.status, again.headers.get("etag")], [200, headers.get("etag")]);
      assert.equal((await s.ask("GET", "/versions")).json.length, 1);
      assert.equal((await s.write("a", document(6, { lineage: "two" }))).status, 200);
    });
  });

  describe("asked for versions", () => {
    it("keeps the last ones", async () => {
      const s = fresh();
      for (let serial = 1; serial <= KEEP + 2; serial++) await s.put(serial);
      const versions = (await s.ask("GET", "/versions")).json;
      assert.deepEqual(versions.map((v) => [v.serial, v.present]), [[6, true], [5, false], [4, false], [3, false]]);
      assert.match(versions[0].who, /^put-6-.*@host$/);
      assert.equal(versions[0].lineage, "one");
      assert.equal(versions[0].size, document(6).length);
      assert.ok(Math.abs(Date.parse(versions[0].written) - Date.now()) < 60_000);

      const old = await s.ask("GET", "/versions/3");
      assert.deepEqual([old.status, old.text, old.headers.get("etag")], [200, document(3), versions[3].etag]);
      assertRefused(await s.ask("GET", "/versions/2"), 404, /no version with serial 2/);
      assert.equal((await s.ask("POST", "/versions/3", { body: "{}" })).status, 405);
    });

    it("tells those of a state before it was deleted by their lineage", async () => {
      const s = fresh();
      const before = await s.put(1, { lineage: "before" });
      await s.ask("DELETE");
      const since = await s.put(1, { lineage: "since" });
      assert.notEqual(since.headers.get("etag"), before.headers.get("etag"));
      assert.equal((await s.ask("GET", "/versions/1")).text, document(1, { lineage: "since" }));
      assert.equal((await s.ask("GET", "/versions/1?lineage=before")).text, document(1, { lineage: "before" }));
    });
  });

  describe("asked by many at once", () => {
    it("gives a lock to one of 20", async () => {
      const s = fresh();
      const answers = await twenty((i) => s.lock(lockInfo(`id-${i}`)));
      assert.deepEqual(statuses(answers), { 200: 1, 423: 19 });
      const { ID } = answers.find(({ status }) => status === 200).json;
      assert.ok(answers.every(({ json }) => json.ID === ID));
    });

    it("lets one of 20 writers replace what all of them read", async () => {
      const s = fresh();
      await s.lock(lockInfo("a"));
      const make = (i) => s.write("a", document(1, { i }), { "if-none-match": "*" });
      assert.deepEqual(statuses(await twenty(make)), { 200: 1, 412: 19 });
      const { headers } = await s.read();
      const replace = (i) => s.write("a", document(2 + i, { i }), { "if-match": headers.get("etag") });
      assert.deepEqual(statuses(await twenty(replace)), { 200: 1, 412: 19 });
    });

    it("loses nothing of those who lock, read, add and write in turn", async () => {
      const s = fresh();
      const many = Array.from({ length: 8 }, (_, i) => i);
      await Promise.all(many.map(async (i) => {
        while ((await s.lock(lockInfo(`id-${i}`))).status !== 200) await delay(Math.random() * 100);
        const { json } = await s.read();
        const added = document((json?.serial ?? 0) + 1, { who: [...(json?.who ?? []), i] });
        assert.equal((await s.write(`id-${i}`, added)).status, 200);
        await s.unlock({ ID: `id-${i}` });
      }));
      const { serial, who } = (await s.read()).json;
      assert.equal(serial, many.length);
      assert.deepEqual(who.toSorted(), many);
    });
  });

  describe("asked by somebody", () => {
    const LOCK = JSON.stringify(lockInfo("a"));

    it("wants a token: bearer, or the password of Basic", async () => {
      const s = fresh();
      for (const authorization of [`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, basic("anybody", TOKEN), basic("", TOKEN), `Bearer ${OLD}`])
        assert.equal((await s.ask("GET", "", { authorization })).status, 204, authorization);
      for (const authorization of ["", TOKEN, "Bearer", "Bearer ", `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, `Bearer ${sha256(TOKEN)}`,
        `Token ${TOKEN}`, basic(TOKEN, ""), basic("x", `${TOKEN}:`), "Basic !", `Basic ${Buffer.from(TOKEN).toString("base64")}`])
        for (const path of ["", "/lock", "/versions", "/no/such/path"]) {
          const answer = await s.ask("GET", path, { authorization });
          assertRefused(answer, 401, /no token/);
          assert.match(answer.headers.get("www-authenticate"), /^Basic /);
        }
    });

    it("lets a reader read, and no more", async () => {
      const s = fresh();
      await s.put(1);
      const authorization = basic("ci", READER);
      for (const path of ["", "/lock", "/versions", "/versions/1"])
        assert.ok([200, 204].includes((await s.ask("GET", path, { authorization })).status));
      for (const [method, path, body] of [["POST", "?ID=a", document(2)], ["DELETE", ""], ["LOCK", "", LOCK], ["UNLOCK", "", LOCK], ["POST", "/lock", LOCK]])
        assertRefused(await s.ask(method, path, { authorization, body }), 403, /may only read/);
    });

    it("keeps the token of a project to that project", async () => {
      const authorization = `Bearer ${SHOP}`;
      assert.equal((await fresh("shop").ask("LOCK", "", { authorization, body: LOCK })).status, 200);
      for (const project of ["tests", "shop2", "SHOP"])
        assertRefused(await fresh(project).ask("GET", "", { authorization }), 401, /no token/);
    });

    it("keeps projects, and the names in them, apart", async () => {
      const [a, b, c] = ["left/prod", "right/prod", "left/dev"].map((path) => server.state(path));
      await a.put(1, { of: "a" });
      assert.deepEqual([(await b.read()).status, (await c.read()).status], [204, 204]);
      await a.lock(lockInfo("a"));
      for (const other of [b, c]) assert.equal((await other.lock(lockInfo("a"))).status, 200);
    });

    it("never says of a path that is none that there is no state", async () => {
      for (const path of ["", "shop", "shop/", "shop/prod/", "shop/prod/lok", "shop/prod/lock/x", "shop//prod", "shop/a%2Fb", ".hidden/prod",
        "shop/prod/versions/x", "shop/prod/versions/1/2", `shop/${"n".repeat(129)}`, "sh%00op/prod"])
        assertRefused(await server.state(path).read(), 400, /the path of a state is/);
      const answer = await fresh().ask("PATCH", "", { body: "{}" });
      assert.equal(answer.status, 405);
      assert.match(answer.headers.get("allow"), /GET, POST.*LOCK, UNLOCK/);
    });
  });

  describeTerraform(() => server);

  describeCfkv(() => server);

  describe("killed and started again", () => {
    it("has states, versions and locks as they were", async () => {
      const [s, leased, free] = [fresh(), fresh(), fresh()];
      const { headers } = await s.put(1);
      await s.lock(lockInfo("a"));
      await free.lock(lockInfo("gone"));
      await free.unlock({ ID: "gone" });
      const { Expires } = (await leased.lock(lockInfo("l", { Lease: 60 }))).json;
      // What was answered is there; of what was under way, all or nothing.
      const under = [2, 3, 4, 5].map((serial) => s.write("a", document(serial, { text: "x".repeat(3 * MIB) })).catch(() => null));
      await Promise.race(under);
      await server.killAndStart();
      const done = (await Promise.all(under)).filter((answer) => answer?.status === 200).map(({ json }) => json.serial);

      const read = await s.read();
      assert.ok(read.json.serial >= Math.max(...done, 1), `${read.json.serial} after ${done}`);
      assert.equal(read.headers.get("content-md5"), md5(read.bytes));
      assert.equal((await s.ask("GET", "/versions/1")).headers.get("etag"), headers.get("etag"));
      assert.deepEqual((await s.lock(lockInfo("b"))).json, lockInfo("a"));
      assert.equal((await leased.lock(lockInfo("b"))).json.Expires, Expires);
      assertRefused(await free.lock(lockInfo("gone")), 409, /only once/);
    });

    it("has printed no token, nor a digest, nor a state", () => {
      for (const secret of [TOKEN, READER, OLD, SHOP, Buffer.from(TOKEN).toString("base64"), sha256(TOKEN), "terraform_version"])
        assert.ok(!server.log.includes(secret), server.log);
    });
  });
});
