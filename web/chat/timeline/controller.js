/** One open timeline: which rows are shown and where it stands, what has the focus, and what the user does with messages. */

import { call } from "../../lib/session.js";
import { signal } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { actionsOf, standingIn } from "./actions.js";
import { keyOf } from "./items.js";
import { Reading } from "./reading.js";
import { RowWindow } from "./window.js";

/** @typedef {Record<string, any>} Message */
/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {import("../model/timeline.js").Timeline} Timeline */
/** @typedef {import("./scroll.js").Scroll} Scroll */
/**
 * What is open above the timeline.
 *
 * @typedef {{ kind: "menu", message: Message, at: DOMRect }
 *   | { kind: "react" | "emoji", message: Message, at: DOMRect }
 *   | { kind: "picture", message: Message, fileId: number }} Opened
 */

const MOST_UNREAD_PAGES = 8;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

let made = 0;

export class Controller {
  prefix = `${(made += 1)}-`;
  window = new RowWindow();
  /** @type {Scroll | null} once it is in the page */
  scroll = null;
  active = signal(/** @type {string | null} */ (null));
  /** The row that the pointer is on, and the one that has the focus or something in it. */
  pointed = signal(/** @type {string | null} */ (null));
  focused = signal(/** @type {string | null} */ (null));
  editing = signal(/** @type {string | null} */ (null));
  target = signal(/** @type {string | null} */ (null));
  opened = signal(/** @type {Opened | null} */ (null));
  isAway = signal(false); // from the newest message
  told = signal(""); // to screen readers: what an action has done
  newFrom = signal(/** @type {number | null} */ (null));
  /** Changes when the window has moved. */
  moved = signal(0);
  /** The row that is to be in view once it is there; "end" for the newest. @type {string | null} */
  goal = null;
  isPlaced = signal(false);
  #isGetting = false;
  #waitMs = FIRST_WAIT_MS;
  #timer = 0;

  /**
   * @param {{
   *   model: Model, timeline: Timeline, chatId: number, threadId: number | null,
   *   go: { thread: (id: number) => void, message: (chatId: number, id: number) => void },
   * }} options
   */
  constructor({ model, timeline, chatId, threadId, go }) {
    this.model = model;
    this.timeline = timeline;
    this.chatId = chatId;
    this.threadId = threadId;
    this.go = go;
    this.newFrom.value = threadId === null ? timeline.firstUnread : null;
    this.reading = new Reading({
      tell: (seq) => threadId === null && model.seen(chatId, seq),
      isAttended: () => document.visibilityState === "visible" && document.hasFocus(),
    });
  }

  // -- where it stands

  /** Shows the first unread message, or the newest, or what the address names. @param {number | undefined} target */
  async open(target) {
    if (target !== undefined) return this.show(target);
    if (this.newFrom.value === null) return this.#place("end");
    for (let pages = 0; pages < MOST_UNREAD_PAGES && !this.#reaches(this.newFrom.value); pages += 1) await this.timeline.older().catch(() => {});
    this.#place("first unread");
  }

  /** @param {number} seq */
  #reaches(seq) {
    const [first] = this.timeline.rows.peek();
    return this.timeline.atStart.peek() || (first && first.seq !== null && first.seq <= seq);
  }

  /** Shows a message and marks it. @param {number} id */
  async show(id) {
    await this.timeline.around(id);
    if (!this.timeline.rows.peek().some((message) => message.id === id)) {
      await this.timeline.toNewest();
      throw new Error(t("timeline.missing"));
    }
    this.target.value = String(id);
    this.active.value = String(id);
    this.#place(String(id));
  }

  /** @param {string} goal */
  #place(goal) {
    this.goal = goal;
    this.isPlaced.value = true;
    this.moved.value += 1;
  }

  /** The rows are these, or the window is elsewhere. Before they are drawn. @param {readonly Message[]} rows */
  before(rows) {
    this.scroll?.measure();
    this.window.follow(rows.map(keyOf), this.goal === "end" || (this.goal === null && (this.scroll?.isAtEnd ?? true)));
    if (this.goal === "first unread") {
      const first = rows.find(({ seq }) => seq !== null && seq >= /** @type {number} */ (this.newFrom.peek()));
      this.goal = first ? keyOf(first) : "end";
    }
    if (this.goal === "end") this.window.toEnd();
    else if (this.goal !== null) this.window.toKey(this.goal);
    // Older rows come at once: without them, the first one would lose its day with no room above to make up for it.
    else if (this.scroll?.isNearStart) this.window.up();
  }

  /** After they were drawn, in the same task. */
  after() {
    const { scroll, goal } = this;
    if (!scroll) return;
    scroll.mayFollow = this.window.isAtEnd && this.timeline.atEnd.peek();
    scroll.isAtEnd &&= scroll.mayFollow;
    const row = goal && goal !== "end" ? this.rowOf(goal) : null;
    if (row) scroll.put(row, 0.25);
    else if (goal === "end") scroll.toEnd();
    else scroll.hold();
    if (row || (goal === "end" && scroll.list.childElementCount)) this.goal = null;
    this.look();
  }

  /** What follows from where it stands: more is loaded, what is in view is read. */
  look() {
    const { scroll, window, timeline } = this;
    if (!scroll || !this.isPlaced.peek()) return;
    if (scroll.isNearStart) {
      if (window.up()) this.moved.value += 1;
      else if (!timeline.atStart.peek() && !timeline.loading.peek()) this.#get(() => timeline.older());
    }
    if (scroll.isNearEnd) {
      if (window.down()) this.moved.value += 1;
      else if (!timeline.atEnd.peek() && !timeline.loading.peek()) this.#get(() => timeline.newer());
    }
    this.isAway.value = scroll.isFarFromEnd || !window.isAtEnd || !timeline.atEnd.peek();
    timeline.isHeld = this.isAway.value;
    this.reading.look(Number(scroll.lastInView()?.dataset.seq ?? 0));
  }

  /** Gets more. A failure draws the rows anew, and they ask for more again: not before some time has passed. @param {() => Promise<void>} get */
  async #get(get) {
    if (this.#isGetting) return;
    this.#isGetting = true;
    try {
      await get();
      this.#waitMs = FIRST_WAIT_MS;
    } catch {
      await new Promise((resolve) => (this.#timer = setTimeout(resolve, this.#waitMs)));
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    }
    this.#isGetting = false;
    this.look();
  }

  async toNewest() {
    await this.timeline.toNewest();
    this.#place("end");
  }

  // -- the keyboard

  /** @param {string} key  @returns {HTMLElement | null} */
  rowOf(key) {
    return this.scroll?.rows().find((row) => row.dataset.key === key) ?? null;
  }

  /** The row that Tab leads to: the one that had the focus last, or the last in view. @param {string[]} keys of the rows that are shown */
  activeAmong(keys) {
    const active = this.active.value;
    return active !== null && keys.includes(active) ? active : (keys.at(-1) ?? null);
  }

  /** Moves the focus by a number of rows. @param {number} by  @param {string} from */
  step(by, from) {
    const rows = this.timeline.rows.peek();
    const at = rows.findIndex((message) => keyOf(message) === from);
    const to = Math.max(0, Math.min(rows.length - 1, at + by));
    if (!rows[to] || (to === at && Math.abs(by) === 1)) return;
    this.focus(keyOf(rows[to]));
  }

  /** @param {string} key */
  focus(key) {
    this.active.value = key;
    const row = this.rowOf(key);
    if (row) return focusInView(row);
    this.goal = key;
    this.moved.value += 1;
    // The window is drawn in a microtask; the row is there then.
    setTimeout(() => this.rowOf(key)?.focus({ preventScroll: true }));
  }

  // -- what is done with messages

  standing() {
    return standingIn(this.model.about(this.chatId).value, this.model.me.value.id);
  }

  /** @param {Message} message */
  addressOf({ id, chat_id }) {
    return `/chat/${chat_id}/${id}`;
  }

  /** Does an action of the table. @param {string} name  @param {Message} message  @param {Element} [from] what was pressed */
  act(name, message, from) {
    if (name === "delete") openDialog("delete-message", { message });
    else if (name === "forward" || name === "readers" || name === "report") openDialog(name, { message });
    else if (name === "react") this.opened.value = { kind: "react", message, at: (from ?? this.rowOf(keyOf(message)) ?? document.body).getBoundingClientRect() };
    else if (name === "reply") this.openThread(message);
    else if (name === "edit") this.editing.value = keyOf(message);
    else if (name === "copy_text") this.#copy(message.content);
    else if (name === "copy_link") this.#copy(new URL(this.addressOf(message), location.href).href);
    else if (name === "unread") this.#markUnread(message);
    else if (name === "pin") this.#tell(this.model.pin(message, !this.isPinned(message)));
    else if (name === "hide_links") this.#tell(call("DELETE", `/chats/${message.chat_id}/messages/${message.id}/links`));
    else if (name === "retry") this.model.retry(message.pending.key);
    else if (name === "discard") this.model.discard(message.pending.key);
  }

  /** @param {Message} message */
  actionsOf(message) {
    return actionsOf(message, this.standing());
  }

  /** @param {Message} message */
  isPinned({ id }) {
    return Boolean(this.model.about(this.chatId).value?.pinned_message_ids?.includes(id));
  }

  /** @param {Message} message  @param {string} emoji  @param {boolean} on */
  react(message, emoji, on) {
    this.#tell(this.model.react(message, emoji, on));
  }

  /** @param {Message} message */
  openThread({ id, thread_id }) {
    this.go.thread(thread_id ?? id);
  }

  /** @param {Message} message  @param {Record<string, any>} file */
  openPicture(message, file) {
    this.opened.value = { kind: "picture", message, fileId: file.id };
  }

  /** @param {Message} message  @param {DOMRect} at */
  openMenu(message, at) {
    this.opened.value = { kind: "menu", message, at };
  }

  /** Closes what is open, and the row has the focus again. */
  close() {
    const was = this.opened.value;
    this.opened.value = null;
    if (was) this.rowOf(keyOf(was.message))?.focus({ preventScroll: true });
  }

  /** Edits the last message of one's own that can be edited; whether there is one. */
  editLast() {
    const standing = this.standing();
    const last = this.timeline.rows.peek().findLast((message) => actionsOf(message, standing).some(({ name }) => name === "edit"));
    if (!last) return false;
    this.goal = this.rowOf(keyOf(last)) ? null : keyOf(last);
    this.editing.value = keyOf(last);
    return true;
  }

  endEdit() {
    const key = this.editing.value;
    this.editing.value = null;
    if (key) setTimeout(() => this.rowOf(key)?.focus({ preventScroll: true }));
  }

  /** What was refused is sent with another text. @param {Message} message  @param {string} content */
  resend({ pending: { key, body } }, content) {
    this.model.discard(key);
    const { type, files: file_ids, reply_to, metadata } = body;
    this.model.send(this.chatId, { content, type, file_ids, reply_to, metadata });
  }

  /** @param {Message} message */
  #markUnread(message) {
    this.reading.stop();
    this.newFrom.value = message.seq;
    this.#tell(this.model.markUnread(message));
  }

  /** @param {string} text */
  #copy(text) {
    this.#tell(navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error("clipboard")));
  }

  /** @param {unknown} work */
  #tell(work) {
    Promise.resolve(work).then(
      () => (this.told.value = ""),
      (problem) => (this.told.value = problem.message),
    );
  }

  /** @param {number} chatId  @param {number} id */
  fetchMessage(chatId, id) {
    return fetched(chatId, id);
  }

  leave() {
    clearTimeout(this.#timer);
    this.reading.stop();
  }
}

/** @type {Map<string, Promise<Message>>} messages that are quoted and not in sight, the newest last */
const asked = new Map();
const KEPT = 200;

/** @param {number} chatId  @param {number} id */
function fetched(chatId, id) {
  const path = `/chats/${chatId}/messages/${id}`;
  const answer = asked.get(path) ?? call("GET", path);
  asked.set(path, answer);
  if (asked.size > KEPT) asked.delete(/** @type {string} */ (asked.keys().next().value));
  answer.catch(() => asked.delete(path));
  return answer;
}

/** @param {HTMLElement} row */
function focusInView(row) {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
