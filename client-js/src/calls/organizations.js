/** Organisations, which are parents of workspaces. */

import { read } from "./call.js";

export const organizations = {
  features: read("GET /features"),
};
