/** How things stand: figures of the organisation and, for operators, of the whole server, which follow what happens. */

import { awayOf, momentOf } from "../../chat/words/dates.js";
import { h, useEffect, useSignal } from "../../vendor/preact.js";
import { Failure, useFetched } from "../kit/lists.js";
import { addressOf, following, go, place } from "../shell/router.js";
import { useAdmin } from "../shell/state.js";
import { languageTag, sizeInWords, t } from "../words/words.js";

const EVERY_MS = 10_000;

/** @typedef {Record<string, any>} Figures */

export function Overview() {
  const admin = useAdmin();
  const { api, changed } = admin;
  const organization = admin.organization.value;
  const turn = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && turn.value++, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const on = admin.isOn("enable_advanced_admin") === "on";
  const seesFirm = on && organization && organization.kind === "member" && organization.role !== "member";
  // Whoever is no operator is told so once.
  const isOperator = useSignal(on);
  const fetch = async () => {
    const firm = seesFirm ? await api.administration.overview({ organization_id: organization.id }) : null;
    const server = isOperator.peek() ? await api.administration.overview().catch(notFor(() => (isOperator.value = false))) : null;
    return { firm: /** @type {Figures | null} */ (firm), server: /** @type {Figures | null} */ (server) };
  };
  const { found, problem } = useFetched(fetch, [changed.value, turn.value, organization?.id, seesFirm]);
  const { firm, server } = found ?? {};
  if (!on) return h("p", { class: "none" }, t("overview.off"));
  return [
    h(Failure, { key: "failure", problem }),
    firm && h(Part, { key: "firm", id: "firm", title: organization?.name ?? "", figures: firm, links: true }),
    server && h(Part, { key: "server", id: "server", title: t("overview.server"), figures: server }),
    server && h(Machine, { key: "machine", figures: server }),
    found && !firm && !server && h("p", { key: "none", class: "none" }, t("overview.none")),
  ];
}

/** @param {() => void} told */
const notFor = (told) => (/** @type {any} */ problem) => {
  if (problem.status !== 403 && problem.status !== 404) throw problem;
  told();
  return null;
};

/** @param {{ id: string, title: string, figures: Figures, links?: boolean }} properties */
function Part({ id, title, figures, links = false }) {
  const { people, workspaces, chats, documents, sessions, streams, storage, messages_by_day: days, at } = figures;
  return h(
    "section",
    { "aria-labelledby": `figures-${id}` },
    h("div", { class: "bar" }, h("h2", { id: `figures-${id}`, dir: "auto" }, title), h("small", { class: "hint" }, t("overview.at", { when: momentOf(at) }))),
    h(
      "dl",
      { class: "figures" },
      h(Figure, { label: t("overview.people"), value: number(people.active), note: t("overview.others", { guests: people.guests, bots: people.bots }), to: links ? "people" : undefined }),
      h(Figure, { label: t("overview.online"), value: number(people.online), note: t("overview.streams", { n: streams }) }),
      h(Figure, { label: t("overview.sessions"), value: number(sessions), to: links ? "people-sessions" : undefined }),
      h(Figure, { label: t("overview.chats"), value: number(chats), note: t("overview.documents", { n: documents, m: workspaces }) }),
      h(Figure, { label: t("storage.used"), value: sizeInWords(storage.bytes), to: links ? "organization-storage" : undefined }),
      h(Week, { days }),
    ),
  );
}

const number = (/** @type {number} */ value) => value.toLocaleString(languageTag.value);

/** @param {{ label: string, value: string, to?: string, note?: string }} properties */
const Figure = ({ label, value, to, note }) =>
  h("div", {}, h("dt", {}, to ? h("a", { href: addressOf({ ...place.value, section: to }), onClick: following(() => go({ section: to })) }, label) : label), h("dd", {}, value, note && h("small", {}, note)));

/** Messages of the last seven days, as bars. @param {{ days: { day: string, messages: number }[] }} properties */
function Week({ days }) {
  const most = Math.max(1, ...days.map(({ messages }) => messages));
  const all = days.reduce((sum, { messages }) => sum + messages, 0);
  const short = new Intl.DateTimeFormat(languageTag.value, { weekday: "narrow", timeZone: "UTC" });
  const long = new Intl.DateTimeFormat(languageTag.value, { day: "numeric", month: "long", timeZone: "UTC" });
  return h(
    "div",
    { class: "week" },
    h("dt", {}, t("overview.messages")),
    h("dd", {}, number(all), h("small", {}, t("overview.days"))),
    h(
      "dd",
      { class: "bars" },
      days.map(({ day, messages }) => h("span", { key: day, class: "bar-of-day", title: `${long.format(new Date(day))}: ${number(messages)}` }, h("span", { class: "unseen" }, `${long.format(new Date(day))}: ${number(messages)}`), h("span", { class: "fill", "aria-hidden": "true", style: { height: `${Math.max(2, (messages / most) * 100)}%` } }), h("small", { "aria-hidden": "true" }, short.format(new Date(day))))),
    ),
  );
}

/** What only operators see: the log, what waits, and the nodes. @param {{ figures: Figures }} properties */
function Machine({ figures: { log, queues, nodes } }) {
  const waits = Object.entries(queues ?? {});
  return h(
    "section",
    { "aria-labelledby": "figures-machine" },
    h("h2", { id: "figures-machine" }, t("overview.machine")),
    h(
      "dl",
      { class: "figures" },
      log && h(Figure, { label: t("overview.log"), value: number(log.position), note: t("overview.lastMinute", { n: log.last_minute }) }),
      log && h(Figure, { label: t("overview.behind"), value: number(log.search_behind), note: t("overview.queue", { n: Math.round(log.notify_queue_percent) }) }),
      ...waits.map(([name, n]) => h(Figure, { key: name, label: t(`queue.${/** @type {"mails"} */ (name)}`), value: number(n) })),
    ),
    h("ul", { class: "cards lined", "aria-label": t("overview.nodes") }, (nodes ?? []).map((/** @type {any} */ node) => h("li", { key: node.node }, h("span", { class: "text" }, h("strong", {}, h("code", {}, node.node)), h("small", {}, t("overview.started", { when: awayOf(node.started_at) }))), h("span", { class: "number" }, t("overview.streams", { n: node.streams })), h("span", { class: node.alive ? "tag good" : "tag bad" }, t(node.alive ? "overview.alive" : "overview.dead"))))),
  );
}
