/** What one may do with another member of a chat, by one's role (docs/permissions.md). The server has the last word. */

import { call } from "../../lib/session.js";
import { openDialog } from "../dialogs/dialogs.js";
import { isAtLeast } from "../shell/chats.js";
import { openChat } from "../shell/router.js";
import { t } from "../words/words.js";

/** @param {import("../shell/chats.js").Chat} chat  @param {any} member  @param {import("../shell/context.js").Model} model @returns {import("../shell/menu.js").Item[]} */
export function memberActions(chat, member, model) {
  const { user_id: userId, role, silenced_until: silenced } = member;
  if (userId === model.me.value.id) return [];
  const manages = isAtLeast(chat, "admin") && (chat.role === "owner" || role !== "owner");
  const isSilenced = silenced !== null && Date.parse(silenced) > Date.now();
  const path = `/chats/${chat.id}/members/${userId}`;
  const roleTo = (/** @type {string} */ next) => tried(call("PATCH", path, { role: next }));
  /** @type {(import("../shell/menu.js").Item | false)[]} */
  const items = [
    { label: t("profile.message"), icon: "send", act: () => tried(openDirect(userId, chat.workspace_id)) },
    manages && role === "member" && { label: t("people.makeAdmin"), icon: "people", begins: true, act: () => roleTo("admin") },
    manages && role === "admin" && { label: t("people.makeMember"), icon: "people", begins: true, act: () => roleTo("member") },
    manages && !isSilenced && { label: t("people.silence"), icon: "mute", act: () => openDialog("silence", { chat, member }) },
    manages && isSilenced && { label: t("people.unsilence"), icon: "mute", act: () => tried(call("DELETE", `${path}/silence`)) },
    manages && { label: t("people.remove"), icon: "leave", bad: true, begins: true, act: () => openDialog("remove", { chat, member }) },
    manages && { label: t("people.ban"), icon: "lock", bad: true, act: () => openDialog("ban", { chat, member }) },
  ];
  return items.filter((item) => item !== false);
}

/** Opens the direct chat with somebody, which is there already or made now. @param {number} userId  @param {number} workspaceId */
export async function openDirect(userId, workspaceId) {
  const { id } = await call("POST", "/chats", { type: "Single", members: [userId], workspace_id: workspaceId });
  openChat(id);
}

/** @param {Promise<unknown>} doing */
const tried = (doing) => doing.catch((problem) => openDialog("failed", { problem }));
