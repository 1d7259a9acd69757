/** Requests to the REST interface, which is where the page comes from. */

/**
 * The server has refused: `status`, `code`, which never changes (docs/requests.md), the `fields` that are not good, and all
 * that it `told`.
 */
export class Problem extends Error {
  /** @param {number} status  @param {{ code?: string, detail?: string, errors?: { path: string, expected: string }[] }} told */
  constructor(status, told) {
    const { code = "unknown", detail = `The server answered ${status}.`, errors = [] } = told;
    // With `errors` the detail is the first of them, in words.
    super(errors.length ? errors.map(({ path, expected }) => `${path}: expected ${expected}.`).join(" ") : detail);
    this.status = status;
    this.code = code;
    /** @type {Record<string, any>} */
    this.told = told;
    this.fields = errors.map(({ path }) => path);
  }
}

/** There was no answer. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached just now.");
  }
}

/**
 * The answer. `body` is sent as JSON, unless it is a Blob; `signal` ends the waiting. With `cookies` the browser's are
 * sent and taken, under a header that says whose request it is, since no other site can send that. Problem or Unreachable.
 *
 * @param {string} method
 * @param {string} path without the /api that it begins with
 * @param {{ token?: string, body?: any, signal?: AbortSignal, cookies?: boolean }} [options]
 */
export async function send(method, path, { token, body, signal, cookies = false } = {}) {
  const headers = new Headers();
  if (cookies) headers.set("Fechatter-Session", "cookie");
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (body !== undefined && !(body instanceof Blob)) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/api${path}`, { method, headers, body, signal, credentials: cookies ? "same-origin" : "omit" });
  } catch {
    throw new Unreachable();
  }
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  return answer;
}
