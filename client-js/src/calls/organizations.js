/** Organisations, which are parents of workspaces: their people, and their directory. */

import { act, list, read, write } from "./call.js";

export const organizations = {
  features: read("GET /features"),
  switchFeature: write("PUT /organizations/{organization_id}/features/{name}"),
  list: list("GET /organizations"),
  create: write("POST /organizations"),
  get: read("GET /organizations/{organization_id}"),
  rename: write("PUT /organizations/{organization_id}"),
  delete: act("DELETE /organizations/{organization_id}"),
  workspaces: list("GET /organizations/{organization_id}/workspaces"),
  putWorkspace: act("PUT /organizations/{organization_id}/workspaces/{workspace_id}"),
  takeWorkspace: act("DELETE /organizations/{organization_id}/workspaces/{workspace_id}"),
  members: list("GET /organizations/{organization_id}/members"),
  addMember: write("POST /organizations/{organization_id}/members"),
  changeMember: write("PATCH /organizations/{organization_id}/members/{user_id}"),
  removeMember: act("DELETE /organizations/{organization_id}/members/{user_id}"),
  importList: write("POST /organizations/{organization_id}/directory-list"),
  people: list("GET /organizations/{organization_id}/people"),
  departments: list("GET /organizations/{organization_id}/departments"),
  createDepartment: write("POST /organizations/{organization_id}/departments"),
  changeDepartment: write("PATCH /organizations/{organization_id}/departments/{department_id}"),
  deleteDepartment: act("DELETE /organizations/{organization_id}/departments/{department_id}"),
  appointments: list("GET /organizations/{organization_id}/departments/{department_id}/appointments"),
  appoint: write("POST /organizations/{organization_id}/appointments"),
  changeAppointment: write("PUT /organizations/{organization_id}/appointments/{appointment_id}"),
  endAppointment: act("DELETE /organizations/{organization_id}/appointments/{appointment_id}"),
  departmentChats: list("GET /organizations/{organization_id}/department-chats"),
  followDepartment: write("PUT /organizations/{organization_id}/departments/{department_id}/chats/{chat_id}"),
  leaveDepartment: act("DELETE /organizations/{organization_id}/departments/{department_id}/chats/{chat_id}"),
  positions: list("GET /organizations/{organization_id}/positions"),
  createPosition: write("POST /organizations/{organization_id}/positions"),
  renamePosition: write("PUT /organizations/{organization_id}/positions/{position_id}"),
  deletePosition: act("DELETE /organizations/{organization_id}/positions/{position_id}"),
  visibilityRules: list("GET /organizations/{organization_id}/visibility-rules"),
  narrow: write("POST /organizations/{organization_id}/visibility-rules"),
  widen: act("DELETE /organizations/{organization_id}/visibility-rules/{rule_id}"),
  groups: list("GET /organizations/{organization_id}/groups"),
  createGroup: write("POST /organizations/{organization_id}/groups"),
  changeGroup: write("PATCH /organizations/{organization_id}/groups/{group_id}"),
  deleteGroup: act("DELETE /organizations/{organization_id}/groups/{group_id}"),
  groupMembers: list("GET /organizations/{organization_id}/groups/{group_id}/members"),
  putGroupMember: act("PUT /organizations/{organization_id}/groups/{group_id}/members/{user_id}"),
  takeGroupMember: act("DELETE /organizations/{organization_id}/groups/{group_id}/members/{user_id}"),
};

/** What organisations tell their people. */
export const announcements = {
  list: list("GET /announcements"),
  get: read("GET /announcements/{announcement_id}"),
  acknowledge: act("PUT /announcements/{announcement_id}/acknowledgement"),
  published: list("GET /organizations/{organization_id}/announcements"),
  publish: write("POST /organizations/{organization_id}/announcements"),
  getPublished: read("GET /organizations/{organization_id}/announcements/{announcement_id}"),
  change: write("PATCH /organizations/{organization_id}/announcements/{announcement_id}"),
  withdraw: act("DELETE /organizations/{organization_id}/announcements/{announcement_id}"),
  recipients: list("GET /organizations/{organization_id}/announcements/{announcement_id}/recipients"),
};

/** Who may act for whom. */
export const delegations = {
  list: read("GET /delegations"),
  offer: write("POST /delegations"),
  accept: act("POST /delegations/{delegation_id}/accept"),
  revoke: act("DELETE /delegations/{delegation_id}"),
};

/** Roles of an organisation's own, to whom they are bound, and why somebody may do something. */
export const roles = {
  permissions: read("GET /permissions"),
  explain: read("GET /permissions/explain"),
  list: list("GET /organizations/{organization_id}/roles"),
  create: write("POST /organizations/{organization_id}/roles"),
  change: write("PATCH /organizations/{organization_id}/roles/{role_id}"),
  delete: act("DELETE /organizations/{organization_id}/roles/{role_id}"),
  bindings: list("GET /organizations/{organization_id}/role-bindings"),
  bind: write("POST /organizations/{organization_id}/role-bindings"),
  endBinding: write("PATCH /organizations/{organization_id}/role-bindings/{binding_id}"),
  unbind: act("DELETE /organizations/{organization_id}/role-bindings/{binding_id}"),
};
