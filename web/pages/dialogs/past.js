/** The dialog of the page's history: who changed what and when, the page as it was, and bringing that back. */

import { byId, make } from "../../lib/dom.js";
import { difference } from "../../lib/patches/difference.js";
import { call, firstOf } from "../../lib/session.js";
import { Canvas } from "../canvas/canvas.js";
import { Tree } from "../content/tree.js";
import { say } from "../words.js";
import { inWords, together, toldOf } from "./changes.js";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const LIMIT = 100;

/** @typedef {import("./changes.js").PageEdit} PageEdit */
/** @typedef {import("./changes.js").Change} Change */

export class Past {
  /** @type {PageEdit[]} */
  #edits = [];
  #turn = 0;
  /** Where earlier ones are. @type {string | undefined} */
  #next;
  /** Whether the page has other JSON than components. */
  isFree = false;

  /** @param {number} pageId  @param {import("../content/document.js").PageDocument} page  @param {(userId: number) => string} nameOfUser */
  constructor(pageId, page, nameOfUser) {
    this.path = `/pages/${pageId}`;
    this.page = page;
    this.nameOfUser = nameOfUser;
    this.dialog = byId("past", HTMLDialogElement);
    this.failure = byId("past-failure");
    this.list = byId("past-list");
    this.restore = byId("past-restore", HTMLButtonElement);
    /** @type {any} */
    this.content = null;
    this.restore.addEventListener("click", () => {
      page.change(difference(page.replica.content, this.content));
      this.dialog.close();
    });
  }

  open() {
    this.dialog.showModal();
    this.#edits = [];
    this.#next = `${this.path}/history?limit=${LIMIT}`;
    this.list.replaceChildren();
    this.#clear();
    this.#attempt(() => this.#more());
  }

  #clear() {
    byId("past-changes").replaceChildren();
    byId("past-sheet").replaceChildren();
    byId("past-told").textContent = say("Choose a change to see the page as it was.");
    this.restore.hidden = true;
  }

  async #more() {
    const isFirst = this.#edits.length === 0;
    const before = this.list.childElementCount - 1; // without the button for more, which had the focus
    const { items, next } = await firstOf(this.#next ?? this.path);
    this.#next = next;
    this.#edits.push(...items);
    const changes = together(this.#edits);
    const rows = changes.map((change) => make("li", {}, this.#row(change)));
    if (!rows.length) rows.push(make("li", { className: "none" }, say("Nothing has been changed yet.")));
    if (next) {
      const more = make("button", { type: "button" }, say("Earlier changes"));
      more.addEventListener("click", () => this.#attempt(() => this.#more()));
      rows.push(make("li", {}, more));
    }
    this.list.replaceChildren(...rows);
    if (!isFirst) rows[Math.min(before, rows.length - 1)].querySelector("button")?.focus();
  }

  /** @param {Change} change */
  #row(change) {
    const who = change.userId === null ? say("Somebody") : this.nameOfUser(change.userId);
    const button = make("button", { type: "button", aria: { pressed: "false" } }, toldOf(change.touches), make("small", {}, `${who} · ${WHEN.format(new Date(change.at))}`));
    button.addEventListener("click", () => {
      for (const other of this.list.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
      this.#attempt(() => this.#show(change));
    });
    return button;
  }

  /** The page right after a change, with what it changed marked. @param {Change} change */
  async #show(change) {
    const turn = ++this.#turn;
    const content = await call("GET", `${this.path}/content?version=${change.version}`);
    if (turn !== this.#turn) return;
    this.content = content;
    byId("past-told").textContent = say("Version {version}", { version: change.version });
    byId("past-changes").replaceChildren(...change.touches.map((touch) => make("li", {}, inWords(touch))));
    const sheet = byId("past-sheet");
    if (this.isFree) return sheet.replaceChildren(make("pre", { tabIndex: 0 }, JSON.stringify(content, null, 2)));
    const canvas = new Canvas(sheet);
    canvas.show(new Tree(content));
    for (const { component_id: id } of change.touches) canvas.node(id)?.classList.add("changed");
    sheet.querySelector(".changed")?.scrollIntoView({ block: "center" });
    this.restore.hidden = !this.page.mayEdit || change.version === this.page.replica.version;
  }

  /** @param {() => Promise<void>} act */
  async #attempt(act) {
    this.failure.textContent = "";
    try {
      await act();
    } catch (problem) {
      this.failure.textContent = problem.message;
    }
  }
}
