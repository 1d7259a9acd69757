/** Organisations, which are parents of workspaces. */

import { act, read, write } from "./call.js";

export const organizations = {
  features: read("GET /features"),
};

/** Who may act for whom. */
export const delegations = {
  list: read("GET /delegations"),
  offer: write("POST /delegations"),
  accept: act("POST /delegations/{delegation_id}/accept"),
  revoke: act("DELETE /delegations/{delegation_id}"),
};
