/** The editor's words, in the reader's language: English as they stand in the source, or Chinese. */

import { CHINESE } from "./chinese.js";

export const isChinese = /^zh\b/i.test(globalThis.navigator?.language ?? "");
export const LANGUAGE = isChinese ? "zh-Hans" : "en";

/**
 * A text of the editor's, with the values of its {names}.
 *
 * @param {string} english
 * @param {Record<string, string | number>} [values]
 */
export function say(english, values = {}) {
  const text = isChinese ? (CHINESE[english] ?? english) : english;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Translates what is in the page's HTML: the texts and names of elements with `data-say`. @param {Document | HTMLElement} [root] */
export function translate(root = document) {
  document.documentElement.lang = LANGUAGE;
  for (const element of root.querySelectorAll("[data-say]")) {
    if (!(element instanceof HTMLElement)) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const given = element.getAttribute(name);
      if (given) element.setAttribute(name, say(given));
    }
    if (element.children.length === 0 && element.textContent?.trim()) element.textContent = say(element.textContent.trim());
  }
}
