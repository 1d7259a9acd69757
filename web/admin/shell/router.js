/** Where the page is: `/admin/{section}?organization=1&workspace=2`. Every move is an entry of the browser's history. */

import { signal } from "../../vendor/preact.js";

/** @typedef {{ section: string, organization: number | null, workspace: number | null }} Place */

/** @param {{ pathname: string, search: string }} address @returns {Place} */
export function placeOf({ pathname, search }) {
  const [, section = ""] = pathname.match(/^\/admin\/([^/]+)\/?$/) ?? [];
  const query = new URLSearchParams(search);
  return { section: section || "overview", organization: idOf(query.get("organization")), workspace: idOf(query.get("workspace")) };
}

/** @param {Partial<Place>} place */
export function addressOf({ section = "overview", organization = null, workspace = null }) {
  const query = new URLSearchParams();
  if (organization !== null) query.set("organization", String(organization));
  if (workspace !== null) query.set("workspace", String(workspace));
  return `/admin${section === "overview" ? "" : `/${section}`}${query.size ? `?${query}` : ""}`;
}

/** @param {string | null} text */
const idOf = (text) => (text && /^\d{1,18}$/.test(text) ? Number(text) : null);

export const place = signal(placeOf(globalThis.location ?? { pathname: "/admin", search: "" }));

globalThis.addEventListener?.("popstate", () => {
  place.value = placeOf(location);
});

/** What is not given stays. @param {Partial<Place>} next */
export function go(next) {
  const address = addressOf({ ...place.peek(), ...next });
  if (address !== location.pathname + location.search) history.pushState(null, "", address);
  place.value = placeOf(location);
}

/** For links: a plain click stays in the page, others do what the browser does. @param {() => void} act */
export function following(act) {
  return (/** @type {MouseEvent} */ event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  };
}
