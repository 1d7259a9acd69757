/** Something that a pane fetches: while it is on its way, when it is here, and when it could not be had. */

import { useEffect, useMemo } from "../../vendor/preact.js";
import { h, signal } from "../../vendor/preact.js";
import { sayProblem } from "../dialogs/problems.js";
import { Icon } from "../shell/icons.js";
import { t } from "../words/words.js";

/**
 * @template T
 * @param {() => Promise<T>} fetch
 * @param {unknown[]} about is fetched anew when one of these changes
 */
export function useFetched(fetch, about) {
  const state = useMemo(() => signal(/** @type {{ found: T | null, problem: any, isLoading: boolean }} */ ({ found: null, problem: null, isLoading: true })), []);
  useEffect(() => {
    let wanted = true;
    state.value = { ...state.peek(), problem: null, isLoading: true };
    fetch().then(
      (found) => wanted && (state.value = { found, problem: null, isLoading: false }),
      (problem) => wanted && (state.value = { found: state.peek().found, problem, isLoading: false }),
    );
    return () => {
      wanted = false;
    };
  }, about);
  const change = (/** @type {(found: T) => T} */ act) => {
    const { found } = state.peek();
    if (found) state.value = { ...state.peek(), found: act(found) };
  };
  return { ...state.value, change };
}

/** What is said in place of what could not be had. @param {{ problem: any }} properties */
export const Failure = ({ problem }) => problem && h("p", { class: "failure notice", role: "alert" }, sayProblem(problem));

/** Where nothing is yet: what would be here, and how it comes here. @param {{ icon: import("../shell/icons.js").IconName, text: string }} properties */
export const Nothing = ({ icon, text }) => h("div", { class: "nothing" }, h("span", { class: "picture" }, h(Icon, { name: icon })), h("p", {}, text));

/** A button that gets the next part of a list. @param {{ more: (() => unknown) | null }} properties */
export const More = ({ more }) => more && h("button", { type: "button", class: "outlined more", onClick: more }, t("panes.more"));
