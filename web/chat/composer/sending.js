/** From what is written to what is done: a message, or what a command does. */

import { call, list } from "../../lib/session.js";
import { botCommands, runBotCommand } from "../bots/asking.js";
import { openPane } from "../shell/router.js";
import { t } from "../words/words.js";
import { withEmoji } from "./emoji/shortcodes.js";
import { COMMANDS, commandIn, Misused, unescaped } from "./commands.js";

/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {{ words: string, act?: { label: string, run: () => void } }} Said */

/**
 * @param {{
 *   model: Model, chatId: number, threadId?: number, attachments: import("./attachments.js").Attachments,
 *   custom: () => { has(name: string): boolean } | undefined, clear: () => void, fail: (problem: any) => void,
 *   emojiIn?: typeof withEmoji,
 * }} parts
 */
export function sender({ model, chatId, threadId, attachments, custom, clear, fail, emojiIn = withEmoji }) {
  /** What was sent before, as long as it waits for its emoji. @type {Promise<void> | null} */
  let before = null;
  const send = (/** @type {string} */ content) => {
    const file_ids = attachments.take();
    if (!content.trim() && !file_ids.length) return;
    const go = (/** @type {string} */ text) => model.send(chatId, { content: text, file_ids, thread_id: threadId });
    const text = emojiIn(content.trim() ? content.replace(/\s+$/, "") : "", custom());
    // Where emoji are still fetched, what is sent after it waits as well: messages keep their order.
    if (typeof text === "string" && !before) go(text);
    else {
      const sent = Promise.all([text, before]).then(([ready]) => {
        if (before === sent) before = null;
        go(ready);
      });
      before = sent;
    }
    clear();
  };
  /** @param {import("./commands.js").Command} command  @param {string} rest */
  const run = async (command, rest) => {
    if (command.takes && !command.alone && !rest) return fail({ words: `/${command.name} ${t(command.takes)}` });
    try {
      const done = command.run({ model, chatId, rest, call, list, send, openPane });
      if (done instanceof Promise) await done;
      clear();
    } catch (problem) {
      fail(problem instanceof Misused ? { words: t(problem.key, problem.values) } : problem);
    }
  };
  /** @param {string} text */
  const post = (text) => {
    const found = threadId === undefined && !attachments.items.peek().length ? commandIn(text) : null;
    if (!found) return send(unescaped(text));
    if (found.command) return run(found.command, found.rest);
    return ofBot(found.name, found.rest, text);
  };
  /** A command of a bot's; what is nobody's is asked about, unless it looks like no command. @param {string} name  @param {string} rest  @param {string} text */
  const ofBot = async (name, rest, text) => {
    const command = (await botCommands(model.chat(chatId).peek()?.workspace_id)).find((one) => one.name === name);
    if (command) {
      return runBotCommand(model, chatId, command, rest).then(clear, fail);
    }
    if (!/^[a-z]+$/.test(name)) return send(text);
    fail({ words: t("commands.unknown", { name: `/${name}` }), act: { label: t("commands.sendAnyway"), run: () => send(text) } });
  };
  /** A command was chosen from the list: one that takes nothing is done. @param {string} name */
  post.chosen = (name) => {
    const command = COMMANDS.find((one) => one.name === name);
    if (command && !command.takes) run(command, "");
  };
  return post;
}
