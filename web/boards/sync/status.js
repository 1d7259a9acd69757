/** What the page says of its connection: whether all that was edited here is durable, or what is the matter. */

import { byId } from "../../lib/dom.js";

const SAVING_MS = 400; // that something is not saved yet is worth a word only where it takes longer
const TOLD = {
  connecting: "Connecting…",
  offline: "Offline: edits are kept here and merged later",
  forbidden: "Not connected: this address is not allowed",
  ended: "Closed",
};

/**
 * Keeps it true; returns what to call when `mayEdit()` has changed.
 *
 * @param {import("./connection.js").Connection} connection
 * @param {() => boolean} mayEdit
 */
export function tellStatus(connection, mayEdit) {
  const shown = byId("status");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;

  function say() {
    clearTimeout(saving);
    saving = undefined;
    const how = !mayEdit() ? "Live, to look at" : connection.saved ? "Saved" : "Saving…";
    shown.textContent = connection.status === "live" ? how : TOLD[connection.status];
  }

  function tell() {
    const live = connection.status === "live";
    shown.dataset.status = connection.status;
    shown.dataset.saved = String(live && connection.saved);
    if (live && !connection.saved) saving ??= setTimeout(say, SAVING_MS);
    else say();
  }

  connection.addEventListener("status", tell);
  connection.addEventListener("saved", tell);
  return tell;
}
