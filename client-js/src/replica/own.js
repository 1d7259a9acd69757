/** Events of workspaces, of reports and of the user, applied to a copy. */

/** @typedef {import("../replica.js").Rule} Rule */
/** @typedef {import("../replica.js").Json} Json */
/** @typedef {import("../replica.js").Replica} Replica */
/** @typedef {import("../replica.js").Changes} Changes */

const PROFILE = ["username", "fullname", "avatar", "status", "custom_status"];

/** @type {Record<string, Rule>} */
export const ownRules = {
  WorkspaceUpdated(copy, data, changes) {
    const workspace = copy.workspaces.get(data.id);
    if (workspace) putWorkspace(copy, { ...workspace, ...data }, changes);
  },

  WorkspaceMemberJoined(copy, { user_id, workspace }, changes) {
    if (user_id === copy.user.id) putWorkspace(copy, workspace, changes);
  },

  WorkspaceMemberUpdated(copy, { user_id, workspace_id, role }, changes) {
    const workspace = copy.workspaces.get(workspace_id);
    if (user_id !== copy.user.id || !workspace) return;
    putWorkspace(copy, { ...workspace, role }, changes);
    if (role === "member") dropReports(copy, workspace_id, changes);
  },

  WorkspaceMemberLeft(copy, { user_id, workspace_id }, changes) {
    if (user_id === copy.user.id) dropWorkspace(copy, workspace_id, changes);
  },

  WorkspaceDeleted(copy, { id }, changes) {
    dropWorkspace(copy, id, changes);
  },

  WorkspaceMoved(copy, { id }, changes) {
    dropWorkspace(copy, id, changes);
  },

  WorkspaceInvitationAdded(copy, data, changes) {
    copy.invitations.set(data.workspace_id, data);
    changes.parts.add("invitations");
  },

  WorkspaceInvitationDeleted(copy, { workspace_id }, changes) {
    copy.invitations.delete(workspace_id);
    changes.parts.add("invitations");
  },

  DelegationUpdated(copy, data, changes) {
    copy.delegations.set(data.id, data);
    changes.parts.add("delegations");
  },

  DelegationRevoked(copy, { id }, changes) {
    copy.delegations.delete(id);
    changes.parts.add("delegations");
  },

  EmojiAdded(copy, data, changes) {
    copy.putEmoji(data);
    changes.parts.add("emoji");
  },

  EmojiRemoved(copy, { workspace_id, name }, changes) {
    const named = new Map(copy.emoji.get(workspace_id));
    named.delete(name);
    copy.emoji.set(workspace_id, named);
    changes.parts.add("emoji");
  },

  EmojiListed(copy, { workspace_id, emoji }, changes) {
    copy.emoji.delete(workspace_id);
    for (const one of emoji) copy.putEmoji(one);
    changes.parts.add("emoji");
  },

  OrganizationUpdated(copy, data, changes) {
    copy.organizations.set(data.id, data);
    changes.parts.add("organizations");
  },

  OrganizationLeft(copy, { id }, changes) {
    copy.organizations.delete(id);
    changes.parts.add("organizations");
  },

  AnnouncementUpdated(copy, data, changes) {
    copy.announcements.set(data.id, data);
    changes.parts.add("announcements");
  },

  AnnouncementClosed(copy, { id }, changes) {
    copy.announcements.delete(id);
    changes.parts.add("announcements");
  },

  WorkspaceAdminAdded(copy, { workspace_id, reports }, changes) {
    dropReports(copy, workspace_id, changes);
    for (const report of reports) copy.reports.set(report.id, report);
  },

  ReportFiled: putReport,
  ReportUpdated: putReport,

  ReportDeleted(copy, { id }, changes) {
    copy.reports.delete(id);
    changes.parts.add("reports");
  },

  UserUpdated(copy, data, changes) {
    if (data.id === copy.user.id) {
      copy.user = data;
      changes.parts.add("user");
    }
    const profile = Object.fromEntries(PROFILE.map((name) => [name, data[name]]));
    for (const part of /** @type {const} */ (["chats", "boards", "pages"])) {
      for (const [id, place] of copy[part]) {
        if (!place.members?.some((/** @type {Json} */ { user_id }) => user_id === data.id)) continue;
        const members = place.members.map((/** @type {Json} */ one) => (one.user_id === data.id ? { ...one, ...profile } : one));
        copy[part].set(id, { ...place, members });
        changes[part].add(id);
      }
    }
  },

  PresenceModeChanged(copy, { presence_mode }, changes) {
    copy.presenceMode = presence_mode;
    changes.parts.add("presence_mode");
  },
};

/** @param {Replica} copy  @param {Json} workspace  @param {Changes} changes */
function putWorkspace(copy, workspace, changes) {
  copy.workspaces.set(workspace.id, workspace);
  changes.parts.add("workspaces");
}

/** With all that belongs to it. @param {Replica} copy  @param {number} workspaceId  @param {Changes} changes */
function dropWorkspace(copy, workspaceId, changes) {
  copy.workspaces.delete(workspaceId);
  copy.emoji.delete(workspaceId);
  changes.parts.add("workspaces").add("emoji");
  dropReports(copy, workspaceId, changes);
  copy.dropChats((chat) => chat.workspace_id === workspaceId, changes);
  for (const part of /** @type {const} */ (["boards", "pages"])) {
    for (const [id, document] of copy[part]) {
      if (document.workspace_id !== workspaceId) continue;
      copy[part].delete(id);
      changes[part].add(id);
    }
  }
}

/** @param {Replica} copy  @param {number} workspaceId  @param {Changes} changes */
function dropReports(copy, workspaceId, changes) {
  for (const [id, report] of copy.reports) if (report.workspace_id === workspaceId) copy.reports.delete(id);
  changes.parts.add("reports");
}

/** @type {Rule} */
function putReport(copy, report, changes) {
  if (report.status === "open") copy.reports.set(report.id, report);
  else copy.reports.delete(report.id);
  changes.parts.add("reports");
}
