/** The account's second factors: enrolling, new recovery codes, removing. */

import { byId, fieldOf, make, showCard } from "../lib/dom.js";
import { call } from "../lib/session.js";
import { authenticateAgain } from "./again.js";
import { home, makePasskey, works } from "./authenticator.js";
import { showConnectedApps } from "./connected_apps.js";
import { explained } from "./problems.js";
import { LANGUAGE, say, translate } from "./words.js";

/** @typedef {{ id: number, name: string, synced: boolean, created_at: string, last_used_at: string | null }} Passkey */
/** @typedef {{ totp: { created_at: string } | null, passkeys: Passkey[], recovery_codes_left: number }} Factors */

export async function showSecurity() {
  showCard("security-page");
  translate();
  byId("security-title").focus();
  byId("app-begin").addEventListener("click", () => attempt(begin));
  byId("app-remove").addEventListener("click", () => attempt(removeApp));
  byId("recovery-renew").addEventListener("click", () => attempt(renew));
  byId("app-confirm").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(confirm);
  });
  byId("passkey-add").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(addPasskey);
  });
  await attempt(show);
  await attempt(() => showConnectedApps(attempt));
}

/** Does it; asks for the password first where the sign-in is too long ago. @param {() => Promise<void>} act */
async function attempt(act) {
  const failure = byId("security-failure");
  failure.textContent = "";
  try {
    await act();
  } catch (problem) {
    if (problem.code !== "reauthentication_required") failure.textContent = explained(problem);
    else {
      await authenticateAgain(failure, hasUsablePasskey);
      await attempt(act);
    }
  }
}

let hasUsablePasskey = false;

async function show() {
  /** @type {Factors} */
  const { totp, passkeys, recovery_codes_left: left } = await call("GET", "/auth/factors");
  const since = totp && day(totp.created_at);
  byId("app-state").textContent = since ? say("On since {since}.", { since }) : say("Off. With it, a stolen password alone lets nobody in.");
  byId("app-begin").hidden = Boolean(totp);
  byId("app-remove").hidden = !totp;
  showPasskeys(passkeys);
  byId("recovery").hidden = !totp && passkeys.length === 0;
  byId("recovery-state").textContent = say("You have {left} left. Each lets you in once when all else is lost.", { left });
}

/** @param {Passkey[]} passkeys */
function showPasskeys(passkeys) {
  const reason = home
    ? say("They can be added and used at {home}, in a browser of today.", { home })
    : say("They need a server that has a name, and https.");
  byId("passkeys-state").textContent = works
    ? say("This device, a phone or a security key lets you in, without a password and a code.")
    : say("They do not work here. {reason}", { reason });
  byId("passkey-add").hidden = !works;
  hasUsablePasskey = works && passkeys.length > 0;
  const list = byId("passkeys");
  list.hidden = passkeys.length === 0;
  list.replaceChildren(
    ...passkeys.map(({ id, name, created_at: created, last_used_at: used }) => {
      const remove = make("button", { type: "button", aria: { label: say("Remove {name}", { name }) } }, say("Remove"));
      remove.addEventListener("click", () => attempt(() => removePasskey(id)));
      const dates = used
        ? say("Added {created}, last used {used}.", { created: day(created), used: day(used) })
        : say("Added {created}, not used yet.", { created: day(created) });
      return make("li", {}, make("span", {}, make("strong", {}, name), ` ${dates}`), remove);
    }),
  );
}

/** @param {string} time */
function day(time) {
  return new Date(time).toLocaleDateString(LANGUAGE);
}

async function addPasskey() {
  const form = byId("passkey-add", HTMLFormElement);
  const passkey = await makePasskey(await call("POST", "/auth/factors/passkeys/options"));
  const name = fieldOf(form, "name").value.trim();
  const { recovery_codes: made } = await call("POST", "/auth/factors/passkeys", { name, passkey });
  form.reset();
  await show();
  if (made) showCodes(made);
}

/** @param {number} id */
async function removePasskey(id) {
  await call("DELETE", `/auth/factors/passkeys/${id}`);
  await show();
}

async function begin() {
  const confirmation = byId("app-confirm", HTMLFormElement);
  const { secret, qr_code: drawn } = await call("POST", "/auth/factors/totp");
  byId("app-secret").textContent = secret.match(/.{1,4}/g).join(" ");
  byId("app-qr", HTMLImageElement).src = URL.createObjectURL(new Blob([drawn], { type: "image/svg+xml" }));
  byId("app-begin").hidden = true;
  confirmation.hidden = false;
  fieldOf(confirmation, "code").focus();
}

async function confirm() {
  const confirmation = byId("app-confirm", HTMLFormElement);
  const { recovery_codes: made } = await call("POST", "/auth/factors/totp/confirm", {
    code: fieldOf(confirmation, "code").value.trim(),
  });
  URL.revokeObjectURL(byId("app-qr", HTMLImageElement).src);
  byId("app-secret").textContent = "";
  confirmation.reset();
  confirmation.hidden = true;
  await show();
  if (made) showCodes(made);
}

async function removeApp() {
  await call("DELETE", "/auth/factors/totp");
  byId("recovery-codes").hidden = true;
  await show();
}

async function renew() {
  const { recovery_codes: made } = await call("POST", "/auth/factors/recovery-codes");
  await show();
  showCodes(made);
}

/** Only now: the server keeps none. @param {string[]} made */
function showCodes(made) {
  const codes = byId("recovery-codes");
  codes.replaceChildren(...made.map((code) => make("li", {}, code)));
  codes.hidden = false;
  byId("recovery-state").textContent = say("Keep these where you will find them without this device; they are shown only now.");
}
