/**
 * Signing in, or up. What the fields may hold the server says alone: a browser's own rules for addresses and lengths are
 * others. Then on to the page that was asked for, which is behind the # and so never sent.
 */

import { byId, fieldOf, focusFirst, metaOf } from "../lib/dom.js";
import "../lib/drops.js";
import { isSignedIn, signIn, signUp } from "../lib/session.js";

const PAGES = /^\/(boards|board\/\d+|invite\/[\w-]+)$/;

const form = byId("form", HTMLFormElement);
const submit = byId("submit", HTMLButtonElement);
const [fullname, email, password] = ["fullname", "email", "password"].map((name) => fieldOf(form, name));
const failure = byId("failure");
const invite = location.hash.match(/^#\/invite\/([\w-]+)$/)?.[1];
const signup = metaOf("signup");
const takesNewcomers = signup === "open" || (signup === "invited" && invite);

/** @param {boolean} isNew */
function show(isNew) {
  form.dataset.mode = isNew ? "signup" : "signin";
  byId("called").hidden = !isNew;
  fullname.required = isNew;
  password.autocomplete = isNew ? "new-password" : "current-password";
  submit.textContent = isNew ? "Create account" : "Sign in";
  byId("title").textContent = isNew ? "Create an account" : "Sign in";
  byId("other").textContent = isNew ? "I have an account" : "I am new here";
  failure.textContent = "";
}

byId("other").hidden = !takesNewcomers;
byId("other").addEventListener("click", () => {
  const isNew = form.dataset.mode !== "signup";
  show(isNew);
  (isNew ? fullname : email).focus();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  failure.textContent = "";
  submit.disabled = true;
  try {
    if (form.dataset.mode === "signup") await signUp(fullname.value.trim(), email.value.trim(), password.value, invite);
    else await signIn(email.value.trim(), password.value);
    goOn();
  } catch (problem) {
    failure.textContent = problem.message;
    submit.disabled = false;
    ([fullname, email].find(({ name }) => name === problem.fields?.[0]) ?? password).focus();
  }
});

/** To the page that was asked for. */
function goOn() {
  const asked = location.hash.slice(1);
  location.replace(PAGES.test(asked) ? asked : "/boards");
}

if (isSignedIn()) goOn();
else {
  show(false);
  submit.disabled = false; // only now is somebody there to hear it
  focusFirst(email);
}
