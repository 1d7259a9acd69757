/**
 * Pushes to this browser, which come while no page is open (offline/worker.js shows them). Whether it has them is kept by
 * account; a page says so again at its start, since sessions end, and browsers and servers change their keys: once a day
 * where nothing has changed.
 */

import { effect, signal } from "../../vendor/preact.js";
import { language } from "../words/words.js";

const CHOSEN = "fechatter.push";
const DAY = 86_400_000;

/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {"unsupported" | "blocked" | "off" | "on"} State */

/** @param {Model} model */
const keyOf = (model) => `${CHOSEN}.${model.me.peek().id}`;

export const state = signal(/** @type {State} */ ("off"));

/** @param {Model} model @returns {State} */
function current(model) {
  if (!("PushManager" in globalThis) || !navigator.serviceWorker) return "unsupported"; // iOS: until the page is on the home screen
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && localStorage.getItem(keyOf(model)) === "on" ? "on" : "off";
}

/** Also when the language changes, since pushes have words of ours. @param {Model} model */
export function startPushes(model) {
  effect(() => {
    const spoken = language.value;
    state.value = current(model);
    if (state.peek() === "on") void subscribe(model, spoken).catch(() => {}); // at the next start
  });
}

/** Browsers ask the user only after a click or a key. Raises where the browser or the server refuses. @param {Model} model  @param {boolean} on */
export async function choose(model, on) {
  try {
    if (on && (await Notification.requestPermission()) === "granted") {
      if (await subscribe(model, language.peek())) localStorage.setItem(keyOf(model), "on");
    } else if (!on) await unsubscribe(model);
  } finally {
    state.value = current(model);
  }
}

/** This browser is another account's from here on, or nobody's. @param {Model} model */
export async function unsubscribe(model) {
  localStorage.removeItem(keyOf(model));
  const registration = await navigator.serviceWorker?.getRegistration();
  const known = await registration?.pushManager?.getSubscription();
  await known?.unsubscribe();
  if (known) await model.api.notifications.unsubscribe().catch(() => {}); // its service says that it is gone
}

/** Whether there are pushes. @param {Model} model  @param {"en" | "zh"} spoken */
async function subscribe(model, spoken) {
  const { public_key, subscription } = await model.api.notifications.push();
  if (!public_key) return false;
  const { endpoint, keys } = /** @type {any} */ ((await subscribed(bytesOf(public_key))).toJSON());
  const isSaid = subscription?.endpoint === endpoint && subscription?.language === spoken && Date.now() - Date.parse(subscription.seen_at) < DAY;
  if (!isSaid) await model.api.notifications.subscribe({ endpoint, keys, language: spoken });
  return true;
}

/** @param {Uint8Array<ArrayBuffer>} key */
async function subscribed(key) {
  const { pushManager } = await navigator.serviceWorker.ready;
  const known = await pushManager.getSubscription();
  if (known && isEqual(new Uint8Array(known.options.applicationServerKey ?? new ArrayBuffer()), key)) return known;
  await known?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** @param {Uint8Array} one  @param {Uint8Array} other */
const isEqual = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

/** @param {string} text in base64url */
const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
