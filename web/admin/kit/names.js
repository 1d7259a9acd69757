/** Names of people who stand in a list: only of those who are shown, a hundred at a time. */

import { signal, useEffect, useMemo } from "../../vendor/preact.js";
import { useAdmin } from "../shell/state.js";

const AT_ONCE = 100;

/** Asks for the names of people. @typedef {(ids: string) => Promise<[id: number, fullname: string][]>} Ask */

/** Those of an organisation. @param {number} organizationId @returns {Ask} */
export function useOrganizationNames(organizationId) {
  const { api } = useAdmin();
  return async (ids) => (await api.organizations.members(organizationId, { ids, limit: AT_ONCE }).page()).map(({ user_id, fullname }) => [user_id, fullname]);
}

/** Colleagues: those with whom one shares a workspace. @returns {Ask} */
export function useColleaguesNames() {
  const { api } = useAdmin();
  return async (ids) => (await api.users.list({ ids }).page()).map(({ id, fullname }) => [id, fullname]);
}

/** @param {Ask} ask  @param {Iterable<number | null | undefined>} ids  @param {Map<number, string>} [known] */
export async function namesOf(ask, ids, known = new Map()) {
  const missing = [...new Set(ids)].filter((id) => id && !known.has(id));
  const found = new Map(known);
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    const part = missing.slice(at, at + AT_ONCE);
    const told = new Map(await ask(part.join(",")));
    for (const id of part) found.set(Number(id), told.get(Number(id)) ?? `#${id}`);
  }
  return found;
}

/** @param {Ask} ask  @param {(number | null | undefined)[]} ids */
export function useNames(ask, ids) {
  const known = useMemo(() => signal(/** @type {Map<number, string>} */ (new Map())), []);
  const wanted = [...new Set(ids)].filter((id) => id && !known.value.has(id)).join(",");
  useEffect(() => {
    // Whoever cannot be named stays a number; that is no failure of the page.
    if (wanted) void namesOf(ask, ids, known.peek()).then((found) => (known.value = new Map([...known.peek(), ...found])), () => {});
  }, [wanted]);
  return (/** @type {number | null | undefined} */ id) => (id ? (known.value.get(id) ?? `#${id}`) : "–");
}
