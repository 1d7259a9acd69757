/** Pictures that are pasted, dropped or chosen: each is uploaded, attached to the page, and then shown by a component. */

import { make } from "../../lib/dom.js";
import { call } from "../../lib/session.js";
import { LANGUAGE } from "../../lib/saying.js";
import { faultOf, limitOf, reasonOf, sendFile } from "../../lib/uploads.js";
import { bytesInWords } from "../../lib/words.js";
import { kindOf } from "../content/kinds.js";
import { say } from "../words.js";
import { TYPES } from "./files.js";

const MOST_AT_ONCE = 10;

/** @typedef {import("../content/edits.js").Place} Place */
/** Which picture a file becomes: that of a component, or a new one at a place. @typedef {{ id?: string | null, place?: Place }} Target */

const REASONS = {
  refusedSize: say("It is larger than this server takes."),
  quota: say("There is no room left for it: delete files that are not needed."),
  storage: say("The server cannot store files just now."),
  failed: say("It could not be sent."),
};

export class Pictures {
  #waiting = Promise.resolve();
  /** The page's workspace, once it is known. */
  workspaceId = 0;

  /** @param {HTMLElement} list where those are that are on their way  @param {number} pageId  @param {import("../content/document.js").PageDocument} page */
  constructor(list, pageId, page) {
    this.list = list;
    this.pageId = pageId;
    this.page = page;
  }

  /** @param {File[]} files  @param {Target} [target] of the first; the others follow it */
  put(files, target = {}) {
    if (!this.page.mayEdit || this.page.isFree) return;
    if (files.length > MOST_AT_ONCE) this.#refuse(say("At most {most} pictures at once.", { most: MOST_AT_ONCE }));
    for (const [at, file] of files.slice(0, MOST_AT_ONCE).entries()) this.#begin(file, at ? {} : target);
  }

  /** The component with a picture that is selected, or at an element's place. @param {string | null} id */
  pictureAt(id) {
    const component = id === null ? undefined : this.page.tree.at(id);
    return component && kindOf(component.name).name === "Image" ? id : null;
  }

  /** @param {string} text */
  #refuse(text) {
    const row = make("li", {}, make("span", { className: "failure", role: "alert" }, text));
    row.append(this.#button(say("Dismiss"), () => row.remove()));
    this.list.append(row);
  }

  /** One after the other, in their order. @param {File} file  @param {Target} target */
  #begin(file, target) {
    const ending = new AbortController();
    const bar = make("progress", { max: 1, value: 0, aria: { label: say("Sending {name}", { name: file.name }) } });
    const cancel = this.#button(say("Cancel"), () => ending.abort());
    const row = make("li", {}, make("span", { dir: "auto" }, file.name), bar, cancel);
    this.list.append(row);
    ending.signal.addEventListener("abort", () => row.remove());
    const send = async () => {
      if (ending.signal.aborted) return;
      try {
        const fault = await this.#fault(file);
        if (fault) this.#failed(row, file, fault);
        else {
          const id = await sendFile({ workspaceId: this.workspaceId, file, signal: ending.signal, progressed: (bytes) => (bar.value = bytes / file.size) });
          await call("PUT", `/pages/${this.pageId}/files/${id}`);
          row.remove();
          this.#show(id, file.name, target);
        }
      } catch (problem) {
        if (!ending.signal.aborted) this.#failed(row, file, REASONS[reasonOf(problem)], () => this.#begin(file, target));
      }
    };
    this.#waiting = this.#waiting.then(send);
  }

  /** Why it is not sent. @param {File} file */
  async #fault(file) {
    if (!TYPES.includes(file.type)) return say("It is no picture that every browser shows: use PNG, JPEG, GIF, WebP or AVIF.");
    const most = await limitOf(this.workspaceId).catch(() => Infinity); // then the server says so
    const fault = faultOf(file, most);
    if (fault === "tooLarge") return say("It is larger than {size}.", { size: bytesInWords(most, LANGUAGE) });
    return fault && say("It is empty.");
  }

  /** @param {HTMLElement} row  @param {File} file  @param {string} text  @param {() => void} [again] */
  #failed(row, file, text, again) {
    const said = make("span", { className: "failure", role: "alert", dir: "auto" }, `${file.name}: ${text}`);
    const retry = again && this.#button(say("Try again"), () => {
      row.remove();
      again();
    });
    row.replaceChildren(said, ...(retry ? [retry] : []), this.#button(say("Dismiss"), () => row.remove()));
  }

  /** @param {number} id of the file  @param {string} name  @param {Target} target */
  #show(id, name, { id: into, place }) {
    const src = `/api/files/${id}`;
    const { page } = this;
    if (into && page.tree.at(into)) page.setProp(into, "src", src);
    else page.add({ name: "Image", props: { src, alt: name.replace(/\.[a-z0-9]+$/i, "") } }, place && page.tree.at(place.parent) ? place : undefined);
  }

  /** @param {string} text  @param {() => void} act */
  #button(text, act) {
    const button = make("button", { type: "button", className: "quiet" }, text);
    button.addEventListener("click", act);
    return button;
  }
}
