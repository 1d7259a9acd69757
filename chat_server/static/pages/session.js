/**
 * Who is signed in. The tokens are this tab's: in memory and in sessionStorage, never in a URL, and gone with the tab.
 * An access token lives for minutes; each refresh token is good once, and gets the next pair.
 */

import { Problem, send } from "./http.js";

const KEY = "fechatter.session";
const DEVICE = "fechatter.device"; // what the server knows this browser by; it opens nothing, and stays when one signs out
const COPIED_TAB_MS = 1000;

export class SignedOut extends Error {
  constructor() {
    super("You are signed out.");
  }
}

let session = JSON.parse(sessionStorage.getItem(KEY));
let refreshing = null;

/** The user who is signed in; without one the page is left for the one that signs in. */
export async function user() {
  if (session && !(await isOurs())) forget();
  if (session) return session.user;
  location.replace(`/signin#${location.pathname}`);
  return new Promise(() => {});
}

export const signIn = (email, password) => begin("/auth/signin", { email, password });

export const signUp = (fullname, email, password) => begin("/auth/signup", { fullname, email, password });

async function begin(path, body) {
  const known = localStorage.getItem(DEVICE);
  const answer = await (await send("POST", path, { body: known ? { ...body, device_token: known } : body })).json();
  localStorage.setItem(DEVICE, answer.device_token);
  keep(answer);
}

export async function signOut() {
  await call("POST", "/auth/logout").catch(() => {}); // without an answer the tokens are forgotten all the same
  forget();
}

/** Asks the REST interface as this user; returns the answer's JSON. Problem, Unreachable or SignedOut. */
export async function call(method, path, body) {
  const answer = await asUser(method, path, body);
  return answer.status === 204 ? null : answer.json();
}

/** All items of a list, page by page. */
export async function list(path) {
  const items = [];
  while (path) {
    const answer = await asUser("GET", path);
    items.push(...(await answer.json()));
    path = answer.headers.get("Link")?.match(/<\/api([^>]+)>; rel="next"/)?.[1];
  }
  return items;
}

export async function picture(path) {
  return (await asUser("GET", path)).blob();
}

/** An access token that is good for a while. `refused`: one that is not, whatever the clock says. */
export async function freshToken(refused) {
  if (!session) throw new SignedOut();
  if (session.token === refused || Date.now() >= session.staleAt) {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    await refreshing;
  }
  return session.token;
}

async function asUser(method, path, body) {
  const token = await freshToken();
  try {
    return await send(method, path, { token, body });
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    return send(method, path, { token: await freshToken(token), body });
  }
}

async function refresh() {
  try {
    keep(await (await send("POST", "/auth/refresh", { body: { refresh_token: session.refreshToken } })).json());
  } catch (problem) {
    if (!(problem instanceof Problem && problem.status === 401)) throw problem;
    forget();
    location.replace(`/signin#${location.pathname}`);
    throw new SignedOut();
  }
}

function keep({ token, refresh_token: refreshToken, user }) {
  // By this machine's clock, which may be wrong, only how long a token lives can be told; its times are whole seconds.
  const { iat, exp, sid } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const seconds = exp - iat;
  const staleAt = Date.now() + (seconds - 1 - Math.min(30, seconds / 4)) * 1000;
  session = { id: sid, token, refreshToken, user, staleAt };
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

function forget() {
  session = null;
  sessionStorage.removeItem(KEY);
}

/** A duplicated tab has the other's tokens. Had both used the refresh token, the session would end: it signs in itself. */
async function isOurs() {
  if (!navigator.locks) return true; // no secure context
  const held = new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(COPIED_TAB_MS); // the page before in this tab lets go of it
    const keepIt = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(`${KEY}.${session.id}`, { signal }, keepIt).catch(reject);
  });
  return held.catch(() => false);
}
