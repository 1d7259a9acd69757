/**
 * The board's document and presence, in step with notify_server by hocuspocus' protocol, which says when an edit is durable.
 * Its provider speaks on the connection; when there is one is `ReconnectingSocket`'s to say. Before each attempt the REST
 * interface is asked, which tells what has become of the board and of one's role while we were away.
 */

import { Problem } from "../../client/request.js";
import { call, freshToken } from "../../lib/session.js";
import { ReconnectingSocket } from "../../client/socket.js";
import { HocuspocusProvider, HocuspocusProviderWebsocket } from "../../vendor/yjs.js";

// Reasons for which the server denies the board, and coming back is no use (docs/boards/close-codes.md).
const ENDED = new Set(["removed", "board_deleted", "no_such_board"]);
const ORIGIN_NOT_ALLOWED = 4417;

/** @typedef {"connecting" | "live" | "offline" | "forbidden" | "ended"} Status */

/**
 * Events: `status` with `status` and, for ended, the `reason`; `saved` when all that was edited here has become durable, or
 * no longer is (`saved` says which); `board` with what the REST interface says of it; `refused` with the `reason` when an
 * edit was not taken, and never will be.
 */
export class Connection extends EventTarget {
  /** @type {Status} */
  status = "connecting";

  /** @param {string} sockets  @param {number} boardId  @param {import("yjs").Doc} doc */
  constructor(sockets, boardId, doc) {
    super();
    this.boardId = boardId;
    // It never connects by itself; of what that takes not all is in its types.
    /** @type {any} */
    this.transport = new HocuspocusProviderWebsocket({ url: `${sockets}/api/boards/hocuspocus`, autoConnect: false });
    this.provider = new HocuspocusProvider({
      websocketProvider: this.transport,
      name: String(boardId),
      document: doc,
      token: () => freshToken(),
      onSynced: () => this.#live(),
      onUnsyncedChanges: () => this.dispatchEvent(new Event("saved")),
      onStateless: ({ payload }) => this.#told(JSON.parse(payload)),
      onAuthenticationFailed: ({ reason }) => (ENDED.has(reason) ? this.end(reason) : this.socket.lose()),
    });
    this.provider.attach();
    this.socket = new ReconnectingSocket({ make: () => this.#make(), prepare: () => this.#ask() });
    this.socket.addEventListener("state", (event) => this.#follow(/** @type {import("../../client/socket.js").StateEvent} */ (event)));
  }

  get awareness() {
    return this.provider.awareness;
  }

  get saved() {
    return !this.provider.hasUnsyncedChanges;
  }

  open() {
    if (this.status !== "ended") this.socket.open();
  }

  /** It is not there any more, or not for us. @param {string} reason */
  end(reason) {
    if (this.status === "ended") return;
    this.#tell("ended", reason);
    this.socket.close();
  }

  #make() {
    this.transport.messageQueue = []; // edits made meanwhile are in what the server asks for first
    this.transport.createWebSocketConnection().catch(() => {}); // its end is an event of the socket, too
    return this.transport.webSocket;
  }

  async #ask() {
    try {
      const board = await call("GET", `/boards/${this.boardId}`);
      this.dispatchEvent(Object.assign(new Event("board"), { board }));
      if (board.deleted_at) this.end("board_deleted");
    } catch (problem) {
      if (!(problem instanceof Problem && problem.status === 404)) throw problem;
      this.end("no_such_board");
    }
  }

  /** The server refused an edit. One that could not be stored ends the socket too, and is sent again; any other would be
   * refused again. @param {{ type: string, reason: string }} message */
  #told({ type, reason }) {
    if (type === "refused" && reason !== "not_stored") this.dispatchEvent(Object.assign(new Event("refused"), { reason }));
  }

  #live() {
    this.socket.settle();
    this.#tell("live");
  }

  /** @param {import("../../client/socket.js").StateEvent} event */
  #follow({ state, code }) {
    if (state === "opening" || state === "open") return;
    // The provider knows at once, and not when the closing has come to an end.
    if (this.transport.webSocket !== null) this.transport.emit("close", { event: { code: code ?? 1000 } });
    if (this.status === "ended") return;
    if (code === ORIGIN_NOT_ALLOWED) this.#tell("forbidden");
    // A connection that is lost once and comes back at once is nothing to speak of.
    else if (state === "waiting" && this.socket.failures < 2) this.#tell("connecting");
    else if (state !== "closed") this.#tell("offline");
  }

  /** @param {Status} status  @param {string | null} [reason] */
  #tell(status, reason = null) {
    this.status = status;
    this.dispatchEvent(Object.assign(new Event("status"), { status, reason }));
  }
}
