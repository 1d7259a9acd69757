/** Which workspace is shown: that of the open chat, or the one that was chosen last. */

import { effect, signal } from "../../vendor/preact.js";
import { place } from "./router.js";

const CHOSEN = "fechatter.workspace";

export const workspaceId = signal(/** @type {number | null} */ (null));

/** @param {number} id */
export function chooseWorkspace(id) {
  localStorage.setItem(CHOSEN, String(id));
  workspaceId.value = id;
}

/** Keeps it right while chats are opened, and workspaces come and go. @param {import("./context.js").Model} model */
export function followWorkspace(model) {
  return effect(() => {
    const { chatId } = place.value;
    const chat = chatId === null ? undefined : model.about(chatId).value;
    const all = model.workspaces.value;
    if (chat) chooseWorkspace(chat.workspace_id);
    else if (!all.some(({ id }) => id === workspaceId.peek())) {
      const chosen = Number(localStorage.getItem(CHOSEN));
      workspaceId.value = (all.find(({ id }) => id === chosen) ?? all[0])?.id ?? null;
    }
  });
}

/** @param {import("./context.js").Model} model */
export const workspaceOf = (model) => model.workspaces.value.find(({ id }) => id === workspaceId.value);
