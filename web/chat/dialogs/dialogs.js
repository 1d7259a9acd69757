/**
 * The dialogs: at most one is open. `openDialog("add", { chatId })` fetches its view when it is first needed, and shows it.
 * A dialog closes by Escape, and the browser gives the focus back to where it was.
 */

import { h, signal, useEffect, useId, useRef, useSignal } from "../../vendor/preact.js";
import { fetched } from "../shell/fetched.js";
import { IconButton } from "../shell/icons.js";
import { t } from "../words/words.js";
import { sayProblem } from "./problems.js";

/** @type {Record<string, () => Promise<(properties: any) => any>>} */
const VIEWS = {
  add: async () => (await import("./add_people.js")).AddPeople,
  ban: async () => (await import("./moderation.js")).Ban,
  chat: async () => (await import("./chat_details.js")).ChatDetails,
  devices: async () => (await import("./devices.js")).Devices,
  "delete-message": async () => (await import("./about_message.js")).DeleteMessage,
  document: async () => (await import("./document.js")).NewDocument,
  failed: async () => Failed,
  forward: async () => (await import("./about_message.js")).Forward,
  invitations: async () => (await import("./invitations.js")).Invitations,
  invite: async () => (await import("./invite.js")).Invite,
  leave: async () => (await import("./moderation.js")).Leave,
  link: async () => (await import("./links.js")).Links,
  new: async () => (await import("./new_chat.js")).NewChat,
  "new-workspace": async () => (await import("./workspace.js")).NewWorkspace,
  notifications: async () => (await import("./notifications.js")).Notifications,
  profile: async () => (await import("./profile.js")).Profile,
  remove: async () => (await import("./moderation.js")).Remove,
  report: async () => (await import("./about_message.js")).Report,
  reports: async () => (await import("./reports.js")).Reports,
  settings: async () => (await import("./settings.js")).Settings,
  silence: async () => (await import("./moderation.js")).Silence,
  status: async () => (await import("./status.js")).Status,
  switcher: async () => (await import("./switcher.js")).Switcher,
  workspace: async () => (await import("./workspace.js")).Workspace,
};

const open = signal(/** @type {{ name: string, properties: object, view: (properties: any) => any } | null} */ (null));

/** @param {string} name  @param {object} [properties] */
export async function openDialog(name, properties = {}) {
  const view = await fetched(VIEWS[name]).catch((problem) => problem);
  if (typeof view === "function") open.value = { name, properties, view };
  else open.value = { name: "failed", properties: { problem: view, again: () => openDialog(name, properties) }, view: Failed };
}

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
    attempt(async () => {
      await act(fields);
      if (!stays) closeDialog();
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

/** What was tried from a menu, and failed. @param {{ problem: any, again?: () => void }} properties `again` tries it once more */
const Failed = ({ problem, again }) =>
  h(Dialog, { title: t("failed.title") },
    h("p", { role: "alert" }, sayProblem(problem)),
    again && h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: again }, t("failed.again"))),
  );
