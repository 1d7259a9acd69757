/** Lists that a page fetches, a part at a time, and the tables that show them. */

import { h, signal, useEffect, useMemo } from "../../vendor/preact.js";
import { sayProblem } from "./acting.js";
import { t } from "../words/words.js";

const AT_ONCE = 50;

/**
 * @template T
 * @param {() => AsyncIterable<T>} make
 * @param {unknown[]} about is fetched anew when one of these changes
 * @param {number} [most] how many at once
 */
export function useList(make, about, most = AT_ONCE) {
  const state = useMemo(() => signal(/** @type {{ rows: T[], isLoading: boolean, hasMore: boolean, problem: any }} */ ({ rows: [], isLoading: true, hasMore: false, problem: null })), []);
  const reading = useMemo(() => ({ turn: 0, items: /** @type {AsyncIterator<T> | null} */ (null), ahead: /** @type {T[]} */ ([]) }), []);
  /** @param {boolean} anew */
  const read = async (anew) => {
    const turn = ++reading.turn;
    const show = (/** @type {Partial<typeof state.value>} */ now) => turn === reading.turn && (state.value = { ...state.peek(), ...now });
    show({ isLoading: true, problem: null });
    try {
      const items = anew || !reading.items ? make()[Symbol.asyncIterator]() : reading.items;
      const ahead = anew ? [] : reading.ahead;
      const had = anew ? [] : state.peek().rows;
      const wanted = anew ? Math.max(most, state.peek().rows.length) : most;
      const found = [...ahead];
      while (found.length <= wanted) {
        const next = await items.next();
        if (turn !== reading.turn) return;
        if (next.done) break;
        found.push(next.value);
      }
      reading.items = items;
      reading.ahead = found.splice(wanted);
      show({ rows: [...had, ...found], isLoading: false, hasMore: reading.ahead.length > 0 });
    } catch (problem) {
      show({ isLoading: false, problem });
    }
  };
  useEffect(() => {
    void read(true);
    return () => void reading.turn++;
  }, about);
  return { ...state.value, more: () => read(false), reload: () => read(true) };
}

/**
 * @template T
 * @param {() => Promise<T>} fetch
 * @param {unknown[]} about
 */
export function useFetched(fetch, about) {
  const state = useMemo(() => signal(/** @type {{ found: T | null, problem: any }} */ ({ found: null, problem: null })), []);
  const reload = useMemo(() => ({ turn: 0 }), []);
  const read = async () => {
    const turn = ++reload.turn;
    const now = await fetch().then((found) => ({ found, problem: null }), (problem) => ({ found: state.peek().found, problem }));
    if (turn === reload.turn) state.value = now;
  };
  useEffect(() => {
    void read();
    return () => void reload.turn++;
  }, about);
  return { ...state.value, reload: read };
}

/** @param {{ problem: any }} properties */
export const Failure = ({ problem }) => problem && h("p", { class: "failure", role: "alert" }, sayProblem(problem));

/**
 * @param {{
 *   label: string, columns: string[], rows: { key: string | number, cells: any[] }[], none: string, isLoading?: boolean,
 *   more?: (() => unknown) | null, problem?: any,
 * }} properties a last column without a name has what can be done
 */
export function Table({ label, columns, rows, none, isLoading = false, more = null, problem = null }) {
  return [
    h(Failure, { key: "failure", problem }),
    rows.length > 0 && h(
      "div",
      { key: "table", class: "table", role: "region", "aria-label": label, tabIndex: 0 },
      h(
        "table",
        { "aria-busy": isLoading },
        h("thead", {}, h("tr", {}, columns.map((name, at) => (name ? h("th", { key: at, scope: "col" }, name) : h("td", { key: at }))))),
        h("tbody", {}, rows.map(({ key, cells }) => h("tr", { key }, cells.map((cell, at) => (at ? h("td", { key: at, class: columns[at] ? "" : "does" }, cell) : h("th", { key: at, scope: "row" }, cell)))))),
      ),
    ),
    !isLoading && !problem && rows.length === 0 && h("p", { key: "none", class: "none" }, none),
    isLoading && rows.length === 0 && h("p", { key: "loading", class: "none", role: "status" }, t("lists.loading")),
    more && h("div", { key: "more", class: "acts start" }, h("button", { type: "button", class: "outlined", disabled: isLoading, onClick: more }, t("lists.more"))),
  ];
}
