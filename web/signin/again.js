/** Who is it, once more: for what asks for a fresh sign-in. The page has the form `again`. */

import { byId, fieldOf } from "../lib/dom.js";
import { call } from "../lib/session.js";
import { showPasskey } from "./authenticator.js";
import { explained } from "./problems.js";
import { proofOf } from "./second.js";

/**
 * Until the password, and a second factor where there is one, are right, or a passkey.
 *
 * @param {HTMLElement} failure where it says what is wrong
 * @param {boolean} offersPasskey
 * @returns {Promise<void>}
 */
export function authenticateAgain(failure, offersPasskey) {
  const again = byId("again", HTMLFormElement);
  const [password, code] = ["password", "code"].map((name) => fieldOf(again, name));
  again.reset();
  again.hidden = false;
  password.focus();
  const passkey = byId("again-passkey");
  passkey.hidden = !offersPasskey;
  return new Promise((resolve) => {
    /** @param {() => object | Promise<object>} proof */
    const confirmBy = async (proof) => {
      failure.textContent = "";
      try {
        await call("POST", "/auth/reauthenticate", await proof());
        again.hidden = true;
        resolve();
      } catch (problem) {
        const needsCode = problem.code === "second_factor_required";
        if (needsCode) {
          byId("again-code").hidden = false;
          code.focus();
        }
        failure.textContent = needsCode ? "" : explained(problem);
      }
    };
    again.onsubmit = (event) => {
      event.preventDefault();
      confirmBy(() => ({ password: password.value, ...(code.value ? proofOf(code.value) : {}) }));
    };
    passkey.onclick = () =>
      confirmBy(async () => ({ passkey: await showPasskey(await call("POST", "/auth/reauthenticate/passkey")) }));
  });
}
