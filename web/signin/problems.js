/** What has gone wrong at the door, and what to do about it, in the reader's words; the server's own are for developers. */

import { say } from "./words.js";

/** By the problem's code, which never changes (docs/requests.md). @type {Record<string, string>} */
const SAID = {
  account_inactive: say("This account was closed by its owner. The operator of this server can open it again."),
  account_suspended: say("This account is suspended. Ask the operator of this server."),
  address_not_allowed: say("This server gives accounts to addresses of its own organization alone: use that one."),
  address_taken: say("There is an account with this address already: sign in as before, then link the provider."),
  address_unverified: say("Your address is not confirmed yet: open the link in the mail that was sent to it, then sign in again."),
  app_request_changed: say("The app asks for something else by now. Read it again before you connect it."),
  identity_taken: say("That account of the provider belongs to somebody else here."),
  invalid_address_token: say("This link has expired, or was used before. Ask for a new one."),
  invalid_app_request: say("The app has asked in a way that is not safe or not right. Tell the person who answers for it."),
  invalid_factor_token: say("This sign-in has taken too long. Start again."),
  invalid_reset_token: say("This link has expired, or was used before. Ask for a new one."),
  invalid_sign_in: say("This sign-in has expired, or was begun in another browser. Try it again."),
  invite_needed: say("You need an invite to create an account here: ask somebody who has one, and open the link that you get."),
  last_way_in: say("Nothing else lets you in: set a password or add another way in first."),
  no_account: say("You have no account here: ask the operator of this server."),
  no_auth_time: say("The provider does not say when you signed in there: sign out here, and sign in again."),
  not_admitted: say("Your account there is of an organization that this server does not admit."),
  passkey_copied: say("There is a copy of this passkey, which was used elsewhere. Sign in another way, and remove it."),
  passkeys_amount: say("You have as many passkeys as there can be: remove another one first."),
  provider_refused: say("The provider has not signed you in."),
  provider_required: say("One of your workspaces requires you to sign in another way."),
  provider_unavailable: say("The provider cannot be reached right now. Try it again shortly."),
  rate_limited: say("Too many have tried. Wait a while, and try it again."),
  second_factor_is_demanded: say("A workspace of yours demands a second factor: set another one up before you remove this one."),
  second_factor_required: say("You have a second factor: sign out, and sign in again with it."),
  signup_closed: say("You cannot create an account here yourself: ask the operator of this server."),
  users_email_key: say("There is an account with this address already: sign in with it, or use another address."),
  wrong_passkey: say("This passkey is not known here, or it came too late. Try it again, or sign in another way."),
  wrong_password: say("This is not your password. Try it again."),
  wrong_second_factor: say(
    "This code is wrong, or was used before. Enter the one that the app shows now, or another recovery code. Is the phone's clock right?",
  ),
};

/** @type {Record<string, string>} */
const FIELDS = {
  fullname: say("Enter your name, in at most 64 characters."),
  email: say("Enter your whole e-mail address, such as ada@example.com."),
  name: say("Enter a name, in at most 64 characters."),
  code: say("Enter the code that the app shows now."),
};

/** What the server says of a provider's answer, by its code. @param {string} code */
export const explainedCode = (code) => SAID[code] ?? say("The provider's answer cannot be trusted.");

/**
 * @param {any} problem
 * @param {{ password?: string, directory?: boolean }} [of] what was typed, and whether at a directory
 */
export function explained(problem, { password = "", directory = false } = {}) {
  const { status, code, fields, name, message } = problem;
  if (name === "Unreachable") return say("The server cannot be reached. Look at your connection, and try it again.");
  if (status === undefined) return message; // of this page or of the browser
  if (code === "wrong_credentials") {
    if (directory) return say("The user name or the password is wrong. Check both, and whether Caps Lock is on.");
    return say("The e-mail address or the password is wrong. Check both, and whether Caps Lock is on.");
  }
  if (code === "validation_failed" && fields[0] === "password") return weakness(password);
  if (code === "validation_failed" && FIELDS[fields[0]]) return FIELDS[fields[0]];
  if (SAID[code]) return SAID[code];
  if (status === 429) return SAID.rate_limited;
  if (status >= 500) return say("The server has a problem right now. Try it again in a moment.");
  return message;
}

/** Why a new password is not taken. @param {string} password */
function weakness(password) {
  const { length } = [...password];
  if (length < 8) return say("Choose a longer password: it needs 8 characters or more. A few words are fine.");
  if (length > 128) return say("Choose a shorter password: it can have 128 characters.");
  return say("This password is easy to guess: many people use it, or it is your name or address. Choose another one.");
}
