/** Apps, which people connect by OAuth, and those that the account has connected. */

import { act, list, write } from "./call.js";

export const apps = {
  list: list("GET /workspaces/{workspace_id}/apps"),
  create: write("POST /workspaces/{workspace_id}/apps"),
  update: write("PATCH /apps/{app_id}"),
  replaceSecret: write("POST /apps/{app_id}/secret"),
  delete: act("DELETE /apps/{app_id}"),
  asked: write("POST /auth/apps/asked"),
  connect: write("POST /auth/apps"),
  connected: list("GET /auth/apps"),
  disconnect: act("DELETE /auth/apps/{app_id}"),
};
