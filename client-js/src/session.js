/** Who is signed in, for programs; pages have a session of their own, whose refresh token no script can read (web/lib/session.js). */

import { SignedOut } from "./request.js";

const SPARE_MS = 30_000;

/** A personal access token, which is good until it ends. @param {string} token */
export function personal(token) {
  return async (/** @type {string} */ refused = "") => {
    if (refused === token) throw new SignedOut();
    return token;
  };
}

/** A session that began with a password. Only the newest refresh token is good: `kept` is called with each. */
export class Session {
  #send;
  #kept;
  #now;
  #refreshToken = "";
  #token = "";
  #staleAt = 0;
  /** @type {Promise<void> | null} */
  #refreshing = null;
  /** @type {{ id: number, fullname: string } | null} */
  user = null;

  /** @param {{ send: import("./request.js").Send, kept?: (refreshToken: string) => void, now?: () => number }} options */
  constructor({ send, kept = () => {}, now = () => Date.now() }) {
    this.#send = send;
    this.#kept = kept;
    this.#now = now;
  }

  /** @param {string} email  @param {string} password  @param {{ device_token?: string }} [more] */
  async signIn(email, password, more = {}) {
    return this.#take(await this.#send("POST", "/auth/signin", { body: { email, password, ...more } }));
  }

  /** @param {{ fullname: string, email: string, password: string, invite?: string, workspace?: string, username?: string }} account */
  async signUp(account) {
    return this.#take(await this.#send("POST", "/auth/signup", { body: account }));
  }

  /** Goes on with a refresh token that was kept. @param {string} refreshToken */
  async resume(refreshToken) {
    this.#refreshToken = refreshToken;
    await this.#refresh();
    return this.user;
  }

  async signOut() {
    await this.#send("POST", "/auth/logout", { token: await this.token() });
    this.#forget();
  }

  /** An access token that is good, and not the one that was refused. @param {string} [refused] */
  token = async (refused) => {
    if (!this.#refreshToken) throw new SignedOut();
    if (this.#token === refused || this.#now() >= this.#staleAt) {
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
      await this.#refreshing;
    }
    return this.#token;
  };

  async #refresh() {
    try {
      await this.#take(await this.#send("POST", "/auth/refresh", { body: { refresh_token: this.#refreshToken } }));
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      this.#forget();
      throw new SignedOut();
    }
  }

  /** @param {Response} response */
  async #take(response) {
    const { token, refresh_token, user } = await response.json();
    // By this machine's clock, which may be wrong, only how long a token lives can be told.
    const { iat, exp } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    this.#staleAt = this.#now() + Math.max((exp - iat) * 750, (exp - iat) * 1000 - SPARE_MS);
    this.#token = token;
    this.#refreshToken = refresh_token;
    this.user = user;
    this.#kept(refresh_token);
    return user;
  }

  #forget() {
    this.#token = this.#refreshToken = "";
    this.user = null;
  }
}
