/** What is entered in a block of a bot's dialog. Its name in the form is the block's id. */

import { h, useId } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { choicesOf, optionsIn, textOf } from "./pressable.js";

const SEVERAL = new Set(["multi_static_select", "checkboxes"]);

/** @param {{ block: Record<string, any>, people: import("./pressable.js").Person[], error?: string, say: (text: any) => any }} properties `say` draws a text */
export function Input({ block, people, error, say }) {
  const id = useId();
  const { element, block_id: name } = block;
  const label = block.optional ? t("bots.optional", { label: textOf(block.label) }) : textOf(block.label);
  const more = [
    block.hint && h("small", { id: `${id}-hint` }, textOf(block.hint)),
    error && h("small", { id: `${id}-error`, class: "failure", role: "alert" }, error),
  ];
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const common = { name, required: block.optional !== true, "aria-describedby": described, "aria-invalid": error ? "true" : undefined };
  if (SEVERAL.has(element.type) || element.type === "radio_buttons") {
    const several = SEVERAL.has(element.type);
    const initial = new Set([...(element.initial_options ?? []), element.initial_option].filter(Boolean).map(({ value }) => value));
    return h(
      "fieldset",
      { class: "choices", "aria-describedby": described },
      h("legend", {}, label),
      optionsIn(element).map(({ value, text, description }) =>
        h("label", { key: value },
          h("input", { type: several ? "checkbox" : "radio", name, value, defaultChecked: initial.has(value), required: !several && common.required }),
          h("span", {}, textOf(text) && say(text), textOf(description) && h("small", {}, say(description))),
        ),
      ),
      more,
    );
  }
  return h("label", { class: "field" }, h("span", {}, label), control(element, common, people), more);
}

/** @param {Record<string, any>} element  @param {Record<string, any>} common  @param {import("./pressable.js").Person[]} people */
function control(element, common, people) {
  const { type, max_length: maxLength, min_length: minLength, initial_value: defaultValue } = element;
  const placeholder = textOf(element.placeholder) || undefined;
  const text = { ...common, autocomplete: "off", dir: "auto", maxLength: maxLength ?? 3000, minLength, defaultValue, placeholder };
  if (type === "plain_text_input") return element.multiline ? h("textarea", { rows: 4, ...text }) : h("input", text);
  if (type === "number_input") {
    const { min_value: min, max_value: max } = element;
    return h("input", { ...common, type: "number", step: element.is_decimal_allowed ? "any" : 1, min, max, defaultValue, placeholder });
  }
  if (type === "datepicker") return h("input", { ...common, type: "date", defaultValue: element.initial_date });
  const chosen = element.initial_option?.value;
  return h(
    "select",
    common,
    h("option", { value: "" }, placeholder ?? t("bots.choose")),
    choicesOf(element, people).map(([value, name]) => h("option", { key: value, value, selected: value === chosen }, name)),
  );
}
