/** How the people who have a document open are shown, alike on boards and pages. */

import { make, makePaths } from "../lib/dom.js";

const COLOURS = 8;
const ARROW = "M2 1l13 6.5-5.5 1.5L7 15z";

/** The number of somebody's colour, for `data-person`. @param {number} userId */
export function colourOf(userId) {
  return String(Math.abs(userId) % COLOURS);
}

/** The first letters of a name's first two words. @param {string} name */
export function initialsOf(name) {
  const words = name.replace(/\(.*?\)|（.*?）/g, "").trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

/** A cursor, and its place for a name. */
export function makeCursor() {
  const arrow = makePaths(1);
  arrow.setAttribute("viewBox", "0 0 16 16");
  arrow.children[0].setAttribute("d", ARROW);
  return make("div", { className: "cursor" }, arrow, make("span"));
}

/** Somebody in the list of those who are here: pressed, one sees where they are. @param {number} id  @param {string} name  @param {() => void} look */
export function personButton(id, name, look) {
  const dataset = { person: colourOf(id), initials: initialsOf(name) }; // which are drawn, and not read out
  const button = make("button", { type: "button", title: name, dataset, aria: { label: name } });
  button.addEventListener("click", look);
  return button;
}
