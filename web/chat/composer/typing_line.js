/** Who is writing in a chat just now. */

import { h } from "../../vendor/preact.js";
import { languageTag, t } from "../words/words.js";

const NAMED = 2;

/** @param {{ model: import("../model/model.js").Model, chatId: number }} properties */
export function TypingLine({ model, chatId }) {
  const others = model.typing(chatId).value.filter((id) => id !== model.me.value.id);
  const names = others.slice(0, NAMED).map((id) => model.person(id).value.fullname).filter(Boolean);
  if (!names.length) return h("p", { class: "typing" });
  const more = others.length - names.length;
  const list = new Intl.ListFormat(languageTag.value).format(names);
  return h("p", { class: "typing", dir: "auto" }, more > 0 ? t("composer.typingMore", { names: list, n: more }) : t("composer.typing", { names: list, n: names.length }));
}
