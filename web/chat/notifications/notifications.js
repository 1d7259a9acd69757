/**
 * Desktop notifications of messages that mean the user (worth.js). Where the browser has a service worker, it shows them, so
 * that a click leads back to the chat (offline/worker.js). Two tabs of a browser show one: both give it the same tag, its chat's.
 */

import { signal } from "../../vendor/preact.js";
import { nameOf } from "../shell/chats.js";
import { t } from "../words/words.js";
import { isWorthIt } from "./worth.js";

const CHOSEN = "fechatter.notifications";
const LONGEST = 160;

/** @typedef {import("../model/model.js").Model} Model */
/** @typedef {"unsupported" | "blocked" | "off" | "on"} Setting */

export const setting = signal(/** @type {Setting} */ (current()));

/** @returns {Setting} */
function current() {
  const { Notification } = globalThis;
  if (!Notification) return "unsupported"; // plain HTTP that is not localhost, or a page in iOS that is not installed
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && localStorage.getItem(CHOSEN) !== "off" ? "on" : "off";
}

/** Browsers ask the user only after a click or a key. @param {boolean} on */
export async function choose(on) {
  localStorage.setItem(CHOSEN, on ? "on" : "off");
  if (on) await Notification.requestPermission();
  setting.value = current();
}

/** @param {Model} model  @param {() => number | null} openChat the chat in sight */
export function startNotifications(model, openChat) {
  model.listen(({ kind, data }) => {
    if (kind !== "NewMessage" || setting.peek() !== "on") return;
    const chat = model.chat(data.chat_id).peek();
    const worth = isWorthIt(data, {
      me: model.me.peek().id,
      chat,
      isFollowed: model.threads.peek().has(data.thread_id),
      isLookedAt: document.hasFocus() && openChat() === data.chat_id,
      presenceMode: model.presenceMode.peek(),
      now: Date.now(),
    });
    if (worth && chat) show(data, chat, model);
  });
}

/** @param {Record<string, any>} message  @param {import("../model/model.js").Chat} chat  @param {Model} model */
async function show(message, chat, model) {
  const sender = model.person(message.sender_id).peek();
  const title = chat.type === "Single" ? sender.fullname : t("notifications.title", { sender: sender.fullname, chat: nameOf(chat, model) });
  const path = `/chat/${chat.id}/${message.id}`;
  const tag = `/chat/${chat.id}`; // as a push has it, which replaces this one without a sound
  const options = { body: textOf(message), tag, lang: document.documentElement.lang, icon: "/pages/lib/icon-192.png", data: { path, seq: message.seq } };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker) return showOnce(worker, title, options);
  const shown = new Notification(title, options);
  shown.addEventListener("click", () => focus());
}

/** One of a chat, which a newer message replaces as something new. @param {ServiceWorkerRegistration} worker  @param {string} title  @param {Record<string, any>} options */
async function showOnce(worker, title, options) {
  const [former] = await worker.getNotifications({ tag: options.tag });
  await worker.showNotification(title, /** @type {any} */ ({ ...options, renotify: !(former?.data?.seq >= options.data.seq) }));
}

/** @param {Record<string, any>} message */
function textOf({ content, files }) {
  const text = [...(content ?? "")];
  if (text.length > LONGEST) return `${text.slice(0, LONGEST).join("")}…`;
  return text.length ? text.join("") : t("notifications.files", { n: files?.length ?? 0 });
}
