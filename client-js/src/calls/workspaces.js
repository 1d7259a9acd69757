/** Workspaces and their people, invitations into them, and what their admins do. */

import { act, list, read, write } from "./call.js";

export const workspaces = {
  list: list("GET /workspaces"),
  create: write("POST /workspaces"),
  get: read("GET /workspaces/{workspace_id}"),
  update: write("PUT /workspaces/{workspace_id}"),
  delete: act("DELETE /workspaces/{workspace_id}"),
  storage: read("GET /workspaces/{workspace_id}/storage"),
  members: list("GET /workspaces/{workspace_id}/members"),
  addMember: write("POST /workspaces/{workspace_id}/members"),
  removeMember: act("DELETE /workspaces/{workspace_id}/members/{user_id}"),
  setRole: write("PATCH /workspaces/{workspace_id}/members/{user_id}"),
  invitations: list("GET /workspaces/{workspace_id}/invitations"),
  invite: write("POST /workspaces/{workspace_id}/invitations"),
  withdrawInvitation: act("DELETE /workspaces/{workspace_id}/invitations/{user_id}"),
  emoji: list("GET /workspaces/{workspace_id}/emoji"),
  addEmoji: write("PUT /workspaces/{workspace_id}/emoji/{name}"),
  removeEmoji: act("DELETE /workspaces/{workspace_id}/emoji/{name}"),
  requiredProvider: read("GET /workspaces/{workspace_id}/required-provider"),
  requireProvider: write("PUT /workspaces/{workspace_id}/required-provider"),
  requireNoProvider: act("DELETE /workspaces/{workspace_id}/required-provider"),
  requiredSecondFactor: read("GET /workspaces/{workspace_id}/required-second-factor"),
  requireSecondFactor: act("PUT /workspaces/{workspace_id}/required-second-factor"),
  requireNoSecondFactor: act("DELETE /workspaces/{workspace_id}/required-second-factor"),
};

export const moderation = {
  report: write("POST /chats/{chat_id}/messages/{message_id}/report"),
  reports: list("GET /workspaces/{workspace_id}/reports"),
  getReport: read("GET /workspaces/{workspace_id}/reports/{report_id}"),
  handleReport: write("PATCH /workspaces/{workspace_id}/reports/{report_id}"),
  audit: list("GET /workspaces/{workspace_id}/audit"),
};

export const invitations = {
  list: list("GET /invitations"),
  accept: act("POST /invitations/{workspace_id}/accept"),
  decline: write("POST /invitations/{workspace_id}/decline"),
  blocks: list("GET /invitation-blocks"),
  liftBlock: act("DELETE /invitation-blocks/{block_id}"),
};

export const invites = {
  show: read("GET /invites/{token}"),
  preview: read("GET /invites/{token}/preview"),
  accept: act("POST /invites/{token}/accept"),
};
