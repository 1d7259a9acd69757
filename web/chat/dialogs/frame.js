/** What a dialog is made of: its frame, forms and fields. At most one is shown; the browser gives the focus back to where it was. */

import { h, signal, useEffect, useId, useRef, useSignal } from "../../vendor/preact.js";
import { IconButton } from "../shell/icons.js";
import { t } from "../words/words.js";
import { sayProblem } from "./problems.js";

const open = signal(/** @type {{ name: string, properties: object, view: (properties: any) => any } | null} */ (null));

/** @param {string} name  @param {(properties: any) => any} view  @param {object} [properties] */
export const showDialog = (name, view, properties = {}) => {
  open.value = { name, properties, view };
};

export const closeDialog = () => {
  open.value = null;
};

export function Dialogs() {
  const now = open.value;
  return now && h(now.view, { key: now.name, ...now.properties });
}

/** The frame of a dialog. @param {{ title: string, class?: string, children?: any, bare?: boolean }} properties `bare`: the title is only read out */
export function Dialog({ title, class: more = "", children, bare = false }) {
  const id = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  const onClick = (/** @type {MouseEvent} */ event) => {
    if (event.target === dialog.current) closeDialog(); // beside it
  };
  // The event comes later: of a dialog that another one has replaced it means nothing.
  const onClose = () => dialog.current && closeDialog();
  return h(
    "dialog",
    { ref: dialog, class: `dialog ${more}`, "aria-labelledby": id, onClose, onClick },
    h("div", { class: "dialog-inside" },
      h("header", { class: bare ? "unseen" : "" }, h("h2", { id }, title), !bare && h(IconButton, { name: "close", label: t("dialogs.close"), onClick: closeDialog })),
      children,
    ),
  );
}

/**
 * Something that is tried: while it runs nothing else is, and if it fails the failure is said.
 *
 * @returns {{ busy: boolean, failure: string, attempt: (act: () => Promise<unknown>) => Promise<void> }}
 */
export function useAttempt() {
  const busy = useSignal(false);
  const failure = useSignal("");
  async function attempt(/** @type {() => Promise<unknown>} */ act) {
    if (busy.peek()) return;
    busy.value = true;
    failure.value = "";
    const done = act().catch((problem) => (failure.value = sayProblem(problem)));
    await done.finally(() => (busy.value = false));
  }
  return { busy: busy.value, failure: failure.value, attempt };
}

/** A form that does one thing, and closes the dialog unless `stays`. @param {{ act: (fields: Record<string, string>) => Promise<unknown>, submit: string, children?: any, bad?: boolean, stays?: boolean, disabled?: boolean }} properties */
export function Form({ act, submit, children, bad = false, stays = false, disabled = false }) {
  const { busy, failure, attempt } = useAttempt();
  const onSubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget))));
    const here = open.peek();
    attempt(async () => {
      await act(fields);
      if (!stays && open.peek() === here) closeDialog(); // unless another one has taken its place
    });
  };
  return h(
    "form",
    { onSubmit, class: "fields" },
    children,
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "div",
      { class: "acts" },
      !stays && h("button", { type: "button", onClick: closeDialog }, t("dialogs.cancel")),
      h("button", { class: bad ? "primary danger" : "primary", disabled: busy || disabled }, submit),
    ),
  );
}

/** @param {{ label: string, name: string, hint?: string } & Record<string, any>} properties */
export function Field({ label, hint, ...input }) {
  const id = useId();
  return h(
    "label",
    { class: "field" },
    h("span", {}, label),
    h("input", { autocomplete: "off", dir: "auto", "aria-describedby": hint ? id : undefined, ...input }),
    hint && h("small", { id }, hint),
  );
}

/**
 * One of a few.
 *
 * @param {{ label: string, name: string, choices: [string, string, string?][], value: string, onChange?: (value: string) => void, short?: boolean }} properties
 *   choices: value, label, explanation; `short`: they are side by side
 */
export function Choices({ label, name, choices, value, onChange, short = false }) {
  return h(
    "fieldset",
    { class: short ? "choices short" : "choices" },
    h("legend", {}, label),
    choices.map(([one, text, more]) =>
      h(
        "label",
        { key: one },
        h("input", { type: "radio", name, value: one, checked: one === value, onChange: () => onChange?.(one) }),
        h("span", {}, text, more && h("small", {}, more)),
      ),
    ),
  );
}
