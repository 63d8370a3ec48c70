// The three questions to the server, from a page or from the service worker. Knows the addresses and what the
// answers mean, nothing of what is done with them. Source: docs/contingency.md.

/** Longest time for the small question and for the others, in milliseconds. */
const QUICK = 4000;
const PATIENCE = 20_000;
/** A machine in between answers with these when the program itself cannot be reached. */
export const GATEWAY = new Set([502, 503, 504]);

/** The server was not reached. */
export class Unreachable extends Error {}

/** The server answered and did not do it; `word` says why: signed_out, no_shift, locked, … */
export class Declined extends Error {
  constructor(word) {
    super(word);
    this.word = word;
  }
}

/** The present CSRF token; it changes when somebody signs in. */
export async function csrfToken() {
  if (!globalThis.document) return (await globalThis.cookieStore?.get("csrftoken"))?.value ?? "";
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

async function ask(url, options, patience) {
  let response;
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(patience), cache: "no-store", redirect: "manual" });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  if (response.ok || response.status === 304) return response;
  const word = await response.json().then((body) => body.error, () => "");
  if (GATEWAY.has(response.status) && !word) throw new Unreachable(`status ${response.status}`);
  throw new Declined(word || `status ${response.status}`);
}

/** Whether the link is back: rejects while it is not. */
export const signal = (urls) => ask(urls.signal, {}, QUICK);

/** The snapshot: {body, etag, at}; without a body the one at hand is as good as new. `at` is the server's time. */
export async function fetchSnapshot(urls, etag) {
  const response = await ask(urls.snapshot, { headers: etag ? { "If-None-Match": etag } : {} }, PATIENCE);
  const at = Date.parse(response.headers.get("Date")) / 1000;
  if (response.status === 304) return { at };
  const body = await response.json();
  return { body, etag: response.headers.get("ETag"), at: body.made_at };
}

/** Hand scans over; resolves to the answers. */
export async function deliver(urls, items) {
  const body = items.map(({ id, code, happened_at, position, shown, shift }) => ({ id, code, happened_at, position, shown, shift }));
  const response = await ask(urls.delivery, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": await csrfToken() },
    body: JSON.stringify({ sent_at: new Date().toISOString(), items: body }),
  }, PATIENCE);
  return (await response.json()).items;
}
