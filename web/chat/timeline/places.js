/** What texts of a chat name: its workspace's channels and emoji, people, and places of this server. */

import { computed } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { areAllowed } from "./file_access.js";

/** @typedef {import("../model/model.js").Model} Model */

/** @type {WeakMap<Model, { value: Map<string, Record<string, any>> }>} by workspace and name */
const channels = new WeakMap();

/** @param {Model} model */
function channelsOf(model) {
  const known = channels.get(model) ?? followed(model);
  channels.set(model, known);
  return known;
}

/** Another map only if a channel has come, gone or another name: what draws its name is not drawn with each message. @param {Model} model */
function followed(model) {
  /** @type {Record<string, any>[]} */
  let named = [];
  /** @type {Map<string, Record<string, any>>} */
  let byName = new Map();
  return computed(() => {
    const now = [...model.chats.value.values()].filter(({ name }) => name);
    const isSame = now.length === named.length && now.every(({ id, name }, at) => id === named[at].id && name === named[at].name);
    if (isSame) return byName;
    named = now;
    return (byName = new Map(now.map((chat) => [`${chat.workspace_id}/${chat.name.toLowerCase()}`, chat])));
  });
}

/**
 * @param {Model} model
 * @param {Record<string, any>} message
 * @returns {{ places: import("../text/message_text.js").Places, mentioned: Set<string> }}
 */
export function placesOf(model, { chat_id, mentions, mentions_everyone }) {
  const workspaceId = model.about(chat_id).value?.workspace_id;
  const people = new Map(mentions.map((/** @type {number} */ id) => model.person(id).value).map((/** @type {Record<string, any>} */ person) => [person.username.toLowerCase(), person]));
  people.delete(""); // is not known yet
  return {
    mentioned: new Set([...people.keys(), ...(mentions_everyone ? ["all", "here"] : [])]),
    places: {
      channel(name) {
        const chat = channelsOf(model).value.get(`${workspaceId}/${name.toLowerCase()}`);
        return chat ? { href: `/chat/${chat.id}`, name: chat.name } : null;
      },
      emoji(name) {
        const found = model.emoji.value.get(workspaceId)?.get(name);
        return found && areAllowed.value ? { src: `/api/files/${found.file_id}` } : null;
      },
      person(name) {
        const found = people.get(name);
        return found ? { me: found.id === model.me.value.id, title: found.fullname } : null;
      },
      own({ kind, id, messageId }) {
        const found = kind === "chat" ? model.about(id).value : (kind === "board" ? model.boards : model.pages).value.get(id);
        if (!found?.name) return null;
        return messageId ? t("timeline.messageIn", { name: found.name }) : kind === "chat" ? `#${found.name}` : found.name;
      },
    },
  };
}
