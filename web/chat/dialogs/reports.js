/** Messages of the workspace that members have reported, for its admins. */

import { call, list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { openChat } from "../shell/router.js";
import { workspaceId } from "../shell/workspaces.js";
import { momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { closeDialog, Dialog, useAttempt } from "./dialogs.js";
import { reasons } from "./about_message.js";

export function Reports() {
  const model = useModel();
  const reports = useSignal(/** @type {any[] | null} */ (null));
  const { busy, failure, attempt } = useAttempt();
  const path = `/workspaces/${workspaceId.value}/reports`;
  const load = async () => {
    reports.value = await list(`${path}?status=open&limit=100`);
  };
  useEffect(() => void attempt(load), [model.reports.value]);
  const handle = (/** @type {number} */ id, /** @type {string} */ status) =>
    attempt(async () => {
      await call("PATCH", `${path}/${id}`, { status });
      await load();
    });
  const see = (/** @type {any} */ { chat_id, message_id }) => {
    closeDialog();
    openChat(chat_id, message_id);
  };
  return h(
    Dialog,
    { title: t("reports.title") },
    reports.value?.length === 0 && h("p", { class: "none" }, t("reports.none")),
    h("ul", { class: "owned-list", "aria-busy": reports.value === null }, (reports.value ?? []).map((report) => h(Reported, { key: report.id, report, busy, handle, see }))),
    h("p", { class: "failure", role: "alert" }, failure),
  );
}

/** @param {{ report: any, busy: boolean, handle: (id: number, status: string) => void, see: (report: any) => void }} properties */
function Reported({ report, busy, handle, see }) {
  const model = useModel();
  const { fullname } = model.person(report.reporter_id).value;
  const reason = reasons().find(([name]) => name === report.reason)?.[1] ?? report.reason;
  return h(
    "li",
    {},
    h("span", { class: "text", dir: "auto" }, t("reports.told", { name: fullname, reason, at: momentOf(report.created_at) }), report.comment && h("small", {}, ` ${report.comment}`)),
    report.message?.content && h("blockquote", { dir: "auto" }, report.message.content),
    model.chat(report.chat_id).value && h("button", { type: "button", class: "outlined", onClick: () => see(report) }, t("reports.see")),
    h("button", { type: "button", class: "outlined", disabled: busy, onClick: () => handle(report.id, "dismissed") }, t("reports.dismiss")),
    h("button", { type: "button", class: "primary", disabled: busy, onClick: () => handle(report.id, "resolved") }, t("reports.resolve")),
  );
}
