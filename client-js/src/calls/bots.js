/** Bots, and the incoming webhooks by which programs post as them. */

import { act, list, write } from "./call.js";

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
};
