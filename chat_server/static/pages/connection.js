/**
 * The board's document and presence, in step with notify_server by y-websocket's protocol. Its provider connects once; when
 * and with which token it comes back is decided here: the REST interface is asked first, which tells what has become of the
 * board and of one's role while we were away.
 */

import { Problem } from "./http.js";
import { call, freshToken, SignedOut } from "./session.js";
import { messageAuth, readAuthMessage, WebsocketProvider } from "./vendor/yjs.js";

const LONGEST_WAIT_MS = 10_000;
// Close codes after which coming back is no use (docs/websocket.md).
const ENDED = new Set([4412, 4413, 4414]);
// Reasons for which an edit will not be taken later either.
const LOST = new Set(["read_only", "board_full"]);

/**
 * Events: `status` with `status` (connecting, live, offline, ended); `board` with what the REST interface says
 * of it; `refused` with the `reason` when an edit was not taken, and never will be.
 */
export class Connection extends EventTarget {
  constructor(sockets, boardId, doc) {
    super();
    this.boardId = boardId;
    this.failures = 0;
    this.status = "connecting";
    this.provider = new WebsocketProvider(`${sockets}/api/boards/yjs`, String(boardId), doc, {
      connect: false,
      // Tabs meet at the server alone: those of one browser may be of people in different roles.
      disableBc: true,
      shouldReconnect: () => false,
    });
    this.provider.messageHandlers[messageAuth] = (_, decoder) => {
      readAuthMessage(decoder, doc, (_doc, reason) => this.#refused(reason));
    };
    this.provider.on("sync", (synced) => synced && this.#live());
    this.provider.on("closed", ({ code }) => (ENDED.has(code) ? this.end() : this.#comeBack()));
    addEventListener("offline", () => this.#pause());
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.provider.disconnect());
    addEventListener("pageshow", ({ persisted }) => persisted && this.open());
  }

  get awareness() {
    return this.provider.awareness;
  }

  async open() {
    if (this.status === "ended" || this.provider.shouldConnect) return;
    if (!navigator.onLine) {
      this.#tell("offline");
      return;
    }
    clearTimeout(this.timer);
    try {
      const board = await call("GET", `/boards/${this.boardId}`);
      this.dispatchEvent(Object.assign(new Event("board"), { board }));
      if (board.deleted_at) return this.end();
      this.provider.protocols = ["fechatter", `bearer.${await freshToken()}`];
      this.provider.connect();
    } catch (problem) {
      if (problem instanceof SignedOut) return;
      if (problem instanceof Problem && problem.status === 404) this.end();
      else this.#comeBack();
    }
  }

  /** An edit was not taken; or the socket is about to be closed, of which the close code tells. */
  #refused(reason) {
    if (reason === "not_stored") {
      this.provider.disconnect();
      this.#comeBack(); // and offers again what it has
    } else if (LOST.has(reason)) {
      this.dispatchEvent(Object.assign(new Event("refused"), { reason }));
    }
  }

  #live() {
    this.failures = 0;
    this.#tell("live");
  }

  /** The browser has no network: the socket would notice much later. */
  #pause() {
    clearTimeout(this.timer);
    this.provider.disconnect();
    this.#tell("offline");
  }

  #comeBack() {
    const wait = Math.min(100 * 2 ** this.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
    // A socket that ends once and comes back at once is nothing to speak of.
    if (this.failures++ > 0) this.#tell("offline");
    else this.#tell("connecting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), wait);
  }

  /** It is not there any more, or not for us. */
  end() {
    this.provider.disconnect();
    this.#tell("ended");
  }

  #tell(status) {
    this.status = status;
    this.dispatchEvent(Object.assign(new Event("status"), { status }));
  }
}
