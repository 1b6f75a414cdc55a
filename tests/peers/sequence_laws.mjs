// What must hold after each run of a sequence, whatever went before. Written from what people were
// promised, without a look at how it is done:
//
//   where dev looks  after a local run a binding that stays sees all that it saw before, under
//                    whatever word it looks by then; and what is seeded
//   nothing is lost  what somebody put is on the disk after each run, or, where its namespace was
//                    taken out, in a backup; under an id of somebody's it is where it was
//   an account's run touches no local data; where it changes the word under which dev looks, it says
//                    where the data stay, and what a local run put there comes along with the next
//   the file         ids that somebody wrote stay, and everything besides
//   second run       the plan behind a run is empty, and the file is left as it is

import { PREVIEWS, besidesKv, devWord, entriesOf, isReal, placeOf } from "./sequence_world.mjs";

const same = (a, b) =>
  a !== undefined && b !== undefined && a.value === b.value && a.metadata === b.metadata && a.expiration === b.expiration;

// What `wrangler dev` put, of all that is under a word.
const foreignOf = (entries) => [...(entries ?? [])].filter(([key]) => key.startsWith("dev/"));

const byPlace = (items) => new Map(items.map((item) => [placeOf(item), item]));

// How it is quoted or cut is not asked.
const names = (said, word) => said.includes(word.slice(0, 12));

const shown = (place) => (place.startsWith(" ") ? `top${place}` : place);

const inScope = (run, one) => !run.filtered || one.ns.env === run.filtered;

export class Broken extends Error {}

export function must(holds, law, text) {
  if (!holds) throw new Broken(`${law}: ${text}`);
}

// What one run saw and left: `before` and `after` are { doc, text, store }, store being a Map of word →
// Map of key → entry.
export class Laws {
  constructor(world) {
    this.world = world;
    this.managed = new Map(); // place → uid, as the last run of the target "local" had them
    this.written = new Map(); // place → fields that a run on the account wrote or confirmed
    this.filled = new Map(); // place and field → what a run wrote there, which may be an id of somebody's
    this.left = new Set(); // places that were cfkv's and are somebody's now
    this.debts = []; // what dev does not see until the next local run: { place, uid, word, entries }
    this.moved = new Set(); // words from which bindings went to others
    this.released = false; // something was taken out since the last run, so its data may go
  }

  // A hand moved this binding to another word: what it saw before is not asked for any more.
  edited(before, after) {
    const words = new Map(entriesOf(after).map((entry) => [placeOf(entry), devWord(entry)]));
    this.#changedWords(before, after);
    const changed = entriesOf(before).filter((entry) => words.get(placeOf(entry)) !== devWord(entry));
    const places = new Set(changed.map(placeOf));
    this.debts = this.debts.filter(({ place }) => !places.has(place));
  }

  // ---- After each run ----------------------------------------------------------------------------

  file(run, before, after) {
    const others = [before, after].map(({ doc }) => JSON.stringify(besidesKv(doc)));
    must(others[0] === others[1], "the file", `more than bindings changed: ${others.join(" → ")}`);
    const wanted = byPlace(this.world.wanted());
    const now = byPlace(entriesOf(after.doc));
    for (const entry of entriesOf(before.doc)) {
      const place = placeOf(entry);
      const [one, later] = [wanted.get(place), now.get(place)];
      const known = this.managed.has(place) || this.written.has(place);
      if (!one && known) continue; // it may go
      must(later, "the file", `the binding ${shown(place)} is gone`);
      const stays = one || JSON.stringify(later) === JSON.stringify(entry);
      must(stays, "the file", `${shown(place)} changed, and is none of cfkv's`);
      if (one) this.#fields(run, one, entry, later);
    }
    const old = byPlace(entriesOf(before.doc));
    for (const [place, entry] of now) this.#writes(place, old.get(place), entry);
    if (!run.filtered) for (const one of wanted.values()) this.#filled(run, one, now.get(placeOf(one)));
  }

  #writes(place, entry, later) {
    for (const field of ["id", "preview_id"])
      if (later[field] !== entry?.[field]) this.filled.set(`${place} ${field}`, later[field]);
  }

  #filled(run, one, entry) {
    const place = shown(placeOf(one));
    must(entry, "the file", `the wanted binding ${place} is missing`);
    if (this.world.auto) return;
    const right = run.kind === "local" ? isReal(entry.id) : entry.id === run.ids.get(this.world.title(one.ns));
    must(right, "the file", `${place} has the id ${entry.id} behind this run`);
  }

  #fields(run, one, entry, later) {
    for (const field of ["id", "preview_id"]) {
      const guard = this.#guard(run, one, field, entry[field]);
      const stays = entry[field] === later[field];
      must(!guard || stays, "the file", `${shown(placeOf(one))} has another ${field} than ${entry[field]}: ${guard}`);
    }
  }

  // Why a run may not change what stands there; null when it may.
  #guard(run, one, field, was) {
    if (was === undefined) return field === "id" && this.world.auto ? 'ids = "auto" leaves it out' : null;
    const theirs = this.world.somebodys.has(was) && this.filled.get(`${placeOf(one)} ${field}`) !== was;
    if (run.kind === "local") return theirs ? "somebody wrote it" : null;
    if (this.written.get(placeOf(one))?.has(field)) return null;
    if (field === "preview_id" && !one.ns.preview) {
      if (theirs) return "somebody wrote it";
      return isReal(was) ? null : "a preview is not declared";
    }
    const alive = this.world.live.some(({ id }) => id === was);
    return theirs && alive && !run.takeOver ? "it is somebody's, and lives" : null;
  }

  // What somebody put is somewhere.
  kept(before, after, backedUp) {
    const left = new Set(this.#changedWords(before.doc, after.doc));
    const places = new Map(); // key → [entry]: keys of sequences are unique but for "dev/common"
    for (const [word, entries] of after.store)
      for (const [key, entry] of entries) places.set(key, [...(places.get(key) ?? []), { word, entry }]);
    for (const [word, entries] of before.store)
      for (const [key, entry] of foreignOf(entries)) {
        if (this.world.somebodys.has(word) && !left.has(word))
          must(same(after.store.get(word)?.get(key), entry), "nothing is lost", `'${key}' left somebody's '${word}'`);
        const there = (places.get(key) ?? []).some((found) => same(found.entry, entry));
        const gone = this.released && backedUp(key);
        must(there || gone, "nothing is lost", `'${key}', which was under '${word}', is nowhere`);
      }
  }

  // The words under which a binding that is still there looked before, and nobody looks now.
  #changedWords(before, after) {
    const now = new Map(entriesOf(after).map((entry) => [placeOf(entry), devWord(entry)]));
    const used = new Set(now.values());
    const old = entriesOf(before).map((entry) => ({ place: placeOf(entry), word: devWord(entry) }));
    for (const { place, word } of [...this.debts, ...old])
      if (now.has(place) && !used.has(word)) this.moved.add(word);
    return [...this.moved].filter((word) => !used.has(word));
  }

  local(run, before, after) {
    this.kept(before, after, run.backedUp);
    const wanted = byPlace(this.world.wanted());
    const old = byPlace(entriesOf(before.doc));
    for (const entry of entriesOf(after.doc)) {
      const place = placeOf(entry);
      const one = wanted.get(place);
      const word = devWord(entry);
      const then = old.get(place);
      const renewed = this.managed.has(place) && this.managed.get(place) !== one?.uid;
      if (one) this.left.delete(place);
      else if (this.managed.has(place) || this.written.has(place)) this.left.add(place);
      if (this.left.has(place)) continue;
      if (then && devWord(then) !== null && !renewed) {
        this.#sees(before, after, word, devWord(then), `${shown(place)}, which looked under '${devWord(then)}'`);
        const comes = devWord(then) !== word && foreignOf(before.store.get(devWord(then))).length > 0;
        const told = !comes || names(run.said, devWord(then));
        must(told, "where dev looks", `nobody said that ${shown(place)} took what was under '${devWord(then)}'`);
      }
      if (one && inScope(run, one) && one.section !== PREVIEWS) this.#seeded(run, after, word, one, place);
    }
    this.#renamed(run, before, after);
    for (const debt of this.debts) this.#paid(run, debt, before, after, wanted);
    this.debts = run.filtered ? this.debts : [];
    for (const [place, one] of wanted) if (inScope(run, one)) this.managed.set(place, one.uid);
    for (const place of [...this.managed.keys()])
      if (!wanted.has(place) && !run.filtered) this.managed.delete(place);
  }

  // What was under `old` is under `word`, where another value of the same key that was there stays.
  #sees(before, after, word, old, who) {
    this.#has(before, after, word, foreignOf(before.store.get(old)), who);
  }

  #has(before, after, word, entries, who) {
    for (const [key, entry] of entries) {
      const now = after.store.get(word)?.get(key);
      const right = same(now, entry) || same(now, before.store.get(word)?.get(key));
      must(right, "where dev looks", `${who}, looks under '${word}' now, where '${key}' is ${JSON.stringify(now)}`);
    }
  }

  #seeded(run, after, word, one, place) {
    if (run.said.includes("does not see what is seeded")) return;
    for (const [key, { value, metadata }] of this.world.seeds(one.ns)) {
      const found = after.store.get(word)?.get(key);
      const right = found?.value === value.toString("base64") && found.metadata === (metadata && JSON.stringify(metadata));
      const text = `${shown(place)} looks under '${word}', and '${key}' of ${one.uid} is there as ${JSON.stringify(found)}`;
      must(right, "where dev looks", text);
    }
  }

  // A binding that got another name or section shows what the old one showed, but for what is under
  // an id of somebody's, which the new one does not have.
  #renamed(run, before, after) {
    if (run.filtered) return;
    const now = new Set(entriesOf(after.doc).map(placeOf));
    for (const entry of entriesOf(before.doc)) {
      const uid = this.managed.get(placeOf(entry));
      const word = devWord(entry);
      if (!uid || now.has(placeOf(entry)) || word === null || this.world.somebodys.has(word)) continue;
      const places = this.world.wanted().filter((one) => one.uid === uid).map(placeOf);
      for (const other of entriesOf(after.doc))
        if (places.includes(placeOf(other)) && other.section !== PREVIEWS)
          this.#sees(before, after, devWord(other), word, `${shown(placeOf(other))}, once ${shown(placeOf(entry))}`);
    }
  }

  #paid(run, { place, uid, word, entries }, before, after, wanted) {
    const one = wanted.get(place);
    if (one?.uid !== uid || run.filtered) return;
    const entry = entriesOf(after.doc).find((other) => placeOf(other) === place);
    const who = `${shown(place)}, which looked under '${word}' before the account's run`;
    if (entry) this.#has(before, after, devWord(entry), entries, who);
  }

  account(run, before, after) {
    for (const [word, entries] of before.store)
      for (const [key, entry] of entries)
        must(same(after.store.get(word)?.get(key), entry), "an account's run", `'${key}' under '${word}' changed`);
    const now = byPlace(entriesOf(after.doc));
    const wanted = byPlace(this.world.wanted());
    for (const entry of entriesOf(before.doc)) {
      const place = placeOf(entry);
      const later = now.get(place);
      const word = devWord(entry);
      if (!later || word === null || devWord(later) === word) continue;
      const entries = new Map(foreignOf(before.store.get(word)));
      const told = !before.store.get(word)?.size || names(run.said, word);
      const text = `${shown(place)} looks under '${devWord(later)}' instead of '${word}' now, and nobody said so`;
      must(told, "an account's run", text);
      const uid = wanted.get(place)?.uid;
      const seeded = before.store.get(word)?.has("seed/plain"); // else a local run kept it elsewhere
      if (seeded && this.managed.get(place) === uid) this.debts.push({ place, uid, word, entries });
    }
    if (run.code !== 0) return;
    for (const [place, one] of wanted)
      if (inScope(run, one)) this.written.set(place, new Set(one.ns.preview ? ["id", "preview_id"] : ["id"]));
  }

  // A refusal is right where the file has a live id of somebody's; `before` and `after` are the same.
  mayRefuse(doc) {
    const wanted = byPlace(this.world.wanted());
    const alive = (id) => this.world.live.some((ns) => ns.id === id && id);
    return entriesOf(doc).some((entry) => {
      const one = wanted.get(placeOf(entry));
      return one && (alive(entry.id) || (one.ns.preview && alive(entry.preview_id)));
    });
  }
}

