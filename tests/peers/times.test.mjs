// A time of RFC 3339 is the second that JavaScript takes it for, in each kind of file and in Lua.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Project } from "./support.mjs";

// The same ones in every run: from 2030 to 2037, with the offsets, fractions and cases that there may be.
function* times(n) {
  let seed = 1;
  const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const two = (number) => String(number).padStart(2, "0");
  for (let i = 0; i < n; i++) {
    const year = 2030 + next(8), month = 1 + next(12);
    const day = 1 + next(new Date(Date.UTC(year, month, 0)).getUTCDate());
    const clock = `${two(next(24))}:${two(next(60))}:${two(next(60))}`;
    const fraction = next(3) ? "" : `.${"".padEnd(1 + next(12), String(next(10)))}`;
    const offset = `${next(2) ? "+" : "-"}${two(next(24))}:${two(next(60))}`;
    yield `${year}-${two(month)}-${two(day)}${"Tt "[next(3)]}${clock}${fraction}${["Z", "z", offset, offset][next(4)]}`;
  }
}

const TIMES = ["2036-02-29T23:59:59Z", "2030-12-31T23:59:59-23:59", "2031-01-01T00:00:00+23:59", ...times(300)];

const seconds = (time) => Math.floor(Date.parse(time.toUpperCase().replace(" ", "T")) / 1000);

describe("a time", () => {
  let p, id;

  before(() => {
    p = new Project();
    p.configure("");
    p.apply();
    id = p.output("id");
  });
  after(() => p[Symbol.dispose]());

  const check = (prefix) => {
    const listed = JSON.parse(p.kv("list", "--namespace-id", id, "--local", "--json", "--prefix", prefix));
    const found = Object.fromEntries(listed.map(({ name, expiration }) => [name, expiration]));
    TIMES.forEach((time, i) => assert.equal(found[prefix + i], seconds(time), time));
  };

  const items = (prefix) => TIMES.map((time, i) => ({ key: `${prefix}${i}`, value: "", expiration: time }));

  const files = {
    json: (prefix) => JSON.stringify(items(prefix)),
    jsonl: (prefix) => items(prefix).map((item) => `${JSON.stringify(item)}\n`).join(""),
    csv: (prefix) => `key,value,expiration\n${TIMES.map((time, i) => `${prefix}${i},,${time}\n`).join("")}`,
  };

  for (const [kind, write] of Object.entries(files))
    it(`of ${kind} is what it is`, () => {
      p.write(`times.${kind}`, write(`${kind}/`));
      const r = p.cfkv("kv", "bulk", "put", `times.${kind}`, "--namespace-id", id, "--local");
      assert.equal(r.code, 0, r.stderr);
      check(`${kind}/`);
    });

  it("of Lua is what it is", () => {
    p.configure(TIMES.map((time, i) => `ns:put("lua/${i}", "", { expiration = "${time}" })`).join("\n"));
    p.apply();
    check("lua/");
  });
});
