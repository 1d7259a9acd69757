/** The reactions to a message: each a button that gives or takes back one's own, and says who has given it. */

import { h } from "../../vendor/preact.js";
import { languageTag, t } from "../words/words.js";
import { areAllowed } from "./file_access.js";
import { senderName } from "./sender.js";
import { Icon } from "../shell/icons.js";

/** @typedef {import("./controller.js").Controller} Controller */
/** @typedef {{ emoji: string, count: number, user_ids: number[] }} Reaction */

/** @param {{ message: Record<string, any>, controller: Controller }} props */
export function Reactions({ message, controller }) {
  const { mayWrite } = controller.standing();
  const me = controller.model.me.value.id;
  return h(
    "div",
    { class: "reactions", role: "group", "aria-label": t("timeline.reactions") },
    message.reactions.map((/** @type {Reaction} */ reaction) => {
      const own = reaction.user_ids.includes(me);
      const who = givenBy(reaction, controller);
      return h(
        "button",
        {
          key: reaction.emoji, type: "button", class: own ? "reaction own" : "reaction", disabled: !mayWrite, title: who, "aria-pressed": own,
          "aria-label": `${reaction.emoji} ${reaction.count}: ${who}`, onClick: () => controller.react(message, reaction.emoji, !own),
        },
        h(Emoji, { name: reaction.emoji, controller, chatId: message.chat_id }),
        h("span", { class: "count" }, new Intl.NumberFormat(languageTag.value).format(reaction.count)),
      );
    }),
    mayWrite &&
      h(
        "button",
        {
          type: "button", class: "reaction add", "aria-label": t("timeline.react"), title: t("timeline.react"),
          onClick: (/** @type {MouseEvent & { currentTarget: HTMLElement }} */ event) => controller.act("react", message, event.currentTarget),
        },
        h(Icon, { name: "smile" }),
      ),
  );
}

/** "Ada, Grace and 3 others". @param {Reaction} reaction  @param {Controller} controller */
function givenBy({ user_ids, count }, { model }) {
  const names = user_ids.map((id) => (id === model.me.value.id ? t("timeline.you") : senderName(model.person(id).value)));
  if (count > names.length) names.push(t("timeline.others", { n: count - names.length }));
  return new Intl.ListFormat(languageTag.value).format(names);
}

/** A character, or the picture of a name between colons. @param {{ name: string, controller: Controller, chatId: number }} props */
export function Emoji({ name, controller, chatId }) {
  const { model } = controller;
  const own = name.match(/^:(.+):$/)?.[1];
  const found = own && model.emoji.value.get(model.about(chatId).value?.workspace_id)?.get(own);
  return found && areAllowed.value ? h("img", { class: "emoji", src: `/api/files/${found.file_id}`, alt: name, draggable: false }) : h("span", { class: "glyph" }, name);
}
