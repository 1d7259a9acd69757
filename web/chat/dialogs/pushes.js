/** What reaches somebody while no page is open: pushes to this browser, when none come, and mails. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import * as push from "../notifications/push.js";
import { useModel } from "../shell/context.js";
import { language, t } from "../words/words.js";
import { Choices, Dialog, Form, useAttempt } from "./dialogs.js";

const NIGHT = ["22:00", "07:00"];

export function Pushes() {
  const model = useModel();
  const wish = useSignal(/** @type {Record<string, any> | null} */ (null));
  const isSent = useSignal(false);
  const { failure, attempt } = useAttempt();
  useEffect(() => void attempt(async () => {
    const [settings, { public_key }] = await Promise.all([model.api.notifications.settings(), model.api.notifications.push()]);
    isSent.value = public_key !== null;
    wish.value = settings;
  }), [model]);
  const change = (/** @type {object} */ part) => (wish.value = { ...wish.value, ...part });
  return h(Dialog, { title: t("push.title") }, h("p", { class: "failure", role: "alert" }, failure), wish.value && h(Wishes, { wish: wish.value, isSent: isSent.value, change, attempt }));
}

/** @param {{ wish: Record<string, any>, isSent: boolean, change: (part: object) => void, attempt: (what: () => any) => any }} properties */
function Wishes({ wish, isSent, change, attempt }) {
  const model = useModel();
  const act = () => {
    const { push: level, push_content, push_while_active, quiet_from, quiet_until, email } = wish;
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return model.api.notifications.change({ push: level, push_content, push_while_active, quiet_from, quiet_until, time_zone, email, language: language.peek() });
  };
  const time = (/** @type {string} */ field) =>
    h("label", { class: "field" }, h("span", {}, t(field === "quiet_from" ? "push.from" : "push.until")),
      h("input", { type: "time", required: true, value: wish[field], onInput: (/** @type {any} */ { target }) => change({ [field]: target.value }) }));
  return h(
    "div",
    { class: "settings" },
    isSent ? h(Here, { attempt }) : h("p", { class: "lead" }, t("push.none")),
    h(
      Form,
      { act, submit: t("dialogs.save") },
      h(Choices, {
        label: t("push.which"), name: "push", value: wish.push, onChange: (level) => change({ push: level }),
        choices: [["all", t("push.all"), t("push.allHint")], ["personal", t("push.personal"), t("push.personalHint")], ["none", t("push.nothing")]],
      }),
      h(Choices, {
        label: t("push.content"), name: "content", value: wish.push_content, onChange: (push_content) => change({ push_content }),
        choices: [["message", t("push.message")], ["sender", t("push.sender")], ["none", t("push.hidden")]],
      }),
      h(Check, { label: t("push.active"), checked: wish.push_while_active, onChange: (push_while_active) => change({ push_while_active }) }),
      h(Check, {
        label: t("push.quiet"), checked: wish.quiet_from !== null,
        onChange: (on) => change({ quiet_from: on ? NIGHT[0] : null, quiet_until: on ? NIGHT[1] : null }),
      }),
      wish.quiet_from !== null && h("div", { class: "times" }, time("quiet_from"), time("quiet_until")),
      wish.bounced_at && h("p", { class: "failure" }, t("mail.bounced")),
      h(Choices, {
        label: t("mail.which"), name: "email", value: wish.email, onChange: (email) => change({ email }),
        choices: [["at_once", t("mail.atOnce"), t("mail.atOnceHint")], ["daily", t("mail.daily")], ["weekly", t("mail.weekly")], ["off", t("mail.off")]],
      }),
    ),
  );
}

/** @param {{ label: string, checked: boolean, onChange: (on: boolean) => void }} properties */
const Check = ({ label, checked, onChange }) =>
  h("label", { class: "check" }, h("input", { type: "checkbox", checked, onChange: (/** @type {any} */ { target }) => onChange(target.checked) }), h("span", {}, label));

/** The switch of this browser. @param {{ attempt: (what: () => any) => any }} properties */
function Here({ attempt }) {
  const model = useModel();
  const state = push.state.value;
  const label = t("push.here");
  const why = state === "unsupported" ? t("push.unsupported") : state === "blocked" ? t("notifications.blocked") : null;
  if (why) return h("div", { class: "setting" }, h("h3", {}, label), h("p", { class: "lead" }, why));
  const choose = (/** @type {string} */ value) => attempt(() => push.choose(model, value === "on"));
  return h(Choices, { short: true, label, name: "here", value: state, onChange: choose, choices: [["on", t("notifications.on")], ["off", t("notifications.off")]] });
}
