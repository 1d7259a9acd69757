/** A new password, by a link whose token is behind the # and so in no log; it is good once. */

import { byId, fieldOf, focusFirst } from "../lib/dom.js";
import "../lib/drops.js";
import { send } from "../lib/http.js";
import { explained } from "./problems.js";
import { say, translate } from "./words.js";

translate();

const form = byId("form", HTMLFormElement);
const submit = byId("submit", HTMLButtonElement);
const [password, again] = ["password", "again"].map((name) => fieldOf(form, name));
const failure = byId("failure");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // it is not left in the history

if (!token) failure.textContent = say("This link is not whole: open it once more as you got it.");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  failure.textContent = "";
  if (password.value !== again.value) {
    failure.textContent = say("The two are not the same.");
    again.focus();
    return;
  }
  submit.disabled = true;
  try {
    await send("POST", "/auth/reset", { body: { token, password: password.value } });
    byId("done").textContent = say("Your new password is set, and you are signed out everywhere.");
    form.reset();
  } catch (problem) {
    failure.textContent = explained(problem, { password: password.value });
    submit.disabled = false;
  }
});

submit.disabled = false; // only now is somebody there to hear it
focusFirst(password);
