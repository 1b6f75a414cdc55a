// Answers that tell what is wrong in words: { "error": "…" }, or the JSON of who holds the lock.

export class Refusal extends Error {
  // `body`: what is answered instead of the words alone.
  constructor(status, words, { body, headers } = {}) {
    super(words);
    this.status = status;
    this.body = body ?? { error: words };
    this.headers = headers;
  }

  answer() {
    return json(this.status, this.body, this.headers);
  }
}

// no-transform: what is compressed on its way gets a weak ETag. Date: by it clients reckon leases.
export function common(headers = {}) {
  return {
    "cache-control": "no-store, no-transform",
    date: new Date().toUTCString(),
    "x-content-type-options": "nosniff",
    ...headers,
  };
}

export function json(status, body, headers = {}) {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: common({ "content-type": "application/json", ...headers }),
  });
}

export function empty(status, headers) {
  return new Response(null, { status, headers: common(headers) });
}
