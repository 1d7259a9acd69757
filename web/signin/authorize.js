/**
 * An app asks to act for the reader: who asks, for what, and where the answer goes. What the app has put into the address
 * the server reads alone. A request that is not right leads nowhere by itself: the reader decides whether to go back.
 */

import { byId, make } from "../lib/dom.js";
import "../lib/drops.js";
import { call, leave, signOut, user } from "../lib/session.js";
import { authenticateAgain } from "./again.js";
import { works } from "./authenticator.js";
import { explained } from "./problems.js";
import { scopeInWords } from "./scopes.js";
import { offerOtherLanguage, say, translate } from "./words.js";

/** @typedef {{ id: number, name: string }} Named */
/** @typedef {{ app: Named & { description: string, owner: { fullname: string, username: string } | null, workspace: Named }, scopes: string[], workspace_id: number | null, workspaces: Named[], everywhere: boolean, returns_to: string, refusal_url: string }} Question */

const failure = byId("failure");
const agree = byId("agree", HTMLButtonElement);
const refuse = byId("refuse", HTMLButtonElement);
const request = location.search.slice(1);
/** What the reader sees that the app may do. @type {string[]} */
let shown = [];
const chosen = /** @type {HTMLSelectElement} */ (byId("where").querySelector("select"));

/** @param {Question} question  @param {string} reader */
function show({ app, scopes, workspace_id: bound, workspaces, everywhere, returns_to: returnsTo, refusal_url: refusal }, reader) {
  const name = app.name;
  shown = scopes;
  byId("asks").textContent = say("{name} asks to act for you, {reader}.", { name, reader });
  byId("about").textContent = app.description;
  byId("about").hidden = app.description === "";
  byId("answers-for").textContent = say("{owner} (@{username}) of {workspace} answers for it.", {
    owner: app.owner?.fullname ?? "",
    username: app.owner?.username ?? "",
    workspace: app.workspace.name,
  });
  byId("may").replaceChildren(...scopes.map((scope) => make("li", {}, scopeInWords(scope))));
  byId("where").hidden = bound !== null;
  chosen.replaceChildren(
    ...(everywhere ? [make("option", { value: "" }, say("In all your workspaces"))] : []),
    ...workspaces.map(({ id, name: called }) => make("option", { value: String(id) }, say("Only in {name}", { name: called }))),
  );
  chosen.value = workspaces.some(({ id }) => id === app.workspace.id) ? String(app.workspace.id) : "";
  byId("bound").hidden = bound === null;
  byId("bound").textContent = say("Only in {name}", { name: workspaces.find(({ id }) => id === bound)?.name ?? "" });
  byId("returns").textContent = say("You go on to {host}. You can take this back at any time, under Account security.", { host: returnsTo });
  byId("question").hidden = false;
  agree.hidden = false;
  offerWayBack(say("Do not connect"), refusal);
  byId("title").textContent = say("Connect {name}?", { name });
  byId("title").focus();
}

/** @param {string} label  @param {string} url */
function offerWayBack(label, url) {
  refuse.textContent = label;
  refuse.hidden = false;
  refuse.onclick = () => location.assign(url);
}

/** What is not there can be the app alone. @param {any} problem */
const inWords = (problem) => (problem.code === "not_found" ? say("There is no such app, or you are not in its workspace.") : explained(problem));

async function ask() {
  try {
    show(await call("POST", "/auth/apps/asked", { request }), reader.fullname);
  } catch (problem) {
    byId("question").hidden = true;
    agree.hidden = true;
    failure.textContent = inWords(problem);
    if (problem.told?.return_url) offerWayBack(say("Back to the app"), problem.told.return_url);
  }
}

async function connect() {
  const workspace = !byId("where").hidden && chosen.value ? { workspace_id: Number(chosen.value) } : {};
  const { url } = await call("POST", "/auth/apps", { request, scopes: shown, ...workspace });
  location.assign(url);
}

agree.addEventListener("click", async () => {
  failure.textContent = "";
  agree.disabled = true;
  try {
    await connect().catch(async (problem) => {
      if (problem.code !== "reauthentication_required") throw problem;
      await authenticateAgain(failure, works);
      await connect();
    });
  } catch (problem) {
    failure.textContent = inWords(problem);
    agree.disabled = false;
    if (problem.code === "app_request_changed") await ask();
  }
});

byId("anew").addEventListener("click", async () => {
  await signOut();
  await leave();
});

translate();
offerOtherLanguage(byId("language"));
const reader = await user();
await ask();
