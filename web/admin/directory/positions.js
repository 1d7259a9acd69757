/** Positions: what people can be in a department. */

import { showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { h } from "../../vendor/preact.js";
import { confirm } from "../kit/confirm.js";
import { Table, useList } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { NameIt } from "./departments.js";

/** @param {{ organization: { id: number } }} properties */
export function Positions({ organization }) {
  const { api, changed } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.organizations.positions(organization.id), [changed.value]);
  const named = (/** @type {any} */ position) =>
    showDialog("position", NameIt, {
      title: position ? t("positions.rename", { name: position.name }) : t("positions.add"), name: position?.name, submit: t(position ? "directory.save" : "directory.create"),
      act: async (/** @type {string} */ name) => {
        await (position ? api.organizations.renamePosition(organization.id, position.id, { name }) : api.organizations.createPosition(organization.id, { name }));
        await reload();
      },
    });
  const remove = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("departments.remove", { name }), text: t("positions.removeText"), submit: t("directory.delete"),
      act: async () => {
        await api.organizations.deletePosition(organization.id, id);
        await reload();
      },
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onClick: () => named(null) }, h(Icon, { name: "plus" }), t("positions.add"))),
    h(Table, {
      label: t("positions.title"), columns: [t("directory.name"), ""], none: t("positions.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((position) => ({
        key: position.id,
        cells: [
          h("span", { dir: "auto" }, position.name),
          [
            h("button", { key: "rename", type: "button", class: "outlined", "aria-label": t("positions.rename", { name: position.name }), onClick: () => named(position) }, t("positions.renameShort")),
            h("button", { key: "remove", type: "button", class: "outlined", "aria-label": t("departments.remove", { name: position.name }), onClick: () => remove(position) }, t("directory.deleteIt")),
          ],
        ],
      })),
    }),
  );
}
