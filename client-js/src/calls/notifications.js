/** How the caller is notified while they do not look. */

import { act, read, write } from "./call.js";

export const notifications = {
  settings: read("GET /users/me/notifications"),
  change: write("PATCH /users/me/notifications"),
  push: read("GET /push"),
  subscribe: write("PUT /push/subscription"),
  unsubscribe: act("DELETE /push/subscription"),
};
