/** Emoji in comments: the chats' picker, and `:tada:` as its emoji. Both are fetched when they are first wanted. */

import { make } from "../../lib/dom.js";
import { say } from "../words.js";

const SHORTCODE = /:[a-z0-9_+-]+:/;

/** Null without a network: then what is written is sent as it is. */
const fetched = () => import("./picking.js").catch(() => null);

/**
 * What is written with emoji: a field, and the button that opens the picker for it.
 *
 * @param {HTMLTextAreaElement} text
 */
export function emojiFor(text) {
  const label = say("Emoji");
  const button = make("button", { type: "button", className: "quiet icon", title: label, aria: { label, haspopup: "dialog" } }, make("span", { aria: { hidden: "true" } }, "🙂"));
  button.addEventListener("click", async () => {
    await (await fetched())?.pick(text, button);
  });
  text.addEventListener("input", async () => {
    const [now, cursor] = [text.value, text.selectionEnd];
    if (!SHORTCODE.test(now.slice(0, cursor)) || now[cursor - 1] !== ":") return;
    await (await fetched())?.complete(text, now, cursor);
  });
  return button;
}

/** A text with its emoji, at the latest now that it is sent. @param {string} text */
export const withEmoji = async (text) => ((SHORTCODE.test(text) && (await fetched())?.spoken(text)) || text);
