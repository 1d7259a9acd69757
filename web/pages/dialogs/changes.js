/** What people have changed, in words. */

import { kindOf } from "../content/kinds.js";
import { say } from "../words.js";

const TOGETHER_MS = 120_000;

/** @typedef {{ component_id: string | null, change: "added" | "removed" | "moved" | "changed", name: string | null, label: string | null, members: string[] }} Touch */
/** @typedef {{ version: number, user_id: number | null, created_at: string, touches: Touch[] }} PageEdit as REST has it */
/** What one person did within a short time. @typedef {{ version: number, before: number, userId: number | null, at: string, touches: Touch[] }} Change */

/** Keystrokes are not told one by one. @param {PageEdit[]} edits newest first @returns {Change[]} */
export function together(edits) {
  /** @type {Change[]} */
  const changes = [];
  for (const { version, user_id: userId, created_at: at, touches } of edits) {
    const last = changes.at(-1);
    if (last && last.userId === userId && Date.parse(last.at) - Date.parse(at) < TOGETHER_MS) {
      last.before = version - 1;
      const known = new Set(last.touches.map(keyOf));
      last.touches.push(...touches.filter((touch) => !known.has(keyOf(touch))));
    } else changes.push({ version, before: version - 1, userId, at, touches: [...touches] });
  }
  return changes;
}

/** @param {Touch} touch */
const keyOf = ({ component_id: id, change }) => `${id} ${change}`;

/** What became of a component. @param {Touch} touch */
export function inWords({ component_id: id, change, name, label }) {
  const called = id === null ? say("the page") : `${name === null ? say("Component") : kindOf(name).label}${label ? ` “${label}”` : ""}`;
  const told = { added: say("Added {what}"), removed: say("Removed {what}"), moved: say("Moved {what}"), changed: say("Changed {what}") };
  return told[change].replace("{what}", () => called);
}

/** All of it in a line. @param {Touch[]} touches */
export function toldOf(touches) {
  if (!touches.length) return say("Changed nothing");
  const [first, ...others] = touches;
  return others.length ? say("{what} and {count} more", { what: inWords(first), count: others.length }) : inWords(first);
}
