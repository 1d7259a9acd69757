/**
 * Signing in, or up. What the fields may hold the server says alone: a browser's own rules for addresses and lengths are
 * others. Then on to the page that was asked for, which is behind the # and so never sent.
 */

import { byId, fieldOf, focusFirst, make, metaOf } from "../lib/dom.js";
import "../lib/drops.js";
import { send } from "../lib/http.js";
import { isSignedIn, signIn, signInAtDirectory, signInByPasskey, signInByProvider, signUp } from "../lib/session.js";
import { showPasskey, works } from "./authenticator.js";
import { explained, explainedCode } from "./problems.js";
import { askForSecondFactor } from "./second.js";
import { showSecurity } from "./security.js";
import { offerOtherLanguage, say, translate } from "./words.js";

const ASKED = "fechatter.asked"; // the page that was asked for, while this tab is at the provider

/** The path of a page of ours, with whatever it had behind it: what is open beside it (?pane=), or a place in it (#). */
const PAGES = /^\/(oauth\/authorize|boards|pages|(board|page)\/\d+|chat\/\d+(\/\d+)?|(invite|p)\/[\w-]+)?([?#].*)?$/;

const form = byId("form", HTMLFormElement);
const submit = byId("submit", HTMLButtonElement);
const [fullname, email, password] = ["fullname", "email", "password"].map((name) => fieldOf(form, name));
const failure = byId("failure");
const invite = location.hash.match(/^#\/invite\/([\w-]+)([?#]|$)/)?.[1];
const signup = metaOf("signup");
const sendsMail = metaOf("mail") === "on";
const takesNewcomers = signup === "open" || (signup === "invited" && invite);

/** @typedef {{ name: string, title: string }} Directory */

/** @type {Directory | null} whose people the form is for; null: those of this server */
let directory = null;

/** What each mode of the form is called, on its button, and on the button that leaves it or gets into it. */
const MODES = {
  signin: { title: say("Sign in"), submit: say("Sign in"), other: say("I am new here") },
  signup: { title: say("Create an account"), submit: say("Create account"), other: say("I have an account") },
  forgotten: { title: say("A forgotten password"), submit: say("Send me a link"), other: say("I have my password") },
};

/** @param {keyof typeof MODES} mode  @param {Directory | null} [of] */
function show(mode, of = null) {
  directory = of;
  form.dataset.mode = mode;
  byId("named").textContent = directory ? say("User name") : say("E-mail");
  email.inputMode = directory ? "text" : "email";
  fullname.required = mode === "signup";
  byId("called").hidden = !fullname.required;
  password.required = mode !== "forgotten";
  byId("secret").hidden = !password.required;
  password.autocomplete = mode === "signup" ? "new-password" : "current-password";
  submit.textContent = MODES[mode].submit;
  byId("title").textContent = directory ? say("Sign in at {title}", { title: directory.title }) : MODES[mode].title;
  byId("other").textContent = directory ? say("Sign in without it") : MODES[mode].other;
  byId("other").hidden = mode === "signin" && !takesNewcomers && !directory;
  byId("by-passkey").hidden = mode !== "signin" || !works || directory !== null;
  byId("forgotten").hidden = mode !== "signin" || !sendsMail || directory !== null;
  byId("providers").hidden = directory !== null || byId("providers").childElementCount === 0;
  failure.textContent = "";
  byId("told").textContent = "";
}

byId("other").addEventListener("click", () => {
  show(form.dataset.mode === "signin" && !directory ? "signup" : "signin");
  (fullname.required ? fullname : email).focus();
});
byId("forgotten").addEventListener("click", () => {
  show("forgotten");
  email.focus();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  failure.textContent = "";
  byId("told").textContent = "";
  submit.disabled = true;
  try {
    if (form.dataset.mode === "forgotten") {
      await send("POST", "/auth/password/forgotten", { body: { email: email.value.trim() } });
      byId("told").textContent = say("If there is an account with this address, a link is on its way to it.");
      submit.disabled = false;
      return;
    }
    if (form.dataset.mode === "signup") await signUp(fullname.value.trim(), email.value.trim(), password.value, invite);
    else if (directory) await withSecondFactor(signInAtDirectory(directory.name, email.value.trim(), password.value, invite));
    else await withSecondFactor(signIn(email.value.trim(), password.value));
    goOn();
  } catch (problem) {
    failure.textContent = explained(problem, { password: password.value, directory: directory !== null });
    submit.disabled = false;
    ([fullname, email].find(({ name }) => name === problem.fields?.[0]) ?? password).focus();
  }
});

byId("by-passkey").addEventListener("click", async () => {
  failure.textContent = "";
  try {
    await signInByPasskey(showPasskey);
    goOn();
  } catch (problem) {
    failure.textContent = explained(problem);
  }
});

/** A button for each provider and each directory; without any the form stays as it is. */
async function showProviders() {
  /** @type {{ name: string, title: string, url: string, kind: "page" | "form" }[]} */
  const providers = await (await send("GET", "/auth/providers")).json();
  const buttons = providers.map(({ name, title, url, kind }) => {
    if (kind === "form") {
      const button = make("button", { type: "button" }, say("Continue with {title}", { title }));
      button.addEventListener("click", () => {
        show("signin", { name, title });
        email.focus();
      });
      return button;
    }
    const button = make("a", { className: "button", href: invite ? `${url}?invite=${invite}` : url }, say("Continue with {title}", { title }));
    button.addEventListener("click", () => sessionStorage.setItem(ASKED, location.hash.slice(1)));
    return button;
  });
  byId("providers").append(...buttons);
  byId("providers").hidden = buttons.length === 0;
}

/** Back from a provider: the fragment says how that went, and the session is fetched by a cookie. */
async function comeBack() {
  const [, how, code] = location.hash.match(/^#\/(signed-in|linked|proved-again|failed)(?:\/(\w+))?$/) ?? [];
  if (!how) return;
  const asked = sessionStorage.getItem(ASKED);
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", asked ? `#${asked}` : location.pathname);
  if (how === "failed") throw new Error(explainedCode(code));
  if (how === "signed-in") await withSecondFactor(signInByProvider());
}

/** The session, whose second factor is asked for where the server demands one. @param {Promise<void>} signingIn */
async function withSecondFactor(signingIn) {
  try {
    await signingIn;
  } catch (problem) {
    const enrols = problem.code === "second_factor_enrolment_required";
    if (!enrols && problem.code !== "second_factor_required") throw problem;
    await askForSecondFactor(problem.told.factor_token, problem.told.factors);
    if (enrols) location.hash = "/security"; // where the recovery codes are
  }
}

/** To the page that was asked for. */
function goOn() {
  const asked = location.hash.slice(1);
  if (asked === "/security") {
    showSecurity();
    return;
  }
  location.replace(PAGES.test(asked) ? asked : "/");
}

translate();
offerOtherLanguage(byId("language"));
try {
  await comeBack();
} catch (problem) {
  failure.textContent = explained(problem);
}
if (isSignedIn()) goOn();
else {
  const said = failure.textContent;
  show("signin");
  failure.textContent = said;
  submit.disabled = false; // only now is somebody there to hear it
  focusFirst(email);
  showProviders().catch(() => {}); // there is still the form
}
