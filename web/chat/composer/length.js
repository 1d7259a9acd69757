/** How much more fits into a message, once that matters. Lengths are those of the server, in code points. */

import { h } from "../../vendor/preact.js";
import { codePoints } from "../text/characters.js";
import { t } from "../words/words.js";

export const MOST_CHARACTERS = 10_000; // `Content` in chat_server/http/fields.py
const NEAR = 500;

/** @param {string} text */
const remaining = (text) => (text.length <= MOST_CHARACTERS - NEAR ? Infinity : MOST_CHARACTERS - codePoints(text.replace(/\s+$/, "")));

/** @param {string} text */
export const tooLong = (text) => remaining(text) < 0;

/** @param {{ text: string }} properties */
export function Remaining({ text }) {
  const rest = remaining(text);
  if (rest > NEAR) return null;
  if (rest < 0) return h("p", { class: "failure", role: "alert" }, t("composer.tooLong", { n: -rest, most: MOST_CHARACTERS }));
  return h("p", { class: "note" }, t("composer.remaining", { n: rest }));
}
