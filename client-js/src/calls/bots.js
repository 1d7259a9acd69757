/** Bots, and the incoming webhooks by which programs post as them. */

import { act, list, read, write } from "./call.js";

export const bots = {
  list: list("GET /workspaces/{workspace_id}/bots"),
  create: write("POST /workspaces/{workspace_id}/bots"),
  update: write("PATCH /bots/{bot_id}"),
  delete: act("DELETE /bots/{bot_id}"),
  tokens: list("GET /bots/{bot_id}/tokens"),
  createToken: write("POST /bots/{bot_id}/tokens"),
  endToken: act("DELETE /bots/{bot_id}/tokens/{token_id}"),
  webhooks: list("GET /bots/{bot_id}/webhooks"),
  createWebhook: write("POST /bots/{bot_id}/webhooks"),
  deleteWebhook: act("DELETE /bots/{bot_id}/webhooks/{webhook_id}"),
  postByWebhook: write("POST /hooks/{webhook_id}"),
  endpoint: read("GET /bots/{bot_id}/endpoint"),
  setEndpoint: write("PUT /bots/{bot_id}/endpoint"),
  removeEndpoint: act("DELETE /bots/{bot_id}/endpoint"),
  commands: list("GET /workspaces/{workspace_id}/commands"),
  createCommand: write("POST /bots/{bot_id}/commands"),
  deleteCommand: act("DELETE /bots/{bot_id}/commands/{command_id}"),
  runCommand: write("POST /chats/{chat_id}/commands"),
  press: write("POST /chats/{chat_id}/messages/{message_id}/actions"),
  answerPrivately: write("POST /chats/{chat_id}/private-answers"),
  privateAnswers: list("GET /private-answers"),
};
