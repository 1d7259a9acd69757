/** For admins of organisations and for operators: figures, audit logs, sessions, deletions and storage. */

import { act, bytes, list, read } from "./call.js";

export const administration = {
  overview: read("GET /admin/overview"),
  audit: list("GET /organizations/{organization_id}/audit"),
  exportAudit: bytes("GET /organizations/{organization_id}/audit/export"),
  exportWorkspaceAudit: bytes("GET /workspaces/{workspace_id}/audit/export"),
  sessions: list("GET /organizations/{organization_id}/sessions"),
  endSession: act("DELETE /organizations/{organization_id}/sessions/{session_id}"),
  suspend: act("PUT /organizations/{organization_id}/members/{user_id}/suspension"),
  reinstate: act("DELETE /organizations/{organization_id}/members/{user_id}/suspension"),
  exportPerson: bytes("GET /organizations/{organization_id}/members/{user_id}/export"),
  previewDeletion: read("GET /organizations/{organization_id}/members/{user_id}/deletion"),
  deletePerson: act("DELETE /organizations/{organization_id}/members/{user_id}/account"),
  deletions: list("GET /organizations/{organization_id}/deletions"),
  exportMe: bytes("GET /users/me/export"),
  previewMyDeletion: read("GET /users/me/deletion"),
  deleteMe: act("DELETE /users/me"),
  storage: list("GET /organizations/{organization_id}/storage"),
};
