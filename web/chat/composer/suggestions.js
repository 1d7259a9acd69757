/** What a list of completions offers for what has been begun. */

import { botCommands } from "../bots/asking.js";
import { nameOf, isDirect } from "../shell/chats.js";
import { language, t } from "../words/words.js";
import { COMMANDS } from "./commands.js";
import { chatAsText } from "./completion.js";
import { customEmoji, emojiTable, foundEmoji } from "./emoji/emoji.js";
import { best, learnPinyin } from "../matching/matching.js";

/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {import("./completion.js").Begun} Begun */
/**
 * @typedef {object} Suggestion
 * @property {string} key
 * @property {string} insert
 * @property {string} label
 * @property {string} [note] in fainter letters
 * @property {{ id: number, fullname: string, avatar?: string | null }} [person]
 * @property {string} [sign] what stands before the label
 * @property {string} [picture] a path
 */

const MOST = 8;

/** @param {Model} model  @param {number} chatId  @param {Begun} begun @returns {Promise<Suggestion[]>} */
export function suggestionsFor(model, chatId, begun) {
  if (begun.subject === "person") return people(model, chatId, begun.typed);
  if (begun.subject === "chat") return chats(model, chatId, begun.typed);
  if (begun.subject === "emoji") return emoji(model, chatId, begun.typed);
  return commands(model, chatId, begun.typed);
}

/** Members, those who wrote last first; then @here and @all. @param {Model} model  @param {number} chatId  @param {string} typed */
async function people(model, chatId, typed) {
  const all = await membersOf(model, chatId);
  await learnPinyin(all.map(({ fullname }) => fullname));
  const me = model.me.peek().id;
  const wrote = new Map(model.timeline(chatId).rows.peek().map(({ sender_id }, at) => [sender_id, at]));
  const others = all.filter(({ user_id }) => user_id !== me).sort((one, other) => (wrote.get(other.user_id) ?? -1) - (wrote.get(one.user_id) ?? -1));
  const found = best(others, typed, ({ fullname, username }) => [fullname, username], MOST);
  const groups = model.organizations.peek().length ? best(await groupsOf(model), typed, ({ name }) => [name], 3) : [];
  const everyone = all.length > 2 ? best(EVERYONE, typed, ({ name }) => [name], 2) : [];
  return [
    ...found.map(({ user_id: id, fullname, username, avatar }) => ({ key: `@${id}`, insert: `@${username}`, label: fullname, note: `@${username}`, person: { id, fullname, avatar } })),
    ...groups.map(({ id, name, description }) => ({ key: `@group:${id}`, insert: `@${name}`, label: `@${name}`, note: description || t("composer.group"), sign: "@" })),
    ...everyone.map(({ name, help }) => ({ key: `@${name}`, insert: `@${name}`, label: `@${name}`, note: t(help), sign: "@" })),
  ];
}

const EVERYONE = /** @type {const} */ ([
  { name: "here", help: "composer.here" },
  { name: "all", help: "composer.all" },
]);

/** @type {Promise<any[]> | null} */
let groups = null;
let isListening = false;

/** The groups of the reader's organisations, asked for when a name is first begun, and again when they have changed. @param {Model} model */
function groupsOf(model) {
  if (!groups) {
    const { api } = model;
    const all = model.organizations.peek().map(({ id }) => api.organizations.groups(id, { limit: 500 }).all().catch(() => []));
    groups = Promise.all(all).then((found) => found.flat());
  }
  if (!isListening) {
    isListening = true;
    model.listen(({ kind }) => {
      if (kind === "DirectoryUpdated" || kind === "OrganizationUpdated") groups = null;
    });
  }
  return groups;
}

/** Once they are known. @param {Model} model  @param {number} chatId @returns {Promise<any[]>} */
function membersOf(model, chatId) {
  const members = model.members(chatId);
  const known = members.peek();
  if (known) return Promise.resolve(known);
  return new Promise((resolve) => {
    const stop = members.subscribe((all) => {
      if (!all) return;
      resolve(all);
      queueMicrotask(() => stop());
    });
  });
}

/** Channels of the workspace that one is in. @param {Model} model  @param {number} chatId  @param {string} typed */
async function chats(model, chatId, typed) {
  const here = model.chat(chatId).peek()?.workspace_id;
  const all = [...model.chats.peek().values()].filter((chat) => chat.workspace_id === here && !isDirect(chat) && !chat.archived_at);
  await learnPinyin(all.map(({ name }) => name));
  return best(all, typed, ({ name }) => [name], MOST).map((chat) => ({
    key: `#${chat.id}`, insert: chatAsText({ id: chat.id, name: chat.name }), label: nameOf(chat, model), note: chat.description || undefined, sign: "#",
  }));
}

/** @param {Model} model  @param {number} chatId  @param {string} typed */
async function emoji(model, chatId, typed) {
  const here = model.chat(chatId).peek()?.workspace_id;
  const all = [...customEmoji(model.emoji.peek().get(here) ?? []), ...(await emojiTable(language.peek()))];
  return foundEmoji(all, typed, MOST).map(({ text, name, codes, picture }) => ({
    key: text, insert: text, label: codes[0] ? `:${codes[0]}:` : name, note: name === codes[0] ? undefined : name, sign: picture ? undefined : text, picture,
  }));
}

/** Ours, then those of bots. @param {Model} model  @param {number} chatId  @param {string} typed @returns {Promise<Suggestion[]>} */
async function commands(model, chatId, typed) {
  const isBegun = (/** @type {{ name: string }} */ { name }) => name.startsWith(typed.toLowerCase());
  const ours = COMMANDS.filter(isBegun).map(({ name, help, takes }) => ({ key: name, insert: `/${name}`, label: `/${name}${takes ? ` ${t(takes)}` : ""}`, note: t(help) }));
  const known = new Set(COMMANDS.map(({ name }) => name));
  const bots = (await botCommands(model.chat(chatId).peek()?.workspace_id)).filter((one) => isBegun(one) && !known.has(one.name));
  return [...ours, ...bots.slice(0, MOST).map(({ name, description, usage }) => ({ key: name, insert: `/${name}`, label: `/${name}${usage ? ` ${usage}` : ""}`, note: description }))];
}
