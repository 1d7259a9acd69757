/** The cookie by which `<img>`, `<video>` and links fetch files: it ends with the access token, so it is set again in time. */

import { send } from "./http.js";
import { freshToken } from "./session.js";

const GOOD_FOR_MS = 5 * 60_000;

/** @type {Promise<void> | null} */
let asked = null;
let askedAt = 0;

/** Resolves once this browser may fetch files. @param {boolean} [anew] a file was not to be had: perhaps the cookie has ended */
export function allowFiles(anew = false) {
  const now = performance.now();
  if (asked && now - askedAt < (anew ? 5000 : GOOD_FOR_MS)) return asked;
  askedAt = now;
  const asking = setCookie();
  asked = asking;
  asking.catch(() => {
    if (asked === asking) asked = null;
  });
  return asking;
}

async function setCookie() {
  await send("POST", "/files/cookie", { token: await freshToken(), cookies: true });
}
