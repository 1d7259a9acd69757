/**
 * What is asked of bots, and what they answer: to the reader alone, at once or later, or by a dialog. There is no event for
 * either, so for some seconds after something was asked the server is asked for more.
 */

import { call } from "../../lib/session.js";
import { signal } from "../../vendor/preact.js";
import { openDialog } from "../dialogs/dialogs.js";
import { features, featuresAnswered } from "../model/features.js";

/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {{ id: number | string, botId: number | null, chatId: number, content: string }} Private */
/** @typedef {{ id: number, bot_id: number, chat_id: number, version: number, view: Record<string, any> }} BotDialog */
/** @typedef {{ name: string, description: string, usage: string, bot_id: number }} BotCommand */
/** @typedef {{ action_id: string, block_id?: string, chosen?: string }} Pressed */

// When, after something was asked.
const ASKED_AT_MS = [250, 750, 1750, 3750, 9750, 19_750];
// A bot has three seconds to open a dialog; one that is open it may change later.
const OPENED_BY_MS = 4000;
// What a bot says at once is in the answer to what it was asked.
const SAID_FROM_MS = 750;
const MOST_KEPT = 20;

/** What bots have said to the reader alone, in this tab. */
export const said = signal(/** @type {Private[]} */ ([]));
/** The topmost dialog that is open. */
export const dialog = signal(/** @type {BotDialog | null} */ (null));

let newest = 0;
let number = 0;
let round = 0;

/** @param {string | number} id */
export const dismiss = (id) => {
  said.value = said.peek().filter((one) => one.id !== id);
};

/** @param {Private} told */
const keep = (told) => {
  said.value = [...said.peek(), told].slice(-MOST_KEPT);
};

/** @param {Model} model  @param {number} chatId  @param {BotCommand} command  @param {string} text */
export async function runBotCommand(model, chatId, command, text) {
  heard(model, await call("POST", `/chats/${chatId}/commands`, { name: command.name, text }), chatId, command.bot_id);
}

/** @param {Model} model  @param {{ chat_id: number, id: number, sender_id: number }} message  @param {Pressed} pressed */
export async function press(model, { chat_id: chatId, id, sender_id: botId }, pressed) {
  heard(model, await call("POST", `/chats/${chatId}/messages/${id}/actions`, pressed), chatId, botId);
}

/** @param {Model} model  @param {{ private: { content: string } | null }} answer  @param {number} chatId  @param {number} botId */
function heard(model, answer, chatId, botId) {
  if (answer.private) keep({ id: `now${++number}`, botId, chatId, content: answer.private.content });
  void askForMore(model);
}

/** What came later; a newer question begins anew. @param {Model} model */
export async function askForMore(model) {
  const mine = ++round;
  let before = 0;
  for (const at of ASKED_AT_MS) {
    await new Promise((resolve) => setTimeout(resolve, at - before));
    if (mine !== round) return;
    before = at;
    // What fails now is asked for the next time.
    await Promise.all([(at <= OPENED_BY_MS || dialog.peek()) && askForDialog(model), at >= SAID_FROM_MS && askForPrivate()]).catch(() => {});
  }
}

/** @param {Model} model */
async function askForDialog(model) {
  showDialogOf(model, await call("GET", "/dialogs"));
}

async function askForPrivate() {
  for (const { id, bot_id: botId, chat_id: chatId, content } of await call("GET", `/private-answers?after_id=${newest}`)) {
    if (id <= newest) continue;
    newest = id;
    keep({ id, botId, chatId, content });
  }
}

/** What the server says is open. @param {Model} model  @param {{ dialog: BotDialog | null }} answer */
export function showDialogOf(model, { dialog: now }) {
  const before = dialog.peek();
  if (now?.id === before?.id && now?.version === before?.version) return;
  dialog.value = now;
  if (now && !before) void openDialog("bot", { model });
}

/** @type {Map<number, Promise<BotCommand[]>>} */
const commands = new Map();
const FRESH_MS = 60_000;

/** The commands of bots in a workspace: none where there are no bots. @param {number | undefined} workspaceId @returns {Promise<BotCommand[]>} */
export async function botCommands(workspaceId) {
  await featuresAnswered;
  if (workspaceId === undefined || !features.value.enable_bot_messages) return [];
  const known = commands.get(workspaceId);
  if (known) return known;
  const found = call("GET", `/workspaces/${workspaceId}/commands?limit=500`).catch(() => {
    commands.delete(workspaceId);
    return [];
  });
  commands.set(workspaceId, found);
  setTimeout(() => commands.delete(workspaceId), FRESH_MS);
  return found;
}
