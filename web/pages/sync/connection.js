/**
 * The socket of a page (docs/pages/protocol.md, /api/pages/ws), between the server and this tab's replica. Before each attempt
 * the REST interface is asked, which tells what has become of the page and of one's role.
 */

import { Problem } from "../../client/request.js";
import { call, freshToken } from "../../lib/session.js";
import { ReconnectingSocket } from "../../client/socket.js";
import { Replica } from "./replica.js";

const HEARTBEAT_MS = 20_000;
const ORIGIN_NOT_ALLOWED = 4417;
/** Why one has no place on the page any more, where coming back is no use. @type {Record<string, string>} */
const ENDINGS = { PAGE_NOT_FOUND: "no_such_page", PAGE_DELETED: "page_deleted", REMOVED: "removed" };
/** What others do beside editing. */
const PRESENCE = new Set(["user-join", "user-leave", "cursor-move", "selection", "editing"]);

/** @typedef {"connecting" | "live" | "offline" | "forbidden" | "ended"} Status */

/**
 * Events: `status` with `status` and, for ended, the `reason`; `page` with what REST says of it; `users` with those who are
 * here and the `own` connection; `presence` with `kind` and `payload`.
 */
export class Connection extends EventTarget {
  /** @type {Status} */
  status = "connecting";
  /** What is told anew after each join. @type {Map<string, object>} */
  #lasting = new Map();

  /** @param {string} sockets  @param {number} pageId */
  constructor(sockets, pageId) {
    super();
    this.pageId = pageId;
    this.replica = new Replica({ say: (type, payload) => this.#send(type, payload) });
    let token = "";
    this.socket = new ReconnectingSocket({
      make: () => new WebSocket(`${sockets}/api/pages/ws`, ["fechatter", `bearer.${token}`]),
      prepare: async () => {
        await this.#ask();
        token = await freshToken();
      },
      probe: () => this.#send("heartbeat", {}),
    });
    this.socket.addEventListener("state", (event) => this.#follow(/** @type {import("../../client/socket.js").StateEvent} */ (event)));
    this.socket.addEventListener("message", (event) => {
      const { type, payload } = JSON.parse(/** @type {MessageEvent} */ (event).data);
      this.#hear(type, payload);
    });
    this.replica.addEventListener("lost", () => this.socket.lose());
    setInterval(() => this.#send("heartbeat", {}), HEARTBEAT_MS);
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

  /** Tells the others where one is; `lasting`: until it is told otherwise. @param {string} type  @param {object} payload  @param {boolean} [lasting] */
  tell(type, payload, lasting = false) {
    if (lasting) this.#lasting.set(type, payload);
    if (this.replica.joined) this.#send(type, payload);
  }

  async #ask() {
    try {
      const page = await call("GET", `/pages/${this.pageId}`);
      this.dispatchEvent(Object.assign(new Event("page"), { page }));
      if (page.deleted_at) this.end("page_deleted");
    } catch (problem) {
      if (!(problem instanceof Problem && problem.status === 404)) throw problem;
      this.end("no_such_page");
    }
  }

  /** @param {string} type  @param {object} payload */
  #send(type, payload) {
    this.socket.send(JSON.stringify({ type, payload: { page_id: this.pageId, ...payload } }));
  }

  /** @param {string} type  @param {any} payload */
  #hear(type, payload) {
    if (type === "error" && payload.id === undefined && payload.code !== "TOO_LARGE") {
      const reason = ENDINGS[payload.code];
      return reason ? this.end(reason) : this.socket.lose();
    }
    if (PRESENCE.has(type)) {
      this.dispatchEvent(Object.assign(new Event("presence"), { kind: type, payload }));
      return;
    }
    if (type === "role") this.#ask().catch(() => {});
    this.replica.hear(type, payload);
    if (type === "sync") this.#live(payload);
  }

  /** @param {any} sync */
  #live({ users = [], client_id: own }) {
    this.socket.settle();
    if (own !== undefined) this.dispatchEvent(Object.assign(new Event("users"), { users, own: String(own) }));
    if (this.status === "live") return;
    for (const [type, payload] of this.#lasting) this.#send(type, payload);
    this.#tell("live");
  }

  /** @param {import("../../client/socket.js").StateEvent} event */
  #follow({ state, code }) {
    if (state === "open") this.#send("join", this.replica.greeting());
    if (state === "opening" || state === "open") return;
    this.replica.disconnect();
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

