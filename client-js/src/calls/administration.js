/** For admins of organisations and for operators: figures, audit logs, sessions and storage. */

import { act, bytes, list, read } from "./call.js";

export const administration = {
  overview: read("GET /admin/overview"),
  audit: list("GET /organizations/{organization_id}/audit"),
  exportAudit: bytes("GET /organizations/{organization_id}/audit/export"),
  exportWorkspaceAudit: bytes("GET /workspaces/{workspace_id}/audit/export"),
  sessions: list("GET /organizations/{organization_id}/sessions"),
  endSession: act("DELETE /organizations/{organization_id}/sessions/{session_id}"),
  storage: list("GET /organizations/{organization_id}/storage"),
};
