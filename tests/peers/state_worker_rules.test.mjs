// Rules of examples/state-worker that a running one does not show: its locks by a clock of our own, on
// a database of node; what it puts into a row; how its tokens are compared.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, it } from "node:test";

import { Locks, readInfo } from "../../examples/state-worker/src/locks.js";
import { allowed } from "../../examples/state-worker/src/tokens.js";
import { Versions } from "../../examples/state-worker/src/versions.js";
import { lockInfo, sha256 } from "./state_worker.mjs";

const START = Date.UTC(2026, 11, 1, 10, 0, 0);
const HOUR = 3_600_000;

// The part of a Durable Object's `storage.sql` that is used.
function sqlOf(db) {
  return {
    exec(statement, ...values) {
      const bound = values.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
      const rows = db.prepare(statement).all(...bound);
      return { toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows[Symbol.iterator]() };
    },
  };
}

describe("locks", () => {
  let locks, now;

  beforeEach(() => {
    locks = new Locks(sqlOf(new DatabaseSync(":memory:")));
    now = START;
  });

  const leased = (ID, Lease = 60) => lockInfo(ID, { Lease });
  const take = (info) => locks.take("s", readInfo(JSON.stringify(info)), now);
  const pass = (seconds) => {
    now += seconds * 1000;
  };
  const refused = (status, ID) => (error) => {
    assert.equal(error.status, status);
    assert.equal(error.body.ID, ID);
    return true;
  };

  it("expire to the instant, and who takes one over is told whose it was", () => {
    assert.equal(take(leased("a")).Expires, "2026-12-01T10:01:00.000Z");
    pass(59.999);
    assert.throws(() => take(leased("b")), refused(423, "a"));
    locks.demand("s", "a", now);
    pass(0.001);
    assert.throws(() => locks.demand("s", "a", now), refused(409, "a"));
    assert.equal(locks.holder("s", now), null);
    const { Replaced, ...mine } = take(leased("b"));
    assert.deepEqual(Replaced, { ...leased("a"), Expires: "2026-12-01T10:01:00.000Z" });
    assert.deepEqual(mine, { ...leased("b"), Expires: "2026-12-01T10:02:00.000Z" });
  });

  it("are renewed by the same ID, from then on", () => {
    take(leased("a"));
    pass(40);
    assert.equal(take(leased("a")).Expires, "2026-12-01T10:01:40.000Z");
    pass(59);
    locks.demand("s", "a", now);
    assert.equal(take(leased("a", 5)).Expires, "2026-12-01T10:01:44.000Z");
  });

  it("may be renewed late as long as nobody took them", () => {
    take(leased("a"));
    pass(3000);
    assert.equal(take(leased("a")).Replaced, undefined);
    locks.demand("s", "a", now);
  });

  it("are lost for good once another took them", () => {
    take(leased("a"));
    pass(61);
    take(leased("b"));
    assert.throws(() => take(leased("a")), refused(423, "b"));
    assert.throws(() => locks.demand("s", "a", now), refused(423, "b"));
    assert.throws(() => locks.free("s", "a", now), refused(409, "b"));
    locks.free("s", "b", now);
    assert.throws(() => take(leased("a")), refused(409));
    assert.throws(() => locks.demand("s", "a", now), refused(409));
    locks.free("s", "a", now); // gone already
    take(leased("c"));
  });

  it("without a lease never expire", () => {
    take(lockInfo("terraform"));
    pass(10 * 365 * 86_400);
    locks.sweep(now);
    assert.throws(() => take(leased("a")), refused(423, "terraform"));
    assert.deepEqual(locks.holder("s", now), lockInfo("terraform"));
    assert.equal(locks.nextSweep(), null);
    assert.throws(() => locks.demandFree("s", null, now), refused(423, "terraform"));
  });

  it("do not believe what a client says of their end", () => {
    const lie = { Expires: "2099-01-01T00:00:00Z", Replaced: { ID: "x" } };
    assert.deepEqual(take({ ...lockInfo("a"), ...lie }), lockInfo("a"));
  });

  it("that expired are swept an hour later, which changes no answer but that to a late renewal", () => {
    take(leased("a"));
    locks.take("other", leased("o", 7200), now);
    assert.equal(locks.nextSweep(), START + 60_000 + HOUR);
    pass(60 + 3599);
    locks.sweep(now);
    take(leased("a"));
    now += 60_000 + HOUR;
    locks.sweep(now);
    assert.equal(locks.nextSweep(), START + 7_200_000 + HOUR);
    assert.throws(() => locks.demand("s", "a", now), refused(409));
    assert.throws(() => take(leased("a")), refused(409));
    assert.equal(take(leased("b")).Replaced, undefined);
    assert.equal(locks.take("other", leased("o"), now).Replaced, undefined);
  });

  it("remember the last hundred that are gone", () => {
    for (let i = 0; i <= 100; i++) {
      take(lockInfo(`id-${i}`));
      locks.free("s", `id-${i}`, now);
    }
    assert.throws(() => take(lockInfo("id-1")), refused(409));
    take(lockInfo("id-0"));
  });
});

describe("versions", () => {
  it("lie in rows that a Durable Object takes, and come back as they were", () => {
    const db = new DatabaseSync(":memory:");
    const versions = new Versions(sqlOf(db));
    const meta = { serial: 1, lineage: "one", md5: "0", written: START, who: "", keep: 2 };
    for (const size of [1, 1024 * 1024, 5_000_001]) {
      const bytes = new Uint8Array(randomBytes(size));
      versions.add("s", bytes, meta);
      assert.equal(Buffer.compare(bytes, versions.bytes(versions.present("s"))), 0);
    }
    const { longest, rows } = db.prepare("SELECT max(length(bytes)) AS longest, count(*) AS rows FROM parts").get();
    assert.ok(longest <= 2_000_000);
    assert.equal(rows, 1 + 5); // those of the first version are gone
  });
});

describe("tokens", () => {
  const asked = (token) => new Request("https://x", { headers: { authorization: `Bearer ${token}` } });

  it("are compared with every digest there is, each in constant time", async (t) => {
    const compared = [];
    // workerd's; node has it elsewhere.
    crypto.subtle.timingSafeEqual = (a, b) => {
      assert.equal(a.length, 32);
      assert.equal(b.length, 32);
      const hex = Buffer.from(b).toString("hex");
      compared.push(hex);
      return Buffer.from(a).toString("hex") === hex;
    };
    t.after(() => delete crypto.subtle.timingSafeEqual);
    const digests = ["first", "second", "third"].map(sha256);
    const env = { TOKEN_SHA256: `${digests[0]}\n${digests[1]}`, READ_TOKEN_SHA256: digests[2] };
    for (const [token, read, write] of [["first", true, true], ["second", true, true], ["third", true, false], ["fourth", false, false]]) {
      compared.length = 0;
      assert.deepEqual(await allowed(asked(token), env, "shop"), { read, write });
      assert.deepEqual(compared, digests);
    }
  });

  it("open nothing as long as there is none that may write, or a secret holds something else", async () => {
    const digest = sha256("it");
    for (const [env, words] of [
      [{}, /no token is set/],
      [{ TOKEN_SHA256: " \n" }, /no token is set/],
      [{ READ_TOKEN_SHA256: digest }, /no token is set/],
      [{ TOKEN_SHA256: "it" }, /^TOKEN_SHA256 holds something else than SHA-256 digests/],
      [{ TOKEN_SHA256: digest.slice(1) }, /^TOKEN_SHA256 holds something else/],
      [{ TOKEN_SHA256: `${digest} it` }, /^TOKEN_SHA256 holds something else/],
      [{ TOKEN_SHA256: `=${digest}` }, /^TOKEN_SHA256 holds something else/],
      [{ TOKEN_SHA256: digest, READ_TOKEN_SHA256: "it" }, /^READ_TOKEN_SHA256 holds something else/],
    ])
      await assert.rejects(allowed(asked("it"), env, "shop"), (error) => error.status === 503 && words.test(error.message));
  });
});
