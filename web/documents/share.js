/** The dialog that shares a document (share.html): links that let people in, and who is in it. */

import { byId, fieldOf, make } from "../lib/dom.js";
import { LANGUAGE } from "../lib/saying.js";
import { call, list } from "../lib/session.js";
import { say, translate } from "./words.js";

const ROLES = ["owner", "editor", "viewer"];
const ROLE = /** @type {Record<string, string>} */ ({ owner: say("owner"), editor: say("editor"), viewer: say("viewer") });
/** What a link lets somebody do, by its role: used once, or another number of times. @type {Record<string, [string, string]>} */
const LINKS = {
  owner: ["to own it, until {day}, used once", "to own it, until {day}, used {count} times"],
  editor: ["to edit, until {day}, used once", "to edit, until {day}, used {count} times"],
  viewer: ["to look, until {day}, used once", "to look, until {day}, used {count} times"],
};
const DAY = new Intl.DateTimeFormat(LANGUAGE === "en" ? undefined : LANGUAGE, { day: "numeric", month: "long" });

/** @typedef {{ user_id: number, fullname: string, role: string }} Member */
/** @typedef {{ user_id: number, fullname: string, username: string }} Colleague */

export class Sharing {
  /** @param {"board" | "page"} kind of document  @param {number} id  @param {import("../lib/session.js").User} me */
  constructor(kind, id, me) {
    this.path = `/${kind}s/${id}`;
    this.me = me;
    this.dialog = byId("sharing", HTMLDialogElement);
    translate(this.dialog);
    this.dialog.lang = LANGUAGE;
    byId("sharing-title").textContent = kind === "board" ? say("Share this board") : say("Share this page");
    this.failure = byId("sharing-failure");
    this.adding = byId("adding", HTMLFormElement);
    this.owns = false;
    /** @type {Set<number>} users */
    this.members = new Set();
    /** @type {Colleague[]} those of the workspace who are not members */
    this.colleagues = [];
    const inviting = byId("inviting", HTMLFormElement);
    const [shown, copy] = [byId("shown-link", HTMLInputElement), byId("copy-link")];
    byId("share").addEventListener("click", () => {
      byId("link").hidden = true;
      this.dialog.showModal();
      this.#attempt(() => this.#showLinks());
      this.#nameColleagues();
    });
    this.adding.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(() => this.#add(fieldOf(this.adding, "person").value, fieldOf(this.adding, "role", HTMLSelectElement).value));
    });
    inviting.addEventListener("submit", async (event) => {
      event.preventDefault();
      const role = fieldOf(inviting, "role", HTMLSelectElement).value;
      await this.#attempt(async () => {
        const { token } = await call("POST", `${this.path}/invites`, { role });
        shown.value = `${location.origin}/invite/${token}`;
        byId("link").hidden = false;
        copy.textContent = say("Copy");
        shown.select();
        await this.#showLinks();
      });
    });
    copy.addEventListener("click", async () => {
      shown.select();
      // Without a secure context there is no clipboard to write to: it is selected, for Ctrl+C.
      await navigator.clipboard?.writeText(shown.value).then(() => (copy.textContent = say("Copied")), () => {});
    });
  }

  /** Shows the members, and to an owner what to make of them. The document is as REST tells it to this user. @param {Member[]} members  @param {{ role: string, workspace_id: number }} told */
  know(members, { role, workspace_id: workspaceId }) {
    this.workspaceId = workspaceId;
    this.members = new Set(members.map(({ user_id: id }) => id));
    this.owns = role === "owner";
    byId("share").hidden = !this.owns && role !== "editor";
    byId("members").replaceChildren(...members.map((member) => this.#member(member)));
    if (this.dialog.open) this.#attempt(() => this.#showLinks());
  }

  /** Offers those of the workspace who are not members yet; a guest knows nobody by name. */
  async #nameColleagues() {
    const people = await list(`/workspaces/${this.workspaceId}/members`).catch(() => []);
    this.colleagues = people.filter(({ user_id: id }) => !this.members.has(id));
    this.adding.hidden = !this.colleagues.length;
    byId("colleagues").replaceChildren(...this.colleagues.map((person) => make("option", { value: called(person) })));
  }

  /** @param {string} person  @param {string} role */
  async #add(person, role) {
    const wanted = person.trim().toLowerCase();
    const names = (/** @type {Colleague} */ one) => [called(one), one.fullname, one.username, `@${one.username}`].map((name) => name.toLowerCase());
    const found = this.colleagues.filter((one) => names(one).includes(wanted));
    if (found.length > 1) throw new Error(say("There are several people called {name}: use the user name.", { name: person }));
    if (!found.length) throw new Error(say("Nobody in this workspace is called {name}: send them a link.", { name: person }));
    await call("POST", `${this.path}/members`, { user_id: found[0].user_id, role });
    this.members.add(found[0].user_id);
    this.adding.reset();
    await this.#nameColleagues();
  }

  /** @param {Member} member */
  #member({ user_id: id, fullname, role }) {
    const path = `${this.path}/members/${id}`;
    if (id === this.me.id) return make("li", {}, make("span", {}, say("{name} (you)", { name: fullname })), make("span", {}, ROLE[role]));
    if (!this.owns) return make("li", {}, make("span", {}, fullname), make("span", {}, ROLE[role]));
    const roles = make("select", { aria: { label: say("Role of {name}", { name: fullname }) } }, ...ROLES.map((one) => make("option", { value: one }, ROLE[one])));
    roles.value = role;
    roles.addEventListener("change", () => this.#attempt(() => call("PATCH", path, { role: roles.value })));
    const remove = this.#button(say("Remove"), say("Remove {name}", { name: fullname }), () => call("DELETE", path));
    return make("li", {}, make("span", {}, fullname), roles, remove);
  }

  /** The links that are good, with a way to take back those that one may: an owner all, others their own. */
  async #showLinks() {
    const path = `${this.path}/invites`;
    const links = await list(path);
    byId("links-title").hidden = !links.length;
    byId("links").replaceChildren(
      ...links.map(({ id, role, uses, created_by: maker, expires_at: end }) => {
        const told = say(LINKS[role][uses === 1 ? 0 : 1], { day: DAY.format(new Date(end)), count: uses });
        const revoke = async () => {
          await call("DELETE", `${path}/${id}`);
          byId("link").hidden = true;
          await this.#showLinks();
        };
        const may = this.owns || maker === this.me.id;
        return make("li", {}, make("span", {}, told), may ? this.#button(say("Revoke"), say("Revoke the link {link}", { link: told }), revoke) : null);
      }),
    );
  }

  /** @param {string} text  @param {string} label  @param {() => Promise<unknown>} act */
  #button(text, label, act) {
    const button = make("button", { type: "button", className: "quiet", aria: { label } }, text);
    button.addEventListener("click", () => this.#attempt(act));
    return button;
  }

  /** @param {() => Promise<unknown>} act */
  async #attempt(act) {
    this.failure.textContent = "";
    try {
      await act();
    } catch (problem) {
      this.failure.textContent = problem.message;
    }
  }
}

/** @param {Colleague} colleague */
function called({ fullname, username }) {
  return `${fullname} (@${username})`;
}
