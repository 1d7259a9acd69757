/** Where one is signed in, and the end of that elsewhere. */

import { call, list } from "../../lib/session.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { awayOf, momentOf } from "../words/dates.js";
import { t } from "../words/words.js";
import { deviceOf } from "./device_names.js";
import { Dialog, useAttempt } from "./dialogs.js";
import { ProveAgain } from "./prove_again.js";

/** @typedef {{ id: number, device_name: string | null, address: string | null, created_at: string, last_seen_at: string | null, current: boolean }} Session */

export function Devices() {
  const sessions = useSignal(/** @type {Session[] | null} */ (null));
  /** What is done once one has proved again who one is. */
  const waiting = useSignal(/** @type {(() => Promise<unknown>) | null} */ (null));
  const title = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  const { busy, failure, attempt } = useAttempt();
  const load = async () => {
    const all = /** @type {Session[]} */ (await list("/auth/sessions"));
    sessions.value = all.sort((one, other) => Number(other.current) - Number(one.current) || seenAt(other) - seenAt(one));
  };
  useEffect(() => void attempt(load), []);
  const end = (/** @type {Session[]} */ ended) => {
    const act = async () => {
      for (const { id } of ended) await call("DELETE", `/auth/sessions/${id}`).catch(unlessGone);
      await load();
      title.current?.focus();
    };
    return attempt(() =>
      act().catch((problem) => {
        if (problem.code !== "reauthentication_required") throw problem;
        waiting.value = act;
      }),
    );
  };
  const goOn = async () => {
    const act = waiting.peek();
    waiting.value = null;
    await act?.();
  };
  const others = (sessions.value ?? []).filter(({ current }) => !current);
  return h(
    Dialog,
    { title: t("devices.title") },
    h("p", { class: "lead", ref: title, tabIndex: -1 }, t("devices.lead")),
    waiting.value ? h(ProveAgain, { goOn, stop: () => (waiting.value = null) }) : h(
      "ul",
      { class: "owned-list devices", "aria-label": t("devices.title"), "aria-busy": sessions.value === null },
      (sessions.value ?? []).map((session) => h(Row, { key: session.id, session, busy, end: () => end([session]) })),
    ),
    h("p", { class: "failure", role: "alert" }, failure),
    !waiting.value && others.length > 1 && h("div", { class: "acts" }, h("button", { type: "button", class: "outlined bad", disabled: busy, onClick: () => end(others) }, t("devices.endOthers", { n: others.length }))),
  );
}

/** @param {Session} session */
const seenAt = ({ last_seen_at: seen, created_at: created }) => Date.parse(seen ?? created);

/** It has ended by itself meanwhile. @param {{ status?: number }} problem */
function unlessGone(problem) {
  if (problem.status !== 404) throw problem;
}

/** @param {{ session: Session, busy: boolean, end: () => void }} properties */
function Row({ session, busy, end }) {
  const name = deviceOf(session.device_name) || t("devices.unknown");
  const seen = session.last_seen_at ?? session.created_at;
  return h(
    "li",
    {},
    h(
      "span",
      { class: "text" },
      h("strong", { dir: "auto" }, name),
      session.current && h("span", { class: "tag" }, t("devices.current")),
      h("small", { title: momentOf(seen) }, [session.current ? "" : t("devices.seen", { when: awayOf(seen) }), session.address].filter(Boolean).join(" · ")),
    ),
    !session.current && h("button", { type: "button", class: "outlined", disabled: busy, "aria-label": t("devices.endOne", { name }), onClick: end }, t("devices.end")),
  );
}
