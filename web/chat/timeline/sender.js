/** What somebody is called above their messages. */

import { t } from "../words/words.js";

/** @param {Record<string, any>} person */
export const senderName = (person) => person.fullname || person.username || t("timeline.somebody");
