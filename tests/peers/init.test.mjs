// What `cfkv init` makes of each config of the corpus, judged by parsers that are not ours: every
// binding is declared where it stands, or named as left alone; and on an account nothing that has an id
// is renamed, and its config stays as it is.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { PREVIEWS, TOP, parse, shapes, takeApart } from "./corpus.mjs";
import { ACCOUNT, Emulator } from "./emulator.mjs";
import { Project } from "./support.mjs";

// Files that a build tool wrote.
const GENERATED = new Set(["generated.json", "vite-generated.json"]);

const isReal = (id) => /^[0-9a-f]{32}$/.test(id ?? "");
const isIdentifier = (name) => /^[A-Za-z_$][\w$]*$/.test(name);

// ---- A config ------------------------------------------------------------------------------------

function prepared() {
  return shapes()
    .filter((shape) => !GENERATED.has(shape.name))
    .map((shape) => {
      const document = parse(shape.name, shape.bytes);
      const { lists } = takeApart(structuredClone(document));
      const entries = [...lists].flatMap(([section, list]) => list.map((b) => ({ section, ...b })));
      return { ...shape, document, entries };
    });
}

// The title that wrangler's provisioning gives to what has no id: <script>-<binding>.
function titleOf({ document }, { section, binding }) {
  const script = document.name ?? "FOLDER";
  const word = binding.toLowerCase().replaceAll("_", "-");
  if (section === PREVIEWS) return `${script}-preview-${word}`;
  if (section === TOP) return `${script}-${word}`;
  return `${document.env[section].name ?? `${script}-${section}`}-${word}`;
}

// ---- What was declared ---------------------------------------------------------------------------

// The sections in which a config holds what is in an environment of cfkv's.
function sectionsOf(config, env) {
  const named = [config.environments?.[env] ?? []].flat();
  const said = [
    ...(env !== null && config.top_level === env ? [TOP] : []),
    ...(env !== null && config.previews === env ? [PREVIEWS] : []),
    ...named,
  ];
  return said.length ? said : [env ?? TOP];
}

function bindingIn(config, ns, section) {
  const other = config.bindings?.[ns.address];
  const word = { [TOP]: "top_level", [PREVIEWS]: "previews" }[section] ?? section;
  return (typeof other === "string" ? other : other?.[word]) ?? ns.binding;
}

// [{ section, binding, id, title }] of a model.
function placesOf(model) {
  const [config] = model.wrangler;
  return model.namespaces
    .filter((ns) => ns.preview_of === null)
    .flatMap((ns) =>
      sectionsOf(config, ns.env).map((section) => ({
        section,
        binding: bindingIn(config, ns, section),
        id: ns.id,
        title: ns.title,
      })),
    );
}

const place = ({ section, binding }) => `${section}\0${binding}`;

describe("init declares every binding of a config where it stands", () => {
  for (const shape of prepared())
    it(shape.name, () => {
      using p = new Project({ [shape.config]: shape.bytes });
      assert.equal(p.cfkv("init").code, 0);
      const r = p.cfkv("eval");
      assert.equal(r.code, 0, r.stderr);
      const declared = new Map(placesOf(JSON.parse(r.text)).map((d) => [place(d), d]));
      const kv = p.read("kv.lua").replaceAll(/\n-- /g, " ");
      // One to begin with, unless somebody took a list for bindings that wrangler does not read.
      const expected = kv.includes("Not read by wrangler") ? 0 : 1;
      if (shape.entries.length === 0) return assert.equal(declared.size, expected);
      for (const entry of shape.entries) {
        const found = declared.get(place(entry));
        declared.delete(place(entry));
        const twice = shape.entries.some((e) => e !== entry && e.section === entry.section && e.id === entry.id);
        if (!found) {
          assert.ok(kv.includes(`Left as it is: binding '${entry.binding}'`), `${entry.binding} is forgotten`);
          const capitals = /^[0-9a-f]{32}$/i.test(entry.id ?? "") && !isReal(entry.id);
          assert.ok(!isIdentifier(entry.binding) || capitals || twice, `${entry.binding} is left without a reason`);
        } else if (isReal(entry.id)) {
          assert.deepEqual([found.id, found.title], [entry.id, null]);
        } else if (shape.document.name) {
          assert.deepEqual([found.id, found.title], [null, titleOf(shape, entry)]);
        }
      }
      assert.deepEqual([...declared.keys()], [], "more is declared than is bound");
    });
});

// ---- On an account -------------------------------------------------------------------------------

let emulator;
before(async () => {
  emulator = await Emulator.start({ args: ["--quiet"] });
});
after(async () => emulator?.[Symbol.asyncDispose]());

// The text with ids that namespaces of the account have, and with its account.
async function withLiveIds({ entries, document, bytes }) {
  let text = bytes.toString("utf8");
  const live = new Map();
  for (const id of new Set(entries.flatMap((e) => [e.id, e.preview_id]).filter(isReal))) {
    const made = await emulator.result("POST", "", { title: `live ${live.size}` });
    live.set(made.id, made.title);
    text = text.replaceAll(id, made.id);
  }
  const accounts = [document, ...Object.values(document.env ?? {})].map((table) => table.account_id);
  for (const account of accounts.filter((id) => /^[0-9a-f]{32}$/i.test(id ?? ""))) text = text.replaceAll(account, ACCOUNT);
  return { text, live };
}

async function titles() {
  const all = [];
  for (let page = 1; ; page++) {
    const list = await emulator.result("GET", `?per_page=100&page=${page}`);
    all.push(...list);
    if (list.length < 100) return new Map(all.map(({ id, title }) => [id, title]));
  }
}

// Ids that are written as they are, in quotes and without escapes.
const isPlain = ({ entries, bytes }) =>
  entries.every(({ id }) => !isReal(id) || bytes.includes(`"${id}"`) || bytes.includes(`'${id}'`));

describe("apply takes what init declared, and renames nothing that lives", () => {
  for (const shape of prepared().filter(isPlain))
    it(shape.name, async () => {
      const { text, live } = await withLiveIds(shape);
      using p = new Project({ [shape.config]: text }, emulator);
      try {
        assert.equal(p.cfkv("init").code, 0);
        p.apply();
        const after = await titles();
        for (const [id, title] of live) assert.equal(after.get(id), title);
        const all = shape.entries.every((e) => isReal(e.id)) && shape.entries.length > 0;
        if (all) assert.equal(p.read(shape.config), text);
        const again = p.cfkv("plan", "--detailed-exitcode");
        assert.equal(again.code, 0, again.stderr + again.text);
        assert.equal(p.cfkv("wrangler", "--check").code, 0);
      } finally {
        for (const id of (await titles()).keys()) await emulator.result("DELETE", `/${id}`);
      }
    });
});

// ---- A Worker that was developed without cfkv ----------------------------------------------------

describe("what wrangler dev had before init", () => {
  it("is there after the first apply --local, under an id and under none", () => {
    using p = new Project({
      "wrangler.toml": `name = "before"
kv_namespaces = [
  { binding = "WITH_ID", id = "${"1a".repeat(16)}" },
  { binding = "WITHOUT" },
]
`,
    });
    const bindings = ["WITH_ID", "WITHOUT"];
    const key = (verb, binding, ...args) =>
      p.wrangler("kv", "key", verb, "k", ...args, "--binding", binding, "--local").text.trimEnd();
    for (const binding of bindings) key("put", binding, `of ${binding}`);
    assert.equal(p.cfkv("init").code, 0);
    p.apply();
    for (const binding of bindings) assert.equal(key("get", binding, "--text"), `of ${binding}`);
  });
});
