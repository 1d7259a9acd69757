/**
 * All words of the chat client: the words of a folder are a file here, each row `key: [English, Chinese]`. A page loads the
 * words of one language (`en.js`, `zh.js`). `web/tests/chat_words.test.js` finds what is missing, and what nobody says.
 */

import { COMPOSER } from "./composer.js";
import { DIALOGS } from "./dialogs.js";
import { NOTIFICATIONS } from "./notifications.js";
import { PANES } from "./panes.js";
import { SHELL } from "./shell.js";
import { TIMELINE } from "./timeline.js";

export const WORDS = { ...COMPOSER, ...DIALOGS, ...NOTIFICATIONS, ...PANES, ...SHELL, ...TIMELINE };
/** @typedef {keyof typeof WORDS & string} Key */

/** @param {import("../../lib/words.js").Language} language @returns {Record<string, string>} */
export function catalogue(language) {
  const column = language === "zh" ? 1 : 0;
  return Object.fromEntries(Object.entries(WORDS).map(([key, row]) => [key, row[column]]));
}
