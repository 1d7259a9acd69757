/**
 * The text field of messages: it grows with its text, and is never written to while an input method composes in it. What is
 * put into it goes through the browser's own editing, so that Ctrl+Z takes it back.
 */

import { isComposed } from "../../lib/keyboard.js";
import { h, useEffect, useLayoutEffect, useRef } from "../../vendor/preact.js";
import { linked, linkedByPasting, wrapped } from "./wrapping.js";

/** @typedef {import("./wrapping.js").Change} Change */

/** What can be done to the field from outside. */
export class Field {
  /** @type {HTMLTextAreaElement | null} */
  element = null;
  isComposing = false;
  /** What waits until the composition has ended. @type {(() => void) | null} */
  #then = null;

  get text() {
    return this.element?.value ?? "";
  }

  get isFocused() {
    return this.element !== null && document.activeElement === this.element;
  }

  focus() {
    this.element?.focus();
  }

  /** What an input method has begun is part of the text from here on, as when one leaves the field. */
  settle() {
    if (!this.isComposing || !this.isFocused) return;
    this.element?.blur();
    this.element?.focus();
  }

  /** Another text in place of all; a composition is waited for. @param {string} text  @param {(text: string) => void} [then] */
  replace(text, then) {
    const set = () => {
      if (!this.element) return;
      this.element.value = text;
      this.element.setSelectionRange(text.length, text.length);
      grow(this.element);
      then?.(text);
    };
    if (this.isComposing) this.#then = set;
    else set();
  }

  /** @param {Change} change */
  apply({ from, to, insert, select }) {
    const area = this.element;
    if (!area || this.isComposing) return;
    area.focus();
    area.setSelectionRange(from, to);
    // The only way into the browser's history of a field; where it has none, as in no window of today, without it.
    const done = insert ? document.execCommand("insertText", false, insert) : from === to || document.execCommand("delete");
    if (!done) {
      area.setRangeText(insert, from, to, "end");
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    area.setSelectionRange(...select);
  }

  /** At the cursor, in place of what is selected. @param {string} text */
  insert(text) {
    const area = this.element;
    if (!area) return;
    this.settle();
    const at = area.selectionStart + text.length;
    this.apply({ from: area.selectionStart, to: area.selectionEnd, insert: text, select: [at, at] });
  }

  composed() {
    this.isComposing = false;
    const then = this.#then;
    this.#then = null;
    // The browser writes what was composed after this event has been heard.
    if (then) queueMicrotask(then);
  }
}

const WRAPS = /** @type {Record<string, string>} */ ({ b: "**", i: "*" });

/**
 * @param {{
 *   field: Field, label: string, initial: string, onText: (text: string, cursor: number, byHand: boolean) => void,
 *   onKey: (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => boolean, onFiles?: (files: File[]) => void,
 *   onBlur?: () => void, list?: { id: string, active: string | undefined } | null, describedBy?: string, placeholder?: string,
 * }} properties `onKey` is asked first, never while something is composed, and returns whether it has done what the key does; `byHand`: a
 *   character was typed, and not pasted, taken back or put in
 */
export function WritingField({ field, label, initial, onText, onKey, onFiles, onBlur, list = null, describedBy, placeholder }) {
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    field.element = element;
    element.value = initial;
    grow(element);
    return () => {
      field.element = null;
      field.isComposing = false;
    };
  }, [field]);
  useEffect(() => {
    const again = () => area.current && grow(area.current);
    addEventListener("resize", again);
    return () => removeEventListener("resize", again);
  }, []);
  const tell = (/** @type {Event} */ event) => {
    const element = area.current;
    if (!element) return;
    grow(element);
    const { inputType, data } = /** @type {InputEvent} */ (event);
    onText(element.value, field.isComposing || element.selectionStart !== element.selectionEnd ? -1 : element.selectionStart, inputType === "insertText" && data?.length === 1);
  };
  return h("textarea", {
    ref: area, rows: 1, dir: "auto", class: "writing", "aria-label": label, placeholder, "aria-describedby": describedBy,
    "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list?.id, "aria-activedescendant": list?.active, enterkeyhint: "send", autocomplete: "off",
    onInput: tell,
    onClick: tell,
    onKeyUp: (/** @type {KeyboardEvent} */ event) => /^(Arrow(Left|Right)|Home|End)$/.test(event.key) && tell(event),
    onCompositionStart: (/** @type {Event} */ event) => {
      field.isComposing = true;
      tell(event);
    },
    onCompositionEnd: (/** @type {Event} */ event) => {
      field.composed();
      tell(event);
    },
    onBlur,
    onKeyDown: (/** @type {KeyboardEvent & { currentTarget: HTMLTextAreaElement }} */ event) => {
      if (isComposed(event)) return;
      if (onKey(event) || shortcut(field, event)) event.preventDefault();
    },
    onPaste: (/** @type {ClipboardEvent & { currentTarget: HTMLTextAreaElement }} */ event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain") ?? "";
      // Office programs copy a picture of a text beside it.
      if (files.length && onFiles && !text) {
        event.preventDefault();
        return onFiles(files);
      }
      const { value, selectionStart, selectionEnd } = event.currentTarget;
      const change = linkedByPasting(value, selectionStart, selectionEnd, text);
      if (!change || field.isComposing) return;
      event.preventDefault();
      field.apply(change);
    },
  });
}

/** Ctrl+B, Ctrl+I, Ctrl+K. @param {Field} field  @param {KeyboardEvent} event */
function shortcut(field, event) {
  const area = field.element;
  if (!area || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
  const { value, selectionStart: start, selectionEnd: end } = area;
  const key = event.key.toLowerCase();
  // Without a selection Ctrl+K jumps to another chat.
  if (key === "k" && start !== end) field.apply(linked(value, start, end));
  else if (WRAPS[key]) field.apply(wrapped(value, start, end, WRAPS[key]));
  else return false;
  event.stopPropagation();
  return true;
}

/** As high as its text, up to what the style sheet allows. @param {HTMLTextAreaElement} area */
function grow(area) {
  if (CSS.supports("field-sizing: content")) return; // the style sheet does it
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}
