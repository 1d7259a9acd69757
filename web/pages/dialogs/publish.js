/** The dialog that publishes a page: a copy of it as it is now, at an address of its own. */

import { byId, fieldOf, make } from "../../lib/dom.js";
import { call } from "../../lib/session.js";
import { say } from "../words.js";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @typedef {{ audience: "public" | "members", slug: string, version: number, published_at: string }} Publication */

export class Publishing {
  /** `saved` resolves when all that was edited here is in the database. @param {number} pageId  @param {() => Promise<void>} saved  @param {() => number} version */
  constructor(pageId, saved, version) {
    this.path = `/pages/${pageId}/publish`;
    this.version = version;
    this.dialog = byId("publishing", HTMLDialogElement);
    this.failure = byId("publishing-failure");
    this.form = byId("publish-form", HTMLFormElement);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#attempt(async () => {
        await saved();
        const slug = fieldOf(this.form, "slug").value.trim();
        const audience = fieldOf(this.form, "audience", HTMLSelectElement).value;
        this.#show(await call("POST", this.path, { audience, ...(slug && { slug }) }));
      });
    });
    byId("unpublish").addEventListener("click", () =>
      this.#attempt(async () => {
        await call("DELETE", this.path);
        this.#show(null);
      }),
    );
  }

  open() {
    this.dialog.showModal();
    this.renew();
  }

  /** Shows what is published by now, if anybody looks. */
  renew() {
    if (!this.dialog.open) return;
    this.#attempt(async () => {
      const found = await call("GET", this.path).catch((problem) => {
        if (problem.status !== 404) throw problem;
        return null;
      });
      this.#show(found);
    });
  }

  /** @param {Publication | null} publication */
  #show(publication) {
    byId("unpublish").hidden = publication === null;
    byId("published").hidden = publication === null;
    if (!publication) return;
    const { slug, audience, published_at: at, version } = publication;
    fieldOf(this.form, "slug").value = slug;
    fieldOf(this.form, "audience", HTMLSelectElement).value = audience;
    const address = `${location.origin}/p/${slug}`;
    const newer = this.version() > version ? ` ${say("The page has changed since.")}` : "";
    byId("published").replaceChildren(
      say("Published {when}, at", { when: WHEN.format(new Date(at)) }),
      " ",
      make("a", { href: `/p/${slug}`, target: "_blank", rel: "noopener" }, address),
      newer,
    );
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
