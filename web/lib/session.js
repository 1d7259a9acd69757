/**
 * Who is signed in, in all tabs of this browser (docs/adr/0019-sessions-across-tabs.md). The access token is in
 * localStorage and never in a URL, and lives for minutes. The refresh token gets the next one, and is in a cookie that no
 * script can read (docs/adr/0057-the-pages-refresh-token-is-in-a-cookie.md). It is good once, so only one tab at a time
 * asks, and the others take what it got.
 */

import { authorized, following, Problem, SignedOut } from "../client/request.js";
import { send } from "./http.js";
import { leaveNothing, lookAgain, mayStay } from "./left_behind.js";

const KEY = "fechatter.session";
const DEVICE = "fechatter.device"; // what the server knows this browser by; it opens nothing, and stays when one signs out
const REFRESH_MS = 20_000; // the longest that other tabs wait for one

const asUser = authorized(send, freshToken);

/** @typedef {{ id: number, fullname: string }} User */
/** @typedef {{ token: string, user: User, staleAt: number }} Session */

/** @type {Session | null} */
let session = stored();
/** @type {Promise<void> | null} */
let refreshing = null;

if (!session) void lookAgain();

/** Another tab has signed in, out or as somebody else, or has got the next tokens. */
addEventListener("storage", ({ key }) => {
  if (key !== KEY && key !== null) return;
  const now = stored();
  if (now?.user.id === session?.user.id) session = now;
  else {
    session = null; // nothing more is asked in the name of either
    location.reload();
  }
});

// A page that comes back as it was left has not heard of it.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && stored()?.user.id !== session?.user.id) location.reload();
});

/** The user who is signed in; without one the page is left for the one that signs in. @returns {Promise<User>} */
export async function user() {
  if (session) return session.user;
  return leave();
}

export function isSignedIn() {
  return session !== null;
}

/** Leaves for the page that signs in, from which this one is come back to. @returns {Promise<never>} */
export function leave() {
  location.replace(`/signin#${location.pathname}${location.search}${location.hash}`);
  return new Promise(() => {});
}

/** @param {string} email  @param {string} password */
export const signIn = (email, password) => begin("/auth/signin", { email, password });

/**
 * `invite` is the token of one, for a server that lets in nobody else.
 *
 * @param {string} fullname
 * @param {string} email
 * @param {string} password
 * @param {string} [invite]
 */
export const signUp = (fullname, email, password, invite) =>
  begin("/auth/signup", { fullname, email, password, ...(invite && { invite }) });

/**
 * By the user name and password of a directory.
 *
 * @param {string} directory
 * @param {string} username
 * @param {string} password
 * @param {string} [invite]
 */
export const signInAtDirectory = (directory, username, password, invite) =>
  begin(`/auth/ldap/${directory}/sign-in`, { username, password, invite });

/** The session of a sign-in that a provider has just confirmed, by the cookie that says so. */
export const signInByProvider = () => begin("/auth/provider-session", {});

/** By a passkey alone, which `show` asks for. @param {(asked: { options: any }) => Promise<object>} show */
export async function signInByPasskey(show) {
  const asked = await (await send("POST", "/auth/passkeys/sign-in/options", { cookies: true })).json();
  await begin("/auth/passkeys/sign-in", { passkey: await show(asked) });
}

/** The second step: `token` is from the problem `second_factor_required`. @param {string} token  @param {object} proof */
export const completeSignIn = (token, proof) => begin("/auth/second-factor", { factor_token: token, ...proof });

/** @param {string} path  @param {object} body */
async function begin(path, body) {
  const known = localStorage.getItem(DEVICE);
  const given = known ? { ...body, device_token: known } : body;
  const answer = await (await send("POST", path, { body: given, cookies: true })).json();
  localStorage.setItem(DEVICE, answer.device_token);
  keep(answer);
}

/** Nothing of the user stays here. Returns where to go next, to sign out at the provider as well; null where there is nothing more to do. */
export async function signOut() {
  const userId = session?.user.id;
  const next = await call("GET", "/auth/provider-logout").catch(() => null);
  // Without an answer the token is forgotten all the same.
  await freshToken()
    .then((token) => send("POST", "/auth/logout", { token, cookies: true }))
    .catch(() => {});
  forget();
  if (userId !== undefined) await leaveNothing(userId);
  return next?.url ?? null;
}

/**
 * Asks the REST interface as this user; returns the answer's JSON. Problem, Unreachable or SignedOut.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
export async function call(method, path, body, headers) {
  const answer = await asUser(method, path, { body, headers });
  return answer.status === 204 ? null : answer.json();
}

/** The first items of a list, and where the next ones are, if there are more. @param {string} path @returns {Promise<{ items: any[], next: string | undefined }>} */
export async function firstOf(path) {
  const answer = await asUser("GET", path);
  return { items: await answer.json(), next: following(answer) };
}

/** All items of a list, page by page. @param {string} path @returns {Promise<any[]>} */
export async function list(path) {
  const items = [];
  for (let next = /** @type {string | undefined} */ (path); next; ) {
    const answer = await asUser("GET", next);
    items.push(...(await answer.json()));
    next = following(answer);
  }
  return items;
}

/** A picture, or another file. @param {string} path */
export async function picture(path) {
  return (await asUser("GET", path)).blob();
}

/** An access token that is good for a while. `refused`: one that is not, whatever the clock says. @param {string} [refused] */
export async function freshToken(refused) {
  if (!session) throw new SignedOut();
  if (isStale(session, refused)) {
    refreshing ??= alone(() => refresh(refused)).finally(() => {
      refreshing = null;
    });
    await refreshing;
  }
  return session.token;
}

/**
 * Without locks, where the page's origin is not secure, tabs that refresh at once are given the same next token.
 *
 * @param {() => Promise<void>} act
 * @returns {Promise<void>}
 */
function alone(act) {
  return navigator.locks ? navigator.locks.request(KEY, act) : act();
}

/** @param {string} [refused] */
async function refresh(refused) {
  const now = stored();
  if (now?.user.id !== session?.user.id) throw new SignedOut(); // and the page is about to be loaded anew
  session = now;
  if (!session) throw new SignedOut();
  if (!isStale(session, refused)) return;
  const { token } = session;
  try {
    const signal = AbortSignal.timeout(REFRESH_MS);
    const answer = await send("POST", "/auth/refresh", { body: {}, cookies: true, signal });
    const next = await answer.json();
    if (next.user.id !== now?.user.id) throw new SignedOut(); // another tab has just signed in as somebody else
    if (stored()?.token === token) keep(next);
    // eslint-disable-next-line require-atomic-updates -- what another tab has stored is newer than what is known here
    else if (stored()?.user.id === next.user.id) session = stored();
    else throw new SignedOut();
  } catch (problem) {
    if (!(problem instanceof Problem && problem.status === 401)) throw problem;
    if (stored()?.token === token) forget();
    leave();
    throw new SignedOut();
  }
}

/** @param {Session} session  @param {string} [refused] */
function isStale({ token, staleAt }, refused) {
  return token === refused || Date.now() >= staleAt;
}

/** @param {{ token: string, user: User }} answer */
function keep({ token, user: signedIn }) {
  // By this machine's clock, which may be wrong, only how long a token lives can be told; its times are whole seconds.
  const { iat, exp } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const seconds = exp - iat;
  const staleAt = Date.now() + (seconds - 1 - Math.min(30, seconds / 4)) * 1000;
  if (!session) mayStay();
  session = { token, user: signedIn, staleAt };
  localStorage.setItem(KEY, JSON.stringify(session));
}

function forget() {
  session = null;
  localStorage.removeItem(KEY);
}

/** @returns {Session | null} */
function stored() {
  return JSON.parse(localStorage.getItem(KEY) ?? "null");
}
