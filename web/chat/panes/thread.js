/** A thread beside its chat: what it is about, its replies, and where one replies; and the threads that one follows. */

import { call } from "../../lib/session.js";
import { h, useEffect } from "../../vendor/preact.js";
import { Composer } from "../composer/composer.js";
import { nameOf } from "../shell/chats.js";
import { useModel } from "../shell/context.js";
import { PaneHeader } from "../shell/header.js";
import { Icon } from "../shell/icons.js";
import { addressOf, following, go } from "../shell/router.js";
import { editLast, TimelineView } from "../timeline/timeline_view.js";
import { briefOf, momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { Line } from "./line.js";
import { Failure, useFetched } from "./loading.js";

/** @param {{ chatId: number, of: string }} properties */
export function ThreadPane({ chatId, of }) {
  const model = useModel();
  const threadId = Number(of);
  const chat = model.about(chatId).value;
  const here = model.timeline(chatId).rows.value.find(({ id }) => id === threadId);
  const { found, problem } = useFetched(async () => here ?? call("GET", `/chats/${chatId}/messages/${threadId}`), [chatId, threadId]);
  const root = here ?? found;
  const followed = model.threads.value.get(threadId);
  useReading(model, chatId, threadId);
  const follow = () => call(followed ? "DELETE" : "PUT", `/chats/${chatId}/messages/${threadId}/thread/follow`).catch(() => {});
  const label = followed ? t("thread.unfollow") : t("thread.follow");
  return [
    h(PaneHeader, { key: "header", title: t("panes.thread") },
      h("button", { type: "button", class: "outlined follow", "aria-pressed": followed !== undefined, title: label, onClick: follow }, h(Icon, { name: followed ? "check" : "bell" }), followed ? t("thread.followed") : t("thread.follow"))),
    h(Failure, { key: "failure", problem }),
    root && h("ul", { key: "root", class: "lines root", "aria-label": t("thread.root") }, h(Line, { message: root })),
    h("div", { key: "replies", class: "timeline-frame", role: "region", "aria-label": t("thread.replies") }, h(TimelineView, { model, chatId, threadId })),
    h("div", { key: "composer", class: "composer-frame" }, !chat?.archived_at && h(Composer, { model, chatId, threadId, onEditLast: () => editLast(chatId, threadId) })),
  ];
}

/** What is shown of a followed thread in a window that somebody looks at is read. @param {import("../shell/context.js").Model} model  @param {number} chatId  @param {number} threadId */
function useReading(model, chatId, threadId) {
  const unread = model.threads.value.get(threadId)?.unread ?? 0;
  const newest = model.thread(threadId, chatId).rows.value.findLast(({ pending }) => !pending)?.thread_seq ?? 0;
  useEffect(() => {
    const read = () => {
      if (!unread || !newest || document.visibilityState !== "visible" || !document.hasFocus()) return;
      call("POST", `/chats/${chatId}/messages/${threadId}/thread/read`, { thread_seq: newest }).catch(() => {});
    };
    read();
    addEventListener("focus", read);
    return () => removeEventListener("focus", read);
  }, [unread, newest, threadId]);
}

/** The threads that one follows, in all chats; above them replies that are being written, followed or not. */
export function Threads() {
  const model = useModel();
  const drafts = [...model.threadDrafts.value.values()].sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  const threads = [...model.threads.value.values()];
  // A reply changes a thread's place in the list, and its first message may have changed.
  const { found, problem, isLoading } = useFetched(() => call("GET", "/threads?limit=50"), [threads.map(({ thread_id, thread }) => `${thread_id}:${thread?.last_seq}`).join(" ")]);
  const unreadOf = (/** @type {any} */ { thread_id, unread }) => model.threads.value.get(thread_id)?.unread ?? unread;
  return [
    h(PaneHeader, { key: "header", title: t("panes.threads") }),
    h(
      "div",
      { key: "list", class: "scrolls", "aria-busy": isLoading },
      h(Failure, { problem }),
      drafts.length > 0 && h("ul", { class: "lines drafts", "aria-label": t("threads.drafts") }, drafts.map((draft) => h(Draft, { key: draft.thread_id, draft }))),
      found?.length === 0 && h("p", { class: "notice" }, t("threads.none")),
      h("ul", { class: "lines", "aria-label": t("panes.threads") },
        (found ?? []).map((/** @type {any} */ one) => {
          const unread = unreadOf(one);
          const open = () => go({ chatId: one.chat_id, pane: { name: "thread", of: String(one.thread_id) } });
          return h(Line, { key: one.thread_id, message: one.message, showsChat: true, open },
            unread > 0 && h("span", { class: "badge" }, unread, h("span", { class: "unseen" }, ` ${t("rows.unread")}`)));
        })),
    ),
  ];
}

/** A reply that is being written, and the way to its thread. @param {{ draft: Record<string, any> }} properties */
function Draft({ draft: { chat_id: chatId, thread_id: threadId, content, updated_at: at } }) {
  const model = useModel();
  const chat = model.about(chatId).value;
  const next = { chatId, pane: { name: "thread", of: String(threadId) } };
  return h(
    "li",
    { class: "line" },
    h(
      "a",
      { href: addressOf(next), onClick: following(() => go(next)) },
      h("span", { class: "sign" }, h(Icon, { name: "edit" })),
      h("span", { class: "about" }, h("span", { class: "head" }, h("strong", {}, t("rows.draft")), chat && h("small", { dir: "auto" }, nameOf(chat, model)), h("time", { dateTime: at, title: momentOf(at) }, briefOf(at))), h("span", { class: "text", dir: "auto" }, content)),
    ),
  );
}
