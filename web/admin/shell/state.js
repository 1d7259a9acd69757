/** What the pages of administration share: who one is, the organisations and workspaces that one is in, and what is on. */

import { client } from "../../client/client.js";
import { follow } from "../../lib/events.js";
import { freshToken } from "../../lib/session.js";
import { batch, computed, createContext, signal, useContext } from "../../vendor/preact.js";
import { place } from "./router.js";

/** @typedef {"enable_organizations" | "enable_user_roles" | "enable_proxy_system" | "enable_bot_messages" | "enable_online_statistics" | "enable_advanced_admin"} Feature */
/** @typedef {{ id: number, name: string, role: string, kind?: string } & Record<string, any>} Governed an organisation or a workspace */

/** Events after which what is shown may be another. */
const SHELL = new Set(["OrganizationUpdated", "OrganizationLeft", "FeaturesUpdated", "WorkspaceUpdated", "WorkspaceJoined", "WorkspaceLeft", "WorkspaceDeleted"]);
const SHOWN = new Set(["DirectoryUpdated", "DelegationUpdated", "DelegationRevoked", "UserUpdated", "WorkspaceMemberUpdated"]);

const SOON_MS = 300;

export class Admin {
  /** @param {{ id: number, fullname: string }} me */
  constructor(me) {
    this.me = me;
    this.api = client({ token: freshToken });
    this.state = signal(/** @type {"starting" | "ready" | "failed"} */ ("starting"));
    this.problem = signal(/** @type {any} */ (null));
    this.organizations = signal(/** @type {Governed[]} */ ([]));
    this.workspaces = signal(/** @type {Governed[]} */ ([]));
    this.features = signal(/** @type {{ features: Record<string, boolean>, organizations: Record<string, Record<string, boolean>> }} */ ({ features: {}, organizations: {} }));
    /** Grows when what a page has fetched may be old. */
    this.changed = signal(0);
    this.organization = computed(() => chosen(this.organizations.value, place.value.organization));
    this.workspace = computed(() => chosen(this.workspaces.value, place.value.workspace));
  }

  /** @param {string} sockets where notify_server is */
  async start(sockets) {
    await this.load();
    const renew = () => void this.load();
    // Many changes at once, as of an import, are one to a reader.
    let waits = false;
    const soon = () => {
      if (waits) return;
      waits = true;
      setTimeout(() => {
        waits = false;
        this.changed.value++;
      }, SOON_MS);
    };
    follow(sockets, {
      heard: (kind) => {
        if (SHELL.has(kind)) renew();
        else if (SHOWN.has(kind)) soon();
      },
      missed: renew,
    });
  }

  /** Asks for all of it again. */
  async load() {
    try {
      const features = await this.api.organizations.features();
      const mine = this.api.organizations.list({ limit: 100 }).all().catch(none);
      const workspaces = await this.api.workspaces.list({ limit: 100 }).all();
      const organizations = await mine;
      batch(() => {
        this.features.value = /** @type {any} */ (features);
        this.organizations.value = organizations;
        this.workspaces.value = workspaces;
        this.state.value = "ready";
        this.problem.value = null;
        this.changed.value++;
      });
    } catch (problem) {
      batch(() => {
        this.problem.value = problem;
        if (this.state.peek() === "starting") this.state.value = "failed";
      });
    }
  }

  /** Whether a feature is on: "off" on the whole server, "off here" in this organisation alone. @param {Feature} name @param {number} [organizationId] */
  isOn(name, organizationId) {
    const { features, organizations } = this.features.value;
    const own = organizationId === undefined ? undefined : organizations[organizationId]?.[name];
    if (own ?? features[name]) return "on";
    return features[name] ? "off here" : "off";
  }
}

/** Which one the address names, or else the first that one administers. @param {Governed[]} all  @param {number | null} id */
function chosen(all, id) {
  return all.find((one) => one.id === id) ?? all.find(({ role }) => role === "owner") ?? all.find(({ role }) => role === "admin") ?? all[0] ?? null;
}

/** Without organisations there are none. @param {any} problem @returns {Governed[]} */
function none(problem) {
  if (problem.code === "feature_off") return [];
  throw problem;
}

export const AdminContext = createContext(/** @type {Admin | null} */ (null));

/** @returns {Admin} */
export function useAdmin() {
  const admin = useContext(AdminContext);
  if (!admin) throw new Error("A view is outside of AdminContext.");
  return admin;
}
