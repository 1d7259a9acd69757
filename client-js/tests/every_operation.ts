// Checked by tsc alone: each operation of the OpenAPI document has a method. If one has none, the error names it.
import type { groups, sync } from "../src/calls/index.js";
import type { Route, RoutesOf } from "../src/calls/types.js";

/** Servers call the first two; the others are addresses and uploads, which have functions of their own. */
type Other =
  | "POST /webhooks/clerk"
  | "POST /auth/oidc/{provider}/backchannel-logout"
  | "GET /linked/files/{file_id}"
  | "POST /workspaces/{workspace_id}/files"
  | "POST /workspaces/{workspace_id}/uploads"
  | "PATCH /uploads/{upload_id}";

type Missing = Exclude<Route, RoutesOf<typeof groups> | (typeof sync)["route"] | Other>;
export const missing: [Missing] extends [never] ? true : Missing = true;
