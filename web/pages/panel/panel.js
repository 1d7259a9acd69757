/** The panel of what is selected: its properties as fields, by the table of kinds. */

import { make } from "../../lib/dom.js";
import { paced } from "../../lib/pace.js";
import { kindOf, labelOf } from "../content/kinds.js";
import { say } from "../words.js";
import { controlOf } from "./fields.js";

const WRITE_MS = 250;

/** Events: `begin` (with `id`) when somebody begins to change a property here, `end` when they have ended. */
export class Panel extends EventTarget {
  /** @type {{ renew: (props: Record<string, any>) => void, flush: () => void }[]} */
  #fields = [];
  #shown = "";

  /** @param {HTMLElement} place  @param {import("../content/document.js").PageDocument} page  @param {import("../pictures/uploading.js").Pictures} pictures */
  constructor(place, page, pictures) {
    super();
    this.place = place;
    this.page = page;
    this.pictures = pictures;
    page.addEventListener("select", () => this.show());
    page.addEventListener("change", () => this.show());
    place.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLElement && target.matches("input, textarea, select")) this.dispatchEvent(Object.assign(new Event("begin"), { id: page.selected }));
    });
    place.addEventListener("focusout", () => this.dispatchEvent(new Event("end")));
  }

  show() {
    const { selected, tree, mayEdit } = this.page;
    const amount = this.page.chosen.length;
    const component = selected === null ? undefined : tree.at(selected);
    const shown = JSON.stringify([selected, component?.name, mayEdit, amount]);
    if (shown !== this.#shown) {
      this.flush();
      this.#shown = shown;
      this.#build(selected, component);
    }
    for (const { renew } of this.#fields) renew(component?.props ?? {});
  }

  /** Writes now what was typed a moment ago. */
  flush() {
    for (const { flush } of this.#fields) flush();
  }

  /** @param {string | null} id  @param {import("../content/tree.js").Component} [component] */
  #build(id, component) {
    this.#fields = [];
    if (id === null || !component) {
      this.place.replaceChildren(make("p", { className: "none" }, say("Select something to see its properties.")));
      return;
    }
    const amount = this.page.chosen.length;
    if (amount > 1) {
      this.place.replaceChildren(make("h2", {}, say("{count} selected", { count: amount })), make("p", { className: "none" }, say("Select one of them to see its properties.")));
      return;
    }
    const { fields } = kindOf(component.name);
    const controls = fields.flatMap((field) => this.#field(id, field));
    const none = make("p", { className: "none" }, say("It has no properties of its own."));
    this.place.replaceChildren(make("h2", {}, labelOf(component).called), ...(controls.length ? controls : [none]));
  }

  /** @param {string} id  @param {import("../content/kinds.js").Field} field */
  #field(id, field) {
    const write = paced(WRITE_MS, (/** @type {any} */ value) => this.page.setProp(id, field.prop, value));
    const control = controlOf(field, write, (files) => this.pictures.put(files, { id }));
    control.element.disabled = !this.page.mayEdit;
    this.#fields.push({ flush: write.flush, renew: (props) => control.renew(props[field.prop]) });
    const label = make("label", { className: field.type }, make("span", {}, field.label), control.element, control.told);
    return [label, ...(this.page.mayEdit ? (control.beside ?? []) : [])];
  }
}
