/** Bots, their dialogs, and the incoming webhooks by which programs post as them. */

import { act, list, read, write } from "./call.js";

export const dialogs = {
  open: write("POST /dialogs"),
  update: write("PUT /dialogs"),
  shown: read("GET /dialogs"),
  submit: write("POST /dialogs/{dialog_id}/submission"),
  press: write("POST /dialogs/{dialog_id}/actions"),
  close: act("DELETE /dialogs/{dialog_id}"),
};

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
  subscriptions: list("GET /bots/{bot_id}/subscriptions"),
  subscription: read("GET /bots/{bot_id}/subscriptions/{subscription_id}"),
  subscribe: write("POST /bots/{bot_id}/subscriptions"),
  updateSubscription: write("PATCH /bots/{bot_id}/subscriptions/{subscription_id}"),
  unsubscribe: act("DELETE /bots/{bot_id}/subscriptions/{subscription_id}"),
  replaceKey: write("POST /bots/{bot_id}/subscriptions/{subscription_id}/key"),
  failedDeliveries: list("GET /bots/{bot_id}/subscriptions/{subscription_id}/deliveries"),
  deliverAgain: write("POST /bots/{bot_id}/subscriptions/{subscription_id}/deliveries/{position}"),
  attempts: list("GET /bots/{bot_id}/subscriptions/{subscription_id}/attempts"),
  endpoint: read("GET /bots/{bot_id}/endpoint"),
  setEndpoint: write("PUT /bots/{bot_id}/endpoint"),
  setEndpointEvents: write("PUT /bots/{bot_id}/endpoint/events"),
  removeEndpoint: act("DELETE /bots/{bot_id}/endpoint"),
  commands: list("GET /workspaces/{workspace_id}/commands"),
  createCommand: write("POST /bots/{bot_id}/commands"),
  deleteCommand: act("DELETE /bots/{bot_id}/commands/{command_id}"),
  runCommand: write("POST /chats/{chat_id}/commands"),
  press: write("POST /chats/{chat_id}/messages/{message_id}/actions"),
  answerPrivately: write("POST /chats/{chat_id}/private-answers"),
  privateAnswers: list("GET /private-answers"),
};
