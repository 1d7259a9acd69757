/** Who has read a message, and who has not yet: as their read positions are, which move while one looks. */

import { list } from "../../lib/session.js";
import { h } from "../../vendor/preact.js";
import { Failure, useFetched } from "../panes/loading.js";
import { useModel } from "../shell/context.js";
import { Avatar } from "../shell/person.js";
import { languageTag, t } from "../words/words.js";
import { Dialog, openDialog } from "./dialogs.js";

/** @typedef {{ user_id: number, fullname: string, username: string, avatar?: string | null, last_read_seq: number }} Member */

/** @param {{ message: Record<string, any> }} properties */
export function Readers({ message: { chat_id: chatId, seq, sender_id: sender } }) {
  const model = useModel();
  const members = /** @type {Member[] | null} */ (model.members(chatId).value);
  // Of chats with more than a hundred members, events do not tell how far others have read.
  const { found, problem } = useFetched(async () => new Map((await list(`/chats/${chatId}/readers?limit=500`)).map((one) => [one.user_id, one.last_read_seq])), [chatId, seq]);
  const hasRead = (/** @type {Member} */ { user_id, last_read_seq }) => Math.max(last_read_seq, found?.get(user_id) ?? 0) >= seq;
  const { compare } = new Intl.Collator(languageTag.value);
  const others = (members ?? []).filter(({ user_id }) => user_id !== sender).sort((one, other) => compare(one.fullname, other.fullname));
  const readers = others.filter(hasRead);
  const waiting = others.filter((one) => !hasRead(one));
  return h(
    Dialog,
    { title: t("readers.title") },
    h(Failure, { problem }),
    h(
      "div",
      { class: "readers", "aria-busy": !members || !(found || problem) },
      h(People, { title: t("readers.read", { n: readers.length }), people: readers }),
      h(People, { title: t("readers.notYet", { n: waiting.length }), people: waiting }),
    ),
  );
}

/** @param {{ title: string, people: Member[] }} properties */
function People({ title, people }) {
  if (!people.length) return null;
  return h(
    "section",
    {},
    h("h3", {}, title),
    h(
      "ul",
      { class: "people-list", "aria-label": title },
      people.map(({ user_id: userId, fullname, username, avatar }) =>
        h(
          "li",
          { key: userId },
          h(
            "button",
            { type: "button", class: "person", onClick: () => openDialog("profile", { userId }) },
            h("span", { class: "sign" }, h(Avatar, { id: userId, fullname, avatar })),
            h("span", { class: "who" }, h("strong", { dir: "auto" }, fullname), h("small", { dir: "auto" }, `@${username}`)),
          ),
        ),
      ),
    ),
  );
}
