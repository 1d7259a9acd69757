/**
 * What a line that begins with a slash does instead of being sent. A command is a row: its words in `words/composer.js` are
 * `commands.<name>` and, if it takes something, `commands.<name>Takes`.
 */

import { awayIn } from "./durations.js";

/** @typedef {import("../model/model.js").Model} Model */
/**
 * @typedef {object} Call
 * @property {Model} model
 * @property {number} chatId
 * @property {string} rest what is written behind the command
 * @property {(method: string, path: string, body?: any) => Promise<any>} call
 * @property {(path: string) => Promise<any[]>} list
 * @property {(content: string) => void} send
 * @property {(name: string, of?: string) => void} openPane
 */
/** @typedef {import("../words/words.js").Key} Key */

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {Key} help
 * @property {Key} [takes] what is written behind it
 * @property {boolean} [alone] that it also works without
 * @property {(call: Call) => unknown} run throws a `Misused` or what the server answers
 */

/** What was written behind a command is not what it takes. */
export class Misused extends Error {
  /** @param {Key} key  @param {Record<string, string>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

const SHRUG = "¯\\_(ツ)_/¯";

/** @type {Command[]} */
export const COMMANDS = [
  {
    name: "topic", help: "commands.topic", takes: "commands.topicTakes", alone: true,
    run: ({ call, chatId, rest }) => call("PUT", `/chats/${chatId}`, { description: rest }),
  },
  { name: "invite", help: "commands.invite", takes: "commands.inviteTakes", run: invite },
  { name: "leave", help: "commands.leave", run: ({ call, chatId }) => call("POST", `/chats/${chatId}/leave`) },
  { name: "mute", help: "commands.mute", takes: "commands.muteTakes", alone: true, run: mute },
  { name: "unmute", help: "commands.unmute", run: ({ model, chatId }) => model.mute(chatId, null) },
  { name: "status", help: "commands.status", takes: "commands.statusTakes", alone: true, run: setStatus },
  { name: "search", help: "commands.search", takes: "commands.searchTakes", alone: true, run: ({ rest, openPane }) => openPane("search", rest) },
  {
    name: "shrug", help: "commands.shrug", takes: "commands.shrugTakes", alone: true,
    run: ({ send, rest }) => send(rest ? `${rest} ${SHRUG}` : SHRUG),
  },
];

/**
 * The command that a text is, of ours or perhaps of a bot's: `//` at the beginning sends what follows as it is, and paths are
 * no commands.
 *
 * @param {string} text
 * @returns {{ name: string, rest: string, command: Command | null } | null} null: it is a message
 */
export function commandIn(text) {
  const match = text.match(/^\/([a-z0-9][a-z0-9_-]{0,31})(?:[ \t]+([\s\S]*))?\s*$/i);
  if (!match || match[0].startsWith("//")) return null;
  const name = match[1].toLowerCase();
  return { name, rest: (match[2] ?? "").trim(), command: COMMANDS.find((one) => one.name === name) ?? null };
}

/** What is sent of a text that begins with `//`. @param {string} text */
export const unescaped = (text) => (/^\/\/[a-z]/i.test(text) ? text.slice(1) : text);

/** @param {Call} call */
async function invite({ model, call, list, chatId, rest }) {
  const names = rest.split(/[\s,，、]+/).map((name) => name.replace(/^@/, "").toLowerCase()).filter(Boolean);
  if (!names.length) throw new Misused("commands.inviteTakes");
  const { workspace_id } = model.chat(chatId).peek() ?? {};
  const people = await list(`/users?workspace_id=${workspace_id}&limit=500`);
  for (const name of names) {
    const user = people.find(({ username }) => username.toLowerCase() === name);
    if (!user) throw new Misused("commands.noSuchPerson", { name });
    await call("POST", `/chats/${chatId}/members`, { user_id: user.id });
  }
}

/** @param {Call} call */
function mute({ model, chatId, rest }) {
  const until = awayIn(rest || "8h", Date.now());
  if (until === null) throw new Misused("commands.muteTakes");
  return model.mute(chatId, new Date(until).toISOString());
}

/** `/status 🍜 lunch`; nothing takes it away. @param {Call} call */
function setStatus({ call, rest }) {
  const [first] = new Intl.Segmenter().segment(rest);
  const emoji = first && /\p{Emoji_Presentation}|\ufe0f/u.test(first.segment) ? first.segment : "";
  const text = rest.slice(emoji.length).trim();
  return call("PUT", "/users/me/status", { text: text || null, emoji: emoji || null });
}
