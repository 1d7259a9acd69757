/**
 * Acting for somebody: their delegated chats, and what one writes there in their name. All requests say for whom they are
 * made, and so does the stream that brings what is new; both end with the delegation.
 */

import { client } from "../../client/client.js";
import { sender } from "../../client/request.js";
import { Stream } from "../../client/stream.js";
import { metaOf } from "../../lib/dom.js";
import { isComposed } from "../../lib/keyboard.js";
import { freshToken } from "../../lib/session.js";
import { h, useEffect, useMemo, useRef, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { Icon } from "../shell/icons.js";
import { Avatar } from "../shell/person.js";
import { MessageText } from "../text/message_text.js";
import { placesOf } from "../timeline/places.js";
import { senderName } from "../timeline/sender.js";
import { briefOf, momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { closeDialog, Dialog, useAttempt } from "./dialogs.js";

const SHOWN = 50;

/** @param {number} principalId */
function clientFor(principalId) {
  const send = sender();
  return client({ token: freshToken, send: (method, path, options = {}) => send(method, path, { ...options, headers: { ...options.headers, "Acting-For": String(principalId) } }) });
}

/** @param {number} principalId */
const socketFor = (principalId) =>
  class extends WebSocket {
    /** @param {string | URL} url */
    constructor(url) {
      super(`${url}${String(url).includes("?") ? "&" : "?"}acting_for=${principalId}`);
    }
  };

/** @param {{ principalId: number }} properties */
export function Acting({ principalId }) {
  const model = useModel();
  const principal = model.person(principalId).value;
  const api = useMemo(() => clientFor(principalId), [principalId]);
  const chats = useSignal(/** @type {any[] | null} */ (null));
  const chosen = useSignal(/** @type {number | null} */ (null));
  const messages = useSignal(/** @type {any[]} */ ([]));
  const { failure, attempt } = useAttempt();
  const inForce = model.delegations.value.filter(({ principal_id, delegate_id, accepted_at }) => principal_id === principalId && delegate_id === model.me.value.id && accepted_at);
  const ends = inForce.map(({ ends_at }) => ends_at).sort().at(-1);
  const take = (/** @type {any} */ message) => {
    if (message.chat_id !== chosen.peek()) return;
    const others = messages.peek().filter(({ id }) => id !== message.id);
    messages.value = [...others, message].sort((one, other) => one.seq - other.seq);
  };
  useEffect(() => void attempt(async () => {
    chats.value = await api.chats.list({ limit: 500 }).all();
    chosen.value = chats.value[0]?.id ?? null;
  }), [api]);
  useEffect(() => {
    if (chosen.value === null) return undefined;
    let wanted = true;
    const chatId = chosen.value;
    messages.value = [];
    void attempt(async () => {
      const found = await api.messages.list(chatId, { limit: SHOWN }).page();
      if (wanted) messages.value = [...found].sort((one, other) => one.seq - other.seq);
    });
    const stream = new Stream({
      sockets: metaOf("sockets"), token: freshToken, sse: false, WebSocket: socketFor(principalId),
      heard: ({ kind, data }) => (kind === "NewMessage" || kind === "MessageUpdated" || kind === "MessageDeleted" ? take(data) : undefined),
    });
    stream.open();
    return () => {
      wanted = false;
      stream.close();
    };
  }, [api, chosen.value]);
  useEffect(() => {
    if (!inForce.length) closeDialog(); // it has been revoked, or has ended
  }, [inForce.length]);
  return h(
    Dialog,
    { title: t("acting.act", { name: principal.fullname }), class: "acting" },
    h("p", { class: "acting-banner", role: "note" }, h(Icon, { name: "people" }), h("span", {}, t("acting.banner", { name: principal.fullname, me: model.me.value.fullname }), ends && h("small", {}, t("acting.until", { when: momentOf(ends) })))),
    chats.value?.length === 0 && h("p", { class: "none" }, t("acting.noChats")),
    chats.value && chats.value.length > 0 && h("label", { class: "field" }, h("span", {}, t("acting.chat")), h("select", { value: chosen.value, onChange: (/** @type {any} */ { target }) => (chosen.value = Number(target.value)) }, chats.value.map(({ id, name }) => h("option", { key: id, value: id }, name || t("chats.unnamed"))))),
    h(Messages, { messages: messages.value }),
    h("p", { class: "failure", role: "alert" }, failure),
    chosen.value !== null && h(Writing, { key: chosen.value, name: principal.fullname, post: async (content) => take(await api.messages.post(/** @type {number} */ (chosen.value), { content })) }),
  );
}

/** @param {{ messages: any[] }} properties */
function Messages({ messages }) {
  const model = useModel();
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  useEffect(() => list.current?.lastElementChild?.scrollIntoView({ block: "nearest" }), [messages.length]);
  return h(
    "ul",
    { ref: list, class: "acting-messages", "aria-label": t("acting.messages"), tabIndex: 0 },
    messages.filter(({ deleted_at, content }) => !deleted_at && content).map((message) => {
      const sender_ = model.person(message.sender_id).value;
      const delegate = message.delegate_id ? model.person(message.delegate_id).value : null;
      const name = senderName(sender_);
      return h(
        "li",
        { key: message.id },
        h(Avatar, { id: message.sender_id, fullname: name, avatar: sender_.avatar }),
        h("div", {}, h("strong", { dir: "auto" }, delegate ? t("timeline.actingFor", { delegate: senderName(delegate), name }) : name), " ", h("time", { dateTime: message.created_at }, briefOf(message.created_at)), h("div", { dir: "auto" }, h(MessageText, { text: message.content, ...placesOf(model, message) }))),
      );
    }),
  );
}

/** @param {{ name: string, post: (content: string) => Promise<void> }} properties */
function Writing({ name, post }) {
  const { busy, failure, attempt } = useAttempt();
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const send = () =>
    attempt(async () => {
      const area = field.current;
      const content = area?.value.trim();
      if (content) await post(content).then(() => area && (area.value = ""));
    });
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isComposed(event) || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void send();
  };
  return [
    h("div", { key: "writing", class: "acting-writing" }, h("textarea", { ref: field, rows: 2, dir: "auto", "aria-label": t("acting.writeAs", { name }), placeholder: t("acting.writeAs", { name }), onKeyDown }), h("button", { type: "button", class: "primary", disabled: busy, onClick: send }, t("acting.post"))),
    h("p", { key: "failure", class: "failure", role: "alert" }, failure),
  ];
}
