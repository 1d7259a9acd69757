/** The dialog that shares a board: links that let people in, and who is in it. */

import { byId, make } from "./dom.js";
import { call } from "./session.js";

const ROLES = ["owner", "editor", "viewer"];

export class Sharing {
  constructor(boardId, me) {
    this.boardId = boardId;
    this.me = me;
    this.dialog = byId("sharing");
    this.failure = this.dialog.querySelector(".failure");
    this.members = [];
    const [shown, copy] = byId("link").children;
    byId("share").addEventListener("click", () => {
      byId("link").hidden = true;
      this.dialog.showModal();
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
    this.members = members;
    byId("share").hidden = role !== "owner" && role !== "editor";
    byId("members").replaceChildren(...members.map((member) => this.#row(member, role === "owner")));
  }

  #row({ user_id: id, fullname, role }, mayChange) {
    const name = make("span", {}, id === this.me.id ? `${fullname} (you)` : fullname);
    if (!mayChange || id === this.me.id) return make("li", {}, name, make("span", {}, role));
    const roles = make("select", { aria: { label: `Role of ${fullname}` } }, ...ROLES.map((one) => make("option", {}, one)));
    roles.value = role;
    roles.addEventListener("change", () => {
      this.#attempt(() => call("PATCH", `/boards/${this.boardId}/members/${id}`, { role: roles.value }));
    });
    return make("li", {}, name, roles);
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
