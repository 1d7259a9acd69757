/** What a table of actions becomes on a page: buttons, and the rows of the dialog of keys. */

import { charactersAct, chooseCharacters, shown, shownKeys } from "./actions.js";
import { make, makePaths } from "./dom.js";

/** @typedef {import("./actions.js").Action} Action */

/** The button of an action; one `held` stays pressed until something else is. @param {Action} action  @param {string} [className]  @param {boolean} [held] */
export function buttonOf(action, className = "", held = false) {
  const { name, label, keys = [], icon, needs } = action;
  const title = action.title ?? (keys.length ? `${label} (${shown(keys[0])})` : label);
  const button = make("button", { type: "button", className, title, dataset: { action: name }, aria: { label } });
  if (keys.length) button.setAttribute("aria-keyshortcuts", keys.join(" "));
  if (needs === "editor") button.dataset.edits = "";
  if (held) button.setAttribute("aria-pressed", "false");
  if (icon) button.append(drawn(icon));
  return button;
}

/** An icon as an image without a name. @param {import("./actions.js").Icon} icon */
export function drawn({ solid, line }) {
  const paths = [...(solid ? [{ d: solid, class: "solid" }] : []), ...(line ? [{ d: line }] : [])];
  const svg = makePaths(paths.length);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [at, attributes] of paths.entries()) {
    for (const [name, value] of Object.entries(attributes)) svg.children[at].setAttribute(name, value);
  }
  return svg;
}

/** The button of an action that is on the page. @param {string} name @returns {HTMLButtonElement} */
export function buttonFor(name) {
  const found = document.querySelector(`button[data-action="${name}"]`);
  if (!(found instanceof HTMLButtonElement)) throw new Error(`There is no button for ${name}.`);
  return found;
}

/** The rows of the dialog that shows the keys: of all actions that have some, and of what pointers do. @param {Action[]} actions  @param {[string, string][]} [pointers] */
export function keyRows(actions, pointers = []) {
  const rows = actions.filter(({ keys }) => keys).map((action) => row(shownKeys(action), action.label, action.needs === "editor"));
  return [...rows, ...pointers.map(([how, label]) => row(shown(how), label, false))];
}

/** The switch in the dialog of keys for those without Control or Alt. @param {string} label */
export function characterSwitch(label) {
  const box = make("input", { type: "checkbox", checked: charactersAct() });
  box.addEventListener("change", () => chooseCharacters(box.checked));
  return make("label", { className: "switch" }, box, label);
}

/** @param {string} keys  @param {string} label  @param {boolean} edits */
function row(keys, label, edits) {
  return make("div", edits ? { dataset: { edits: "" } } : {}, make("dt", {}, keys), make("dd", {}, label));
}
