/** The chats' picker of emoji and their shortcodes, for a field of the editor. */

import { Field } from "../../chat/composer/field.js";
import { EmojiPicker } from "../../chat/composer/emoji/picker.js";
import { putEmoji, withEmoji } from "../../chat/composer/emoji/shortcodes.js";
import { loadWords } from "../../chat/words/words.js";
import { make } from "../../lib/dom.js";
import { h, render, signal } from "../../vendor/preact.js";

// A workspace's own emoji are pictures, and comments are text.
const model = { emoji: signal(/** @type {ReadonlyMap<number, ReadonlyMap<string, any>>} */ (new Map())) };

/** @param {HTMLTextAreaElement} text */
const fieldOf = (text) => Object.assign(new Field(), { element: text });

/** Opens the picker beside its button; what is chosen is put where the cursor is. @param {HTMLTextAreaElement} text  @param {Element} anchor */
export async function pick(text, anchor) {
  await loadWords();
  const place = make("div", {});
  document.body.append(place);
  const close = () => {
    render(null, place);
    place.remove();
    text.focus();
  };
  render(h(EmojiPicker, { model, workspaceId: 0, anchor, choose: (chosen) => fieldOf(text).insert(chosen), close }), place);
}

/** The shortcode that ends at the cursor becomes its emoji. @param {HTMLTextAreaElement} text  @param {string} now  @param {number} cursor */
export const complete = (text, now, cursor) => putEmoji(fieldOf(text), now, cursor, undefined);

/** @param {string} text */
export const spoken = (text) => withEmoji(text, undefined);
