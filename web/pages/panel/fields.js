/** A control for each type of field: it shows a value, and says what somebody makes of it. */

import { make } from "../../lib/dom.js";
import * as addresses from "../content/addresses.js";
import { listIn } from "../content/tables.js";
import { filesOf, TYPES } from "../pictures/files.js";
import { say } from "../words.js";

/** @typedef {import("../content/kinds.js").Field} Field */

/**
 * `renew` shows a value, unless somebody is at it; `told` says what is wrong with what they wrote; `beside` are other ways to
 * give a value.
 *
 * @typedef {{ element: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, told: HTMLElement | null, renew: (value: any) => void, beside?: HTMLElement[] }} Control
 */

/** @param {Field} field  @param {(value: any) => void} write  @param {(files: File[]) => void} send uploads what the value is to be @returns {Control} */
export function controlOf(field, write, send) {
  if (field.type === "choice") return choice(field, write);
  if (field.type === "check") return check(write);
  if (field.type === "number") return written(make("input", { type: "number", min: "1", step: "1" }), { write, read: (text) => (text === "" ? undefined : Number(text)) });
  if (field.type === "json") return json(write);
  if (field.type === "lines") {
    const shown = (/** @type {any} */ value) => (listIn(value) ?? []).map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n");
    return written(make("textarea", { rows: 4 }), { write, shown, read: (text) => text.split("\n").filter((line) => line.trim()) });
  }
  if (field.type === "picture") return picture(write, send);
  if (field.type === "link") return address(field.type, write);
  return written(field.type === "text" ? make("textarea", { rows: 5 }) : make("input", { type: "text" }), { write });
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} element
 * @param {{ write: (value: any) => void, read?: (text: string) => any, shown?: (value: any) => string, fault?: (text: string) => string }} how
 * @returns {Control}
 */
function written(element, { write, read = (text) => text, shown = (value) => String(value ?? ""), fault }) {
  const told = fault ? make("small", { className: "failure" }) : null;
  element.addEventListener("input", (event) => {
    if (!(/** @type {InputEvent} */ (event).isComposing)) tell(); // else once an input method has composed it
  });
  element.addEventListener("compositionend", tell);
  function tell() {
    const wrong = fault?.(element.value) ?? "";
    if (told) told.textContent = wrong;
    if (!wrong) write(read(element.value));
  }
  const renew = (/** @type {any} */ value) => {
    const text = shown(value);
    // Assigning a value ends what an input method composes, and moves the caret.
    if (document.activeElement !== element && element.value !== text) element.value = text;
  };
  return { element, told, renew };
}

/** @param {Field} field  @param {(value: any) => void} write @returns {Control} */
function choice({ choices = [] }, write) {
  const element = make("select", {}, make("option", { value: "" }, "–"), ...choices.map(([value, name]) => make("option", { value: String(value) }, name)));
  element.addEventListener("change", () => write(choices.find(([value]) => String(value) === element.value)?.[0]));
  return { element, told: null, renew: (value) => (element.value = choices.some(([one]) => one === value) ? String(value) : "") };
}

/** @param {(value: any) => void} write @returns {Control} */
function check(write) {
  const element = make("input", { type: "checkbox" });
  element.addEventListener("change", () => write(element.checked || undefined));
  return { element, told: null, renew: (value) => (element.checked = value === true) };
}

/** @param {(value: any) => void} write */
function json(write) {
  const element = make("textarea", { rows: 7, spellcheck: false, className: "code" });
  const shown = (/** @type {any} */ value) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 1));
  const fault = (/** @type {string} */ text) => (text.trim() && !listIn(text) ? say("It must be a list of JSON.") : "");
  return written(element, { write, shown, fault, read: (text) => (text.trim() ? listIn(text) : undefined) });
}

/** @param {"link" | "picture"} type  @param {(value: any) => void} write */
function address(type, write) {
  const element = make("input", { type: "text", inputMode: "url", placeholder: type === "link" ? "https://… /page/7 #top" : "https://…", spellcheck: false });
  const fault = (/** @type {string} */ text) => (text === "" || addresses[type](text) ? "" : type === "link" ? say("It must begin with https://, mailto:, tel:, / or #.") : say("It must begin with https:// or /, or be a picture as data:."));
  return written(element, { write, fault });
}

/** An address, or a file that is chosen, or pasted here. @param {(value: any) => void} write  @param {(files: File[]) => void} send @returns {Control} */
function picture(write, send) {
  const control = address("picture", write);
  control.element.addEventListener("paste", (event) => {
    const files = filesOf(/** @type {ClipboardEvent} */ (event).clipboardData);
    if (!files.length) return;
    event.preventDefault();
    send(files);
  });
  const picker = make("input", { type: "file", accept: TYPES.join(","), className: "unseen", tabIndex: -1, aria: { label: say("Upload a picture"), hidden: "true" } });
  picker.addEventListener("change", () => {
    send(filesOf(picker));
    picker.value = "";
  });
  const button = make("button", { type: "button" }, say("Upload a picture"));
  button.addEventListener("click", () => picker.click());
  return { ...control, beside: [button, picker] };
}
