/** The workspaces that one is invited into: a card for each, to accept or decline. */

import { byId, make } from "../lib/dom.js";
import { call, list } from "../lib/session.js";

const AS = { owner: "an owner", admin: "an admin", member: "a member" };

export class Invitations {
  #answers = 0;
  #cards = new Map(); // by workspace and time, since a later invitation into the same workspace may be another

  /** `enter(workspace)` shows a workspace that was accepted, and gives it the focus. */
  constructor(enter) {
    this.enter = enter;
    this.shown = byId("invitations");
    this.list = byId("invited-into");
    this.failure = byId("failure");
    this.told = byId("told");
  }

  /** Shows them now, and again whenever the page comes back into sight: it holds no stream of events. */
  async follow() {
    document.addEventListener("visibilitychange", () => {
      // A server that cannot be reached leaves the cards as they are; an answer to one will say so.
      if (document.visibilityState === "visible") this.#read().catch(() => {});
    });
    try {
      await this.#read();
    } catch (problem) {
      this.failure.textContent = problem.message;
    }
  }

  async #read() {
    const before = this.#answers;
    const open = await list("/invitations");
    if (this.#answers !== before) return this.#read(); // the list may be older than the answer
    const wanted = new Map(open.map((one) => [`${one.workspace_id} ${one.created_at}`, one]));
    for (const [key, card] of this.#cards) if (!wanted.has(key)) this.#drop(key, card);
    for (const [key, invitation] of wanted) if (!this.#cards.has(key)) this.#add(key, invitation);
  }

  #add(key, invitation) {
    const card = this.#card(key, invitation);
    this.#cards.set(key, card);
    this.list.append(card);
    this.shown.hidden = false;
  }

  /** Focus that was on the card goes to a neighbour of it, or else to the top of the page. */
  #drop(key, card) {
    const focused = card.contains(document.activeElement);
    const next = (card.nextElementSibling ?? card.previousElementSibling)?.querySelector("h3") ?? byId("title");
    this.#cards.delete(key);
    card.remove();
    this.shown.hidden = this.#cards.size === 0;
    if (focused) next.focus();
  }

  #card(key, { workspace_id: id, workspace_name: name, inviter_name: inviter, role }) {
    const path = `/invitations/${id}`;
    const decline = (block) => call("POST", `${path}/decline`, { block });
    const card = make("li", { className: "invitation" });
    const button = (text, label, className, act) => {
      const made = make("button", { type: "button", className, aria: { label } }, text);
      made.addEventListener("click", () => this.#answer(key, card, act));
      return made;
    };
    const accept = async () => {
      await this.enter(await call("POST", `${path}/accept`));
      return `You are in ${name} now.`;
    };
    const stayOut = async () => {
      await decline(null);
      return `You have declined the invitation into ${name}.`;
    };
    const block = async () => {
      await decline("inviter");
      return `You have declined the invitation into ${name}. ${inviter} can invite you no more.`;
    };
    const acts = [
      button("Accept", `Accept the invitation into ${name}`, "primary", accept),
      button("Decline", `Decline the invitation into ${name}`, "quiet", stayOut),
      button("Decline and block", `Decline and block ${inviter}, who invites you into ${name}`, "quiet", block),
    ];
    card.append(
      make("h3", { tabIndex: -1 }, name),
      make("p", {}, `${inviter} invites you to be ${AS[role]}.`),
      make("div", {}, ...acts),
    );
    return card;
  }

  /** `act` returns what to tell of it. Buttons are not disabled meanwhile: that would take the focus from them. */
  async #answer(key, card, act) {
    if (card.ariaBusy === "true") return;
    card.ariaBusy = "true";
    this.failure.textContent = "";
    this.told.textContent = "";
    try {
      const told = await act();
      this.#drop(key, card);
      this.told.textContent = told;
    } catch (problem) {
      this.failure.textContent = problem.message;
      if (problem.status === 404) this.#drop(key, card); // it was withdrawn
    }
    this.#answers++;
    card.ariaBusy = null;
  }
}
