/** The second step of a sign-in, whatever the first one was. */

import { byId, fieldOf, showCard } from "../lib/dom.js";
import { completeSignIn } from "../lib/session.js";

/** What was typed, as the server takes it: six digits are of the app. @param {string} typed */
export function proofOf(typed) {
  const text = typed.trim();
  return /^\d{3} ?\d{3}$/.test(text) ? { code: text } : { recovery_code: text };
}

/** Asks for a factor until the session has begun. `token` is from the first step. @param {string} token @returns {Promise<void>} */
export function askForSecondFactor(token) {
  showCard("second-page");
  const form = byId("second", HTMLFormElement);
  const code = fieldOf(form, "code");
  const failure = byId("second-failure");
  const submit = byId("second-submit", HTMLButtonElement);
  code.focus();
  byId("restart").addEventListener("click", () => location.reload());
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failure.textContent = "";
      submit.disabled = true;
      try {
        await completeSignIn(token, proofOf(code.value));
        resolve();
      } catch (problem) {
        failure.textContent = problem.message;
        submit.disabled = false;
        code.select();
      }
    });
  });
}
