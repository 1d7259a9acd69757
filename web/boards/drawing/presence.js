/**
 * Who is here, and what each points at and has selected: Yjs' awareness, with the words of docs/boards/presence.md. The server writes
 * `user_id` into every state, so a name is that of the member, whatever a client says.
 */

import { colourOf, makeCursor, personButton } from "../../documents/people.js";
import { make } from "../../lib/dom.js";
import { paced } from "../../lib/pace.js";

const CURSOR_MS = 80;
const SETTLED_MS = 1000;
const MOST_SELECTED = 50;

export class Presence {
  /**
   * @param {object} parts
   * @param {any} parts.awareness of y-protocols
   * @param {import("./elements.js").Elements} parts.elements
   * @param {import("./view.js").View} parts.view
   * @param {import("../../lib/session.js").User} parts.me
   * @param {HTMLElement} parts.cursors
   * @param {HTMLElement} parts.people
   * @param {(text: string) => void} parts.announce
   */
  constructor({ awareness, elements, view, me, cursors, people, announce }) {
    this.awareness = awareness;
    this.elements = elements;
    this.view = view;
    this.me = me;
    this.cursors = cursors;
    this.people = people;
    this.announce = announce;
    /** Of users, by id. @type {Map<number, string>} */
    this.names = new Map();
    /** Cursors, by client. @type {Map<number, HTMLElement>} */
    this.nodes = new Map();
    /** Others' user ids. @type {Set<number>} */
    this.here = new Set();
    /** The people who are shown, as JSON. @type {string | undefined} */
    this.listed = undefined;
    this.ready = false;
    awareness.setLocalState({ user: { name: me.fullname }, cursor: null, selection: [], viewport: null });

    const point = paced(CURSOR_MS, (cursor) => this.#say({ cursor }));
    view.stage.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => point(rounded(view.toWorld(event))));
    view.stage.addEventListener("pointerleave", () => point(null));
    const look = paced(CURSOR_MS * 3, () => this.#say({ viewport: { ...rounded(view.centre()), zoom: view.scale } }));
    view.addEventListener("change", () => {
      look();
      this.#place();
    });
    elements.addEventListener("select", () => this.#say({ selection: [...elements.selection].slice(0, MOST_SELECTED) }));
    elements.addEventListener("draw", () => this.#hold());
    awareness.on("change", () => this.#draw());
  }

  /** The members' names, as the REST interface has them. @param {{ user_id: number, fullname: string }[]} members */
  know(members) {
    for (const { user_id: id, fullname } of members) this.names.set(id, fullname);
    this.#draw();
  }

  /** Whether who comes and goes is told: not while we come and go ourselves, when everybody does. @param {boolean} live */
  settle(live) {
    clearTimeout(this.settling);
    this.ready = false;
    if (live) {
      this.settling = setTimeout(() => {
        this.ready = true;
      }, SETTLED_MS);
    }
  }

  /** @param {Record<string, unknown>} change */
  #say(change) {
    const state = this.awareness.getLocalState();
    if (state) this.awareness.setLocalState({ ...state, ...change });
  }

  #others() {
    return othersIn(this.awareness.getStates(), this.awareness.clientID, this.names);
  }

  #draw() {
    const others = this.#others();
    const clients = new Set(others.map(({ client }) => client));
    for (const [client, node] of this.nodes) {
      if (clients.has(client)) continue;
      node.remove();
      this.nodes.delete(client);
    }
    for (const { client, userId, name, state } of others) {
      const node = this.nodes.get(client) ?? this.#cursor(client);
      node.dataset.person = colourOf(userId);
      node.hidden = !isPlace(state.cursor);
      if (node.lastChild && node.lastChild.textContent !== name) node.lastChild.textContent = name;
    }
    this.#place();
    this.#hold();
    this.#list(others);
  }

  /** @param {number} client */
  #cursor(client) {
    const node = makeCursor();
    this.nodes.set(client, node);
    this.cursors.append(node);
    return node;
  }

  /** Cursors are as large at every zoom, so they are placed on the stage. */
  #place() {
    for (const [client, node] of this.nodes) {
      const cursor = this.awareness.getStates().get(client)?.cursor;
      if (!isPlace(cursor)) continue;
      const { x, y } = this.view.toStage(cursor);
      node.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  /** Marks what others have selected. */
  #hold() {
    const held = new Map();
    for (const { userId, state } of this.#others()) {
      if (Array.isArray(state.selection)) for (const id of state.selection.slice(0, MOST_SELECTED)) held.set(id, userId);
    }
    for (const [id, { dataset }] of this.elements.nodes) {
      if (held.has(id)) dataset.person = colourOf(held.get(id));
      else delete dataset.person;
    }
  }

  /** @param {ReturnType<typeof othersIn>} others */
  #list(others) {
    const users = new Map(others.map((other) => [other.userId, other]));
    users.delete(this.me.id);
    const names = new Map([...users].map(([id, { name }]) => [id, name]));
    if (this.ready) {
      for (const [id, name] of names) if (!this.here.has(id)) this.announce(`${name} is here.`);
      for (const id of this.here) if (!names.has(id)) this.announce(`${this.names.get(id) ?? "Somebody"} has left.`);
    }
    this.here = new Set(names.keys());
    /** @type {[number, string][]} */
    const shown = [[this.me.id, `${this.me.fullname} (you)`], ...names];
    const now = JSON.stringify(shown);
    if (now === this.listed) return;
    this.listed = now;
    this.people.replaceChildren(...shown.map(([id, name]) => make("li", {}, this.#person(id, name))));
  }

  /** @param {number} id  @param {string} name */
  #person(id, name) {
    return personButton(id, name, () => {
      const state = this.#others().find(({ userId }) => userId === id)?.state;
      const place = [state?.cursor, state?.viewport].find(isPlace);
      if (place) this.view.lookAt(place);
    });
  }
}

/**
 * The states of the others, of those that make sense: any client could have written any.
 *
 * @param {Map<number, any>} states by client
 * @param {number} own our client
 * @param {Map<number, string>} names of the members, by user
 */
export function othersIn(states, own, names) {
  const others = [];
  for (const [client, state] of states) {
    if (client === own || typeof state !== "object" || state === null) continue;
    const userId = Number.isSafeInteger(state.user_id) ? state.user_id : -client;
    const claimed = typeof state.user?.name === "string" ? state.user.name.slice(0, 64) : "Somebody";
    others.push({ client, userId, name: names.get(userId) ?? claimed, state });
  }
  return others;
}

/** @param {any} place */
function isPlace(place) {
  return Number.isFinite(place?.x) && Number.isFinite(place?.y);
}

/** @param {import("../content/geometry.js").Place} place */
function rounded({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}
