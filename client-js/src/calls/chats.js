/** Chats, their members, and what is read, drafted and muted in them. */

import { act, list, read, write } from "./call.js";

export const chats = {
  list: list("GET /chats"),
  create: write("POST /chats"),
  get: read("GET /chats/{chat_id}"),
  update: write("PUT /chats/{chat_id}"),
  delete: act("DELETE /chats/{chat_id}"),
  setPassword: write("PUT /chats/{chat_id}/password"),
  removePassword: act("DELETE /chats/{chat_id}/password"),
  archive: act("POST /chats/{chat_id}/archive"),
  unarchive: act("POST /chats/{chat_id}/unarchive"),
  members: list("GET /chats/{chat_id}/members"),
  addMember: write("POST /chats/{chat_id}/members"),
  removeMember: act("DELETE /chats/{chat_id}/members/{user_id}"),
  setRole: write("PATCH /chats/{chat_id}/members/{user_id}"),
  leave: act("POST /chats/{chat_id}/leave"),
  join: write("POST /chats/{chat_id}/join"),
  silence: write("PUT /chats/{chat_id}/members/{user_id}/silence"),
  endSilence: act("DELETE /chats/{chat_id}/members/{user_id}/silence"),
  transfer: write("POST /chats/{chat_id}/transfer"),
  bans: list("GET /chats/{chat_id}/bans"),
  ban: write("PUT /chats/{chat_id}/bans/{user_id}"),
  liftBan: act("DELETE /chats/{chat_id}/bans/{user_id}"),
  invites: list("GET /chats/{chat_id}/invites"),
  createInvite: write("POST /chats/{chat_id}/invites"),
  revokeInvite: act("DELETE /chats/{chat_id}/invites/{invite_id}"),
  tellTyping: write("POST /chats/{chat_id}/typing"),
};

export const reading = {
  moveMarker: write("POST /chats/{chat_id}/read"),
  markUnread: write("POST /chats/{chat_id}/unread"),
  readers: list("GET /chats/{chat_id}/readers"),
  mentions: list("GET /mentions"),
  setNotifications: write("PATCH /chats/{chat_id}/me"),
  draft: read("GET /chats/{chat_id}/draft"),
  saveDraft: write("PUT /chats/{chat_id}/draft"),
  dropDraft: act("DELETE /chats/{chat_id}/draft"),
};
