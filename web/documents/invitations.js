/** The workspaces that one is invited into: a card for each, to accept or decline. */

import { byId, make } from "../lib/dom.js";
import { call, list } from "../lib/session.js";
import { say } from "./words.js";

const AS = { owner: say("an owner"), admin: say("an admin"), member: say("a member") };

/**
 * @typedef {object} Invitation as REST has it
 * @property {number} workspace_id
 * @property {string} workspace_name
 * @property {string} inviter_name
 * @property {keyof typeof AS} role
 * @property {string} created_at
 */

export class Invitations {
  #answers = 0;
  /** @type {Map<string, HTMLElement>} */
  #cards = new Map(); // by workspace and time, since a later invitation into the same workspace may be another

  /** @param {(workspace: { id: number, name: string }) => Promise<void>} enter shows a workspace that was accepted, and gives it the focus */
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

  /** @returns {Promise<void>} */
  async #read() {
    const before = this.#answers;
    /** @type {Invitation[]} */
    const open = await list("/invitations");
    if (this.#answers !== before) return this.#read(); // the list may be older than the answer
    const wanted = new Map(open.map((one) => [`${one.workspace_id} ${one.created_at}`, one]));
    for (const [key, card] of this.#cards) if (!wanted.has(key)) this.#drop(key, card);
    for (const [key, invitation] of wanted) if (!this.#cards.has(key)) this.#add(key, invitation);
  }

  /** @param {string} key  @param {Invitation} invitation */
  #add(key, invitation) {
    const card = this.#card(key, invitation);
    this.#cards.set(key, card);
    this.list.append(card);
    this.shown.hidden = false;
  }

  /** If the card had the focus, a neighbour of it gets it, or else the top of the page. @param {string} key  @param {HTMLElement} card */
  #drop(key, card) {
    const focused = card.contains(document.activeElement);
    const next = (card.nextElementSibling ?? card.previousElementSibling)?.querySelector("h3") ?? byId("title");
    this.#cards.delete(key);
    card.remove();
    this.shown.hidden = this.#cards.size === 0;
    if (focused) next.focus();
  }

  /** @param {string} key  @param {Invitation} invitation */
  #card(key, { workspace_id: id, workspace_name: workspace, inviter_name: inviter, role }) {
    const path = `/invitations/${id}`;
    const decline = (/** @type {"inviter" | null} */ block) => call("POST", `${path}/decline`, { block });
    const card = make("li", { className: "invitation" });
    /** @param {string} text  @param {string} label  @param {string} className  @param {() => Promise<string>} act */
    const button = (text, label, className, act) => {
      const made = make("button", { type: "button", className, aria: { label } }, text);
      made.addEventListener("click", () => this.#answer(key, card, act));
      return made;
    };
    const accept = async () => {
      await this.enter(await call("POST", `${path}/accept`));
      return say("You are in {workspace} now.", { workspace });
    };
    const stayOut = async () => {
      await decline(null);
      return say("You have declined the invitation into {workspace}.", { workspace });
    };
    const block = async () => {
      await decline("inviter");
      return say("You have declined the invitation into {workspace}. {inviter} can invite you no more.", { workspace, inviter });
    };
    const acts = [
      button(say("Accept"), say("Accept the invitation into {workspace}", { workspace }), "primary", accept),
      button(say("Decline"), say("Decline the invitation into {workspace}", { workspace }), "quiet", stayOut),
      button(say("Decline and block"), say("Decline and block {inviter}, who invites you into {workspace}", { inviter, workspace }), "quiet", block),
    ];
    card.append(
      make("h3", { tabIndex: -1 }, workspace),
      make("p", {}, say("{inviter} invites you to be {role}.", { inviter, role: AS[role] })),
      make("div", {}, ...acts),
    );
    return card;
  }

  /**
   * Buttons are not disabled meanwhile: that would take the focus from them.
   *
   * @param {string} key
   * @param {HTMLElement} card
   * @param {() => Promise<string>} act returns the message to show
   */
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
