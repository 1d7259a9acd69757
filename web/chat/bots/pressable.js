/** Buttons and menus in the blocks of a bot's message or dialog. What cannot be pressed here is left out. */

import { h, useSignal } from "../../vendor/preact.js";
import { sayProblem } from "../dialogs/problems.js";
import { t } from "../words/words.js";

/** @typedef {Record<string, any>} Block */
/** @typedef {{ id: number, name: string }} Person */
/** @typedef {import("./asking.js").Pressed} Pressed */
/** @typedef {(pressed: Pressed) => Promise<unknown>} Press */

const MENUS = new Set(["static_select", "overflow", "radio_buttons"]);
const KINDS = new Set(["button", "users_select", "datepicker", ...MENUS]);

/** @param {Block} block @returns {Block[]} */
export const pressableIn = ({ type, elements, accessory }) =>
  [...(type === "actions" && Array.isArray(elements) ? elements : []), accessory].filter((one) => one && KINDS.has(one.type) && typeof one.action_id === "string");

/** The members of a chat, if these blocks let one choose among them. @param {import("../model/model.js").Model} model  @param {number} chatId  @param {Block[]} blocks @returns {Person[]} */
export function peopleFor(model, chatId, blocks) {
  const choosesPeople = blocks.some((block) => [block.element, ...pressableIn(block)].some((one) => one?.type === "users_select"));
  const members = (choosesPeople && model.members(chatId).value) || [];
  return members.map(({ user_id: id, fullname: name }) => ({ id, name }));
}

/** @param {{ blocks: Block[], press: Press, people: Person[] }} properties */
export function Pressables({ blocks, press, people }) {
  const rows = blocks.map((block) => ({ block, elements: pressableIn(block) })).filter(({ elements }) => elements.length);
  const busy = useSignal(false);
  const failure = useSignal("");
  const attempt = async (/** @type {Pressed} */ pressed) => {
    if (busy.peek()) return;
    busy.value = true;
    failure.value = "";
    await press(pressed)
      .catch((problem) => (failure.value = sayProblem(problem)))
      .finally(() => (busy.value = false));
  };
  if (!rows.length) return null;
  return h(
    "div",
    { class: "pressables", "aria-busy": busy.value },
    rows.map(({ block, elements }) =>
      h("div", { key: block.block_id, role: "group" }, elements.map((element) => h(Pressable, { key: element.action_id, element, blockId: block.block_id, attempt, people }))),
    ),
    failure.value && h("p", { class: "failure", role: "alert" }, failure.value),
  );
}

/** @param {{ element: Block, blockId: string, attempt: Press, people: Person[] }} properties */
function Pressable({ element, blockId, attempt, people }) {
  const press = (/** @type {string} */ chosen) => attempt({ action_id: element.action_id, block_id: blockId, ...(chosen && { chosen }) });
  if (element.type === "button") {
    const style = { primary: "primary", danger: "danger outlined" }[/** @type {string} */ (element.style)] ?? "outlined";
    return h("button", { type: "button", class: style, onClick: () => press("") }, textOf(element.text));
  }
  const label = textOf(element.placeholder) || t("bots.choose");
  const onChange = (/** @type {Event & { currentTarget: HTMLSelectElement | HTMLInputElement }} */ { currentTarget }) => currentTarget.value && press(currentTarget.value);
  if (element.type === "datepicker") return h("input", { type: "date", "aria-label": label, value: element.initial_date, onChange });
  return h("select", { "aria-label": label, onChange, value: "" }, h("option", { value: "" }, label), choicesOf(element, people).map(([value, name]) => h("option", { key: value, value }, name)));
}

/** @param {any} text */
export const textOf = (text) => (typeof text?.text === "string" ? text.text : "");

/** The value and the label of each that a menu offers. @param {Block} element  @param {Person[]} people @returns {[string, string][]} */
export const choicesOf = (element, people) => (element.type === "users_select" ? people.map(({ id, name }) => [String(id), name]) : optionsOf(element));

/** What can be chosen in it. @param {Block} element @returns {Block[]} */
export const optionsIn = ({ options }) => (Array.isArray(options) ? options : []).filter((one) => typeof one?.value === "string");

/** The value and the label of each option. @param {Block} element @returns {[string, string][]} */
const optionsOf = (element) => optionsIn(element).map(({ value, text }) => [value, textOf(text)]);
