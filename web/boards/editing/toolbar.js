/** What actions.js becomes on the page: buttons, the dialog of keys, and hints. */

import { shown } from "../../lib/actions.js";
import { byId, make } from "../../lib/dom.js";
import { buttonFor, buttonOf, characterSwitch, keyRows } from "../../lib/toolbar.js";
import { isTool, POINTERS, TABLE } from "./actions.js";

/** @param {string} group  @param {string} [className] */
const buttonsOf = (group, className) => TABLE.inGroup(group).map((action) => buttonOf(action, className, isTool(action)));

/** Puts buttons, keys and hints where the page has room for them. */
export function furnish() {
  byId("tools").replaceChildren(...buttonsOf("tools"), make("hr", { dataset: { edits: "" } }), ...buttonsOf("history"));
  byId("style").append(...buttonsOf("selection"));
  byId("zoom").replaceChildren(...buttonsOf("zoom"));
  byId("share").after(...buttonsOf("bar", "quiet icon"));
  byId("keys").replaceChildren(...keyRows(TABLE.actions, POINTERS));
  byId("keys").before(characterSwitch("Letters, digits and signs are keys too"));
  const fit = buttonFor("zoom-fit");
  fit.removeAttribute("aria-label"); // its text is its name, with the scale in it
  fit.append(make("span", { id: "scale" }, "100%"), make("span", { className: "unseen" }, `: ${TABLE.named("zoom-fit").label}`));
  for (const hint of document.querySelectorAll("[data-keys]")) hint.textContent = worded(hint.textContent ?? "");
}

/** A sentence with {names} of actions in it: their keys are put there. @param {string} text */
function worded(text) {
  return text.replace(/\{([\w-]+)\}/g, (_, name) => shown(TABLE.named(name).keys?.[0] ?? ""));
}
