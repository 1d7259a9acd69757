/** The dialog with the board's versions: what was on it, to keep, to take away, and to bring back. */

import { byId, fieldOf, make } from "../../lib/dom.js";
import { call, list, picture } from "../../lib/session.js";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @typedef {{ id: number, name: string, created_by: number | null, created_at: string }} Version */
/** @typedef {"viewer" | "editor" | "owner"} Role */

export class Versions {
  /**
   * @param {number} boardId
   * @param {import("../../lib/session.js").User} me
   * @param {() => Promise<void>} saved resolves when all that was edited here is in the database: what is kept is kept there
   */
  constructor(boardId, me, saved) {
    this.path = `/boards/${boardId}/versions`;
    this.me = me;
    this.saved = saved;
    /** Of members, by id. @type {Map<number, string>} */
    this.names = new Map();
    /** @type {Role | undefined} */
    this.role = undefined;
    /** What is shown, as JSON. @type {string | undefined} */
    this.shown = undefined;
    this.dialog = byId("versions", HTMLDialogElement);
    this.failure = byId("versions-failure");
    const form = byId("keeping", HTMLFormElement);
    byId("download").addEventListener("click", () => this.#attempt(() => download(`/boards/${boardId}/export`, byId("name", HTMLInputElement).value)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(async () => {
        await this.saved();
        await call("POST", this.path, { name: fieldOf(form, "name").value.trim() });
        form.reset();
        await this.#renew();
      });
    });
  }

  open() {
    this.dialog.showModal();
    this.show();
  }

  /** @param {{ user_id: number, fullname: string }[]} members  @param {Role} role */
  know(members, role) {
    this.role = role;
    this.names = new Map(members.map(({ user_id: id, fullname }) => [id, fullname]));
    byId("keeping").hidden = role === "viewer";
    this.show();
  }

  /** Shows them as they are by now, if anybody looks. */
  show() {
    if (this.dialog.open) this.#attempt(() => this.#renew());
  }

  async #renew() {
    const turn = (this.turn = Symbol());
    /** @type {Version[]} */
    const versions = await list(this.path);
    // What is shown already stays as it is, with a question that is being asked; and what was overtaken is old.
    const now = JSON.stringify([versions, this.role, ...this.names]);
    if (now === this.shown || turn !== this.turn) return;
    this.shown = now;
    byId("kept").replaceChildren(...versions.reverse().map((version) => this.#version(version)));
  }

  /** @param {Version} version */
  #version({ id, name, created_by: maker, created_at: at }) {
    const who = maker === this.me.id ? "you" : ((maker !== null && this.names.get(maker)) || "somebody who is gone");
    const told = make("small", {}, `${WHEN.format(new Date(at))}, by ${who}`);
    const path = `${this.path}/${id}`;
    const buttons = [this.#button("Download", name, () => download(`${path}/export`, name))];
    if (this.role !== "viewer") {
      const restore = async () => {
        await this.saved();
        await call("POST", `${path}/restore`);
        this.dialog.close();
      };
      buttons.push(this.#button("Restore", name, restore, true));
    }
    if (this.role === "owner" || (this.role === "editor" && maker === this.me.id)) {
      const remove = async () => {
        await call("DELETE", path);
        await this.#renew();
      };
      buttons.push(this.#button("Delete", name, remove, true));
    }
    return make("li", {}, make("span", {}, name, told), ...buttons);
  }

  /** With `asks` it takes a second press, and until then the focus elsewhere calls it off. @param {string} text  @param {string} name  @param {() => Promise<void>} act  @param {boolean} [asks] */
  #button(text, name, act, asks = false) {
    const button = make("button", { type: "button", className: "quiet" });
    const say = (/** @type {string} */ said) => {
      button.textContent = said;
      button.setAttribute("aria-label", `${said} ${name}`);
    };
    say(text);
    let asked = !asks;
    button.addEventListener("click", () => {
      if (asked) return this.#attempt(act);
      asked = true;
      say(`Really ${text.toLowerCase()}`);
    });
    if (asks) {
      button.addEventListener("blur", () => {
        asked = false;
        say(text);
      });
    }
    return button;
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

/** @param {string} path  @param {string} name */
async function download(path, name) {
  const url = URL.createObjectURL(await picture(path));
  make("a", { href: url, download: `${name}.json` }).click();
  URL.revokeObjectURL(url);
}
