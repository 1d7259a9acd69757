/** The words of administration, in the language that is spoken; the dialogs' and dates' come from the chats. */

import * as chat from "../../chat/words/words.js";
import { fetched } from "../../chat/shell/fetched.js";
import { speaker } from "../../lib/words.js";
import { computed, signal } from "../../vendor/preact.js";

/** @typedef {import("./rows.js").Key} Key */

const FETCH = { en: () => import("./admin_en.js"), zh: () => import("./admin_zh.js") };

const messages = signal({ en: /** @type {Record<string, string>} */ ({}), zh: /** @type {Record<string, string>} */ ({}) });
const speak = computed(() => speaker(messages.value[chat.language.value], chat.language.value));

export const { language, languageTag, sizeInWords } = chat;

/** @param {Key} key  @param {import("../../lib/words.js").Values} [values] */
export const t = (key, values) => speak.value(key, values);

export async function loadWords(of = language.peek()) {
  const { default: words } = await fetched(FETCH[of]);
  messages.value = { ...messages.peek(), [of]: words };
  await chat.loadWords(of);
}

/** @param {import("../../lib/words.js").Language} next */
export async function speakIn(next) {
  await loadWords(next);
  await chat.speakIn(next);
}
