/** A link that lets people in, as text to copy and as a code for a phone's camera. */

import { call } from "../../lib/session.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { Icon } from "../shell/icons.js";
import { t } from "../words/words.js";

const WEEK = 7 * 24 * 3600;

/** A new link into a chat, for a week. @param {number} chatId @returns {Promise<string>} */
export async function makeLink(chatId) {
  const { token } = await call("POST", `/chats/${chatId}/invites`, { expires_in: WEEK });
  return `${location.origin}/invite/${token}`;
}

/** @param {{ link: string }} properties */
export function InviteLink({ link }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const copied = useSignal(false);
  const code = useSignal(/** @type {{ path: string, size: number } | null} */ (null));
  useEffect(() => {
    let wanted = true;
    import("../../vendor/uqr.js").then(({ encode }) => {
      if (wanted) code.value = drawn(encode(link).data);
    });
    return () => {
      wanted = false;
    };
  }, [link]);
  const copy = async () => {
    field.current?.select();
    // Without a secure context there is no clipboard to write to: it is selected, for Ctrl+C.
    await navigator.clipboard?.writeText(link).then(
      () => (copied.value = true),
      () => {},
    );
  };
  return h(
    "div",
    { class: "invite-link" },
    h("div", { class: "code" }, code.value && h("svg", { viewBox: `0 0 ${code.value.size} ${code.value.size}`, role: "img", "aria-label": t("link.code") }, h("path", { d: code.value.path }))),
    h(
      "div",
      { class: "fields" },
      h("label", { class: "field" }, h("span", {}, t("link.label")), h("input", { ref: field, readOnly: true, value: link, onFocus: () => field.current?.select() }), h("small", {}, t("link.hint"))),
      h("button", { type: "button", class: "outlined", onClick: copy }, h(Icon, { name: copied.value ? "check" : "copy" }), copied.value ? t("link.copied") : t("link.copy")),
      h("span", { class: "unseen", role: "status" }, copied.value ? t("link.copied") : ""),
    ),
  );
}

/** The dark squares of a code as a path. @param {boolean[][]} rows */
function drawn(rows) {
  let path = "";
  rows.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : "")));
  return { path, size: rows.length };
}
