/**
 * How a method is made of a route: `read`, `list`, `write`, `act` and `bytes` say what it takes after the values of the
 * path, and what it returns. Their types are those of the OpenAPI document (openapi.d.ts).
 */

import { following } from "../request.js";

/** @typedef {(method: string, path: string, options?: import("../request.js").Options) => Promise<Response>} Request */
/** @typedef {import("./types.js").Route} Route */
/** @typedef {import("./types.js").CallOptions} CallOptions */

/** A list, of which the server gives a part at a time: `for await` goes through all of it. @template T */
export class Items {
  #request;
  #path;
  #options;

  /** @param {Request} request  @param {string} path  @param {import("../request.js").Options} options */
  constructor(request, path, options) {
    this.#request = request;
    this.#path = path;
    this.#options = options;
  }

  /** The first part alone, whose length is the query's `limit`. @returns {Promise<T[]>} */
  async page() {
    return (await this.#request("GET", this.#path, this.#options)).json();
  }

  /** @returns {Promise<T[]>} */
  async all() {
    const items = [];
    for await (const item of this) items.push(item);
    return items;
  }

  /** @returns {AsyncGenerator<T, void>} */
  async *[Symbol.asyncIterator]() {
    for (let path = /** @type {string | undefined} */ (this.#path); path; ) {
      const answer = await this.#request("GET", path, this.#options);
      yield* await answer.json();
      path = following(answer);
    }
  }
}

/** Something to be had. @template {Route} R @param {R} route @returns {import("./types.js").Call<R, import("./types.js").Read<R>>} */
export const read = (route) =>
  made(route, (request, method, path, rest, [query, options]) => json(request, method, path + search(query), wanted(options)));

/** Many of them. @template {Route} R @param {R} route @returns {import("./types.js").Call<R, import("./types.js").List<R>>} */
export const list = (route) =>
  made(route, (request, _method, path, rest, [query, options]) => new Items(request, path + search(query), wanted(options)));

/** Something to be changed by a body. @template {Route} R @param {R} route @returns {import("./types.js").Call<R, import("./types.js").Write<R>>} */
export const write = (route) =>
  made(route, (request, method, path, rest, [body, options]) => json(request, method, path, { ...wanted(options), body }));

/** Something to be done without a body. @template {Route} R @param {R} route @returns {import("./types.js").Call<R, import("./types.js").Act<R>>} */
export const act = (route) => made(route, (request, method, path, rest, [options]) => json(request, method, path, wanted(options)));

/** What is no JSON. @template {Route} R @param {R} route @returns {import("./types.js").Call<R, import("./types.js").Bytes<R>>} */
export const bytes = (route) =>
  made(route, async (request, method, path, rest, [query, options]) => (await request(method, path + search(query), wanted(options))).blob());

/** @param {Request} request  @param {string} method  @param {string} path  @param {import("../request.js").Options} options */
async function json(request, method, path, options) {
  const answer = await request(method, path, options);
  return answer.status === 204 ? null : answer.json();
}

/**
 * @param {string} route
 * @param {(request: Request, method: string, path: string, all: any[], rest: any[]) => any} call
 * @returns {any}
 */
function made(route, call) {
  const [method, template] = route.split(" ");
  const names = template.match(/\{\w+\}/g) ?? [];
  const bound = (/** @type {Request} */ request) => (/** @type {any[]} */ ...given) => {
    let at = 0;
    const path = template.replace(/\{\w+\}/g, () => encodeURIComponent(given[at++]));
    return call(request, method, path, given, given.slice(names.length));
  };
  return Object.assign(bound, { route });
}

/** @param {CallOptions} [options] */
function wanted({ signal, key, headers } = {}) {
  return { signal, headers: { ...headers, ...(key && { "Idempotency-Key": key }) } };
}

/** @param {Record<string, any>} [query] */
function search(query = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined && each !== null) given.append(name, each);
  }
  return given.size ? `?${given}` : "";
}
