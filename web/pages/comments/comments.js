/** Comments on components: threads, with replies, that are resolved as a whole. Each is anchored to a component and to the version that its author was looking at. */

import { byId, make } from "../../lib/dom.js";
import { call, list } from "../../lib/session.js";
import { nameOf } from "../canvas/canvas.js";
import { say } from "../words.js";
import { emojiFor, withEmoji } from "./emoji.js";

/**
 * @typedef {object} Comment as REST has it
 * @property {number} id
 * @property {string} component_id
 * @property {number} version
 * @property {number | null} reply_to
 * @property {number | null} author_id
 * @property {string} content
 * @property {string} created_at
 * @property {string | null} resolved_at
 */

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const MOST_CHARACTERS = 4000;

export class Comments {
  /** @type {Comment[]} */
  #all = [];
  #turn = 0;
  #shown = "";
  /** Replies that are being written, by the comment that they are on. @type {Map<number, HTMLFormElement>} */
  #replies = new Map();

  /**
   * @param {object} parts
   * @param {number} parts.pageId
   * @param {import("../../lib/session.js").User} parts.me
   * @param {import("../content/document.js").PageDocument} parts.page
   * @param {import("../canvas/canvas.js").Canvas} parts.canvas
   * @param {(userId: number) => string} parts.nameOfUser
   * @param {() => void} parts.open shows this panel
   */
  constructor({ pageId, me, page, canvas, nameOfUser, open }) {
    this.path = `/pages/${pageId}/comments`;
    this.me = me;
    this.page = page;
    this.canvas = canvas;
    this.nameOfUser = nameOfUser;
    this.open = open;
    this.role = "viewer";
    this.failure = make("p", { className: "failure", role: "alert" });
    this.text = make("textarea", { rows: 3, required: true, maxLength: MOST_CHARACTERS });
    this.about = make("span", {}, "");
    const form = make("form", { id: "commenting" }, make("label", {}, this.about, this.text), make("div", { className: "acts" }, emojiFor(this.text), make("button", { className: "primary" }, say("Comment"))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(async () => {
        const body = { content: await withEmoji(this.text.value), component_id: page.selected ?? page.tree.root, version: page.replica.version };
        await call("POST", this.path, body);
        form.reset();
      });
    });
    this.threads = make("div", {});
    byId("comments").append(form, this.failure, this.threads);
    page.addEventListener("select", () => this.show());
    canvas.addEventListener("draw", () => this.#pin());
  }

  /** Those that are there by now. */
  async renew() {
    const turn = ++this.#turn;
    const found = await list(this.path).catch(() => null);
    if (found === null || turn !== this.#turn) return;
    this.#all = found;
    this.show();
    this.#pin();
  }

  /** Ready to comment on what is selected. */
  begin() {
    this.open();
    this.text.focus();
  }

  show() {
    const { page } = this;
    const about = page.selected === null ? undefined : page.tree.at(page.selected);
    this.about.textContent = about ? say("On {name}", { name: nameOf(about) }) : say("On the page as a whole");
    const firsts = this.#all.filter(({ reply_to: to }) => to === null);
    const shown = firsts.filter(({ component_id: id }) => page.selected === null || page.selected === page.tree.root || page.tree.holds(page.selected, id));
    const sorted = [...shown].sort((a, b) => Number(a.resolved_at !== null) - Number(b.resolved_at !== null) || b.id - a.id);
    const now = JSON.stringify([sorted, this.#all, this.role]);
    if (now === this.#shown) return;
    this.#shown = now;
    const none = make("p", { className: "none" }, say("No comments here yet."));
    const focused = document.activeElement;
    const thread = focused?.closest("article")?.dataset.thread;
    this.threads.replaceChildren(...(sorted.length ? sorted.map((first) => this.#thread(first)) : [none]));
    if (!(focused instanceof HTMLElement) || thread === undefined) return;
    if (this.threads.contains(focused)) focused.focus();
    else /** @type {HTMLElement | null} */ (this.threads.querySelector(`[data-thread="${thread}"]`))?.focus();
  }

  /** @param {Comment} first */
  #thread(first) {
    const replies = this.#all.filter(({ reply_to: to }) => to === first.id);
    const component = this.page.tree.at(first.component_id);
    const on = make("button", { type: "button", className: "on", disabled: !component }, component ? nameOf(component) : say("On something that is gone (version {version})", { version: first.version }));
    on.addEventListener("click", () => {
      this.page.select(first.component_id);
      this.canvas.node(first.component_id)?.scrollIntoView({ block: "center" });
    });
    const resolved = first.resolved_at !== null;
    const resolve = this.#button(resolved ? say("Open again") : say("Resolve"), () => call("PATCH", `${this.path}/${first.id}`, { resolved: !resolved }));
    const reply = make("button", { type: "button", className: "quiet" }, say("Reply"));
    const acts = make("div", { className: "acts" }, reply, resolve, this.#deleting(first));
    reply.addEventListener("click", () => acts.replaceWith(this.#replying(first)));
    const dataset = { thread: String(first.id) };
    return make("article", { className: resolved ? "thread resolved" : "thread", tabIndex: -1, dataset, aria: { label: say("Comment by {name}", { name: this.#author(first) }) } }, on, ...[first, ...replies].flatMap((one) => this.#said(one)), this.#replies.get(first.id) ?? acts);
  }

  /** @param {Comment} comment */
  #said(comment) {
    const who = make("p", { className: "who" }, make("b", {}, this.#author(comment)), ` · ${WHEN.format(new Date(comment.created_at))}${comment.resolved_at ? ` · ${say("resolved")}` : ""}`);
    return [who, make("p", { className: "said", dir: "auto" }, comment.content)];
  }

  /** @param {Comment} first */
  #replying(first) {
    const text = make("textarea", { rows: 2, required: true, maxLength: MOST_CHARACTERS, aria: { label: say("Reply") } });
    const cancel = make("button", { type: "button", className: "quiet" }, say("Cancel"));
    cancel.addEventListener("click", () => {
      this.#replies.delete(first.id);
      this.#shown = "";
      this.show();
      /** @type {HTMLElement | null} */ (this.threads.querySelector(`[data-thread="${first.id}"]`))?.focus();
    });
    const form = make("form", {}, text, make("div", { className: "acts" }, emojiFor(text), make("button", {}, say("Reply")), cancel));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(async () => {
        await call("POST", this.path, { content: await withEmoji(text.value), reply_to: first.id });
        this.#replies.delete(first.id);
      });
    });
    this.#replies.set(first.id, form);
    queueMicrotask(() => text.focus());
    return form;
  }

  /** @param {Comment} comment */
  #deleting(comment) {
    const may = comment.author_id === this.me.id || this.role === "owner";
    return may ? this.#button(say("Delete"), () => call("DELETE", `${this.path}/${comment.id}`)) : null;
  }

  /** @param {Comment} comment */
  #author({ author_id: id }) {
    return id === null ? say("Somebody who is gone") : id === this.me.id ? say("You") : this.nameOfUser(id);
  }

  /** @param {string} text  @param {() => Promise<unknown>} act */
  #button(text, act) {
    const button = make("button", { type: "button", className: "quiet" }, text);
    button.addEventListener("click", () => this.#attempt(act));
    return button;
  }

  /** Marks the components that have open comments. */
  #pin() {
    const counts = new Map();
    for (const { reply_to: to, resolved_at: resolved, component_id: id } of this.#all) {
      if (to === null && resolved === null) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const [id, node] of this.canvas.nodes) {
      const pin = [...node.children].find((child) => child.classList.contains("pin"));
      const count = counts.get(id);
      if (pin && pin.textContent !== String(count)) pin.remove();
      if (count && (!pin || pin.textContent !== String(count))) node.append(this.#pinFor(id, count));
    }
  }

  /** @param {string} id  @param {number} count */
  #pinFor(id, count) {
    const pin = make("button", { type: "button", className: "pin", tabIndex: -1, aria: { label: say("{count} comments", { count }) } }, String(count));
    pin.addEventListener("click", (event) => {
      event.stopPropagation();
      this.page.select(id);
      this.open();
    });
    return pin;
  }

  /** @param {() => Promise<unknown>} act */
  async #attempt(act) {
    this.failure.textContent = "";
    try {
      await act();
      await this.renew();
    } catch (problem) {
      this.failure.textContent = problem.message;
    }
  }
}
