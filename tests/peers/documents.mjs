// The documents of cfkv, judged by its own schemas and by ajv, which knows nothing of cfkv.
//
//   const judge = new Judge((...args) => JSON.parse(cfkv(...args)));
//   judge.problem({ args: ["plan", "--json"], code: 0, out: "{…}" }) → undefined, or what is wrong
//   judge.problem({ state: "{…}" })
//
// What the program printed has to be the document of its command where it ended well, else that or
// `diagnostics`.

import Ajv from "ajv/dist/2020.js";

const DONE = [0, 2]; // differences are no failure

// What is printed then is no document, or stands in a file.
const ELSEWHERE = ["--help", "-h", "--output", "-o"];

// Commands whose --json is no one document: `output NAME` prints any value, `schema NAME` a schema.
const ANY = (command, words) => ["output", "schema"].includes(command) && words.some((word) => !word.startsWith("-"));

function parse(text) {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `no JSON: ${error.message}` };
  }
}

export class Judge {
  #ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: true, allErrors: true });
  schemas = new Map(); // by the name of the document
  byCommand = new Map(); // the names of documents

  constructor(run) {
    for (const { name, commands } of run("schema", "--json").documents) {
      this.schemas.set(name, run("schema", ...name.split(" ")));
      for (const command of commands) this.byCommand.set(command, name);
    }
    for (const schema of this.schemas.values()) this.#ajv.addSchema(schema);
  }

  // What ajv says against a value; undefined: nothing.
  against(name, value) {
    const validate = this.#ajv.getSchema(this.schemas.get(name).$id);
    if (validate(value)) return undefined;
    const errors = validate.errors.map((e) => `${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`);
    return `no ${name}: ${[...new Set(errors)].slice(0, 12).join("; ")}`;
  }

  // The command of a line, by the first words that are one, and the words behind it.
  #command(args) {
    for (let at = 0; at < args.length; at++)
      for (let n = 3; n > 0; n--) {
        const name = args.slice(at, at + n).join(" ");
        if (this.byCommand.has(name)) return [name, args.slice(at + n)];
      }
    return [undefined, args];
  }

  // The name of the document that something is, as far as its schema tells; undefined: of none.
  document({ args, code, out, state }) {
    if (state !== undefined) return "state";
    const own = this.byCommand.get(this.#command(args)[0]);
    if (DONE.includes(code)) return own;
    return own && !this.against(own, parse(out).value) ? own : "diagnostics";
  }

  #printed({ args, code, out }) {
    const [command, words] = this.#command(args);
    const done = DONE.includes(code);
    if (ELSEWHERE.some((option) => args.includes(option))) return undefined;
    if (out === "") return args.includes("--json") ? "nothing was printed" : undefined;
    const { value, error } = parse(out);
    if (error) return error;
    if (done && !command) return "no schema";
    if (done && ANY(command, words)) return undefined;
    const own = command && this.against(this.byCommand.get(command), value);
    if (done || (command && own === undefined)) return own;
    return this.against("diagnostics", value);
  }

  problem(document) {
    if (document.state === undefined) return this.#printed(document);
    const { value, error } = parse(document.state);
    return error ?? this.against("state", value);
  }
}
