/** The apps that may act for the reader, and taking that back. */

import { byId, make } from "../lib/dom.js";
import { call, list } from "../lib/session.js";
import { scopeInWords } from "./scopes.js";
import { LANGUAGE, say } from "./words.js";

/** @typedef {{ id: number, name: string, owner: { fullname: string } | null, workspace: { name: string }, scopes: string[], everywhere: boolean, connected_at: string }} ConnectedApp */

/** Nothing is shown where no app is connected. @param {(act: () => Promise<void>) => Promise<void>} attempt */
export async function showConnectedApps(attempt) {
  /** @type {ConnectedApp[]} */
  const apps = await list("/auth/apps");
  byId("connected").hidden = apps.length === 0;
  byId("connected-apps").replaceChildren(...apps.map((app) => row(app, attempt)));
}

/** @param {ConnectedApp} app  @param {(act: () => Promise<void>) => Promise<void>} attempt */
function row(app, attempt) {
  const date = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" }).format(new Date(app.connected_at));
  const back = make("button", { type: "button", aria: { label: say("Take back what {name} may do", { name: app.name }) } }, say("Take back"));
  back.addEventListener("click", () =>
    attempt(async () => {
      await call("DELETE", `/auth/apps/${app.id}`);
      await showConnectedApps(attempt);
      byId("security-title").focus();
    }),
  );
  const may = app.scopes.map(scopeInWords).join(say("; "));
  const since = say("{workspace}, since {date}.", { workspace: app.workspace.name, date });
  return make("li", {}, make("span", {}, make("strong", {}, app.name), make("br"), `${since} ${may}`), back);
}
