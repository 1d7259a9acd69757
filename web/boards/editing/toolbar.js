/** What actions.js becomes on the page: buttons, the dialog of keys, and hints. */

import { byId, make, makePaths } from "../../lib/dom.js";
import { ACTIONS, actionNamed, actionsIn, isTool, POINTERS, shown, shownKeys } from "./actions.js";

/** @typedef {import("./actions.js").Action} Action */

/** The buttons of a toolbar. @param {Action["group"]} group  @param {string} [className] */
export const buttonsOf = (group, className = "") => actionsIn(group).map((action) => buttonOf(action, className));

/** @param {Action} action  @param {string} className */
function buttonOf(action, className) {
  const { name, label, keys = [], icon, needs } = action;
  const title = action.title ?? (keys.length ? `${label} (${shown(keys[0])})` : label);
  const button = make("button", { type: "button", className, title, dataset: { action: name }, aria: { label } });
  if (keys.length) button.setAttribute("aria-keyshortcuts", keys.join(" "));
  if (needs === "editor") button.dataset.edits = "";
  if (isTool(action)) button.setAttribute("aria-pressed", "false");
  if (icon) button.append(drawn(icon));
  return button;
}

/** @param {NonNullable<Action["icon"]>} icon */
function drawn({ solid, line }) {
  const paths = [...(solid ? [{ d: solid, class: "solid" }] : []), ...(line ? [{ d: line }] : [])];
  const svg = makePaths(paths.length);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [at, attributes] of paths.entries()) {
    for (const [name, value] of Object.entries(attributes)) svg.children[at].setAttribute(name, value);
  }
  return svg;
}

/** The rows of the dialog that shows the keys: of all actions that have some, and of what pointers do. */
export function keyRows() {
  const rows = ACTIONS.filter(({ keys }) => keys).map((action) => row(shownKeys(action), action.label, action.needs === "editor"));
  return [...rows, ...POINTERS.map(([how, label]) => row(shown(how), label, false))];
}

/** @param {string} keys  @param {string} label  @param {boolean} edits */
function row(keys, label, edits) {
  return make("div", edits ? { dataset: { edits: "" } } : {}, make("dt", {}, keys), make("dd", {}, label));
}

/** Puts buttons, keys and hints where the page has room for them. */
export function furnish() {
  byId("tools").replaceChildren(...buttonsOf("tools"), make("hr", { dataset: { edits: "" } }), ...buttonsOf("history"));
  byId("style").append(...buttonsOf("selection"));
  byId("zoom").replaceChildren(...buttonsOf("zoom"));
  byId("share").after(...buttonsOf("bar", "quiet icon"));
  byId("keys").replaceChildren(...keyRows());
  const fit = buttonFor("zoom-fit");
  fit.removeAttribute("aria-label"); // its text is its name, with the scale in it
  fit.append(make("span", { id: "scale" }, "100%"), make("span", { className: "unseen" }, `: ${actionNamed("zoom-fit").label}`));
  for (const hint of document.querySelectorAll("[data-keys]")) hint.textContent = worded(hint.textContent ?? "");
}

/** The button of an action. @param {string} name @returns {HTMLButtonElement} */
export function buttonFor(name) {
  const found = document.querySelector(`button[data-action="${name}"]`);
  if (!(found instanceof HTMLButtonElement)) throw new Error(`There is no button for ${name}.`);
  return found;
}

/** A sentence with {names} of actions in it: their keys are put there. @param {string} text */
function worded(text) {
  return text.replace(/\{([\w-]+)\}/g, (_, name) => shown(actionNamed(name).keys?.[0] ?? ""));
}
