/**
 * The dialogs: at most one is open. `openDialog("add", { chatId })` fetches its view when it is first needed, and shows it.
 * A dialog closes by Escape, and the browser gives the focus back to where it was.
 */

import { h } from "../../vendor/preact.js";
import { fetched } from "../shell/fetched.js";
import { t } from "../words/words.js";
import { Dialog, showDialog } from "./frame.js";
import { sayProblem } from "./problems.js";

export * from "./frame.js";

/** @type {Record<string, () => Promise<(properties: any) => any>>} */
const VIEWS = {
  acting: async () => (await import("./acting.js")).Acting,
  add: async () => (await import("./add_people.js")).AddPeople,
  announcements: async () => (await import("./announcements.js")).Announcements,
  bot: async () => (await import("../bots/dialog.js")).DialogOfBot,
  ban: async () => (await import("./moderation.js")).Ban,
  chat: async () => (await import("./chat_details.js")).ChatDetails,
  delegations: async () => (await import("./delegations.js")).Delegations,
  devices: async () => (await import("./devices.js")).Devices,
  "delete-message": async () => (await import("./about_message.js")).DeleteMessage,
  directory: async () => (await import("./directory.js")).Directory,
  document: async () => (await import("./document.js")).NewDocument,
  failed: async () => Failed,
  forward: async () => (await import("./about_message.js")).Forward,
  invitations: async () => (await import("./invitations.js")).Invitations,
  invite: async () => (await import("./invite.js")).Invite,
  keys: async () => (await import("./keys.js")).Keys,
  leave: async () => (await import("./moderation.js")).Leave,
  link: async () => (await import("./links.js")).Links,
  new: async () => (await import("./new_chat.js")).NewChat,
  "new-workspace": async () => (await import("./workspace.js")).NewWorkspace,
  notifications: async () => (await import("./notifications.js")).Notifications,
  pushes: async () => (await import("./pushes.js")).Pushes,
  profile: async () => (await import("./profile.js")).Profile,
  readers: async () => (await import("./readers.js")).Readers,
  remove: async () => (await import("./moderation.js")).Remove,
  report: async () => (await import("./about_message.js")).Report,
  reports: async () => (await import("./reports.js")).Reports,
  settings: async () => (await import("./settings.js")).Settings,
  silence: async () => (await import("./moderation.js")).Silence,
  status: async () => (await import("./status.js")).Status,
  switcher: async () => (await import("./switcher.js")).Switcher,
  workspace: async () => (await import("./workspace.js")).Workspace,
};

/** @param {string} name  @param {object} [properties] */
export async function openDialog(name, properties = {}) {
  const view = await fetched(VIEWS[name]).catch((problem) => problem);
  if (typeof view === "function") showDialog(name, view, properties);
  else showDialog("failed", Failed, { problem: view, again: () => openDialog(name, properties) });
}

/** What was tried from a menu, and failed. @param {{ problem: any, again?: () => void }} properties `again` tries it once more */
const Failed = ({ problem, again }) =>
  h(Dialog, { title: t("failed.title") },
    h("p", { role: "alert" }, sayProblem(problem)),
    again && h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: again }, t("failed.again"))),
  );
