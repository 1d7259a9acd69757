/** What the page says of its connection: whether all that was edited here is durable, or what is the matter. */

import { say } from "../words.js";

const SAVING_MS = 400; // that something is not saved yet is worth a word only where it takes longer
const TOLD = {
  connecting: say("Connecting…"),
  offline: say("Offline: edits are kept here and sent later"),
  full: say("Offline, and this browser has no room to keep edits: leave this tab open"),
  forbidden: say("Not connected: this address is not allowed"),
  ended: say("Closed"),
};

/**
 * Keeps it true; returns what to call when `mayEdit()` has changed.
 *
 * @param {HTMLElement} shown
 * @param {import("./connection.js").Connection} connection
 * @param {() => boolean} mayEdit
 */
export function tellStatus(shown, connection, mayEdit) {
  const { replica } = connection;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;

  function speak() {
    clearTimeout(saving);
    saving = undefined;
    const how = !mayEdit() ? say("Live, to look at") : replica.saved ? say("Saved") : say("Saving…");
    const status = connection.status === "offline" && shown.dataset.kept === "false" ? "full" : connection.status;
    shown.textContent = status === "live" ? how : TOLD[status];
  }

  function tell() {
    const live = connection.status === "live";
    shown.dataset.status = connection.status;
    shown.dataset.saved = String(live && replica.saved);
    if (live && !replica.saved) saving ??= setTimeout(speak, SAVING_MS);
    else speak();
  }

  connection.addEventListener("status", tell);
  replica.addEventListener("queue", tell);
  return tell;
}
