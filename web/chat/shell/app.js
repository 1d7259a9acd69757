/** The frame of the page: sidebar, the open chat, and a pane beside it. In a narrow window one of them at a time. */

import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { Dialogs, openDialog } from "../dialogs/dialogs.js";
import { t } from "../words/words.js";
import { ChatView } from "./chat_view.js";
import { sorted } from "./chats.js";
import { ModelContext, useModel } from "./context.js";
import { NotHere, NothingOpen } from "./empty.js";
import { Icon } from "./icons.js";
import { listenForKeys } from "./keys.js";
import { isNarrow } from "./narrow.js";
import { PaneFrame } from "./panes.js";
import { go, lastChat, place } from "./router.js";
import { Sidebar } from "./sidebar.js";
import { useTitle } from "./title.js";
import { Welcome, wantsWelcome } from "./welcome.js";
import { followWorkspace, workspaceId } from "./workspaces.js";

/**
 * It gives the model to its views itself: a vnode that somebody holds while its view is drawn again, as a provider above it
 * would hold this one, holds all that was ever drawn in it.
 *
 * @param {{ model: import("./context.js").Model }} properties
 */
export function App({ model }) {
  const { chatId, pane } = place.value;
  const ready = model.state.value !== "starting";
  useTitle(model);
  useEffect(() => listenForKeys(model), [model]);
  useEffect(() => followWorkspace(model), [model]);
  useEffect(() => {
    if (ready && chatId === null && !isNarrow.peek()) goToLast(model);
  }, [ready, chatId, workspaceId.value]);
  const chat = chatId === null ? undefined : model.about(chatId).value;
  const welcomes = ready && wantsWelcome(model);
  const children = [
    h("a", { key: "skip", class: "skip", href: "#centre" }, t("shell.skip")),
    h(
      "div",
      { key: "frame", class: `frame ${chatId === null && !welcomes ? "" : "has-chat"} ${chat && pane ? `has-pane ${pane.name}` : ""}` },
      h(Sidebar, {}),
      h(
        "main",
        { class: "centre", id: "centre", tabIndex: -1, "aria-busy": !ready },
        h(Connection, {}),
        h(Announced, {}),
        welcomes ? h(Welcome, {}) : ready && chatId === null ? h(NothingOpen, {}) : ready && !chat ? h(NotHere, {}) : chatId !== null && chat && h(ChatView, { key: chatId, chatId }),
      ),
      chat && chatId !== null && h(PaneFrame, { chatId }),
    ),
    h(Dialogs, { key: "dialogs" }),
  ];
  return h(ModelContext.Provider, { value: model, children });
}

/** Says that what is shown may be old, once that has been so for a moment. */
function Connection() {
  const model = useModel();
  const shown = useSignal(false);
  const state = model.state.value;
  useEffect(() => {
    shown.value = false;
    if (state !== "connecting" && state !== "offline") return undefined;
    const timer = setTimeout(() => (shown.value = true), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const text = !shown.value ? "" : state === "offline" ? t("shell.offline") : t("shell.connecting");
  return h("p", { class: "connection", role: "status" }, text);
}

/** What an organisation tells the reader, until they have acknowledged it. */
function Announced() {
  const [first, ...others] = useModel().announcements.value.toSorted((one, other) => Number(other.acknowledgement_required) - Number(one.acknowledgement_required) || other.id - one.id);
  if (!first) return null;
  return h(
    "section",
    { class: "announced", "aria-label": t("announced.name") },
    h(Icon, { name: "bell" }),
    h("strong", { dir: "auto" }, first.title),
    others.length > 0 && h("small", {}, t("announced.more", { n: others.length })),
    h("button", { type: "button", class: "outlined", onClick: () => openDialog("announcements") }, t("announced.read")),
  );
}

/** Opens what was open last in this workspace, or else the first chat there is. @param {import("./context.js").Model} model */
function goToLast(model) {
  const last = model.chat(lastChat()).value;
  const { direct, channels } = sorted(model.chats.value.values(), workspaceId.value);
  const found = last && last.workspace_id === workspaceId.value ? last : (channels[0] ?? direct[0]);
  if (found) go({ chatId: found.id }, { replace: true });
}
