/** A person in a few pixels: a picture or initials on their own colour, and whether they are here. */

import { h, useSignal } from "../../vendor/preact.js";
import { areAllowed } from "../timeline/file_access.js";
import { t } from "../words/words.js";
import { useModel } from "./context.js";

const HUES = 8; // classes of shell.css

/** The characters that stand for a name: the last two of a Chinese one, the first of the first and the last word of others. @param {string} name */
export function initialsOf(name) {
  const trimmed = name.trim();
  const chinese = trimmed.match(/\p{Script=Han}/gu);
  if (chinese) return chinese.slice(-2).join("");
  const words = trimmed.split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("");
}

/** @param {{ id: number, fullname: string, avatar?: string | null, size?: "small" | "large" }} properties */
export function Avatar({ id, fullname, avatar = null, size }) {
  const failed = useSignal(false);
  const own = avatar?.startsWith("/api/") ? avatar : null; // the policy lets in no pictures from elsewhere
  return h(
    "span",
    { class: `avatar hue-${id % HUES} ${size ?? ""}`, "aria-hidden": "true" },
    own && areAllowed.value && !failed.value ? h("img", { src: own, alt: "", onError: () => (failed.value = true) }) : initialsOf(fullname),
  );
}

/** @typedef {"online" | "away" | "dnd" | "offline" | "invisible"} PresenceName */

/** @param {string | undefined} presence */
export function presenceWords(presence) {
  if (presence === "online") return t("presence.online");
  if (presence === "away") return t("presence.away");
  if (presence === "dnd") return t("presence.dnd");
  return t("presence.offline");
}

/** A dot whose shape differs as well as its colour. @param {{ userId: number, quiet?: boolean }} properties */
export function Presence({ userId, quiet = false }) {
  const { presence } = useModel().person(userId).value;
  return h("span", { class: `presence ${presence ?? "offline"}` }, quiet ? null : h("span", { class: "unseen" }, presenceWords(presence)));
}

/** What somebody has put beside their name. @param {{ status: { text?: string | null, emoji?: string | null, until?: string | null } | null | undefined }} properties */
export function CustomStatus({ status }) {
  if (!status || (status.until && Date.parse(status.until) < Date.now())) return null;
  const text = [status.emoji, status.text].filter(Boolean).join(" ");
  return h("span", { class: "custom-status", title: text, dir: "auto" }, text);
}
