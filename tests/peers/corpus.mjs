// The wrangler configs of the corpus, as the parsers see them that wrangler itself uses.
//
//   for (const shape of shapes()) …
//   const expected = takeApart(parse(name, bytes))
//   assertDocument(name, bytes, expected)

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";

import * as jsonc from "jsonc-parser";
import * as toml from "smol-toml";

export const CORPUS = join(import.meta.dirname, "../wrangler/corpus");

// How sections are named here, and by tests/support/wrangler_edit, that are no environments.
export const TOP = "-";
export const PREVIEWS = "[previews]";

// Containers that were there, empty, and stood where the editor makes new ones; and lists that lose
// the white space between their brackets.
export const NOT_AS_BEFORE = new Set([
  "allman.jsonc prod",
  "comma-first.jsonc prod",
  "crlf-inline.toml prod",
  "crlf-tabs.jsonc prod",
  "dense-lines.json prod",
  "empty-lists.jsonc prod",
  "empty-members.jsonc [previews]",
  "empty-members.jsonc my env",
  "empty-members.jsonc prod",
  "env-inline-tables.toml prod",
  "inline-empty.toml prod",
  "inline-one-line-env.toml staging",
  "mixed-layout.jsonc staging",
  "one-line-objects.jsonc staging",
  "tabs.json prod",
  "trailing-everywhere.jsonc staging",
]);

export function parse(name, bytes) {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (name.endsWith(".toml")) return JSON.parse(JSON.stringify(toml.parse(text)));
  const errors = [];
  const value = jsonc.parse(text, errors, { allowTrailingComma: true });
  assert.deepEqual(errors, []);
  return value;
}

// The document with a list of bindings in each section, and without these lists in the rest.
export function takeApart(document) {
  const lists = new Map();
  const isEmpty = (table) => Object.keys(table).length === 0;
  const take = (section, table) => {
    if (table.kv_namespaces?.length) lists.set(section, table.kv_namespaces);
    delete table.kv_namespaces;
    return table;
  };
  take(TOP, document);
  if (document.previews && isEmpty(take(PREVIEWS, document.previews))) delete document.previews;
  for (const [env, table] of Object.entries(document.env ?? {})) if (isEmpty(take(env, table))) delete document.env[env];
  if (document.env && isEmpty(document.env)) delete document.env;
  return { lists, rest: document };
}

// That a file says what is expected: the same rest, and in each section the same bindings.
export function assertDocument(name, bytes, expected) {
  const { lists, rest } = takeApart(parse(name, bytes));
  assert.deepEqual(rest, expected.rest);
  for (const env of new Set([...lists.keys(), ...expected.lists.keys()]))
    assert.deepEqual(lists.get(env) ?? [], expected.lists.get(env) ?? [], env);
}

function tableOf(document, section) {
  if (section === TOP) return document;
  return section === PREVIEWS ? (document.previews ??= {}) : ((document.env ??= {})[section] ??= {});
}

// The document with these lists of bindings in its sections.
export function withLists(document, lists) {
  for (const [section, list] of lists) {
    const table = tableOf(document, section);
    if (list.length || table.kv_namespaces) table.kv_namespaces = list;
  }
  return document;
}

// Every file, with the name that wrangler would find it by.
export function shapes() {
  return readdirSync(CORPUS)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(CORPUS, name));
      return { name, bytes, config: `wrangler${extname(name)}` };
    });
}
