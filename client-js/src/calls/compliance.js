/** For owners of workspaces: legal holds, exports for cases, and rules about what may be said. */

import { act, bytes, list, read, write } from "./call.js";

export const compliance = {
  holds: list("GET /workspaces/{workspace_id}/holds"),
  placeHold: write("POST /workspaces/{workspace_id}/holds"),
  getHold: read("GET /workspaces/{workspace_id}/holds/{hold_id}"),
  releaseHold: write("POST /workspaces/{workspace_id}/holds/{hold_id}/release"),
  cases: list("GET /workspaces/{workspace_id}/cases"),
  askForCase: write("POST /workspaces/{workspace_id}/cases"),
  getCase: read("GET /workspaces/{workspace_id}/cases/{case_id}"),
  approveCase: act("POST /workspaces/{workspace_id}/cases/{case_id}/approve"),
  declineCase: act("POST /workspaces/{workspace_id}/cases/{case_id}/decline"),
  exportCase: bytes("GET /workspaces/{workspace_id}/cases/{case_id}/export"),
  dlpRules: read("GET /workspaces/{workspace_id}/dlp-rules"),
  addDlpRule: write("POST /workspaces/{workspace_id}/dlp-rules"),
  changeDlpRule: write("PATCH /workspaces/{workspace_id}/dlp-rules/{rule_id}"),
  removeDlpRule: act("DELETE /workspaces/{workspace_id}/dlp-rules/{rule_id}"),
  heldMessages: list("GET /workspaces/{workspace_id}/held-messages"),
  releaseHeldMessage: act("POST /workspaces/{workspace_id}/held-messages/{held_id}/release"),
  dismissHeldMessage: act("POST /workspaces/{workspace_id}/held-messages/{held_id}/dismiss"),
};
