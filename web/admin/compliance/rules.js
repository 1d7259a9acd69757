/** Rules about what may be said: words, patterns, numbers of cards and of identity cards. */

import { Choices, Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Table, useFetched } from "../kit/lists.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

const KINDS = /** @type {const} */ (["words", "pattern", "card_number", "resident_id"]);
const ACTIONS = /** @type {const} */ (["block", "redact", "flag"]);

/** @param {{ workspace: { id: number } }} properties */
export function Rules({ workspace }) {
  const { api } = useAdmin();
  const { found, problem, reload } = useFetched(() => api.compliance.dlpRules(workspace.id), []);
  const { busy, failure, act } = useActing();
  const turn = (/** @type {any} */ { id }, /** @type {boolean} */ enabled) =>
    act(async () => {
      await api.compliance.changeDlpRule(workspace.id, id, { enabled });
      await reload();
    });
  const edit = (/** @type {any} */ rule) => showDialog("rule", RuleForm, { workspace, rule, done: reload });
  const remove = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("departments.remove", { name }), text: t("rules.removeText"), submit: t("directory.delete"),
      act: async () => {
        await api.compliance.removeDlpRule(workspace.id, id);
        await reload();
      },
    });
  return h(
    "section",
    {},
    h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onClick: () => edit(null) }, h(Icon, { name: "plus" }), t("rules.add"))),
    h("p", { class: "failure", role: "alert" }, failure),
    h(Table, {
      label: t("rules.title"), columns: [t("directory.name"), t("rules.finds"), t("rules.action"), t("rules.on"), ""], none: t("rules.none"), isLoading: !found, problem,
      rows: (found ?? []).map((rule) => ({
        key: rule.id,
        cells: [
          h("span", { dir: "auto" }, rule.name),
          [t(`rules.${rule.kind}`), (rule.words || rule.pattern) && h("small", { key: "what", dir: "auto" }, rule.words?.join(", ") ?? h("code", {}, rule.pattern))],
          h("span", { class: rule.action === "block" ? "tag bad" : rule.action === "flag" ? "tag warn" : "tag" }, t(`rules.${rule.action}`)),
          h("input", { type: "checkbox", role: "switch", checked: rule.enabled, disabled: busy, "aria-label": t("rules.use", { name: rule.name }), onChange: (/** @type {any} */ { target }) => turn(rule, target.checked) }),
          h(Menu, { label: t("directory.more", { name: rule.name }), class: "icon", button: h(Icon, { name: "more" }), items: [{ label: t("rules.edit"), icon: "edit", act: () => edit(rule) }, { label: t("directory.deleteIt"), icon: "trash", bad: true, begins: true, act: () => remove(rule) }] }),
        ],
      })),
    }),
  );
}

/** @param {{ workspace: { id: number }, rule: any, done: () => Promise<void> }} properties */
function RuleForm({ workspace, rule, done }) {
  const { api } = useAdmin();
  const kind = useSignal(/** @type {typeof KINDS[number]} */ (rule?.kind ?? "words"));
  const act = (/** @type {Record<string, string>} */ { name, words, pattern, action }) =>
    tried(async () => {
      const body = {
        name: name.trim(), action: /** @type {typeof ACTIONS[number]} */ (action),
        ...(kind.value === "words" && { words: words.split("\n").map((word) => word.trim()).filter(Boolean) }),
        ...(kind.value === "pattern" && { pattern: pattern.trim() }),
      };
      await (rule ? api.compliance.changeDlpRule(workspace.id, rule.id, body) : api.compliance.addDlpRule(workspace.id, { ...body, kind: kind.value }));
      await done();
    });
  return h(
    Dialog,
    { title: t(rule ? "rules.edit" : "rules.add") },
    h(
      Form,
      { act, submit: t(rule ? "directory.save" : "directory.create") },
      h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 100, defaultValue: rule?.name ?? "", autofocus: true }),
      !rule && h("label", { class: "field" }, h("span", {}, t("rules.finds")), h("select", { name: "kind", value: kind.value, onChange: (/** @type {any} */ { target }) => (kind.value = target.value) }, KINDS.map((one) => h("option", { key: one, value: one }, t(`rules.${one}`))))),
      kind.value === "words" && h("label", { class: "field" }, h("span", {}, t("rules.wordsLabel")), h("textarea", { name: "words", rows: 4, required: true, defaultValue: rule?.words?.join("\n") ?? "" })),
      kind.value === "pattern" && h(Field, { label: t("rules.pattern"), name: "pattern", required: true, maxLength: 200, spellcheck: false, defaultValue: rule?.pattern ?? "", hint: t("rules.patternHint") }),
      h(Choices, { label: t("rules.action"), name: "action", value: rule?.action ?? "flag", choices: ACTIONS.map((one) => /** @type {[string, string, string]} */ ([one, t(`rules.${one}`), t(`rules.${one}_hint`)])) }),
    ),
  );
}
