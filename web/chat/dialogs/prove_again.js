/** The server asks who it is, where the sign-in is too long ago. */

import { call } from "../../lib/session.js";
import { h, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { Field, useAttempt } from "./frame.js";

/** @param {{ goOn: () => Promise<void>, stop: () => void }} properties */
export function ProveAgain({ goOn, stop }) {
  const { busy, failure, attempt } = useAttempt();
  const asksCode = useSignal(false);
  const onSubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const { password, code } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget))));
    attempt(async () => {
      try {
        await call("POST", "/auth/reauthenticate", { password, ...(code?.trim() && proofOf(code.trim())) });
      } catch (problem) {
        if (problem.code !== "second_factor_required") throw problem;
        asksCode.value = true;
        return;
      }
      await goOn();
    });
  };
  return h(
    "form",
    { onSubmit, class: "fields" },
    h("p", {}, t("devices.prove")),
    h(Field, { label: t("devices.password"), name: "password", type: "password", required: true, autocomplete: "current-password", autofocus: true }),
    asksCode.value && h(Field, { label: t("devices.code"), name: "code", required: true, autocomplete: "one-time-code", autofocus: true }),
    h("p", { class: "failure", role: "alert" }, failure),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: stop }, t("dialogs.cancel")),
      h("button", { class: "primary", disabled: busy }, t("devices.goOn")),
    ),
  );
}

/** As the server takes it: six digits are of the app. @param {string} typed */
const proofOf = (typed) => (/^\d{3} ?\d{3}$/.test(typed) ? { code: typed.replace(" ", "") } : { recovery_code: typed });
