/** Passkeys, as the browser makes and shows them: what the server asks goes to it, and its answer back, as JSON. */

import { metaOf } from "../lib/dom.js";
import { say } from "./words.js";

/** Where passkeys of this server work; empty: nowhere. */
export const home = metaOf("passkeys");

/** Whether they work on this page, in this browser. */
export const works = home === location.origin && typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

/** What the browser says when its own dialog was closed, or nothing was chosen in time. */
const CLOSED = ["NotAllowedError", "AbortError"];

/** How authenticators are reached, as far as the server knows. */
const TRANSPORTS = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

/** @typedef {{ options: any }} Asked */

/** A new passkey. @param {Asked} asked */
export async function makePasskey({ options }) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return answered(() => navigator.credentials.create({ publicKey }), ["clientDataJSON", "attestationObject", "transports"]);
}

/** What a passkey of the user has signed. @param {Asked} asked */
export async function showPasskey({ options }) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answered(() => navigator.credentials.get({ publicKey }), ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

/**
 * Of its answer, what the server reads: browsers say more, and newer ones more still.
 *
 * @param {() => Promise<Credential | null>} ask
 * @param {string[]} fields
 */
async function answered(ask, fields) {
  try {
    const credential = await ask();
    if (!(credential instanceof PublicKeyCredential)) throw new Error(say("The browser has shown no passkey."));
    /** @type {any} */
    const { id, rawId, type, response } = credential.toJSON();
    response.transports = response.transports?.filter((/** @type {string} */ each) => TRANSPORTS.includes(each));
    return { id, rawId, type, response: Object.fromEntries(fields.map((field) => [field, response[field]])) };
  } catch (error) {
    if (CLOSED.includes(error.name)) throw new Error(say("No passkey was chosen. Try it again."), { cause: error });
    if (error.name === "InvalidStateError") throw new Error(say("This device has a passkey of yours already."), { cause: error });
    throw error;
  }
}
