/**
 * A message in the timeline. It is read as name, text, time: that is the order of its elements, which the style sheet puts
 * elsewhere.
 */

import { h, useComputed, useLayoutEffect, useRef } from "../../vendor/preact.js";
import { Avatar } from "../shell/person.js";
import { MessageText } from "../text/message_text.js";
import { dayOf, momentOf, timeOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { actionsOf } from "./actions.js";
import { Cards } from "./cards.js";
import { Editor } from "./editor.js";
import { Files } from "./files.js";
import { keyOf } from "./items.js";
import { placesOf } from "./places.js";
import { Quote, ThreadSummary } from "./quote.js";
import { Reactions } from "./reactions.js";
import { senderName } from "./sender.js";
import { Icon } from "../shell/icons.js";
import { Later } from "../shell/later.js";

/** @typedef {import("./items.js").Item} Item */
/** @typedef {import("./controller.js").Controller} Controller */

/**
 * @param {Item & { controller: Controller, isActive: boolean, isTarget: boolean, isEdited: boolean }} props `isEdited`: it is
 *   being edited here
 */
export function MessageRow({ message, beginsDay, isFirstNew, isQuoting, isGrouped, controller, isActive, isTarget, isEdited }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    // The list is one stop of Tab, and in the row that has it, its links and buttons are more.
    for (const inside of element.current?.querySelectorAll("a, button, select, input, audio, video, pre, [role=button]") ?? []) {
      if (inside.closest(".tools")) continue;
      // Code that does not fit is scrolled by keys wherever one is.
      const scrolls = inside.tagName === "PRE" && (inside.scrollWidth > inside.clientWidth || inside.scrollHeight > inside.clientHeight);
      /** @type {HTMLElement} */ (inside).tabIndex = isActive || scrolls ? 0 : -1;
    }
  });
  const { model } = controller;
  const sender = model.person(message.sender_id).value;
  const id = `row-${controller.prefix}${message.id}`;
  const kinds = ["entry", isGrouped && "grouped", message.pending && "pending", message.deleted_at && "deleted", isTarget && "target", mentions(message, model.me.value.id) && "mentioned"];
  const isBot = sender.kind === "bot";
  const words = (isBot && ownName(message)) || senderName(sender);
  const delegate = message.delegate_id ? model.person(message.delegate_id).value : null;
  return h(
    "article",
    {
      ref: element, id, class: kinds.filter(Boolean).join(" "), "data-key": message.pending?.key ?? message.id, "data-seq": message.seq ?? undefined,
      tabIndex: isActive ? 0 : -1, "aria-labelledby": `${id}-name ${id}-body ${id}-time`, "aria-posinset": message.seq ?? undefined, "aria-setsize": -1,
    },
    beginsDay && h("h3", { class: "day" }, h("span", {}, dayOf(message.created_at))),
    isFirstNew && h("p", { class: "new-line" }, h("span", {}, t("timeline.new"))),
    h(
      "div",
      { class: "message" },
      !isGrouped && h("span", { class: "face" }, h(Avatar, { id: sender.id, fullname: words, avatar: sender.avatar })),
      h(
        "strong",
        { class: isGrouped ? "name unseen" : "name", id: `${id}-name`, dir: "auto" },
        delegate ? t("timeline.actingFor", { delegate: senderName(delegate), name: words }) : words,
        isBot && h("small", { class: "bot", title: senderName(sender) }, t("timeline.bot")),
      ),
      h("div", { class: "body", id: `${id}-body` }, isEdited ? h(Editor, { message, controller }) : h(Body, { message, controller, isQuoting })),
      h(
        "a",
        { class: "time", id: `${id}-time`, href: message.pending ? undefined : controller.addressOf(message), title: momentOf(message.created_at) },
        h("time", { dateTime: message.created_at }, timeOf(message.created_at)),
      ),
      !message.pending && !message.deleted_at && !isEdited && h(Tools, { message, controller }),
    ),
  );
}

/** The name under which a bot's program wants to be seen. @param {Record<string, any>} message @returns {string | null} */
const ownName = ({ metadata }) => (typeof metadata?.username === "string" ? metadata.username.slice(0, 80) : null);

/** @param {Record<string, any>} message  @param {number} me */
const mentions = ({ mentions: ids, mentions_everyone }, me) => Boolean(mentions_everyone) || ids.includes(me);

/** @param {{ message: Record<string, any>, controller: Controller, isQuoting: boolean }} props */
function Body({ message, controller, isQuoting }) {
  if (message.deleted_at) {
    const own = message.deleted_by === message.sender_id;
    return h("p", { class: "tombstone" }, h(Icon, { name: "trash" }), own ? t("timeline.deleted") : t("timeline.deletedByAdmin"));
  }
  const { places, mentioned } = placesOf(controller.model, message);
  return [
    message.forwarded_from && h(Forwarded, { source: message.forwarded_from, controller }),
    !message.forwarded_from && isQuoting && message.reply_to !== controller.threadId && h(Quote, { message, controller }),
    message.content && h(MessageText, { text: message.content, mentioned, places }),
    message.updated_at && h("small", { class: "edited", title: momentOf(message.updated_at) }, t("timeline.edited")),
    message.files.length > 0 && h(Files, { files: message.files, onOpen: (file) => controller.openPicture(message, file) }),
    h(Cards, { message, model: controller.model }),
    Array.isArray(message.metadata?.blocks) && !message.pending && controller.model.person(message.sender_id).value.kind !== "person" &&
      h(Later, { load: async () => (await import("../bots/message_blocks.js")).MessageBlocks, properties: { message, model: controller.model } }),
    message.pending && h(Pending, { message, controller }),
    message.reactions.length > 0 && h(Reactions, { message, controller }),
    message.thread?.reply_count > 0 && controller.threadId === null && h(ThreadSummary, { message, controller }),
  ];
}

/** @param {{ source: Record<string, any>, controller: Controller }} props */
function Forwarded({ source, controller }) {
  const name = senderName(controller.model.person(source.sender_id).value);
  const known = controller.model.about(source.chat_id).value;
  const text = t("timeline.forwarded", { name });
  return h("p", { class: "forwarded" }, h(Icon, { name: "forward" }), known ? h("a", { href: `/chat/${source.chat_id}/${source.message_id}` }, text) : text);
}

/** What has not been posted: it waits, or the server has refused it. @param {{ message: Record<string, any>, controller: Controller }} props */
function Pending({ message, controller }) {
  const { state, problem } = message.pending;
  if (state !== "refused") return h("small", { class: "state" }, h(Icon, { name: "clock" }), state === "sending" ? t("timeline.sending") : t("timeline.waiting"));
  return h(
    "div",
    { class: "state refused", role: "group" },
    h("span", {}, h(Icon, { name: "alert" }), t("timeline.refused", { reason: problem?.detail ?? "" })),
    ["retry", "discard"].map((name) => h("button", { type: "button", onClick: () => controller.act(name, message) }, t(name === "retry" ? "timeline.retry" : "timeline.discard"))),
    h("button", { type: "button", onClick: () => controller.act("edit", message) }, t("timeline.edit")),
  );
}

/**
 * What the pointer finds on a row; by keyboard it is the menu and its keys. Only where somebody is: in all rows, they would be
 * most of the page's elements.
 *
 * @param {{ message: Record<string, any>, controller: Controller }} props
 */
function Tools({ message, controller }) {
  const { pointed, focused } = controller;
  const isHere = useComputed(() => [pointed.value, focused.value].includes(keyOf(message))).value;
  if (!isHere) return null;
  const shown = actionsOf(message, controller.standing()).filter(({ inToolbar }) => inToolbar);
  return h(
    "div",
    { class: "tools", role: "toolbar", "aria-label": t("timeline.tools") },
    shown.map(({ name, word, icon, keys }) =>
      h(
        "button",
        {
          type: "button", class: "icon", tabIndex: -1, "aria-label": t(word), title: `${t(word)} (${keys[0]})`,
          onClick: (/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) => controller.act(name, message, event.currentTarget),
        },
        h(Icon, { name: icon }),
      ),
    ),
    h(
      "button",
      {
        type: "button", class: "icon", tabIndex: -1, "aria-label": t("timeline.more"), title: t("timeline.more"), "aria-haspopup": "menu",
        onClick: (/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) => controller.openMenu(message, event.currentTarget.getBoundingClientRect()),
      },
      h(Icon, { name: "more" }),
    ),
  );
}
