/**
 * The chat client's words, in the language that is spoken. `t("sidebar.unread", { n: 3 })` is read when a view is drawn, so a
 * new language redraws all. Words are fetched before anything is said in them.
 */

import { bytesInWords, chooseLanguage, chosenLanguage, speaker, tagOf } from "../../lib/words.js";
import { batch, computed, signal } from "../../vendor/preact.js";
import { fetched } from "../shell/fetched.js";

/** @typedef {import("../../lib/words.js").Language} Language */
/** @typedef {import("./rows.js").Key} Key */

const FETCH = { en: () => import("./en.js"), zh: () => import("./zh.js") };

export const language = signal(/** @type {Language} */ (chosenLanguage()));
const messages = signal(/** @type {Record<string, string>} */ ({}));
const speak = computed(() => speaker(messages.value, language.value));

/** @param {Key} key  @param {import("../../lib/words.js").Values} [values] */
export const t = (key, values) => speak.value(key, values);

/** As `Intl` and `lang` have it. */
export const languageTag = computed(() => tagOf(language.value));

/** "1.4 MB" @param {number} bytes */
export const sizeInWords = (bytes) => bytesInWords(bytes, languageTag.value);

/** The words of a language come; until then the page says nothing, or goes on in the other. */
export async function loadWords(of = language.peek()) {
  const { default: words } = await fetched(FETCH[of]);
  batch(() => {
    messages.value = words;
    language.value = of;
  });
}

/** @param {Language} next */
export async function speakIn(next) {
  await loadWords(next);
  chooseLanguage(next);
}
