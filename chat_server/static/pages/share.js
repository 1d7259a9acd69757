/** The dialog that shares a board: links that let people in, and who is in it. */

import { byId, make } from "./dom.js";
import { call, list } from "./session.js";

const ROLES = ["owner", "editor", "viewer"];
const MAY = { editor: "edit", viewer: "look" };
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });

export class Sharing {
  constructor(boardId, me) {
    this.boardId = boardId;
    this.me = me;
    this.dialog = byId("sharing");
    this.failure = this.dialog.querySelector(".failure");
    this.owns = false;
    const [shown, copy] = byId("link").children;
    byId("share").addEventListener("click", () => {
      byId("link").hidden = true;
      this.dialog.showModal();
      this.#attempt(() => this.#showLinks());
    });
    byId("inviting").addEventListener("submit", async (event) => {
      event.preventDefault();
      const role = byId("inviting").elements.role.value;
      await this.#attempt(async () => {
        const { token } = await call("POST", `/boards/${boardId}/invites`, { role });
        shown.value = `${location.origin}/invite/${token}`;
        byId("link").hidden = false;
        copy.textContent = "Copy";
        shown.select();
        await this.#showLinks();
      });
    });
    copy.addEventListener("click", async () => {
      shown.select();
      // Without a secure context there is no clipboard to write to: it is selected, for Ctrl+C.
      await navigator.clipboard?.writeText(shown.value).then(() => (copy.textContent = "Copied"), () => {});
    });
  }

  /** Shows the members, and to an owner what to make of them. */
  know(members, role) {
    this.owns = role === "owner";
    byId("share").hidden = !this.owns && role !== "editor";
    byId("members").replaceChildren(...members.map((member) => this.#member(member)));
    if (this.dialog.open) this.#attempt(() => this.#showLinks());
  }

  #member({ user_id: id, fullname, role }) {
    const path = `/boards/${this.boardId}/members/${id}`;
    if (id === this.me.id) return make("li", {}, make("span", {}, `${fullname} (you)`), make("span", {}, role));
    if (!this.owns) return make("li", {}, make("span", {}, fullname), make("span", {}, role));
    const roles = make("select", { aria: { label: `Role of ${fullname}` } }, ...ROLES.map((one) => make("option", {}, one)));
    roles.value = role;
    roles.addEventListener("change", () => this.#attempt(() => call("PATCH", path, { role: roles.value })));
    const remove = this.#button("Remove", `Remove ${fullname}`, () => call("DELETE", path));
    return make("li", {}, make("span", {}, fullname), roles, remove);
  }

  /** The links that are good, with a way to take back those that one may: an owner all, others their own. */
  async #showLinks() {
    const path = `/boards/${this.boardId}/invites`;
    const links = await list(path);
    byId("links").previousElementSibling.hidden = !links.length;
    byId("links").replaceChildren(
      ...links.map(({ id, role, uses, created_by: maker, expires_at: end }) => {
        const told = `to ${MAY[role] ?? "own it"}, until ${DAY.format(new Date(end))}, used ${uses} ${uses === 1 ? "time" : "times"}`;
        const revoke = async () => {
          await call("DELETE", `${path}/${id}`);
          byId("link").hidden = true;
          await this.#showLinks();
        };
        const may = this.owns || maker === this.me.id;
        return make("li", {}, make("span", {}, told), may ? this.#button("Revoke", `Revoke the link ${told}`, revoke) : null);
      }),
    );
  }

  #button(text, label, act) {
    const button = make("button", { type: "button", className: "quiet", aria: { label } }, text);
    button.addEventListener("click", () => this.#attempt(act));
    return button;
  }

  async #attempt(act) {
    this.failure.textContent = "";
    try {
      await act();
    } catch (problem) {
      this.failure.textContent = problem.message;
    }
  }
}
