/**
 * The board's document and presence, in step with notify_server by hocuspocus' protocol, which says when an edit is durable.
 * Its provider connects once; when it comes back is decided here: the REST interface is asked first, which tells what has
 * become of the board and of one's role while we were away.
 */

import { Problem } from "../../lib/http.js";
import { call, freshToken, SignedOut } from "../../lib/session.js";
import { HocuspocusProvider, HocuspocusProviderWebsocket } from "../../vendor/yjs.js";

const LONGEST_WAIT_MS = 10_000;
// Reasons for which the server denies the board, and coming back is no use (docs/boards/close-codes.md).
const ENDED = new Set(["removed", "board_deleted", "no_such_board"]);
// With this close code it takes no pages of our origin; that holds until somebody has changed its settings.
const ORIGIN_NOT_ALLOWED = 4417;

/**
 * Events: `status` with `status` (connecting, live, offline, forbidden, ended) and, for the last one, the `reason`; `saved`
 * when all that was edited here has become durable, or no longer is (`saved` says which); `board` with what the REST
 * interface says of it; `refused` with the `reason` when an edit was not taken, and never will be.
 */
export class Connection extends EventTarget {
  constructor(sockets, boardId, doc) {
    super();
    this.boardId = boardId;
    this.failures = 0;
    this.attempts = 0;
    this.status = "connecting";
    this.wanted = false;
    this.socket = new HocuspocusProviderWebsocket({
      url: `${sockets}/api/boards/hocuspocus`,
      autoConnect: false,
      maxAttempts: 1,
      onClose: ({ event }) => this.#closed(event),
    });
    this.provider = new HocuspocusProvider({
      websocketProvider: this.socket,
      name: String(boardId),
      document: doc,
      token: () => freshToken(),
      onSynced: () => this.#live(),
      onUnsyncedChanges: () => this.dispatchEvent(new Event("saved")),
      onStateless: ({ payload }) => this.#told(JSON.parse(payload)),
      onAuthenticationFailed: ({ reason }) => (ENDED.has(reason) ? this.end(reason) : this.#comeBack()),
    });
    this.provider.attach();
    addEventListener("offline", () => this.#pause());
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.#disconnect());
    addEventListener("pageshow", ({ persisted }) => persisted && this.open());
  }

  get awareness() {
    return this.provider.awareness;
  }

  get saved() {
    return !this.provider.hasUnsyncedChanges;
  }

  async open() {
    if (this.status === "ended" || this.wanted) return;
    if (!navigator.onLine) {
      this.#tell("offline");
      return;
    }
    clearTimeout(this.timer);
    this.wanted = true;
    const attempt = ++this.attempts;
    try {
      const board = await call("GET", `/boards/${this.boardId}`);
      if (attempt !== this.attempts || !this.wanted) return;
      this.dispatchEvent(Object.assign(new Event("board"), { board }));
      if (board.deleted_at) return this.end("board_deleted");
      this.socket.messageQueue = []; // edits made meanwhile are in what the server asks for first
      this.socket.connect();
    } catch (problem) {
      if (problem instanceof SignedOut) return;
      if (problem instanceof Problem && problem.status === 404) this.end("no_such_board");
      else this.#comeBack();
    }
  }

  /** An edit was not taken. One that could not be stored ends the socket too, and is offered again; any other will not be
   * taken later either. */
  #told({ type, reason }) {
    if (type === "refused" && reason !== "not_stored") this.dispatchEvent(Object.assign(new Event("refused"), { reason }));
  }

  #live() {
    this.failures = 0;
    this.#tell("live");
  }

  /** The provider itself is not to come back. */
  #closed(event) {
    this.socket.shouldConnect = false;
    if (!this.wanted) return;
    this.wanted = false;
    if (event?.code !== ORIGIN_NOT_ALLOWED) return this.#comeBack();
    this.#tell("forbidden");
    this.timer = setTimeout(() => this.open(), LONGEST_WAIT_MS);
  }

  /** At once, for us: the closing itself takes its time. */
  #disconnect() {
    this.wanted = false;
    clearTimeout(this.timer);
    const open = this.socket.webSocket !== null;
    this.socket.disconnect();
    if (open) this.socket.emit("close", { event: { code: 1000 } });
  }

  /** The browser has no network: the socket would notice much later. */
  #pause() {
    this.#disconnect();
    if (this.status !== "ended") this.#tell("offline");
  }

  #comeBack() {
    if (this.wanted) this.#disconnect();
    const wait = Math.min(100 * 2 ** this.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
    // A socket that ends once and comes back at once is nothing to speak of.
    if (this.failures++ > 0) this.#tell("offline");
    else this.#tell("connecting");
    this.timer = setTimeout(() => this.open(), wait);
  }

  /** It is not there any more, or not for us. */
  end(reason) {
    if (this.status === "ended") return;
    this.#disconnect();
    this.#tell("ended", reason);
  }

  #tell(status, reason = null) {
    this.status = status;
    this.dispatchEvent(Object.assign(new Event("status"), { status, reason }));
  }
}
