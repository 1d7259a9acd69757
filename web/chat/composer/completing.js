/** The state of a field's list of completions, and the keys that it takes. */

import { batch, useEffect, useId, useMemo, useSignal } from "../../vendor/preact.js";
import { begunAt, completed } from "./completion.js";
import { optionId } from "./completion_list.js";
import { suggestionsFor } from "./suggestions.js";

/** @typedef {import("./completion.js").Begun} Begun */
/** @typedef {import("./suggestions.js").Suggestion} Suggestion */
/** @typedef {{ begun: Begun, items: Suggestion[], active: number }} Shown */

/**
 * @param {import("../model/model.js").Model} model
 * @param {number} chatId
 * @param {import("./field.js").Field} field
 * @param {boolean} commands whether a line can be a command
 */
export function useCompletion(model, chatId, field, commands) {
  const id = useId();
  const shown = useSignal(/** @type {Shown | null} */ (null));
  const state = useMemo(() => ({ asked: 0, dismissed: -1 }), []);
  useEffect(() => () => void state.asked++, []);

  const close = () => {
    state.asked += 1;
    shown.value = null;
  };
  /** @param {string} text  @param {number} cursor -1: nothing is completed now */
  const look = async (text, cursor) => {
    const begun = cursor < 0 ? null : begunAt(text, cursor);
    if (begun?.from !== state.dismissed) state.dismissed = -1;
    if (!begun || state.dismissed === begun.from || (begun.subject === "command" && !commands)) return close();
    const asked = ++state.asked;
    const items = await suggestionsFor(model, chatId, begun).catch(() => []);
    if (asked !== state.asked) return;
    const before = shown.value?.items[shown.value.active]?.key;
    const active = Math.max(0, items.findIndex(({ key }) => key === before));
    batch(() => (shown.value = items.length ? { begun, items, active: shown.value?.begun.typed === begun.typed ? active : 0 } : null));
  };
  /** @param {number} at */
  const choose = (at) => {
    const now = shown.value;
    if (!now) return null;
    close();
    const item = now.items[at];
    field.apply(completed(field.text, now.begun, item.insert));
    return { subject: now.begun.subject, item };
  };
  /** Whether the list has taken a key. @param {KeyboardEvent} event  @param {(chosen: NonNullable<ReturnType<typeof choose>>) => void} [chosen] */
  const key = (event, chosen) => {
    const now = shown.value;
    if (!now || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const amount = now.items.length;
    if (event.key === "ArrowDown") shown.value = { ...now, active: (now.active + 1) % amount };
    else if (event.key === "ArrowUp") shown.value = { ...now, active: (now.active + amount - 1) % amount };
    else if (event.key === "Enter" || event.key === "Tab") {
      // A command that is written out is run.
      if (event.key === "Enter" && now.begun.subject === "command" && now.items[now.active].key === now.begun.typed) return false;
      const taken = choose(now.active);
      if (taken) chosen?.(taken);
    } else if (event.key === "Escape") {
      state.dismissed = now.begun.from;
      close();
      event.stopPropagation();
    } else return false;
    return true;
  };
  const now = shown.value;
  return { id, shown: now, list: now && { id, active: optionId(id, now.active) }, look, close, choose, key };
}
