/** What an organisation tells its people: publishing, whom it reaches, and who has acknowledged it. */

import { Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { momentOf } from "../../chat/words/dates.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Failure, useFetched, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { Select } from "./people.js";
import { pathOf } from "./tree.js";

/** @param {{ organization: { id: number } }} properties */
export function Announcements({ organization }) {
  const { api, changed } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.announcements.published(organization.id), [changed.value]);
  const about = useFetched(async () => ({ departments: await api.organizations.departments(organization.id, { limit: 500 }).all(), groups: await api.organizations.groups(organization.id, { limit: 500 }).all() }), [changed.value]);
  const { departments = [], groups = [] } = about.found ?? {};
  const reaches = (/** @type {any} */ { department_ids, group_ids }) =>
    [...department_ids.map((/** @type {number} */ id) => pathOf(departments, id).at(-1) ?? `#${id}`), ...group_ids.map((/** @type {number} */ id) => `@${groups.find((one) => one.id === id)?.name ?? id}`)].join(", ") || t("announcements.everybody");
  const edit = (/** @type {any} */ announcement) => showDialog("announcement", Announce, { organization, announcement, departments, groups, done: reload });
  const who = (/** @type {any} */ announcement) => showDialog("recipients", Recipients, { organization, announcement });
  const withdraw = (/** @type {any} */ { id, title }) =>
    confirm({
      title: t("announcements.withdraw", { title }), text: t("announcements.withdrawText"), submit: t("announcements.withdrawIt"),
      act: async () => {
        await api.announcements.withdraw(organization.id, id);
        await reload();
      },
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", disabled: !about.found, onClick: () => edit(null) }, h(Icon, { name: "plus" }), t("announcements.publish"))),
    h(Failure, { problem }),
    !isLoading && rows.length === 0 && h("p", { class: "none" }, t("announcements.none")),
    h(
      "ul",
      { class: "cards lined", "aria-label": t("announcements.title"), "aria-busy": isLoading },
      rows.map((one) => {
        const share = one.recipient_count ? one.acknowledged_count / one.recipient_count : 0;
        return h(
          "li",
          { key: one.id },
          h(
            "span",
            { class: "text" },
            h("strong", { dir: "auto" }, one.title, " ", one.withdrawn_at ? h("span", { class: "tag" }, t("announcements.withdrawn")) : one.acknowledgement_required && h("span", { class: "tag warn" }, t("announcements.required"))),
            h("span", { class: "announced-text", dir: "auto" }, one.content),
            h("small", { dir: "auto" }, `${reaches(one)} · ${momentOf(one.created_at)}`),
          ),
          h("button", { type: "button", class: "outlined share", onClick: () => who(one) }, h("span", { class: "number" }, t("announcements.acknowledged", { n: one.acknowledged_count, all: one.recipient_count })), h("span", { class: "meter", "aria-hidden": "true" }, h("span", { style: { width: `${share * 100}%` } }))),
          !one.withdrawn_at && h(Menu, { label: t("directory.more", { name: one.title }), class: "icon", button: h(Icon, { name: "more" }), items: [{ label: t("rules.edit"), icon: "edit", act: () => edit(one) }, { label: t("announcements.withdrawMenu"), icon: "trash", bad: true, begins: true, act: () => withdraw(one) }] }),
        );
      }),
    ),
    hasMore && h("div", { class: "acts start" }, h("button", { type: "button", class: "outlined", disabled: isLoading, onClick: more }, t("lists.more"))),
  );
}

/** @param {{ organization: { id: number }, announcement: any, departments: any[], groups: any[], done: () => Promise<void> }} properties */
function Announce({ organization, announcement, departments, groups, done }) {
  const { api } = useAdmin();
  const chosen = useSignal(/** @type {{ department_ids: number[], group_ids: number[] }} */ ({ department_ids: [], group_ids: [] }));
  const act = (/** @type {Record<string, string>} */ { title, content, required, again }) =>
    tried(async () => {
      const said = { title: title.trim(), content: content.trim() };
      if (announcement) await api.announcements.change(organization.id, announcement.id, { ...said, ask_again: Boolean(again) });
      else await api.announcements.publish(organization.id, { ...said, acknowledgement_required: Boolean(required), ...chosen.value });
      await done();
    });
  const check = (/** @type {"department_ids" | "group_ids"} */ list, /** @type {number} */ id, /** @type {string} */ name) =>
    h("label", { key: `${list}${id}`, class: "check" }, h("input", { type: "checkbox", checked: chosen.value[list].includes(id), onChange: (/** @type {any} */ { target }) => (chosen.value = { ...chosen.value, [list]: target.checked ? [...chosen.value[list], id] : chosen.value[list].filter((one) => one !== id) }) }), h("span", { dir: "auto" }, name));
  return h(
    Dialog,
    { title: t(announcement ? "rules.edit" : "announcements.publish") },
    h(
      Form,
      { act, submit: t(announcement ? "directory.save" : "announcements.submit") },
      h(Field, { label: t("announcements.heading"), name: "title", required: true, maxLength: 200, defaultValue: announcement?.title ?? "", autofocus: true }),
      h("label", { class: "field" }, h("span", {}, t("announcements.text")), h("textarea", { name: "content", rows: 5, required: true, maxLength: 10_000, dir: "auto", defaultValue: announcement?.content ?? "" })),
      announcement
        ? h("label", { class: "check" }, h("input", { type: "checkbox", name: "again" }), h("span", {}, t("announcements.again")))
        : [
            h("label", { key: "required", class: "check" }, h("input", { type: "checkbox", name: "required" }), h("span", {}, t("announcements.require"), h("small", {}, t("announcements.requireHint")))),
            departments.length + groups.length > 0 && h("fieldset", { key: "whom", class: "choices many" }, h("legend", {}, t("announcements.whom")), departments.map(({ id }) => check("department_ids", id, pathOf(departments, id).join(" › "))), groups.map(({ id, name }) => check("group_ids", id, `@${name}`))),
          ],
    ),
  );
}

/** @param {{ organization: { id: number }, announcement: any }} properties */
function Recipients({ organization, announcement }) {
  const { api } = useAdmin();
  const which = useSignal("false");
  const { rows, isLoading, hasMore, more, problem } = useList(() => api.announcements.recipients(organization.id, announcement.id, { acknowledged: which.value === "true" }), [which.value]);
  return h(
    Dialog,
    { title: announcement.title },
    h(Select, { label: t("announcements.show"), value: which.value, onChange: (value) => (which.value = value), options: [["false", t("announcements.notYet")], ["true", t("announcements.done")]] }),
    h(Failure, { problem }),
    !isLoading && rows.length === 0 && h("p", { class: "none" }, t("announcements.nobody")),
    h("ul", { class: "owned-list", "aria-label": t("announcements.show") }, rows.map((one) => h("li", { key: one.user_id }, h("span", { class: "text", dir: "auto" }, one.fullname, h("small", {}, one.acknowledged_at ? momentOf(one.acknowledged_at) : `@${one.username}`))))),
    hasMore && h("button", { type: "button", class: "outlined", onClick: more }, t("lists.more")),
  );
}
