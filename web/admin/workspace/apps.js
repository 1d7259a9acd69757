/** Apps to which a workspace's members can give access: registered, changed, given another secret, deleted. */

import { closeDialog, Dialog, Field, Form, showDialog } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { Menu } from "../../chat/shell/menu.js";
import { h, useRef, useSignal } from "../../vendor/preact.js";
import { tried } from "../kit/acting.js";
import { confirm } from "../kit/confirm.js";
import { Table, useList } from "../kit/lists.js";
import { useColleaguesNames, useNames } from "../kit/names.js";
import { PersonPicker, useMembers } from "../kit/person_picker.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";
import { bodyOf, partsOf, SCOPES } from "./app_fields.js";

/** @param {{ workspace: import("../shell/state.js").Governed }} properties */
export function Apps({ workspace }) {
  const { api, me } = useAdmin();
  const { rows, isLoading, hasMore, problem, more, reload } = useList(() => api.apps.list(workspace.id), []);
  const names = useNames(useColleaguesNames(), rows.map(({ owner_id }) => owner_id));
  const isAdmin = workspace.role !== "member";
  const edit = (/** @type {any} */ app) => showDialog("app", AppForm, { workspace, app, owner: app?.owner_id ? { id: app.owner_id, fullname: names(app.owner_id), username: "" } : null, done: reload });
  const renew = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("apps.renew", { name }), text: t("apps.renewText"), submit: t("apps.renewSubmit"),
      act: async () => showSecret(await api.apps.replaceSecret(id, undefined)),
    });
  const remove = (/** @type {any} */ { id, name }) =>
    confirm({
      title: t("departments.remove", { name }), text: t("apps.removeText"), submit: t("directory.delete"),
      act: async () => {
        await api.apps.delete(id);
        await reload();
      },
    });
  const menu = (/** @type {any} */ app) =>
    h(Menu, {
      label: t("directory.more", { name: app.name }), class: "icon", button: h(Icon, { name: "more" }),
      items: [
        { label: t("apps.edit"), icon: "edit", act: () => edit(app) },
        ...(app.confidential ? [{ label: t("apps.renewIt"), icon: /** @type {const} */ ("retry"), act: () => renew(app) }] : []),
        { label: t("directory.deleteIt"), icon: "trash", bad: true, begins: true, act: () => remove(app) },
      ],
    });
  return h(
    "section",
    {},
    isAdmin && h("div", { class: "bar" }, h("button", { type: "button", class: "primary", onClick: () => edit(null) }, h(Icon, { name: "plus" }), t("apps.add"))),
    h(Table, {
      label: t("apps.title"), columns: [t("directory.name"), t("apps.client"), t("apps.scopes"), t("apps.owner"), ""], none: t("apps.none"), isLoading, problem, more: hasMore ? more : null,
      rows: rows.map((app) => ({
        key: app.id,
        cells: [
          h("span", { dir: "auto" }, app.name, app.description && h("small", {}, app.description)),
          [h("code", { key: "id" }, app.client_id), h("small", { key: "kind" }, t(app.confidential ? "apps.confidential" : "apps.public"))],
          h("small", {}, app.scopes.join(", ")),
          app.owner_id ? names(app.owner_id) : h("span", { class: "tag warn" }, t("apps.nobody")),
          (isAdmin || app.owner_id === me.id) && menu(app),
        ],
      })),
    }),
  );
}

/** @param {{ workspace: { id: number }, app: any, owner: import("../kit/person_picker.js").Found | null, done: () => Promise<void> }} properties */
function AppForm({ workspace, app, owner, done }) {
  const { api } = useAdmin();
  const search = useMembers(workspace.id);
  const scopes = useSignal(/** @type {Set<import("./app_fields.js").Scope>} */ (new Set(app?.scopes ?? [])));
  const answers = useSignal(owner);
  const turn = (/** @type {import("./app_fields.js").Scope} */ scope, /** @type {boolean} */ on) => {
    const now = new Set(scopes.peek());
    if (on) now.add(scope);
    else now.delete(scope);
    scopes.value = now;
  };
  const act = (/** @type {Record<string, string>} */ fields) =>
    tried(async () => {
      const body = bodyOf(fields, scopes.peek());
      if (app) await api.apps.update(app.id, { ...body, ...(answers.value && answers.value.id !== app.owner_id && { owner_id: answers.value.id }) });
      else showSecret(await api.apps.create(workspace.id, { ...body, confidential: fields.confidential === "on" }));
      await done();
    });
  return h(
    Dialog,
    { title: t(app ? "apps.edit" : "apps.add") },
    app && h(PersonPicker, { label: t("apps.owner"), search, chosen: answers.value, onChange: (one) => (answers.value = one) }),
    h(
      Form,
      { act, submit: t(app ? "directory.save" : "directory.create"), disabled: scopes.value.size === 0 },
      h(Field, { label: t("directory.name"), name: "name", required: true, maxLength: 80, defaultValue: app?.name ?? "", autofocus: true }),
      h(Field, { label: t("apps.description"), name: "description", maxLength: 500, defaultValue: app?.description ?? "", hint: t("apps.descriptionHint") }),
      h("label", { class: "field" }, h("span", {}, t("apps.addresses")), h("textarea", { name: "addresses", rows: 3, required: true, spellcheck: false, defaultValue: app?.redirect_uris.join("\n") ?? "" }), h("small", {}, t("apps.addressesHint"))),
      !app && h("label", { class: "check" }, h("input", { type: "checkbox", name: "confidential", defaultChecked: true }), h("span", {}, t("apps.keeps"), h("small", {}, t("apps.keepsHint")))),
      h("fieldset", { class: "choices many" }, h("legend", {}, t("apps.scopesLabel")), SCOPES.map((scope) => h(Choice, { key: scope, scope, checked: scopes.value.has(scope), onChange: (on) => turn(scope, on) }))),
    ),
  );
}

/** @param {{ scope: import("./app_fields.js").Scope, checked: boolean, onChange: (on: boolean) => void }} properties */
function Choice({ scope, checked, onChange }) {
  const [noun, verb] = partsOf(scope);
  const what = t(/** @type {import("../words/words.js").Key} */ (`scope.${noun}`));
  return h(
    "label",
    {},
    h("input", { type: "checkbox", checked, onChange: (/** @type {any} */ { target }) => onChange(target.checked) }),
    h("span", {}, verb ? t(`scope.${verb}`, { what }) : what, h("small", {}, h("code", {}, scope))),
  );
}

/** @param {{ name: string, client_id: string, client_secret: string | null }} app */
const showSecret = (app) => showDialog("app-secret", Secret, { app });

/** What a client of OAuth is given. The secret is shown this once. @param {{ app: Parameters<typeof showSecret>[0] }} properties */
function Secret({ app: { name, client_id, client_secret } }) {
  return h(
    Dialog,
    { title: t("apps.made", { name }) },
    h("p", { class: "lead" }, t(client_secret ? "apps.once" : "apps.noSecret")),
    h(
      "div",
      { class: "fields" },
      h(Copied, { label: t("apps.client"), value: client_id }),
      client_secret && h(Copied, { label: t("apps.secret"), value: client_secret }),
      h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: closeDialog }, t("apps.kept"))),
    ),
  );
}

/** @param {{ label: string, value: string }} properties */
function Copied({ label, value }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const copied = useSignal(false);
  const copy = async () => {
    field.current?.select();
    // Without a secure context there is no clipboard to write to: it is selected, for Ctrl+C.
    await navigator.clipboard?.writeText(value).then(() => (copied.value = true), () => {});
  };
  return [
    h("label", { key: "field", class: "field" }, h("span", {}, label), h("input", { ref: field, readOnly: true, value, spellcheck: false, onFocus: () => field.current?.select() })),
    h("button", { key: "copy", type: "button", class: "outlined", "aria-label": t("apps.copy", { what: label }), onClick: copy }, h(Icon, { name: copied.value ? "check" : "copy" }), t(copied.value ? "apps.copied" : "apps.copyIt")),
    h("span", { key: "said", class: "unseen", role: "status" }, copied.value ? t("apps.copied") : ""),
  ];
}
