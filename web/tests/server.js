/** A REST interface that is real as far as HTTP goes: what pages ask for with `fetch` reaches it. */

import { createServer } from "node:http";

const realFetch = globalThis.fetch;

export class Server {
  /** Of each request "METHOD path", and its body. */
  asked = [];
  refused = new Set(); // access tokens
  lives = 900; // seconds of an access token
  used = []; // refresh tokens
  #made = 0;
  #refresh = null;
  #cookie = null; // the browser's

  static async started() {
    const server = new Server();
    server.http = createServer((request, response) => server.#answer(request, response));
    await new Promise((resolve) => server.http.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${server.http.address().port}`;
    globalThis.fetch = (path, options) => server.#fetch(base + path, options);
    return server;
  }

  /** As a browser does: the cookie goes with requests that ask for it, and is taken from their answers. */
  async #fetch(url, { credentials, headers, ...options }) {
    if (credentials === "same-origin" && this.#cookie) headers.set("Cookie", this.#cookie);
    const answer = await realFetch(url, { ...options, headers });
    const [set] = answer.headers.getSetCookie();
    if (credentials === "same-origin" && set) this.#cookie = set;
    return answer;
  }

  /** Ends every session: its refresh token is good no more. */
  end() {
    this.#refresh = null;
  }

  stop() {
    this.http.closeAllConnections();
    return new Promise((resolve) => this.http.close(resolve));
  }

  async #answer(request, response) {
    let text = "";
    for await (const part of request) text += part;
    const body = text && request.headers["content-type"] === "application/json" ? JSON.parse(text) : text;
    const path = request.url.replace(/^\/api/, "");
    this.asked.push({ what: `${request.method} ${path}`, body, headers: request.headers });
    const [status, answer, headers = {}] = this.#route(path, request.headers);
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", ...headers });
    response.end(answer === null ? undefined : JSON.stringify(answer));
  }

  #route(path, { authorization, cookie, "fechatter-session": asker }) {
    const token = authorization?.replace("Bearer ", "");
    const [where, query] = path.split("?");
    if (where === "/auth/signin") return [201, ...this.#session()];
    if (where === "/auth/refresh") {
      const given = asker === "cookie" && cookie;
      this.used.push(given);
      return given === this.#refresh ? [200, ...this.#session()] : [401, { code: "unauthorized", detail: "No." }];
    }
    if (where === "/auth/logout") return [204, null];
    if (!token || this.refused.has(token)) return [401, { code: "unauthorized", detail: "No." }];
    if (where === "/things") {
      const page = Number(new URLSearchParams(query).get("page") ?? 1);
      return [200, [page * 2 - 1, page * 2], page < 3 ? { link: `</api/things?page=${page + 1}>; rel="next"` } : {}];
    }
    if (where === "/bad") return [422, { code: "validation_failed", detail: "x", errors: [{ path: "name", expected: "a string" }, { path: "age", expected: "an integer" }] }];
    if (where === "/gone") return [204, null];
    return [200, { token }];
  }

  #session() {
    const [iat, count] = [Math.floor(Date.now() / 1000), ++this.#made];
    const claims = Buffer.from(JSON.stringify({ iat, exp: iat + this.lives, count })).toString("base64url");
    this.#refresh = `session=${count}`;
    const answer = { token: `e30.${claims}.x`, refresh_token: null, device_token: "device", user: { id: 1, fullname: "Ada" } };
    return [answer, { "set-cookie": this.#refresh }];
  }
}
