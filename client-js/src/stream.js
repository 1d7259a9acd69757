/**
 * notify_server's stream of events, over its WebSocket (docs/websocket.md) or, where that does not get through, over
 * server-sent events. It comes back by itself, from where it was.
 */

import { ReconnectingSocket } from "./socket.js";
import { EventSocket } from "./sse.js";
import { surroundings } from "./surroundings.js";

const AUTH_EVERY_MS = 60_000;
/** WebSockets that came to nothing, after which every other attempt is at server-sent events. */
const IN_VAIN = 2;
/** The token that the socket was opened with is good no more, or never was. */
const NEEDS_TOKEN = new Set([4005, 4006, 4007]);

/**
 * An event of docs/events.md, `ready`, `reset`, or one that is not stored (`Typing`, `PresenceChanged`), whose `cursor` is null.
 *
 * @typedef {{ kind: string, data: any, cursor: string | null }} StreamEvent
 */

/** @typedef {import("./socket.js").State} State */

/**
 * The home among somebody's workspaces: the oldest, which stays the same and is most colleagues', too.
 *
 * @param {readonly { id: number }[]} workspaces
 */
export function homeOf(workspaces) {
  return workspaces.length ? Math.min(...workspaces.map(({ id }) => id)) : null;
}

export class Stream {
  #socket;
  #heard;
  #token;
  #home;
  #place;
  #refused = /** @type {string | undefined} */ (undefined);
  #used = /** @type {string | undefined} */ (undefined);
  #unrenew = () => {};

  /**
   * `heard` is called with each event, in order. `cursor` says from where on: that of a snapshot, or of the last event that
   * was heard; it moves along. `changed` is told of each new state of the connection: "closed" means signed out. `home` is
   * asked at each connection for the person's home workspace, by which a proxy may choose the server (docs/operations/placement.md).
   *
   * @param {{
   *   sockets: string, token: (refused?: string) => Promise<string>, heard: (event: StreamEvent) => void,
   *   changed?: (state: State) => void, cursor?: string | null, home?: () => number | null,
   *   WebSocket?: typeof globalThis.WebSocket, fetch?: typeof globalThis.fetch, sse?: boolean,
   *   place?: import("./surroundings.js").Surroundings,
   * }} options `sockets` is where notify_server is: "ws://host:port"; without `sse` there are only WebSockets
   */
  constructor({ sockets, token, heard, changed = () => {}, cursor = null, home = () => null, WebSocket, fetch, sse = true, place = surroundings() }) {
    this.cursor = cursor;
    this.#heard = heard;
    this.#token = token;
    this.#home = home;
    this.#place = place;
    this.#socket = new ReconnectingSocket({
      make: () => {
        const { failures } = this.#socket;
        const isInVain = sse && failures >= IN_VAIN && failures % 2 === 0;
        const Socket = isInVain ? null : (WebSocket ?? globalThis.WebSocket);
        if (Socket) return new Socket(`${sockets}/api/ws${this.#query({ last_event_id: this.cursor, home: this.#home() })}`);
        const url = `${sockets.replace(/^ws/, "http")}/api/notifications/events${this.#query({ home: this.#home() })}`;
        return new EventSocket(url, { token: this.#used ?? "", cursor: this.cursor, fetch });
      },
      prepare: () => this.#prepare(),
      probe: () => this.send("ping"),
      place,
    });
    this.#socket.addEventListener("state", (event) => {
      const { state, code } = /** @type {import("./socket.js").StateEvent} */ (event);
      this.#unrenew();
      if (state === "open") this.#introduce();
      else if (NEEDS_TOKEN.has(code ?? 0)) this.#refused = this.#used;
      changed(state);
    });
    this.#socket.addEventListener("message", (event) => this.#take(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }

  get state() {
    return this.#socket.state;
  }

  open() {
    this.#socket.open();
  }

  close() {
    this.#socket.close();
  }

  /** Sends a frame; one that is sent without a connection is lost. @param {string} type  @param {object} [payload] */
  send(type, payload = {}) {
    this.#socket.send(JSON.stringify({ type, payload }));
  }

  /** @param {Record<string, string | number | null>} asked */
  #query(asked) {
    const given = Object.entries(asked).filter(([, value]) => value !== null);
    return given.length ? `?${given.map(([name, value]) => `${name}=${encodeURIComponent(/** @type {string} */ (value))}`).join("&")}` : "";
  }

  async #prepare() {
    this.#used = await this.#token(this.#refused);
    this.#refused = undefined;
  }

  /** Says who it is; a connection ends with its token, and goes on with a fresh one. */
  async #introduce() {
    try {
      this.#used = await this.#token();
      this.send("auth", { token: this.#used });
    } catch {
      // Without a token there is nothing to say: the server will end the connection.
    }
    if (this.state !== "open") return;
    this.#unrenew();
    this.#unrenew = this.#place.after(AUTH_EVERY_MS, () => this.#introduce());
  }

  /** @param {{ type: string, cursor?: string, payload: any }} frame */
  #take({ type, cursor = "", payload }) {
    if (type === "retry") return this.#socket.postpone(payload.milliseconds);
    if (type === "ready") this.#socket.settle();
    if (cursor) this.cursor = cursor;
    const isAnswer = !cursor && type === type.toLowerCase(); // of a frame of ours, or an error
    if (!isAnswer) this.#heard({ kind: type, data: payload, cursor: cursor || null });
  }
}
