// What `cfkv export` writes, read by parsers that are not ours: JSON's own, and `yaml`, as version 1.2 and as
// version 1.1, which half of the tools still are. Keys, values, metadata and titles come out as they were put in.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { parseAllDocuments } from "yaml";

import { Project, luaString } from "./support.mjs";

const ACCOUNT = "a1".repeat(16);

const TEXTS = [
  "plain", "it's", 'a "b" `c` \\ \\n', "$HOME ${x} $${y} $$ $", "%{if x} %%{y} %", "a\nb\n", "\n", "a\r\nb\r", "\ttab ",
  " - item", "# note", "key: value", "@at", "*ref", "&anchor", "!tag", "null", "~", "true", "No", "y", "0x1F", "1e3", "-1", "1_000",
  "010", "12:30:45", ".inf", "2026-11-30", "[1]", "{a: 1}", "<<", "=", "|", ">", "?", "- ", "é – 日本 😀", "\u2028\u0085\ufeff",
  "\u0001\u001b[31m\u007f\u0000", "{{ .Values.x }}", "---", "...", "'", '"', "</script>", "x".repeat(5000), "\ud7ff\ue000\ufffd",
];

// As Lua writes any text.
const lua = (text) => `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;

const configuration = `local cfkv = require "cfkv"
cfkv.project { name = "peers", account_id = ${luaString(ACCOUNT)}, title_max = 512 }
${TEXTS.map((text, i) => `
do
  local ns = cfkv.namespace { title = ${lua(`${text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim().slice(0, 40)} ${i}`)}, description = "d" }
  ns:put(${lua(`${text.slice(0, 100)}-${i}`)}, ${lua(text)}, { metadata = { text = ${lua(text.slice(0, 200))} } })
end`).join("")}
`;

// ---- What each format holds ----------------------------------------------------------------------

function yamlOf(text, version) {
  const documents = parseAllDocuments(text, { version, strict: true });
  for (const document of documents) {
    assert.deepEqual(document.errors, []);
    assert.deepEqual(document.warnings, []);
  }
  return documents.map((document) => document.toJS());
}

// { titles, keys: { name: [value, metadata] } }, of all that a format's files say.
const readers = {
  terraform(files) {
    const [text] = Object.values(files);
    const { resource } = JSON.parse(text);
    const literal = (s) => s.replaceAll("$${", "${").replaceAll("%%{", "%{");
    return {
      titles: Object.values(resource.cloudflare_workers_kv_namespace).map((ns) => literal(ns.title)),
      keys: Object.values(resource.cloudflare_workers_kv).map((kv) => [kv.key_name, kv.value, kv.metadata].map(literal)),
    };
  },

  pulumi(files, version) {
    const [{ resources }] = yamlOf(files["Pulumi.yaml"], version);
    const literal = (s) => s.replaceAll("$$", "$");
    const of = (type) => Object.values(resources).filter((r) => r.type.endsWith(type)).map((r) => r.properties);
    assert.deepEqual(JSON.parse(files["import.json"]), { resources: [] });
    return {
      titles: of(":WorkersKvNamespace").map((ns) => literal(ns.title)),
      keys: of(":WorkersKv").map((kv) => [kv.keyName, kv.value, kv.metadata].map(literal)),
    };
  },

  crossplane(files, version) {
    const manifests = Object.values(files).flatMap((text) => yamlOf(text, version)).filter((m) => m !== null);
    const of = (kind) => manifests.filter((m) => m.kind === kind).map((m) => m.spec.forProvider);
    return {
      titles: of("KvNamespace").map((ns) => ns.title),
      keys: of("Kv").map((kv) => [kv.keyName, kv.value, kv.metadata]),
    };
  },

  planton(files, version) {
    const manifests = Object.values(files).flatMap((text) => yamlOf(text, version)).filter((m) => m !== null);
    const of = (kind) => manifests.filter((m) => m.kind === kind).map((m) => m.spec);
    return {
      titles: of("CloudflareKvNamespace").map((ns) => ns.namespaceName),
      keys: of("CloudflareWorkersKvPair").map((kv) => [kv.keyName, kv.value, kv.metadata]),
    };
  },
};

describe("an export", () => {
  let p, wanted;

  before(() => {
    p = new Project({ "kv.lua": configuration });
    const r = p.cfkv("eval");
    assert.equal(r.code, 0, r.stderr);
    const { namespaces } = JSON.parse(r.text);
    wanted = {
      titles: namespaces.map((ns) => ns.title),
      keys: namespaces.flatMap((ns) => ns.puts.map((put) => [put.key, put.value, put.metadata])),
    };
    assert.equal(wanted.keys.length, TEXTS.length);
  });

  after(() => p[Symbol.dispose]());

  const byKey = (a, b) => (a[0] < b[0] ? -1 : 1);

  for (const [format, read] of Object.entries(readers))
    for (const version of format === "terraform" ? [""] : ["1.1", "1.2"])
      it(`to ${format} holds what was declared${version && `, for parsers of YAML ${version}`}`, () => {
        const folder = `${format}-${version}`;
        const r = p.cfkv("export", "--to", format, "-o", `${folder}/`);
        assert.equal(r.code, 0, r.stderr);
        const files = Object.fromEntries(readdirSync(p.path(folder)).map((name) => [name, p.read(`${folder}/${name}`)]));
        const found = read(files, version || undefined);
        assert.deepEqual(found.titles.sort(), [...wanted.titles].sort());
        const keys = found.keys.map(([key, value, metadata]) => [key, value, JSON.parse(metadata)]);
        assert.deepEqual(keys.sort(byKey), [...wanted.keys].sort(byKey));
      });
});
