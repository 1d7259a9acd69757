/** The words of the pages that let people in, and of their account's security, in the reader's language. */

import { saying } from "../lib/saying.js";
import { chooseLanguage, chosenLanguage } from "../lib/words.js";
import { CHINESE } from "./chinese.js";

export { LANGUAGE } from "../lib/saying.js";
export const { say, translate } = saying(CHINESE);

/** A button that chooses the other language, under its own name. It stays chosen, on all pages. @param {HTMLElement} button */
export function offerOtherLanguage(button) {
  const other = chosenLanguage() === "zh" ? "en" : "zh";
  button.textContent = other === "zh" ? "中文" : "English";
  button.lang = other;
  button.addEventListener("click", () => {
    chooseLanguage(other);
    location.reload();
  });
}
