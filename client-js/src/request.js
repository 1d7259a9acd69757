/** Requests to the REST interface (docs/requests.md). */

/**
 * The server has refused: `status`, `code`, which never changes, the `fields` that are not good, all that it `told`, and the
 * seconds to wait before the next attempt (`retryAfter`), where it says so.
 */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string, errors?: { path: string, expected: string }[] }} told
   * @param {number | null} [retryAfter]
   */
  constructor(status, told, retryAfter = null) {
    const { code = "unknown", detail = `The server answered ${status}.`, errors = [] } = told;
    // With `errors` the detail is the first of them, in words.
    super(errors.length ? errors.map(({ path, expected }) => `${path}: expected ${expected}.`).join(" ") : detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    /** @type {Record<string, any>} */
    this.told = told;
    this.fields = errors.map(({ path }) => path);
    this.retryAfter = retryAfter;
  }
}

/** There was no answer. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached just now.");
    this.name = "Unreachable";
  }
}

export class SignedOut extends Error {
  constructor() {
    super("You are signed out.");
    this.name = "SignedOut";
  }
}

/** @typedef {{ body?: any, signal?: AbortSignal, headers?: Record<string, string>, cookies?: boolean }} Options */
/** @typedef {(method: string, path: string, options?: Options & { token?: string }) => Promise<Response>} Send */

/**
 * How to send requests to a server: `base` is its address, "" for the one that a page comes from. What it returns answers,
 * or throws Problem, Unreachable, or the reason of its `signal`. A `path` is without the /api that it begins with; `body` is
 * sent as JSON, unless it is bytes. With `cookies` the browser's are sent and taken, under a header that says whose request
 * it is, since no other site can send that.
 *
 * @param {{ base?: string, fetch?: typeof globalThis.fetch }} [where]
 * @returns {Send}
 */
export function sender({ base = "", fetch } = {}) {
  return async (method, path, { token, body, signal, cookies = false, headers: more } = {}) => {
    const headers = new Headers(more);
    if (cookies) headers.set("Fechatter-Session", "cookie");
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (body !== undefined && !isBytes(body)) {
      if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
      body = JSON.stringify(body);
    }
    let answer;
    try {
      const ask = fetch ?? globalThis.fetch;
      answer = await ask(`${base}/api${path}`, { method, headers, body, signal, credentials: cookies ? "same-origin" : "omit" });
    } catch {
      if (signal?.aborted && signal.reason?.name !== "TimeoutError") throw signal.reason;
      throw new Unreachable();
    }
    if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})), seconds(answer.headers.get("Retry-After")));
    return answer;
  };
}

/**
 * Sends with a token, which is renewed once where the server refuses it.
 *
 * @param {Send} send
 * @param {(refused?: string) => Promise<string>} token an access token that is good, and not the one that was `refused`
 * @returns {(method: string, path: string, options?: Options) => Promise<Response>}
 */
export function authorized(send, token) {
  return async (method, path, options = {}) => {
    const first = await token();
    try {
      return await send(method, path, { ...options, token: first });
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      return send(method, path, { ...options, token: await token(first) });
    }
  };
}

/** The path of a list's next part (of a Link header), without the /api. @param {Response} answer */
export function following(answer) {
  return answer.headers.get("Link")?.match(/<\/api([^>]+)>; rel="next"/)?.[1];
}

/** @param {unknown} body */
function isBytes(body) {
  return body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

/** @param {string | null} header */
function seconds(header) {
  const number = Number(header ?? NaN);
  return Number.isFinite(number) ? number : null;
}
