// What `wrangler dev` would see in a store: one miniflare, opened when it is first asked and kept open
// over a folder `.wrangler/state/v3`, that reads and writes the namespace of any word.
//
//   await using judge = new StoreJudge(v3);
//   await judge.put([{ word: "<YOUR_ID>", key: "k", value: Buffer.from("v"), metadata: { n: 1 } }]);
//   (await judge.read(["<YOUR_ID>"])).get("<YOUR_ID>") // Map of key → { value, metadata, expiration }
//
// miniflare is the one that the installed wrangler brings. It binds a namespace of a fixed word; here
// the words come with the requests, as its own explorer has it.

import { createRequire } from "node:module";
import { join } from "node:path";

const here = import.meta.dirname;
const require = createRequire(join(here, "node_modules/wrangler/package.json"));

const SELF = import.meta.filename;
const PLUGIN = "kv-of-any-word";

// miniflare loads this file again for them: a binding to the worker that stands before every local
// namespace, without one of them.
export const plugins = {
  [PLUGIN]: {
    getBindings: (options) =>
      Object.entries(options.config?.env ?? {})
        .filter(([, binding]) => binding.type === `unsafe:${PLUGIN}`)
        .map(([name]) => ({ name, service: { name: "kv:ns:entry" } })),
    getNodeBindings: () => ({}),
    getServices: () => [],
  },
};

// In the Worker: POST { puts, words } → for each word its entries.
const SCRIPT = `
const page = (env, word, path, init = {}) =>
  env.ENTRY.fetch("http://kv/" + path, { ...init, headers: { ...init.headers, "MF-Namespace": word } });

async function put(env, { word, key, value, metadata, expiration }) {
  const query = new URLSearchParams({ urlencoded: "true" });
  if (expiration) query.set("expiration", String(expiration));
  const headers = metadata === undefined ? {} : { "CF-KV-Metadata": JSON.stringify(metadata) };
  const body = Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
  const r = await page(env, word, encodeURIComponent(key) + "?" + query, { method: "PUT", body, headers });
  if (!r.ok) throw new Error("put " + word + " " + key + ": " + r.status + " " + await r.text());
}

async function read(env, word) {
  const listed = await (await page(env, word, "?key_count_limit=1000")).json();
  if (!listed.list_complete) throw new Error("more than 1000 keys");
  return Promise.all(listed.keys.map(async ({ name, metadata, expiration }) => {
    const r = await page(env, word, encodeURIComponent(name) + "?urlencoded=true");
    const bytes = new Uint8Array(await r.arrayBuffer());
    const value = r.ok ? btoa(String.fromCharCode(...bytes)) : null;
    return { key: name, value, metadata, expiration };
  }));
}

export default {
  async fetch(request, env) {
    const { puts, words } = await request.json();
    for (const one of puts) await put(env, one);
    return Response.json(await Promise.all(words.map((word) => read(env, word))));
  },
};
`;

export class StoreJudge {
  #miniflare;

  constructor(v3) {
    this.v3 = v3;
  }

  async #open() {
    const { Miniflare, convertV4MiniflareOptions } = require("miniflare");
    const options = {
      modules: true,
      script: SCRIPT,
      compatibilityDate: "2026-01-01",
      resourcePersistencePath: this.v3,
      kvNamespaces: { ANY: "any" },
      unsafeBindings: [{ name: "ENTRY", type: PLUGIN, plugin: { package: SELF, name: PLUGIN }, options: {} }],
      cf: false,
    };
    const miniflare = new Miniflare(convertV4MiniflareOptions(options));
    await miniflare.ready;
    return miniflare;
  }

  async #ask(body) {
    this.#miniflare ??= await this.#open();
    const r = await this.#miniflare.dispatchFetch("http://judge/", { method: "POST", body: JSON.stringify(body) });
    if (!r.ok) throw new Error(await r.text());
    return r.json();
  }

  async put(entries) {
    const puts = entries.map((entry) => ({ ...entry, value: entry.value.toString("base64") }));
    if (puts.length > 0) await this.#ask({ puts, words: [] });
  }

  // Without keys that are listed and have no value: all that a word such as ".hidden" ever has.
  async read(words) {
    const lists = await this.#ask({ puts: [], words });
    const map = (list) => new Map(list.filter(({ value }) => value !== null).map(({ key, ...rest }) => [key, rest]));
    return new Map(words.map((word, i) => [word, map(lists[i])]));
  }

  // Lets go of all databases, until it is asked again.
  async close() {
    await this.#miniflare?.dispose();
    this.#miniflare = undefined;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}
