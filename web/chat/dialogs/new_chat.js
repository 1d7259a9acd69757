/** A new chat with people, a new channel, or one that is there to be joined. */

import { call, list } from "../../lib/session.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { Icon } from "../shell/icons.js";
import { openChat } from "../shell/router.js";
import { workspaceOf } from "../shell/workspaces.js";
import { t } from "../words/words.js";
import { Choices, closeDialog, Dialog, Field, Form, openDialog, useAttempt } from "./dialogs.js";
import { Listbox } from "./listbox.js";
import { found } from "../matching/matching.js";
import { PeoplePicker } from "./people_picker.js";

/** @typedef {"person" | "channel" | "join"} Tab */
const TABS = /** @type {Tab[]} */ (["person", "channel", "join"]);

/** @param {{ tab?: Tab }} properties */
export function NewChat({ tab = "person" }) {
  const workspace = workspaceOf(useModel());
  const shown = useSignal(tab);
  if (!workspace) return h(Dialog, { title: t("new.title") }, h("p", {}, t("new.noWorkspace")));
  const words = { person: t("new.person"), channel: t("new.channel"), join: t("new.join") };
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    shown.value = TABS[(TABS.indexOf(shown.value) + step + TABS.length) % TABS.length];
    /** @type {HTMLElement | null} */ (document.querySelector(`[role=tab][data-tab=${shown.value}]`))?.focus();
  };
  const Panel = { person: WithPeople, channel: Channel, join: JoinChannel }[shown.value];
  return h(
    Dialog,
    { title: t("new.title") },
    h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": t("new.title"), onKeyDown: move },
      TABS.map((one) => h("button", { key: one, type: "button", role: "tab", "data-tab": one, "aria-selected": shown.value === one, tabIndex: shown.value === one ? 0 : -1, onClick: () => (shown.value = one) }, words[one])),
    ),
    h("div", { role: "tabpanel", "aria-label": words[shown.value] }, h(Panel, { key: shown.value, workspaceId: workspace.id })),
  );
}

/** @param {{ workspaceId: number }} properties */
function WithPeople({ workspaceId }) {
  const me = useModel().me.value.id;
  const chosen = useSignal(/** @type {import("./people_picker.js").Colleague[]} */ ([]));
  const act = async (/** @type {Record<string, string>} */ { name = "" }) => {
    const type = chosen.value.length === 1 ? "Single" : "Group";
    const body = { type, members: chosen.value.map(({ user_id: id }) => id), workspace_id: workspaceId, ...(type === "Group" && name.trim() && { name: name.trim() }) };
    openChat((await call("POST", "/chats", body)).id);
  };
  return h(
    Form,
    { act, submit: t("new.start"), disabled: chosen.value.length === 0 },
    h(PeoplePicker, { workspaceId, without: new Set([me]), chosen: chosen.value, onChange: (next) => (chosen.value = next), label: t("new.who") }),
    chosen.value.length > 1 && h(Field, { label: t("new.groupName"), name: "name", maxLength: 100, hint: t("new.groupHint") }),
  );
}

/** @param {{ workspaceId: number }} properties */
function Channel({ workspaceId }) {
  const type = useSignal("PublicChannel");
  const act = async (/** @type {Record<string, string>} */ { name, description, password }) => {
    const { id } = await call("POST", "/chats", { type: type.value, name: name.trim(), description: description.trim(), members: [], workspace_id: workspaceId });
    openChat(id);
    if (password) await call("PUT", `/chats/${id}/password`, { password });
  };
  return h(
    Form,
    { act, submit: t("new.create") },
    h(Field, { label: t("new.name"), name: "name", required: true, maxLength: 100, autofocus: true }),
    h(Field, { label: t("new.topic"), name: "description", maxLength: 1000, hint: t("new.topicHint") }),
    h(Choices, {
      label: t("new.who"), name: "type", value: type.value, onChange: (next) => (type.value = next),
      choices: [["PublicChannel", t("new.public"), t("new.publicHint")], ["PrivateChannel", t("new.private"), t("new.privateHint")]],
    }),
    type.value === "PrivateChannel" && h(Field, { label: t("new.password"), name: "password", type: "password", autocomplete: "new-password", hint: t("new.passwordHint") }),
  );
}

/** Channels of the workspace that one is not in; those with a password ask for it. @param {{ workspaceId: number }} properties */
function JoinChannel({ workspaceId }) {
  const channels = useSignal(/** @type {any[] | null} */ (null));
  const typed = useSignal("");
  const asked = useSignal(/** @type {any} */ (null));
  const { failure, attempt } = useAttempt();
  useEffect(() => {
    list(`/chats?workspace_id=${workspaceId}&joinable=true&limit=100`).then((all) => (channels.value = all), () => (channels.value = []));
  }, [workspaceId]);
  const join = async (/** @type {any} */ chat, /** @type {string} */ password = "") => {
    await call("POST", `/chats/${chat.id}/join`, password ? { password } : undefined);
    closeDialog();
    openChat(chat.id);
  };
  if (asked.value) {
    return h(
      Form,
      { act: ({ password }) => join(asked.value, password), submit: t("new.joinIt") },
      h("p", {}, t("new.locked", { name: asked.value.name })),
      h(Field, { label: t("new.password"), name: "password", type: "password", required: true, autocomplete: "off", autofocus: true }),
    );
  }
  const items = (channels.value ?? []).map((chat) => ({ key: `chat:${chat.id}`, name: chat.name, also: chat.description, of: chat }));
  const none = channels.value === null ? t("picker.loading") : items.length ? t("picker.none") : t("new.nothingToJoin");
  return h(
    "div",
    { class: "field" },
    h(Listbox, {
      label: t("new.find"), typed: typed.value, onType: (text) => (typed.value = text), items: found(items, typed.value), none,
      take: ({ of }) => (of.has_password ? (asked.value = of) : attempt(() => join(of))),
      sign: ({ of }) => h("span", { class: "sign" }, h(Icon, { name: of.has_password ? "lock" : "hash" })),
      note: ({ of }) => h("small", {}, t("header.people", { n: of.member_count })),
    }),
    h("p", { class: "failure", role: "alert" }, failure),
    items.length === 0 && channels.value && h("div", { class: "acts" }, h("button", { type: "button", class: "primary", onClick: () => openDialog("new", { tab: "channel" }) }, t("new.channel"))),
  );
}
