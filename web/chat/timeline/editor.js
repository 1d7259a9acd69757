/** A message that is being edited in its place, in the field of the composer. */

import { h } from "../../vendor/preact.js";
import { MessageEditor } from "../composer/editor.js";

/** @param {{ message: Record<string, any>, controller: import("./controller.js").Controller }} props */
export function Editor({ message, controller }) {
  const save = async (/** @type {string} */ text) => {
    if (!text && !message.files.length) controller.act(message.pending ? "discard" : "delete", message);
    else if (message.pending) controller.resend(message, text);
    else await controller.model.edit(message, text);
  };
  return h(MessageEditor, { model: controller.model, message, save, done: () => controller.endEdit() });
}
