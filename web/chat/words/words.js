/**
 * The chat client's words. `t("sidebar.unread", { n: 3 })` is read when a view is drawn, so a new language redraws all. The
 * words of a folder are a file here, each row `key: [English, Chinese]`; `web/tests/chat_words.test.js` finds what is
 * missing, and what nobody says.
 */

import { chooseLanguage, chosenLanguage, speaker, tagOf } from "../../lib/words.js";
import { computed, signal } from "../../vendor/preact.js";
import { COMPOSER } from "./composer.js";
import { DIALOGS } from "./dialogs.js";
import { NOTIFICATIONS } from "./notifications.js";
import { PANES } from "./panes.js";
import { SHELL } from "./shell.js";
import { TIMELINE } from "./timeline.js";

/** @typedef {import("../../lib/words.js").Language} Language */

export const WORDS = { ...COMPOSER, ...DIALOGS, ...NOTIFICATIONS, ...PANES, ...SHELL, ...TIMELINE };
/** @typedef {keyof typeof WORDS & string} Key */

export const language = signal(/** @type {Language} */ (chosenLanguage()));

/** @param {Language} of */
export function catalogue(of) {
  const column = of === "zh" ? 1 : 0;
  return Object.fromEntries(Object.entries(WORDS).map(([key, row]) => [key, row[column]]));
}

const speak = computed(() => speaker(catalogue(language.value), language.value));

/** @param {Key} key  @param {import("../../lib/words.js").Values} [values] */
export const t = (key, values) => speak.value(key, values);

/** As `Intl` and `lang` have it. */
export const languageTag = computed(() => tagOf(language.value));

/** @param {Language} next */
export function speakIn(next) {
  chooseLanguage(next);
  language.value = next;
}
