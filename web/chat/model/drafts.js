/**
 * What is being written in each chat and thread. It is kept in this browser at once, and on the server after a pause, for the
 * other devices. What comes from there never takes the place of a text here: it is offered as `remote`.
 */

import { computed, effect, signal, untracked } from "../../vendor/preact.js";

const PAUSE_MS = 1000;
const MOST_SENT = 5;

/** @typedef {Record<string, any>} Json */
/** @typedef {{ text: import("../../vendor/preact.js").Signal<string>, remote: { readonly value: { text: string } | null, peek(): { text: string } | null }, followed: { readonly value: { text: string } | null }, set: (text: string) => void, leave: () => void, isSaved: () => boolean }} Draft */

/**
 * @typedef {object} Parts
 * @property {(chatId: number, threadId?: number) => Json | null | undefined} there what the server has, as events tell
 * @property {(method: string, path: string, body?: unknown) => Promise<any>} call
 * @property {{ after: (ms: number, act: () => void) => () => void }} place
 * @property {{ getItem: (key: string) => string | null, setItem: (key: string, value: string) => void, removeItem: (key: string) => void } | undefined} storage
 * @property {number} me
 */

export class Drafts {
  #parts;
  /** @type {Map<string, Draft>} */
  #drafts = new Map();
  /** What is to be done when another tab of this browser has written one, by its name in the storage. @type {Map<string, (kept: Kept | null) => void>} */
  #following = new Map();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {number} chatId  @param {number} [threadId] @returns {Draft} */
  draft(chatId, threadId) {
    const key = `${chatId}${threadId === undefined ? "" : `/${threadId}`}`;
    const known = this.#drafts.get(key) ?? this.#made(chatId, threadId, `fechatter.draft.${this.#parts.me}.${key}`);
    this.#drafts.set(key, known);
    return known;
  }

  /** Another tab of this browser has written something. @param {string | null} key  @param {string | null} value */
  changed(key, value) {
    this.#following.get(key ?? "")?.(read(value));
  }

  /** @param {number} chatId  @param {number | undefined} threadId  @param {string} key */
  #made(chatId, threadId, key) {
    const { storage } = this.#parts;
    const there = () => this.#parts.there(chatId, threadId)?.content ?? "";
    const kept = read(storage?.getItem(key) ?? null);
    let last = untracked(there);
    const text = signal(kept?.text ?? last);
    /** Whether what is here is anything but what the server had when it was opened. */
    let isTouched = kept !== null;
    /** What takes its place at once: another tab of this browser has written it, or it was sent before this page began. */
    const followed = signal(/** @type {{ text: string } | null} */ (null));
    /** What has gone to the server from here, and has not come back as an event: its echo is no news. */
    const sent = kept?.sent ?? [];
    /** What the server has had. */
    const seen = new Set([last]);
    const news = signal(kept && last && !sent.includes(last) ? last : /** @type {string | null} */ (null));
    const remote = computed(() => (news.value === null || news.value === text.value ? null : { text: news.value }));
    effect(() => {
      const now = there();
      if (now === last) return;
      last = now;
      const own = sent.indexOf(now);
      if (own < 0) heard();
      if (own >= 0) sent.splice(0, own + 1);
      // A draft that is gone there has been sent, unless it never was there.
      const isNews = own < 0 && (now !== "" || seen.has(text.peek()));
      seen.add(now);
      // The copy that a page starts with may be older than what was sent from the page before it.
      if (isNews && now === "" && !isTouched) {
        text.value = "";
        followed.value = { text: "" };
        return;
      }
      news.value = isNews ? now : null;
    });
    const keep = (/** @type {string} */ now) => {
      if (now) storage?.setItem(key, JSON.stringify({ text: now, sent: sent.slice(-MOST_SENT) }));
      else storage?.removeItem(key);
    };
    const { save, taken, heard } = this.#saver(chatId, threadId, (content) => {
      sent.push(content);
      keep(text.peek());
    });
    this.#following.set(key, (now) => {
      text.value = now?.text ?? "";
      if (now) sent.splice(0, sent.length, ...now.sent);
      if (sent.includes(news.peek() ?? "")) news.value = null;
      taken();
      followed.value = { text: text.peek() };
    });
    const set = (/** @type {string} */ now) => {
      const offered = news.peek();
      isTouched = true;
      text.value = now;
      keep(now);
      if (now === offered) {
        news.value = null;
        taken();
      }
      // What is offered stays on the server until it is taken or left: a device that comes later may want it.
      else if (!offered) save(now);
    };
    const leave = () => {
      news.value = null;
      set(text.peek());
    };
    /** Whether the server has had what is here, so that nothing is lost if another device's text takes its place. */
    const isSaved = () => seen.has(text.peek());
    return { text, remote, followed, set, leave, isSaved };
  }

  /** Puts the newest text on the server after a pause, one request at a time; `taken()` says that the server's is here. @param {number} chatId  @param {number | undefined} threadId  @param {(content: string) => void} sending */
  #saver(chatId, threadId, sending) {
    const { call, place } = this.#parts;
    const there = () => untracked(() => this.#parts.there(chatId, threadId));
    /** @type {string | null} */
    let wanted = null;
    let cancel = () => {};
    let saving = Promise.resolve();
    let isThere = false; // as far as it comes from here
    /** Of what was put there from here last. @type {string | null} */
    let updatedAt = null;
    /** Of what is there, as far as is known here. */
    let newest = there()?.updated_at;
    const path = `/chats/${chatId}/${threadId === undefined ? "" : `messages/${threadId}/thread/`}draft`;
    // What another device has written meanwhile, and nobody has seen here, is neither replaced nor deleted.
    const only = (/** @type {string | undefined} */ time) => (time ? `?updated_at=${encodeURIComponent(time)}` : "");
    const replace = async (/** @type {string} */ content) => {
      try {
        return await call("PUT", `${path}${only(newest)}`, { content });
      } catch (problem) {
        // It may be gone, as an event has told or will; of another one an event tells as well, and it is offered.
        if (problem?.code !== "draft_changed" || there()) throw problem;
        return call("PUT", path, { content });
      }
    };
    const put = async () => {
      if (wanted === null) return;
      const content = wanted;
      const mayBeThere = isThere || there();
      wanted = null;
      isThere = content.trim() !== "";
      if (!isThere && !mayBeThere) return;
      sending(content);
      try {
        if (isThere) newest = updatedAt = (await replace(content)).updated_at;
        else await call("DELETE", `${path}${only(updatedAt ?? there()?.updated_at)}`);
      } catch {
        // It is kept here, and goes with what is written next.
      }
    };
    const flush = () => (saving = saving.then(put));
    const save = (/** @type {string} */ content) => {
      wanted = content;
      cancel();
      if (content) cancel = place.after(PAUSE_MS, flush);
      else flush(); // it has been sent: no other device shows it any longer
    };
    /** What is here now is what another device has put there. */
    const taken = () => {
      updatedAt = null;
    };
    /** An event tells of another device's. */
    const heard = () => {
      newest = there()?.updated_at;
    };
    return { save, taken, heard };
  }
}

/** @typedef {{ text: string, sent: string[] }} Kept */

/** @param {string | null} stored @returns {Kept | null} */
function read(stored) {
  try {
    return JSON.parse(stored ?? "null");
  } catch {
    return null;
  }
}
