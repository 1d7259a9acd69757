/**
 * A page's words in the reader's language: English as they stand in the source, or Chinese, from a catalogue by the English
 * ones.
 */

import { chosenLanguage, tagOf } from "./words.js";

const language = chosenLanguage();
export const LANGUAGE = tagOf(language);

/**
 * What says the words of a catalogue, and what translates a page's HTML.
 *
 * @param {Record<string, string>} chinese
 */
export function saying(chinese) {
  /** A text, with the values of its {names}. @param {string} english  @param {Record<string, string | number>} [values] */
  function say(english, values = {}) {
    const text = language === "zh" ? (chinese[english] ?? english) : english;
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }

  /** The texts and names of elements with `data-say`. @param {Document | HTMLElement} [root] */
  function translate(root = document) {
    document.documentElement.lang = LANGUAGE;
    for (const element of root.querySelectorAll("[data-say]")) {
      if (!(element instanceof HTMLElement)) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        const given = element.getAttribute(name);
        if (given) element.setAttribute(name, say(given));
      }
      if (element.children.length === 0 && element.textContent?.trim()) element.textContent = say(element.textContent.trim());
    }
  }

  return { say, translate };
}
