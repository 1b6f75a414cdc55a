// Documents that are not what a schema says: one member is gone, has another name or is of another type,
// or there is one too many. A schema that takes one of them checks nothing there.
//
//   for (const { value, what } of mutants("plan", document)) …

// Places where anything may stand; * is an element or a name.
const ANY = [
  "plan/actions/*/before/metadata",
  "plan/actions/*/after/metadata",
  "plan/actions/*/before/create_options",
  "plan/actions/*/after/create_options",
  "plan/outputs/*/before",
  "plan/outputs/*/after",
  "drift/drift/*/before/metadata",
  "drift/drift/*/after/metadata",
  "apply/outputs/*",
  "sweep/outputs/*",
  "eval/outputs/*",
  "eval/namespaces/*/puts/*/metadata",
  "eval/namespaces/*/create_options",
  "eval/inputs/*/default",
  "inputs/inputs/*/default",
  "help/fields/*/*/default",
  "help/fields/*/*/fields/*/default",
  "state show/create_options",
  "state/outputs/*/value",
  "output/*",
  "kv key list/*/metadata",
  "kv key get/metadata",
  "kv bulk get/*/metadata",
];

// Objects whose members people name.
const MAPS = [
  "output",
  "apply/outputs",
  "sweep/outputs",
  "eval/outputs",
  "eval/project/accounts",
  "eval/wrangler/*/environments",
  "eval/wrangler/*/bindings",
  "help/fields",
  "help/types",
  "state/accounts",
  "state/accounts/*/namespaces",
  "state/accounts/*/namespaces/*/bulk",
  "state/accounts/*/namespaces/*/create_options",
  "state/accounts/*/namespaces/*/keys",
  "state/outputs",
  "state/outputs/*/namespaces",
  "state/settings/accounts",
  "state/wrangler",
  "state/wrangler/*",
  "state/wrangler/*/*",
];

// Members that need not be there.
const OPTIONAL = [
  /^(plan|drift)\/.*\/(before|after)\/(bytes|expiration|expiration_ttl|metadata|value|preview_id)$/,
  /^plan\/actions\/\*\/(before|after)\/bindings\/\*\/preview_id$/,
  /^kv key (list\/\*|get)\/(base64|expiration|metadata)$/,
  /^kv bulk get\/\*\/(base64|expiration|metadata)$/,
  /^kv key put\/(backup|expiration|expiration_ttl)$/,
  /^help\/(lua\/\*\/(params|returns)|types\/\*\/fields)\/\*\/optional$/,
  /^help\/fields\/\*(\/\*|\/fields)*\/(choices|default|max|max_bytes|max_characters|min|or_text|or_zero|unit|fields)$/,
  /\/?(jurisdiction|mode)$/,
  /^state\/(settings|wrangler)(\/|$)/,
  /^state\/outputs\/\*\/namespaces$/,
  /^state\/accounts\/\*\/creating$/,
  /^state\/accounts\/\*\/namespaces\/\*\/(binding|borrowed|create_options|created|description|env|on_remove|owner|protect|prunes)$/,
  /^state\/accounts\/\*\/namespaces\/\*\/keys\/\*\/(expiration|origin|secret|ttl)$/,
];

// Of no type that a member has; a map may hold anything.
const ODD = { "no member": [{}] };
const NUMBER = -0.5;

// The value at a path of it replaced by what `change` makes of its parent.
function changed(document, path, change) {
  const copy = structuredClone(document);
  let parent = copy;
  for (const step of path.slice(0, -1)) parent = parent[step];
  change(parent, path.at(-1));
  return copy;
}

// What tells the elements of a list apart: those of one look are mutated once.
function look(value) {
  if (value === null || typeof value !== "object") return typeof value;
  const members = Object.entries(value).map(([name, member]) => `${name}:${member === null ? "null" : typeof member}`);
  return [...members, value.kind, value.check, value.finding].join();
}

function oneOfEachLook(items) {
  const seen = new Set();
  return [...items.entries()].filter(([, item]) => !seen.has(look(item)) && seen.add(look(item)));
}

function* at(place, document, path, value, parent) {
  if (ANY.includes(place)) return;
  const named = path.length > 0 && !Array.isArray(parent);
  const free = MAPS.includes(place.slice(0, place.lastIndexOf("/")));
  const mutant = (what, change) => ({ what: `${place} ${what}`, value: changed(document, path, change) });
  if (path.length > 0) yield mutant("that is a number", (o, name) => (o[name] = NUMBER));
  if (path.length > 0 && !MAPS.includes(place)) yield mutant("that is an object", (o, name) => (o[name] = ODD));
  if (named && !free) {
    yield mutant("under another name", (o, name) => ((o[`${name}_`] = o[name]), delete o[name]));
    if (!OPTIONAL.some((pattern) => pattern.test(place))) yield mutant("left out", (o, name) => delete o[name]);
  }
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) {
    for (const [i, item] of oneOfEachLook(value)) yield* at(`${place}/*`, document, [...path, i], item, value);
    return;
  }
  const map = MAPS.includes(place);
  if (!map) yield { what: `a further member in ${place}`, value: changed(document, [...path, "further"], (o, name) => (o[name] = 1)) };
  for (const [name, member] of Object.entries(value))
    yield* at(`${place}/${map ? "*" : name}`, document, [...path, name], member, value);
}

export function* mutants(name, document) {
  yield* at(name, document, [], document, null);
}
