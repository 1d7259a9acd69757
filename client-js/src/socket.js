/**
 * A WebSocket that comes back: the one way in which clients hold a connection open. It says when to connect; what is said on
 * it is its owner's affair.
 *
 * - After a loss it waits: at first a moment, then twice as long each time, up to `longest`. Each wait is random between
 *   half of that and all of it, so that the clients of a server that was restarted do not come back at once.
 * - The waits begin anew only when the owner calls `settle()`: a server that accepts a handshake may still refuse.
 * - Without a network it does not try. When the network returns, or the page comes back into sight, it tries at once.
 * - A page in the browser's back/forward cache holds no connection.
 * - A connection that a sleeping computer has lost says nothing of it. Whenever the page comes back into sight, `probe` is
 *   called, and a connection on which nothing arrives after that is given up.
 */

import { SignedOut } from "./request.js";
import { surroundings } from "./surroundings.js";

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 15_000;
const ANSWER_MS = 5000;
/** With these close codes no page of our origin is let in, until somebody changes the server's settings. */
const NOT_ALLOWED = new Set([4017, 4417]);

/** @typedef {EventTarget & { send: (data: string | Uint8Array<ArrayBuffer>) => void, close: () => void }} Socket */
/** @typedef {"closed" | "opening" | "open" | "waiting" | "offline"} State */

/** What a ReconnectingSocket reports: its new `state`, and the `code` of the close that led to it (null for none). */
export class StateEvent extends Event {
  /** @param {State} state  @param {number | null} code */
  constructor(state, code) {
    super("state");
    this.state = state;
    this.code = code;
  }
}

/**
 * Events: `state` (StateEvent), before a changed state is acted on, so that a listener may `close()`; `message`
 * (MessageEvent) as the WebSocket has it.
 */
export class ReconnectingSocket extends EventTarget {
  /** @type {State} */
  state = "closed";
  /** How often it was lost since it was last settled. */
  failures = 0;
  /** @type {Socket | null} */
  #socket = null;
  #attempt = 0;
  /** Calls off the next attempt, and the wait for the answer to a probe. */
  #unwait = () => {};
  #unprobe = () => {};
  #unwatch = () => {};
  #atLeast = 0;

  /**
   * `make()` opens a WebSocket, or what looks like one. `prepare()` comes before each attempt: what it throws counts as a loss, but SignedOut closes
   * for good. `probe()` sends something that the server answers.
   *
   * @param {{
   *   make: () => Socket, prepare?: () => Promise<unknown>, probe?: () => unknown, longest?: number,
   *   place?: import("./surroundings.js").Surroundings,
   * }} options
   */
  constructor({ make, prepare = async () => {}, probe, longest = LONGEST_WAIT_MS, place = surroundings() }) {
    super();
    this.make = make;
    this.prepare = prepare;
    this.probe = probe;
    this.longest = longest;
    this.place = place;
  }

  /** Connects, and stays connected until `close()`. */
  open() {
    if (this.state !== "closed") return;
    this.#unwatch = this.place.watch({
      offline: () => this.#pause("offline"),
      online: () => this.#hurry(),
      away: () => this.#pause("waiting"),
      back: () => this.#hurry(),
      visible: () => (this.state === "open" ? this.#check() : this.#hurry()),
    });
    this.#try();
  }

  close() {
    this.#unwatch();
    this.#drop();
    this.#become("closed");
  }

  /** The server has taken us: the next loss is the first one. */
  settle() {
    this.failures = 0;
  }

  /** The server wants the next wait to be at least that long. @param {number} ms */
  postpone(ms) {
    this.#atLeast = ms;
  }

  /** Gives the connection up, and comes back. @param {number | null} [code] why */
  lose(code = null) {
    if (this.state !== "opening" && this.state !== "open") return;
    this.#drop();
    const wait = NOT_ALLOWED.has(code ?? 0) ? this.longest : Math.min(FIRST_WAIT_MS * 2 ** this.failures, this.longest);
    const ms = Math.max(wait * (0.5 + Math.random() / 2), this.#atLeast);
    this.#atLeast = 0;
    this.failures++;
    const online = this.place.online();
    if (online) this.#unwait = this.place.after(ms, () => this.#try());
    this.#become(online ? "waiting" : "offline", code);
  }

  /** @param {string | Uint8Array<ArrayBuffer>} data */
  send(data) {
    if (this.state === "open") this.#socket?.send(data);
  }

  async #try() {
    this.#drop();
    if (!this.place.online()) return this.#become("offline");
    const attempt = this.#attempt;
    this.#become("opening");
    try {
      await this.prepare();
    } catch (problem) {
      if (attempt !== this.#attempt) return;
      if (problem instanceof SignedOut) this.close();
      else this.lose();
      return;
    }
    if (attempt !== this.#attempt) return;
    const socket = (this.#socket = this.make());
    /** What comes of an attempt that is over is nobody's concern. @param {(event: any) => void} act */
    const current = (act) => (/** @type {any} */ event) => attempt === this.#attempt && act(event);
    socket.addEventListener("open", current(() => this.#become("open")));
    socket.addEventListener("close", current(({ code }) => this.lose(code)));
    socket.addEventListener("message", current(({ data }) => {
      this.#unprobe();
      this.dispatchEvent(new MessageEvent("message", { data }));
    }));
  }

  /** Lets go of the connection, of an attempt at one, or of a wait. */
  #drop() {
    this.#unwait();
    this.#unprobe();
    this.#attempt++;
    this.#socket?.close();
    this.#socket = null;
  }

  /** Without a loss that counts. @param {State} state */
  #pause(state) {
    if (this.state === "closed") return;
    this.#drop();
    this.#become(state);
  }

  #hurry() {
    if (this.state === "waiting" || this.state === "offline") this.#try();
  }

  #check() {
    if (!this.probe) return;
    this.#unprobe();
    this.#unprobe = this.place.after(ANSWER_MS, () => this.lose());
    this.probe();
  }

  /** @param {State} state  @param {number | null} [code] */
  #become(state, code = null) {
    this.state = state;
    this.dispatchEvent(new StateEvent(state, code));
  }
}
