/** The second step of a sign-in, whatever the first one was. */

import { byId, fieldOf, showCard } from "../lib/dom.js";
import { send } from "../lib/http.js";
import { completeSignIn } from "../lib/session.js";
import { makePasskey, showPasskey, works } from "./authenticator.js";
import { explained } from "./problems.js";
import { say, translate } from "./words.js";

/** What was typed, as the server takes it: six digits are of the app. @param {string} typed */
export function proofOf(typed) {
  const text = typed.trim();
  return /^\d{3} ?\d{3}$/.test(text) ? { code: text } : { recovery_code: text };
}

/** Shows a new secret to whoever has yet to enrol the app; its first code goes on. @param {string} token */
async function showEnrolment(token) {
  const begun = await send("POST", "/auth/second-factor/totp", { body: { factor_token: token } });
  const { secret, qr_code: drawn } = await begun.json();
  byId("enrolment-secret").textContent = secret.match(/.{1,4}/g).join(" ");
  byId("enrolment-qr", HTMLImageElement).src = URL.createObjectURL(new Blob([drawn], { type: "image/svg+xml" }));
  byId("enrolment").hidden = false;
}

/**
 * Asks for one of the factors until the session has begun. `token` is from the first step; without factors, the first one
 * is enrolled.
 *
 * @param {string} token
 * @param {string[]} factors
 * @returns {Promise<void>}
 */
export async function askForSecondFactor(token, factors) {
  showCard("second-page");
  translate();
  const form = byId("second", HTMLFormElement);
  const code = fieldOf(form, "code");
  const failure = byId("second-failure");
  const submit = byId("second-submit", HTMLButtonElement);
  const passkey = byId("second-passkey", HTMLButtonElement);
  const enrols = factors.length === 0;
  passkey.hidden = !works || !(enrols || factors.includes("passkey"));
  if (enrols) passkey.textContent = say("Make a passkey instead");
  (passkey.hidden || enrols ? code : passkey).focus();
  if (enrols) await showEnrolment(token);
  byId("restart").addEventListener("click", () => location.reload());
  return new Promise((resolve) => {
    /** @param {() => object | Promise<object>} proof */
    const goOn = async (proof) => {
      failure.textContent = "";
      submit.disabled = true;
      try {
        await completeSignIn(token, await proof());
        resolve();
      } catch (problem) {
        failure.textContent = explained(problem);
        submit.disabled = false;
        code.select();
      }
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      goOn(() => proofOf(code.value));
    });
    passkey.addEventListener("click", () =>
      goOn(async () => {
        const path = `/auth/second-factor/${enrols ? "new-passkey" : "passkey"}`;
        const asked = await (await send("POST", path, { body: { factor_token: token } })).json();
        if (!enrols) return { passkey: await showPasskey(asked) };
        return { new_passkey: { name: say("Made when signing in"), passkey: await makePasskey(asked) } };
      }),
    );
  });
}
