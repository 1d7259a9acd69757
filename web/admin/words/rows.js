/** All words of administration, as the chats' are (chat/words/rows.js). `web/tests/admin_words.test.js` compares them with what is said. */

import { ACCOUNTS } from "./accounts.js";
import { COMPLIANCE } from "./compliance.js";
import { DIRECTORY } from "./directory.js";
import { SHELL } from "./shell.js";
import { WORKSPACE } from "./workspace.js";

export const WORDS = { ...ACCOUNTS, ...COMPLIANCE, ...DIRECTORY, ...SHELL, ...WORKSPACE };
/** @typedef {keyof typeof WORDS & string} Key */

/** @param {import("../../lib/words.js").Language} language @returns {Record<string, string>} */
export function catalogue(language) {
  const column = language === "zh" ? 1 : 0;
  return Object.fromEntries(Object.entries(WORDS).map(([key, row]) => [key, row[column]]));
}
