/**
 * Confirms an address, or refuses its change, by a link whose token is behind the # and so in no log. Confirming asks for
 * the account's password: whoever gets a mail about somebody else's account confirms nothing with a click.
 */

import { byId, fieldOf, focusFirst } from "../lib/dom.js";
import "../lib/drops.js";
import { send } from "../lib/http.js";
import { explained } from "./problems.js";
import { say, translate } from "./words.js";

translate();

/** @type {Record<string, (email: string, changed: string) => string>} */
const ASKED = {
  verify_address: (email) => say("Is {email} the address of your account?", { email }),
  new_address: (email, changed) => say("The address of the account {email} is to be {changed}.", { email, changed }),
  old_address: (email, changed) => say("The address of your account is to change from {email} to {changed}.", { email, changed }),
};
/** @type {Record<string, string>} */
const DONE = {
  verified: say("Your address is confirmed. You can sign in."),
  changed: say("Your account has its new address, with which you sign in from now on."),
  waiting: say("Confirmed. The change takes effect when the other address has confirmed it too."),
};

const form = byId("form", HTMLFormElement);
const submit = byId("submit", HTMLButtonElement);
const refuse = byId("refuse", HTMLButtonElement);
const password = fieldOf(form, "password");
const failure = byId("failure");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // it is not left in the history

/** @param {() => Promise<string>} act whose text says what is done */
async function once(act) {
  failure.textContent = "";
  submit.disabled = true;
  refuse.disabled = true;
  try {
    byId("done").textContent = await act();
    form.reset();
  } catch (problem) {
    failure.textContent = explained(problem);
    submit.disabled = false;
    refuse.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(async () => {
    const body = { token, password: password.value };
    const { outcome } = await (await send("POST", "/auth/address/confirm", { body })).json();
    return DONE[outcome];
  });
});

refuse.addEventListener("click", () =>
  once(async () => {
    await send("POST", "/auth/address/refuse", { body: { token } });
    return say("The address stays as it is. If this was about your account, set a new password: see Forgotten? at signing in.");
  }),
);

try {
  const link = await (await send("POST", "/auth/address/link", { body: { token } })).json();
  byId("asked").textContent = ASKED[link.kind](link.email, link.new_email);
  refuse.hidden = link.kind === "verify_address";
  submit.disabled = false;
  focusFirst(password);
} catch (problem) {
  failure.textContent = token ? explained(problem) : say("This link is not whole: open it once more as you got it.");
}
