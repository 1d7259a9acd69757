/**
 * The tabs of a browser in which a user has the chats open (docs/adr/0070-one-stream-for-all-tabs.md). The one that holds a
 * lock leads, and does for all what need be done once. The others hear from it, ask whether it is there when it is silent,
 * and take the lock away from one that does not answer. Nothing is wrong while two of them believe that they lead.
 *
 * Where there are no locks, on plain HTTP that is not localhost, each tab leads itself alone.
 */

import { newKey } from "../../client/outbox.js";

/** Tabs that have another version of this page know nothing of these, and these nothing of them. */
const PROTOCOL = 1;
const ANSWER_MS = 3000;
/** How long it may be silent: where somebody looks, and elsewhere. */
const SILENT_MS = 5000;
const SILENT_UNSEEN_MS = 30_000;

/** @typedef {Record<string, any>} Message */
/** @typedef {{ postMessage: (message: any) => void, close: () => void, onmessage: ((event: MessageEvent) => void) | null }} Channel */
/** @typedef {{ request: (name: string, options: any, held: () => any) => Promise<any> }} Locks */
/** @typedef {{ locks?: Locks, BroadcastChannel?: new (name: string) => Channel }} Browser */

export class Tabs {
  isLeader = false;
  /** No other tab has said anything yet, as each does when it opens. */
  isAlone = true;
  id = newKey();
  #name;
  #place;
  #browser;
  #led;
  #heard;
  /** The tab that leads, as far as is known here. @type {string | null} */
  #leader = null;
  /** @type {Channel | null} */
  #channel = null;
  #isOpen = false;
  /** Gives up the lock, and the wait for it. */
  #quit = () => {};
  #unlook = () => {};
  /** @type {(() => void) | null} */
  #unask = null;
  #unwatch = () => {};

  /**
   * `led` is called whenever this tab begins or ceases to lead; `heard` with what other tabs say, and whether it is the
   * leader who does.
   *
   * @param {{
   *   userId: number, place: import("../../client/surroundings.js").Surroundings, led: (isLeader: boolean) => void,
   *   heard: (message: Message, isLeaders: boolean) => void, browser?: Browser,
   * }} options
   */
  constructor({ userId, place, led, heard, browser = ofThisBrowser() }) {
    this.#name = `fechatter.chat.${PROTOCOL}.${userId}`;
    this.#place = place;
    this.#led = led;
    this.#heard = heard;
    this.#browser = browser;
  }

  open() {
    const { locks, BroadcastChannel } = this.#browser;
    if (!locks || !BroadcastChannel) return this.#lead();
    this.#unwatch = this.#place.watch({
      offline() {}, online() {},
      visible: () => this.ask(),
      // A page in the back/forward cache does nothing, so it must not lead.
      away: () => this.#leave(),
      back: () => this.#enter(),
    });
    this.#enter();
  }

  /** Says something to all other tabs. @param {Message} message */
  tell(message) {
    this.#channel?.postMessage({ ...message, from: this.id, leads: this.isLeader });
  }

  /** Whether the leader is there, unless it has said something meanwhile. */
  ask() {
    if (this.isLeader || !this.#channel || this.#unask) return;
    this.#unlook();
    this.#unask = this.#place.after(ANSWER_MS, () => this.#replace());
    this.tell({ type: "ping" });
  }

  close() {
    this.#unwatch();
    this.#leave();
  }

  #enter() {
    const { BroadcastChannel } = this.#browser;
    if (this.#isOpen || !BroadcastChannel) return;
    this.#isOpen = true;
    const channel = (this.#channel = new BroadcastChannel(this.#name));
    channel.onmessage = ({ data }) => this.#hear(data);
    this.#stand(false);
    this.ask();
  }

  #leave() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.isLeader) this.tell({ type: "resigned" });
    this.#listen();
    this.#quit();
    if (this.isLeader) this.#follow();
    this.#channel?.close();
    this.#channel = null;
  }

  /** Wants the lock, or takes it. @param {boolean} steal */
  #stand(steal) {
    const { locks } = this.#browser;
    const aborting = new AbortController();
    const { signal } = aborting;
    let release = () => {};
    this.#quit = () => {
      aborting.abort();
      release();
    };
    const held = () => {
      if (signal.aborted) return null;
      this.#lead();
      return new Promise((resolve) => (release = () => resolve(null)));
    };
    /** @type {Locks} */ (locks).request(this.#name, steal ? { steal } : { signal }, held).catch((problem) => {
      if (signal.aborted) return;
      if (problem?.name !== "AbortError") return this.#lead(); // there are no locks after all
      this.#follow();
      this.#stand(false);
      this.ask();
    });
  }

  /** The leader has not answered: it is frozen, or was suspended. */
  #replace() {
    this.#unask = null;
    this.#quit();
    this.#stand(true);
  }

  #lead() {
    this.isLeader = true;
    this.#leader = this.id;
    this.#listen();
    this.tell({ type: "leads" });
    this.#led(true);
  }

  #follow() {
    this.isLeader = false;
    this.#leader = null;
    this.#led(false);
  }

  /** @param {Message} message */
  #hear(message) {
    const { from, leads, type } = message;
    this.isAlone = false;
    if (leads && (type === "leads" || this.#leader === null)) this.#leader = from;
    const isLeaders = leads && this.#leader === from;
    if (isLeaders && !this.isLeader) this.#listen();
    if (type === "resigned" && isLeaders) {
      this.#leader = null;
      this.ask(); // somebody else has the lock in a moment
    }
    this.#heard(message, isLeaders);
  }

  /** The leader is there, or no longer another one. */
  #listen() {
    this.#unlook();
    this.#unask?.();
    this.#unask = null;
    if (!this.#isOpen || this.isLeader) return;
    const isSeen = globalThis.document?.visibilityState !== "hidden";
    this.#unlook = this.#place.after(isSeen ? SILENT_MS : SILENT_UNSEEN_MS, () => this.ask());
  }
}

/** @returns {Browser} */
function ofThisBrowser() {
  const { navigator, BroadcastChannel } = globalThis;
  return { locks: navigator?.locks, BroadcastChannel };
}
