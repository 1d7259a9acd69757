/** All calls, by their noun. Each operation of the REST interface has one, but those that other programs call. */

import { administration } from "./administration.js";
import { apps } from "./apps.js";
import { bots, dialogs } from "./bots.js";
import { read } from "./call.js";
import { chats, reading } from "./chats.js";
import { compliance } from "./compliance.js";
import { boards, pages } from "./documents.js";
import { files } from "./files.js";
import { links, messages, pins, reactions, search, threads } from "./messages.js";
import { notifications } from "./notifications.js";
import { announcements, delegations, organizations, roles } from "./organizations.js";
import { statistics } from "./statistics.js";
import { account, devices, factors, tokens, users } from "./users.js";
import { invitations, invites, moderation, workspaces } from "./workspaces.js";

export const groups = {
  account, administration, announcements, apps, boards, bots, chats, compliance, delegations, devices, dialogs, factors, files, invitations, invites, links, messages,
  moderation, notifications, organizations, pages, pins, reactions, reading, roles, search, statistics, threads, tokens, users, workspaces,
};
export const sync = read("GET /sync");

/** @typedef {{ [K in keyof typeof groups]: import("./types.js").Group<typeof groups[K]> }} Calls */

/** The methods of a group, which ask with `request`. @param {Record<string, any>} group  @param {import("./call.js").Request} request */
export function bound(group, request) {
  return Object.fromEntries(Object.entries(group).map(([name, call]) => [name, call(request)]));
}
