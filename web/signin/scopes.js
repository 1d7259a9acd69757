/** What scopes allow, in the words of whoever grants them. */

import { say } from "./words.js";

/** By the scope (docs/identity/tokens.md). @type {Record<string, string>} */
const SAID = {
  "messages:read": say("Read your messages and drafts"),
  "messages:write": say("Write, edit and delete messages in your name"),
  "chats:read": say("See your chats and who is in them"),
  "chats:write": say("Create and change chats, and who is in them"),
  "workspaces:read": say("See your workspaces and their members"),
  "workspaces:write": say("Change your workspaces, and invite people"),
  "boards:read": say("See your boards"),
  "boards:write": say("Change your boards"),
  "pages:read": say("Read your pages"),
  "pages:write": say("Change and publish your pages"),
  "files:read": say("Open your files"),
  "files:write": say("Upload and delete files"),
  "profile:read": say("See your profile, with your address"),
  "profile:write": say("Change your profile and status"),
  "search:read": say("Search in everything that you see"),
  "events:read": say("Follow everything that you see, as it happens"),
  moderation: say("Moderate: handle reports, ban, silence"),
};

/** @param {string} scope */
export const scopeInWords = (scope) => SAID[scope] ?? scope;
