/** Messages, threads, reactions and pins, and what is found by searching. */

import { act, bytes, list, read, write } from "./call.js";

export const messages = {
  /** Newest first; with `after_id` oldest first; with `around_id` those around one. */
  list: list("GET /chats/{chat_id}/messages"),
  post: write("POST /chats/{chat_id}/messages"),
  get: read("GET /chats/{chat_id}/messages/{message_id}"),
  /** By its id alone. */
  find: read("GET /messages/{message_id}"),
  edit: write("PATCH /chats/{chat_id}/messages/{message_id}"),
  delete: act("DELETE /chats/{chat_id}/messages/{message_id}"),
  edits: list("GET /chats/{chat_id}/messages/{message_id}/edits"),
};

export const reactions = {
  list: list("GET /chats/{chat_id}/messages/{message_id}/reactions"),
  add: act("PUT /chats/{chat_id}/messages/{message_id}/reactions/{emoji}"),
  remove: act("DELETE /chats/{chat_id}/messages/{message_id}/reactions/{emoji}"),
};

export const pins = {
  list: list("GET /chats/{chat_id}/pins"),
  add: act("PUT /chats/{chat_id}/messages/{message_id}/pin"),
  remove: act("DELETE /chats/{chat_id}/messages/{message_id}/pin"),
};

export const threads = {
  followed: list("GET /threads"),
  replies: list("GET /chats/{chat_id}/messages/{message_id}/thread"),
  follow: act("PUT /chats/{chat_id}/messages/{message_id}/thread/follow"),
  unfollow: act("DELETE /chats/{chat_id}/messages/{message_id}/thread/follow"),
  moveReadMarker: write("POST /chats/{chat_id}/messages/{message_id}/thread/read"),
  draft: read("GET /chats/{chat_id}/messages/{message_id}/thread/draft"),
  saveDraft: write("PUT /chats/{chat_id}/messages/{message_id}/thread/draft"),
  dropDraft: act("DELETE /chats/{chat_id}/messages/{message_id}/thread/draft"),
};

/** What is shown of links in messages. */
export const links = {
  resolve: write("POST /links/resolve"),
  picture: bytes("GET /files/link-images/{chat_id}/{message_id}/{link_id}"),
  remove: act("DELETE /chats/{chat_id}/messages/{message_id}/links"),
};

export const search = {
  messages: read("GET /search"),
  chats: list("GET /search/chats"),
  boards: list("GET /search/boards"),
  pages: list("GET /search/pages"),
  files: list("GET /search/files"),
  people: list("GET /search/people"),
};
