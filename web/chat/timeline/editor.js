/** A message that is being edited in its place: Enter saves, Escape leaves it as it was. */

import { h, useLayoutEffect, useRef, useSignal } from "../../vendor/preact.js";
import { codePoints } from "../text/characters.js";
import { t } from "../words/words.js";

/** @typedef {import("./controller.js").Controller} Controller */

const LONGEST = 4096;
const BY_INPUT_METHOD = 229;

/** @param {{ message: Record<string, any>, controller: Controller }} props */
export function Editor({ message, controller }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const failure = useSignal("");
  const fit = () => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  };
  useLayoutEffect(() => {
    fit();
    field.current?.focus();
    field.current?.setSelectionRange(message.content.length, message.content.length);
  }, []);
  const save = async () => {
    const text = field.current?.value ?? "";
    if (text === message.content) return controller.endEdit();
    if (!text.trim() && !message.files.length) return controller.act(message.pending ? "discard" : "delete", message);
    if (codePoints(text) > LONGEST) {
      failure.value = t("timeline.tooLong", { n: LONGEST });
      return;
    }
    try {
      if (message.pending) controller.resend(message, text);
      else await controller.model.edit(message, text);
      controller.endEdit();
    } catch (problem) {
      failure.value = problem.message;
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === BY_INPUT_METHOD) return;
    event.stopPropagation();
    if (event.key === "Escape") controller.endEdit();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    }
  };
  return h(
    "div",
    { class: "editor" },
    h("textarea", { ref: field, defaultValue: message.content, rows: 1, dir: "auto", "aria-label": t("timeline.editText"), onInput: fit, onKeyDown }),
    h("p", { class: "failure", role: "alert" }, failure.value),
    h("button", { type: "button", onClick: () => controller.endEdit() }, t("timeline.cancel")),
    h("button", { type: "button", class: "primary", onClick: save }, t("timeline.save")),
  );
}
