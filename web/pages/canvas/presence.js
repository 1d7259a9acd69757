/** Who is here besides oneself: where each points, what they have selected, and what they are editing just now. */

import { colourOf, makeCursor, personButton } from "../../documents/people.js";
import { make } from "../../lib/dom.js";
import { paced } from "../../lib/pace.js";
import { say } from "../words.js";

const CURSOR_MS = 80;

/** A place on a component: `x` and `y` are shares of its width and height. @typedef {{ x: number, y: number, component_id: string }} Cursor */
/** @typedef {{ userId: number, cursor: Cursor | null, selection: string[], editing: string | null }} Peer */

export class Presence {
  /** @type {Map<string, Peer>} by connection */
  peers = new Map();
  /** @type {Map<number, string>} */
  names = new Map();
  /** @type {Map<string, HTMLElement>} */
  #cursors = new Map();
  #listed = "";

  /**
   * @param {object} parts
   * @param {import("./canvas.js").Canvas} parts.canvas
   * @param {HTMLElement} parts.scroller
   * @param {HTMLElement} parts.cursors
   * @param {HTMLElement} parts.people
   * @param {import("../../lib/session.js").User} parts.me
   * @param {(type: string, payload: object) => void} parts.tell
   * @param {(text: string) => void} parts.announce
   * @param {(id: string) => void} parts.lookAt
   */
  constructor({ canvas, scroller, cursors, people, me, tell, announce, lookAt }) {
    this.canvas = canvas;
    this.cursors = cursors;
    this.people = people;
    this.me = me;
    this.tell = tell;
    this.announce = announce;
    this.lookAt = lookAt;
    const point = paced(CURSOR_MS, (/** @type {Cursor} */ cursor) => tell("cursor-move", cursor));
    scroller.addEventListener("pointermove", (event) => {
      const id = canvas.idAt(event.target);
      const box = canvas.node(id)?.getBoundingClientRect();
      if (id !== null && box?.width && box.height) point({ x: share(event.clientX - box.left, box.width), y: share(event.clientY - box.top, box.height), component_id: id });
    });
    scroller.addEventListener("scroll", () => this.#place());
    canvas.addEventListener("draw", () => this.show());
    new ResizeObserver(() => this.#place()).observe(canvas.sheet);
  }

  /** The members' names, as REST has them. @param {{ user_id: number, fullname: string }[]} members */
  know(members) {
    for (const { user_id: id, fullname } of members) this.names.set(id, fullname);
    this.show();
  }

  /** @param {number} userId */
  nameOf(userId) {
    return this.names.get(userId) ?? say("Somebody");
  }

  /** All who are here, as a `sync` has them. @param {any[]} users  @param {string} own */
  reset(users, own) {
    for (const user of users) this.#meet(user);
    this.peers = new Map(users.filter(({ client_id: client }) => String(client) !== String(own)).map((user) => [String(user.client_id), peerOf(user)]));
    this.show();
  }

  /** Nobody is known to be here. */
  clear() {
    this.peers.clear();
    this.show();
  }

  /** @param {string} type  @param {any} payload */
  hear(type, payload) {
    const client = String(payload.client_id);
    if (type === "user-leave") {
      const gone = this.peers.get(client);
      this.peers.delete(client);
      if (gone && ![...this.peers.values()].some(({ userId }) => userId === gone.userId)) this.announce(say("{name} has left.", { name: this.nameOf(gone.userId) }));
    } else if (type === "user-join") {
      const peer = peerOf(payload);
      this.#meet(payload);
      if (![...this.peers.values()].some(({ userId }) => userId === peer.userId)) this.announce(say("{name} is here.", { name: this.nameOf(peer.userId) }));
      this.peers.set(client, peer);
    } else {
      const peer = this.peers.get(client) ?? peerOf(payload);
      this.peers.set(client, peer);
      if (type === "cursor-move") peer.cursor = cursorOf(payload);
      else if (type === "selection") peer.selection = idsIn(payload.component_ids);
      else if (type === "editing") peer.editing = idOf(payload.component_id);
    }
    this.show();
  }

  /** The name of somebody who is no member, as the server tells it. @param {any} user */
  #meet({ user_id: id, name }) {
    if (typeof name === "string" && name && !this.names.has(id)) this.names.set(id, name);
  }

  /** Who else is editing a component. @param {string} id */
  editorsOf(id) {
    return [...this.peers.values()].filter(({ editing }) => editing === id).map(({ userId }) => this.nameOf(userId));
  }

  show() {
    this.#mark();
    for (const [client, node] of this.#cursors) {
      if (this.peers.has(client)) continue;
      node.remove();
      this.#cursors.delete(client);
    }
    for (const [client, { userId }] of this.peers) {
      const node = this.#cursors.get(client) ?? this.#cursor(client);
      node.dataset.person = colourOf(userId);
      const name = /** @type {HTMLElement} */ (node.lastChild);
      if (name.textContent !== this.nameOf(userId)) name.textContent = this.nameOf(userId);
    }
    this.#place();
    this.#list();
  }

  /** @param {string} client */
  #cursor(client) {
    const node = makeCursor();
    this.#cursors.set(client, node);
    this.cursors.append(node);
    return node;
  }

  #place() {
    const { left, top } = this.cursors.getBoundingClientRect();
    for (const [client, node] of this.#cursors) {
      const cursor = this.peers.get(client)?.cursor ?? null;
      const box = cursor && this.canvas.node(cursor.component_id)?.getBoundingClientRect();
      node.hidden = !box;
      if (box) node.style.transform = `translate(${box.left - left + cursor.x * box.width}px, ${box.top - top + cursor.y * box.height}px)`;
    }
  }

  /** Marks what others have selected, with a name, and what they are editing. */
  #mark() {
    const held = new Map();
    for (const { userId, selection, editing } of this.peers.values()) {
      const name = this.nameOf(userId);
      for (const id of selection) held.set(id, { userId, text: name });
      if (editing !== null) held.set(editing, { userId, text: say("{name} is editing", { name }) });
    }
    for (const [id, { dataset }] of this.canvas.nodes) {
      const holder = held.get(id);
      if (holder) Object.assign(dataset, { person: colourOf(holder.userId), held: holder.text });
      else for (const key of ["person", "held"]) delete dataset[key];
    }
  }

  #list() {
    const names = new Map([...this.peers.values()].map(({ userId }) => [userId, this.nameOf(userId)]));
    names.delete(this.me.id);
    const shown = /** @type {[number, string][]} */ ([[this.me.id, say("{name} (you)", { name: this.me.fullname })], ...names]);
    const now = JSON.stringify(shown);
    if (now === this.#listed) return;
    this.#listed = now;
    this.people.replaceChildren(...shown.map(([id, name]) => make("li", {}, this.#person(id, name))));
  }

  /** @param {number} id  @param {string} name */
  #person(id, name) {
    return personButton(id, name, () => {
      const peer = [...this.peers.values()].find(({ userId }) => userId === id);
      const at = peer?.editing ?? peer?.selection[0] ?? peer?.cursor?.component_id;
      if (at) this.lookAt(at);
    });
  }
}

/** @param {any} user @returns {Peer} */
function peerOf({ user_id: userId, cursor, selection, component_ids: ids, editing }) {
  return { userId: Number(userId), cursor: cursorOf(cursor), selection: idsIn(selection ?? ids), editing: idOf(editing) };
}

/** @param {any} cursor @returns {Cursor | null} */
function cursorOf(cursor) {
  const id = idOf(cursor?.component_id);
  const [x, y] = [Number(cursor?.x), Number(cursor?.y)];
  return id !== null && x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y, component_id: id } : null;
}

/** @param {unknown} id */
const idOf = (id) => (typeof id === "string" || typeof id === "number" ? String(id) : null);

/** @param {unknown} ids */
const idsIn = (ids) => (Array.isArray(ids) ? ids.slice(0, 50).map(String) : []);

/** @param {number} part  @param {number} whole */
const share = (part, whole) => Math.round(Math.min(Math.max(part / whole, 0), 1) * 1000) / 1000;
