// Locks of the states of a project. A lock belongs to an ID, and to nothing else.
//
// One whose info has "Lease" (seconds) expires so long after it was taken or renewed; others, such
// as Terraform's, never do. It is renewed by LOCK with the same ID. One that expired counts as free,
// yet its holder may renew it as long as nobody took it: then nothing can have changed meanwhile.
//
// An ID that was freed or lost never locks again. Who went on after his lock was taken from him
// learns so from his next renewal, although the one who took it may be gone; and a LOCK that was
// on its way for too long does not lock what nobody would unlock.

import { Refusal } from "./answers.js";

const KEPT_IDS = 100; // that were freed or lost, of each state
const LONGEST = 86_400; // seconds of a lease
const SWEEP_AFTER = 3_600_000; // milliseconds that an expired lease is kept

const over = (lock, now) => lock.expires !== null && lock.expires <= now;

// What others are told of a lock.
function told(lock) {
  const info = JSON.parse(lock.info);
  return lock.expires === null ? info : { ...info, Expires: new Date(lock.expires).toISOString() };
}

function locked(status, lock, words) {
  return new Refusal(status, words, lock ? { body: told(lock) } : {});
}

// The ID in a lock info of Terraform's or ours, and the info itself.
export function readInfo(text) {
  let info = null;
  try {
    info = JSON.parse(text);
  } catch {
    // told below
  }
  if (typeof info?.ID !== "string" || info.ID === "" || info.ID.length > 256)
    throw new Refusal(400, 'the body of a lock is a JSON object with an "ID"');
  const { Lease } = info;
  if (Lease !== undefined && !(Number.isInteger(Lease) && Lease >= 1 && Lease <= LONGEST))
    throw new Refusal(400, `"Lease" is a number of seconds from 1 to ${LONGEST}`);
  delete info.Expires; // ours to say
  delete info.Replaced;
  return info;
}

export class Locks {
  constructor(sql) {
    this.sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY, id TEXT, info TEXT, expires INTEGER)");
    sql.exec("CREATE TABLE IF NOT EXISTS gone (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, id TEXT)");
  }

  #find(name) {
    return this.sql.exec("SELECT * FROM locks WHERE name = ?", name).toArray()[0];
  }

  // The lock of a state that holds now, or undefined.
  #held(name, now) {
    const lock = this.#find(name);
    return lock && !over(lock, now) ? lock : undefined;
  }

  #isGone(name, id) {
    return this.sql.exec("SELECT 1 FROM gone WHERE name = ? AND id = ?", name, id).toArray().length > 0;
  }

  #retire(lock) {
    this.sql.exec("DELETE FROM locks WHERE name = ?", lock.name);
    this.sql.exec("INSERT INTO gone (name, id) VALUES (?, ?)", lock.name, lock.id);
    this.sql.exec(
      "DELETE FROM gone WHERE name = ?1 AND number NOT IN (SELECT number FROM gone WHERE name = ?1 ORDER BY number DESC LIMIT ?2)",
      lock.name,
      KEPT_IDS,
    );
  }

  // What is told of the holder, or null.
  holder(name, now) {
    const held = this.#held(name, now);
    return held ? told(held) : null;
  }

  // Takes or renews: what is told of the lock, with the one that had expired as "Replaced".
  take(name, info, now) {
    const there = this.#find(name);
    if (there && there.id !== info.ID && !over(there, now)) throw locked(423, there, "locked");
    if (this.#isGone(name, info.ID))
      throw locked(409, undefined, `the lock '${info.ID}' was freed or lost; an ID locks only once`);
    const replaced = there && there.id !== info.ID ? there : undefined;
    if (replaced) this.#retire(replaced);
    const expires = info.Lease === undefined ? null : now + info.Lease * 1000;
    const lock = { name, id: info.ID, info: JSON.stringify(info), expires };
    this.sql.exec("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)", name, lock.id, lock.info, expires);
    return replaced ? { ...told(lock), Replaced: told(replaced) } : told(lock);
  }

  // One that is gone already was freed, too. `id` null: not said, as `terraform force-unlock` sends
  // it whatever ID it is given (hashicorp/terraform#28421; OpenTofu says it). That frees a lock that
  // would stay for ever, but no lease, which is over soon.
  free(name, id, now) {
    const there = this.#find(name);
    if (there && (id === there.id || (id === null && there.expires === null))) this.#retire(there);
    else if (there && !over(there, now)) throw locked(409, there, "another lock is held");
  }

  // Only who holds the lock may write: the info of his lock.
  demand(name, id, now) {
    const there = this.#find(name);
    if (there && !over(there, now)) {
      if (there.id === id) return JSON.parse(there.info);
      throw locked(423, there, "locked");
    }
    if (id === null) throw locked(409, undefined, "a write needs a lock: LOCK first, then name its ID as ?ID=…");
    throw locked(409, there?.id === id ? there : undefined, `the lock '${id}' is not held: it expired, was freed, or never was`);
  }

  // Only who holds the lock, or anybody when nobody does.
  demandFree(name, id, now) {
    const held = this.#held(name, now);
    if (held && held.id !== id) throw locked(423, held, "locked");
  }

  // When the alarm is to sweep next (milliseconds), or null.
  nextSweep() {
    const { expires } = this.sql.exec("SELECT min(expires) AS expires FROM locks").one();
    return expires === null ? null : expires + SWEEP_AFTER;
  }

  sweep(now) {
    const old = this.sql.exec("SELECT * FROM locks WHERE expires <= ?", now - SWEEP_AFTER).toArray();
    for (const lock of old) this.#retire(lock);
  }
}
