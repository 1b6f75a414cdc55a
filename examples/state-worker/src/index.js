// A state server for cfkv and for Terraform's backend "http", on Cloudflare: this Worker lets in who
// has a token, and hands the request to the Durable Object of the project (project.js).

import { Refusal } from "./answers.js";
import { routeOf } from "./route.js";
import { allowed } from "./tokens.js";

export { Project } from "./project.js";

const READS = ["GET", "HEAD"];

// A token that came in the clear is not a secret any more; nobody shall get used to it.
function demandTls({ protocol, hostname }) {
  if (protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname)) return;
  throw new Refusal(403, "https only; a token that was sent over http should be replaced");
}

async function admit(request, env, route) {
  const { read, write } = await allowed(request, env, route?.project);
  if (!read) {
    const headers = { "www-authenticate": 'Basic realm="cfkv state", charset="UTF-8"' };
    throw new Refusal(401, "no token, or not one that is known here", { headers });
  }
  // Not 404: to clients that says that there is no state, and they begin a new one.
  if (!route) throw new Refusal(400, "the path of a state is /PROJECT/NAME, of letters, digits, '.', '_' and '-'");
  if (!write && !READS.includes(request.method)) throw new Refusal(403, "this token may only read");
}

async function serve(request, env) {
  const url = new URL(request.url);
  demandTls(url);
  const route = routeOf(url);
  await admit(request, env, route);
  const inner = new Request(request);
  inner.headers.delete("authorization"); // it goes no further
  return env.PROJECTS.get(env.PROJECTS.idFromName(route.project)).fetch(inner);
}

export default {
  async fetch(request, env) {
    try {
      return await serve(request, env);
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      // The platform's: the object is overloaded, restarted or out of its plan. It may have
      // happened; clients read before they try again.
      console.error(`${request.method} ${new URL(request.url).pathname}: ${error}`);
      return new Refusal(503, "the object of this project cannot be reached", { headers: { "retry-after": "1" } }).answer();
    }
  },
};
