/** What can be pressed in a bot's message. */

import { h } from "../../vendor/preact.js";
import { press } from "./asking.js";
import { peopleFor, Pressables } from "./pressable.js";

/** @param {{ message: Record<string, any>, model: import("../model/model.js").Model }} properties */
export function MessageBlocks({ message, model }) {
  const { blocks } = message.metadata;
  return h(Pressables, { blocks, people: peopleFor(model, message.chat_id, blocks), press: (pressed) => press(model, /** @type {any} */ (message), pressed) });
}
