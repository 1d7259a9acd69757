/** What is tried on a page: where the server asks who it is, it is done once that is proved; what fails is said in words. */

import { sayProblem as sayAsChat } from "../../chat/dialogs/problems.js";
import { ProveAgain } from "../../chat/dialogs/prove_again.js";
import { h, signal, useEffect, useId, useRef, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";

const asked = signal(/** @type {{ done: () => void, stopped: () => void } | null} */ (null));

/** One has not proved who one is. */
class Stopped extends Error {}

const SAID = /** @type {const} */ ([
  "department_is_below_itself", "departments_depth", "departments_name_key", "department_is_empty", "positions_name_key", "appointments_key",
  "appointments_primary_key", "appointment_is_of_a_member", "groups_name_key", "groups_name_format", "organization_keeps_owner",
  "organization_members_pkey", "organization_members_are_known", "guest_is_in_no_workspace", "delegate_shares_workspace", "workspace_has_organization",
  "workspace_may_not_export_cases", "hold_is_released_by_another", "cases_two_people", "granted_is_held",
  "apps_amount", "apps_owner_is_member", "apps_redirect_uri_form",
]);

/**
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function tried(act) {
  try {
    return await act();
  } catch (problem) {
    if (problem.code === "reauthentication_required") {
      await new Promise((done, stopped) => {
        asked.value = { done: () => done(null), stopped: () => stopped(new Stopped("")) };
      }).finally(() => (asked.value = null));
      return act();
    }
    throw Object.assign(problem, { message: sayProblem(problem) });
  }
}

/** @param {any} problem */
export function sayProblem(problem) {
  const known = SAID.find((code) => code === problem.code);
  return known ? t(`problem.${known}`) : sayAsChat(problem);
}

/** The dialog in which one proves it, above all others. */
export function Proof() {
  const now = asked.value;
  const id = useId();
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    if (now) dialog.current?.showModal();
  }, [now]);
  return now && h(
    "dialog",
    { ref: dialog, class: "dialog", "aria-labelledby": id, onClose: () => now.stopped() },
    h("div", { class: "dialog-inside" }, h("header", {}, h("h2", { id }, t("proof.title"))), h(ProveAgain, { goOn: async () => now.done(), stop: () => now.stopped() })),
  );
}

/**
 * Something that a button does: while it runs nothing else is, and if it fails that is said beside it.
 *
 * @returns {{ busy: boolean, failure: string, act: (what: () => Promise<unknown>) => Promise<void> }}
 */
export function useActing() {
  const busy = useSignal(false);
  const failure = useSignal("");
  const act = async (/** @type {() => Promise<unknown>} */ what) => {
    if (busy.peek()) return;
    busy.value = true;
    failure.value = "";
    const done = tried(what).catch((problem) => (failure.value = problem.message));
    await done.finally(() => (busy.value = false));
  };
  return { busy: busy.value, failure: failure.value, act };
}
