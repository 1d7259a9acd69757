/** The account's second factors: enrolling, new recovery codes, removing. */

import { byId, fieldOf, make, showCard } from "../lib/dom.js";
import { call } from "../lib/session.js";
import { proofOf } from "./second.js";

/** @typedef {{ totp: { created_at: string } | null, recovery_codes_left: number }} Factors */

export async function showSecurity() {
  showCard("security-page");
  byId("security-title").focus();
  byId("app-begin").addEventListener("click", () => attempt(begin));
  byId("app-remove").addEventListener("click", () => attempt(remove));
  byId("recovery-renew").addEventListener("click", () => attempt(renew));
  byId("app-confirm").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(confirm);
  });
  await attempt(show);
}

/** Does it; asks for the password first where the sign-in is too long ago. @param {() => Promise<void>} act */
async function attempt(act) {
  const failure = byId("security-failure");
  failure.textContent = "";
  try {
    await act();
  } catch (problem) {
    if (problem.code !== "reauthentication_required") failure.textContent = problem.message;
    else {
      await authenticateAgain();
      await attempt(act);
    }
  }
}

/** Until the password, and a second factor where there is one, are right. @returns {Promise<void>} */
function authenticateAgain() {
  const failure = byId("security-failure");
  const again = byId("again", HTMLFormElement);
  const [password, code] = ["password", "code"].map((name) => fieldOf(again, name));
  again.reset();
  again.hidden = false;
  password.focus();
  return new Promise((resolve) => {
    again.onsubmit = async (event) => {
      event.preventDefault();
      failure.textContent = "";
      try {
        const proof = code.value ? proofOf(code.value) : {};
        await call("POST", "/auth/reauthenticate", { password: password.value, ...proof });
        again.hidden = true;
        resolve();
      } catch (problem) {
        const needsCode = problem.code === "second_factor_required";
        if (needsCode) {
          byId("again-code").hidden = false;
          code.focus();
        }
        failure.textContent = needsCode ? "" : problem.message;
      }
    };
  });
}

async function show() {
  /** @type {Factors} */
  const { totp, recovery_codes_left: left } = await call("GET", "/auth/factors");
  const since = totp && new Date(totp.created_at).toLocaleDateString();
  byId("app-state").textContent = since ? `On since ${since}.` : "Off. With it, a stolen password alone lets nobody in.";
  byId("app-begin").hidden = Boolean(totp);
  byId("app-remove").hidden = !totp;
  byId("recovery").hidden = !totp;
  byId("recovery-state").textContent = `You have ${left} left. Each lets you in once when the app is lost.`;
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

async function remove() {
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
  byId("recovery-state").textContent = "Keep these where you will find them without this device; they are shown only now.";
}
