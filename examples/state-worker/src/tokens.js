// Who may come in. The Worker knows SHA-256 digests of tokens, never a token:
//
//   TOKEN_SHA256        of those that may do everything
//   READ_TOKEN_SHA256   of those that may only read (a plan needs no more)
//
// Each holds one or more digests, 64 hex digits, with blanks between them; `shop=DIGEST` counts for
// the project `shop` alone. Two at a time is how a token is replaced without a gap.

import { Refusal } from "./answers.js";
import { ofBase64, ofHex } from "./bytes.js";

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)=)?([0-9a-fA-F]{64})$/;

function digestsOf(env, name, writes) {
  const words = (env[name] ?? "").split(/[\s,]+/).filter((word) => word !== "");
  return words.map((word) => {
    const [, project, hex] = ENTRY.exec(word) ?? [];
    // Not a word of what is there: it may be the token itself.
    if (!hex) throw new Refusal(503, `${name} holds something else than SHA-256 digests of 64 hex digits`);
    return { project, writes, digest: ofHex(hex) };
  });
}

// The bytes of the token of a request: `Bearer TOKEN`, or the password of `Basic`, whatever the user.
function tokenOf(request) {
  const [, scheme, rest] = /^(\S+) +(\S+) *$/.exec(request.headers.get("authorization") ?? "") ?? [];
  if (/^bearer$/i.test(scheme)) return new TextEncoder().encode(rest);
  if (!/^basic$/i.test(scheme)) return null;
  try {
    const bytes = ofBase64(rest);
    const colon = bytes.indexOf(":".charCodeAt(0));
    return colon < 0 ? null : bytes.subarray(colon + 1);
  } catch {
    return null; // no base64
  }
}

// What the token of a request allows in a project: { read, write }. 503 as long as no digest is
// set. Every digest is compared, each in constant time, so that the time tells nothing.
export async function allowed(request, env, project) {
  const known = [...digestsOf(env, "TOKEN_SHA256", true), ...digestsOf(env, "READ_TOKEN_SHA256", false)];
  if (!known.some(({ writes }) => writes))
    throw new Refusal(503, "no token is set: run `wrangler secret put TOKEN_SHA256` (see the README)");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", tokenOf(request) ?? new Uint8Array()));
  let read = false;
  let write = false;
  for (const one of known) {
    const same = crypto.subtle.timingSafeEqual(digest, one.digest);
    const here = one.project === undefined || one.project === project;
    read = (same && here) || read;
    write = (same && here && one.writes) || write;
  }
  return { read, write };
}
