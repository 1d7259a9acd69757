/**
 * What is published for the members of a workspace: somebody who is signed in gets the cookie that opens it, and looks
 * again. This page is shown for every address without anything for a visitor, so it does not say whether there is something.
 */

import { send } from "../lib/http.js";
import { freshToken, isSignedIn } from "../lib/session.js";

const LOOKED = "fechatter.looked";
const AGAIN_MS = 10_000; // a browser that keeps no cookie would be sent here for ever
const looked = Number(sessionStorage.getItem(LOOKED) ?? 0);

if (isSignedIn() && Date.now() - looked > AGAIN_MS) {
  sessionStorage.setItem(LOOKED, String(Date.now()));
  await send("POST", "/published/cookie", { token: await freshToken(), cookies: true });
  location.reload();
} else {
  const signin = document.getElementById("signin");
  if (signin instanceof HTMLAnchorElement) signin.href = `/signin#${location.pathname}${location.search}${location.hash}`;
}
