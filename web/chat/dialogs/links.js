/** The links that let people into a chat: a new one, and those that are good already. */

import { call, list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { isAtLeast, nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { Dialog, useAttempt } from "./dialogs.js";
import { InviteLink, makeLink } from "./invite_link.js";

/** @param {{ chatId: number }} properties */
export function Links({ chatId }) {
  const model = useModel();
  const chat = model.chat(chatId).value;
  const link = useSignal("");
  const links = useSignal(/** @type {any[]} */ ([]));
  const { busy, failure, attempt } = useAttempt();
  const load = async () => {
    links.value = await list(`/chats/${chatId}/invites`);
  };
  useEffect(() => void attempt(load), [chatId]);
  if (!chat) return null;
  const make = () =>
    attempt(async () => {
      link.value = await makeLink(chatId);
      await load();
    });
  const revoke = (/** @type {number} */ id) =>
    attempt(async () => {
      await call("DELETE", `/chats/${chatId}/invites/${id}`);
      link.value = "";
      await load();
    });
  return h(
    Dialog,
    { title: t("links.title", { name: nameOf(chat, model) }) },
    link.value ? h(InviteLink, { link: link.value }) : h("div", {}, h("button", { type: "button", class: "primary", disabled: busy, autofocus: true, onClick: make }, t("links.make"))),
    h("p", { class: "failure", role: "alert" }, failure),
    links.value.length > 0 && h("h3", {}, t("links.good")),
    links.value.length > 0 &&
      h(
        "ul",
        { class: "owned-list" },
        links.value.map(({ id, uses, expires_at: end, created_by: maker }) => {
          const told = t("links.told", { n: uses, end: momentOf(end) });
          const mine = maker === model.me.value.id || isAtLeast(chat, "admin");
          return h("li", { key: id }, h("span", { class: "text" }, told), mine && h("button", { type: "button", class: "outlined", "aria-label": `${t("links.revoke")} ${told}`, onClick: () => revoke(id) }, t("links.revoke")));
        }),
      ),
  );
}
