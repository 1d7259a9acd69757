/**
 * The pages of administration: each is a row of this table. `of` says whether a page is about an organisation, a workspace,
 * or the reader; `needs` is the least role there; a page whose feature is off says what it is, and how to switch it on.
 */

/**
 * @typedef {object} Section
 * @property {string} name as the address has it
 * @property {import("../words/words.js").Key} label
 * @property {import("../words/words.js").Key} lead what it is for, in a sentence
 * @property {import("./glyphs.js").GlyphName} glyph
 * @property {"organization" | "workspace" | "self"} of
 * @property {import("./state.js").Feature} [feature]
 * @property {"member" | "admin" | "owner"} needs
 * @property {() => Promise<(properties: any) => any>} load
 */

/** @type {Section[]} */
export const SECTIONS = [
  {
    name: "overview", label: "overview.title", lead: "overview.lead", glyph: "overview", of: "self", needs: "member",
    load: async () => (await import("../overview/overview.js")).Overview,
  },
  {
    name: "sessions", label: "sessions.title", lead: "sessions.lead", glyph: "sessions", of: "self", needs: "member",
    load: async () => (await import("../overview/sessions.js")).Sessions,
  },
  {
    name: "delegations", label: "delegations.title", lead: "delegations.lead", glyph: "delegations", of: "self", needs: "member", feature: "enable_proxy_system",
    load: async () => (await import("../overview/delegations.js")).Delegations,
  },
  {
    name: "online", label: "online.own", lead: "online.ownLead", glyph: "online", of: "self", needs: "member", feature: "enable_online_statistics",
    load: async () => (await import("../statistics/online_time.js")).OwnOnlineTime,
  },
  {
    name: "data", label: "data.title", lead: "data.lead", glyph: "data", of: "self", needs: "member", feature: "enable_advanced_admin",
    load: async () => (await import("../directory/person_data.js")).OwnData,
  },
  {
    name: "people", label: "people.title", lead: "people.lead", glyph: "people", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/people.js")).People,
  },
  {
    name: "departments", label: "departments.title", lead: "departments.lead", glyph: "departments", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/departments.js")).Departments,
  },
  {
    name: "department-chats", label: "departmentChats.title", lead: "departmentChats.lead", glyph: "chats", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/department_chats.js")).DepartmentChats,
  },
  {
    name: "groups", label: "groups.title", lead: "groups.lead", glyph: "groups", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/groups.js")).Groups,
  },
  {
    name: "positions", label: "positions.title", lead: "positions.lead", glyph: "positions", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/positions.js")).Positions,
  },
  {
    name: "import", label: "import.title", lead: "import.lead", glyph: "import", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/import_list.js")).ImportList,
  },
  {
    name: "announcements", label: "announcements.title", lead: "announcements.lead", glyph: "announcements", of: "organization", needs: "admin", feature: "enable_organizations",
    load: async () => (await import("../directory/announcements.js")).Announcements,
  },
  {
    name: "roles", label: "roles.title", lead: "roles.lead", glyph: "roles", of: "organization", needs: "admin", feature: "enable_user_roles",
    load: async () => (await import("../directory/roles.js")).Roles,
  },
  {
    name: "people-sessions", label: "peopleSessions.title", lead: "peopleSessions.lead", glyph: "sessions", of: "organization", needs: "admin", feature: "enable_advanced_admin",
    load: async () => (await import("../directory/people_sessions.js")).PeopleSessions,
  },
  {
    name: "organization-online", label: "online.title", lead: "online.lead", glyph: "online", of: "organization", needs: "admin", feature: "enable_online_statistics",
    load: async () => (await import("../statistics/online_time.js")).OnlineTimeOfPeople,
  },
  {
    name: "organization-audit", label: "audit.title", lead: "audit.organizationLead", glyph: "audit", of: "organization", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../workspace/audit.js")).OrganizationAudit,
  },
  {
    name: "deletions", label: "deletions.title", lead: "deletions.lead", glyph: "data", of: "organization", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../directory/deletions.js")).Deletions,
  },
  {
    name: "organization-storage", label: "storage.title", lead: "organizationStorage.lead", glyph: "storage", of: "organization", needs: "admin", feature: "enable_advanced_admin",
    load: async () => (await import("../directory/organization_storage.js")).OrganizationStorage,
  },
  {
    name: "workspaces", label: "workspaces.title", lead: "workspaces.lead", glyph: "workspaces", of: "organization", needs: "owner", feature: "enable_organizations",
    load: async () => (await import("../directory/workspaces.js")).Workspaces,
  },
  {
    name: "features", label: "features.title", lead: "features.lead", glyph: "features", of: "organization", needs: "owner", feature: "enable_organizations",
    load: async () => (await import("../directory/features.js")).Features,
  },
  {
    name: "audit", label: "audit.title", lead: "audit.lead", glyph: "audit", of: "workspace", needs: "owner",
    load: async () => (await import("../workspace/audit.js")).Audit,
  },
  {
    name: "retention", label: "retention.title", lead: "retention.lead", glyph: "retention", of: "workspace", needs: "admin",
    load: async () => (await import("../workspace/retention.js")).Retention,
  },
  {
    name: "storage", label: "storage.title", lead: "storage.lead", glyph: "storage", of: "workspace", needs: "member",
    load: async () => (await import("../workspace/storage.js")).Storage,
  },
  {
    name: "apps", label: "apps.title", lead: "apps.lead", glyph: "apps", of: "workspace", needs: "member", feature: "enable_bot_messages",
    load: async () => (await import("../workspace/apps.js")).Apps,
  },
  {
    name: "holds", label: "holds.title", lead: "holds.lead", glyph: "holds", of: "workspace", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../compliance/holds.js")).Holds,
  },
  {
    name: "cases", label: "cases.title", lead: "cases.lead", glyph: "cases", of: "workspace", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../compliance/cases.js")).Cases,
  },
  {
    name: "rules", label: "rules.title", lead: "rules.lead", glyph: "rules", of: "workspace", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../compliance/rules.js")).Rules,
  },
  {
    name: "review", label: "review.title", lead: "review.lead", glyph: "review", of: "workspace", needs: "owner", feature: "enable_advanced_admin",
    load: async () => (await import("../compliance/review.js")).Review,
  },
];
