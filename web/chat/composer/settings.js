/** How one likes to write, in this browser. */

import { signal } from "../../vendor/preact.js";

const SENDS = "fechatter.send-key";

/** What sends a message; the other one of Enter and Ctrl+Enter begins a new line. */
export const sendKey = signal(/** @type {"enter" | "ctrl-enter"} */ (globalThis.localStorage?.getItem(SENDS) === "ctrl-enter" ? "ctrl-enter" : "enter"));

/** @param {"enter" | "ctrl-enter"} key */
export function chooseSendKey(key) {
  localStorage.setItem(SENDS, key);
  sendKey.value = key;
}

/** Whether a key that no input method has sends what is written. @param {KeyboardEvent} event */
export function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  return event.ctrlKey || event.metaKey || sendKey.peek() === "enter";
}
