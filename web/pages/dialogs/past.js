/** The dialog of the page's history: who changed what and when, the page as it was, and bringing that back. */

import { byId, make } from "../../lib/dom.js";
import { difference } from "../../lib/patches/difference.js";
import { call } from "../../lib/session.js";
import { Canvas } from "../canvas/canvas.js";
import { kindOf } from "../content/kinds.js";
import { Tree } from "../content/tree.js";
import { say } from "../words.js";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const TOGETHER_MS = 120_000;
const LIMIT = 100;

/** @typedef {{ component_id: string | null, change: "added" | "removed" | "moved" | "changed", name: string | null, label: string | null, members: string[] }} Touch */
/** @typedef {{ version: number, user_id: number | null, created_at: string, touches: Touch[] }} PageEdit as REST has it */
/** What one person did within a short time. @typedef {{ version: number, before: number, userId: number | null, at: string, touches: Touch[] }} Change */

export class Past {
  /** @type {PageEdit[]} */
  #edits = [];
  #turn = 0;

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
    const last = this.#edits.at(-1)?.version;
    const found = await call("GET", `${this.path}/history?limit=${LIMIT}${last === undefined ? "" : `&before=${last}`}`);
    this.#edits.push(...found);
    const changes = together(this.#edits);
    const rows = changes.map((change) => make("li", {}, this.#row(change)));
    if (!rows.length) rows.push(make("li", { className: "none" }, say("Nothing has been changed yet.")));
    if (found.length === LIMIT) {
      const more = make("button", { type: "button" }, say("Earlier changes"));
      more.addEventListener("click", () => this.#attempt(() => this.#more()));
      rows.push(make("li", {}, more));
    }
    this.list.replaceChildren(...rows);
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

/** Keystrokes are not told one by one. @param {PageEdit[]} edits newest first @returns {Change[]} */
export function together(edits) {
  /** @type {Change[]} */
  const changes = [];
  for (const { version, user_id: userId, created_at: at, touches } of edits) {
    const last = changes.at(-1);
    if (last && last.userId === userId && Date.parse(last.at) - Date.parse(at) < TOGETHER_MS) {
      last.before = version - 1;
      const known = new Set(last.touches.map(keyOf));
      last.touches.push(...touches.filter((touch) => !known.has(keyOf(touch))));
    } else changes.push({ version, before: version - 1, userId, at, touches: [...touches] });
  }
  return changes;
}

/** @param {Touch} touch */
const keyOf = ({ component_id: id, change }) => `${id} ${change}`;

/** @param {Touch} touch */
function inWords({ component_id: id, change, name, label }) {
  const called = id === null ? say("the page") : `${name === null ? say("Component") : kindOf(name).label}${label ? ` “${label}”` : ""}`;
  const told = { added: say("Added {what}"), removed: say("Removed {what}"), moved: say("Moved {what}"), changed: say("Changed {what}") };
  return told[change].replace("{what}", called);
}

/** @param {Touch[]} touches */
function toldOf(touches) {
  if (!touches.length) return say("Changed nothing");
  const [first, ...others] = touches;
  return others.length ? say("{what} and {count} more", { what: inWords(first), count: others.length }) : inWords(first);
}
