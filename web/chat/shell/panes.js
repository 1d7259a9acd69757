/**
 * The place beside a chat, and what can be there: `?pane=people`, `?pane=board:12`. A pane is a row of this table; its view
 * gets `chatId` and `of`, what follows the colon. Views are fetched when they are first shown.
 */

import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { sayProblem } from "../dialogs/problems.js";
import { t } from "../words/words.js";
import { fetched } from "./fetched.js";
import { PaneHeader } from "./header.js";
import { place } from "./router.js";

/**
 * @typedef {object} Pane
 * @property {string} name
 * @property {import("../words/words.js").Key} label
 * @property {import("./icons.js").IconName} icon
 * @property {(chat: import("./chats.js").Chat) => boolean} [shows] whether a chat's header has a button for it
 * @property {boolean} [yields] in a narrow window it is in the chat's menu, so that the chat's name has room
 * @property {() => Promise<(properties: { chatId: number, of: string }) => any>} load
 */

/** @type {Pane[]} */
export const PANES = [
  {
    name: "people", label: "panes.people", icon: "people", shows: ({ type }) => type !== "Single",
    load: async () => (await import("../panes/people.js")).People,
  },
  { name: "search", label: "panes.search", icon: "search", shows: () => true, load: async () => (await import("../panes/search.js")).Search },
  { name: "pins", label: "panes.pins", yields: true, icon: "pin", shows: () => true, load: async () => (await import("../panes/pins.js")).Pins },
  { name: "files", label: "panes.files", yields: true, icon: "file", shows: () => true, load: async () => (await import("../panes/files.js")).ChatFiles },
  { name: "threads", label: "panes.threads", yields: true, icon: "thread", shows: () => true, load: async () => (await import("../panes/thread.js")).Threads },
  { name: "thread", label: "panes.thread", icon: "thread", load: async () => (await import("../panes/thread.js")).ThreadPane },
  { name: "board", label: "panes.board", icon: "board", load: async () => (await import("../panes/document.js")).BoardPane },
  { name: "page", label: "panes.page", icon: "page", load: async () => (await import("../panes/document.js")).PagePane },
];

/** @param {{ chatId: number }} properties */
export function PaneFrame({ chatId }) {
  const frame = useRef(/** @type {HTMLElement | null} */ (null));
  const view = useSignal(/** @type {{ name: string, shown: (properties: any) => any } | null} */ (null));
  const { pane } = place.value;
  const attempt = useSignal(0);
  const failure = useSignal(/** @type {any} */ (null));
  const known = PANES.find(({ name }) => name === pane?.name);
  useEffect(() => {
    if (!known) return undefined;
    let wanted = true;
    failure.value = null;
    fetched(known.load).then(
      (shown) => wanted && (view.value = { name: known.name, shown }),
      (problem) => wanted && (failure.value = problem),
    );
    return () => {
      wanted = false;
    };
  }, [known, attempt.value]);
  const ready = known && view.value?.name === known.name;
  useEffect(() => {
    if (ready) /** @type {HTMLElement | null} */ (frame.current?.querySelector("[data-first]") ?? frame.current?.querySelector("h2"))?.focus();
  }, [ready, pane?.name, pane?.of]);
  if (!known || !pane) return null;
  return h(
    "aside",
    { ref: frame, class: `pane ${known.name}`, "aria-label": t(known.label), "data-region": "pane" },
    ready && view.value
      ? h(view.value.shown, { key: pane.of, chatId, of: pane.of })
      : [h(PaneHeader, { key: "header", title: t(known.label) }), failure.value && h(NotFetched, { key: "failure", problem: failure.value, again: () => attempt.value++ })],
  );
}

/** In place of a pane whose view could not be fetched. @param {{ problem: any, again: () => void }} properties */
const NotFetched = ({ problem, again }) =>
  h("div", { class: "notice" }, h("p", { class: "failure", role: "alert" }, sayProblem(problem)), h("button", { type: "button", class: "outlined", onClick: again }, t("failed.again")));
