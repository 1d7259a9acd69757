/** The tree: one stop of Tab, arrows move in it, Alt with arrows moves the department itself; or one drags it. */

import { Icon } from "../../chat/shell/icons.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { t } from "../words/words.js";
import { isWithin, shownOf, treeOf } from "./tree.js";

/** @typedef {import("./tree.js").Where} Where */
/** @typedef {import("./tree.js").Node} Node */

const STEPS = /** @type {const} */ ({ ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" });

/**
 * @param {{
 *   all: import("./tree.js").Department[], chosen: number | null, choose: (id: number) => void,
 *   move: (id: number, where: Where, target: number) => void, step: (id: number, way: "up" | "down" | "out" | "in") => void,
 * }} properties
 */
export function DepartmentTree({ all, chosen, choose, move, step }) {
  const closed = useSignal(/** @type {ReadonlySet<number>} */ (new Set()));
  const focused = useSignal(/** @type {number | null} */ (null));
  const dragged = useSignal(/** @type {number | null} */ (null));
  const over = useSignal(/** @type {{ id: number, where: Where } | null} */ (null));
  const list = useRef(/** @type {HTMLUListElement | null} */ (null));
  const tree = treeOf(all);
  const shown = shownOf(tree, closed.value);
  const stop = shown.find(({ department }) => department.id === focused.value) ?? shown.find(({ department }) => department.id === chosen) ?? shown[0];
  // Rows are drawn anew where one moves: the focus goes with it.
  useEffect(() => {
    if (focused.value !== null && (document.activeElement === document.body || list.current?.contains(document.activeElement))) itemOf(focused.value)?.focus();
  });
  const itemOf = (/** @type {number} */ id) => /** @type {HTMLElement | null} */ (list.current?.querySelector(`[data-id="${id}"]`));
  const focus = (/** @type {Node | undefined} */ node) => {
    if (!node) return;
    focused.value = node.department.id;
    itemOf(node.department.id)?.focus();
  };
  const open = (/** @type {number} */ id, /** @type {boolean} */ isOpen) => {
    const now = new Set(closed.value);
    if (isOpen) now.delete(id);
    else now.add(id);
    closed.value = now;
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || !stop) return;
    const at = shown.indexOf(stop);
    const { id, parent_id } = stop.department;
    const way = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (event.altKey) {
      if (!way) return;
      focused.value = id;
      step(id, way);
    } else if (event.key === "ArrowDown") focus(shown[at + 1]);
    else if (event.key === "ArrowUp") focus(shown[at - 1]);
    else if (event.key === "Home") focus(shown[0]);
    else if (event.key === "End") focus(shown.at(-1));
    else if (event.key === "ArrowRight" && stop.below.length) {
      if (closed.value.has(id)) open(id, true);
      else focus(shown[at + 1]);
    } else if (event.key === "ArrowLeft") {
      if (stop.below.length && !closed.value.has(id)) open(id, false);
      else focus(shown.find(({ department }) => department.id === parent_id));
    } else if (event.key === "Enter" || event.key === " ") choose(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const dragging = {
    start: (/** @type {DragEvent} */ event, /** @type {number} */ id) => {
      dragged.value = id;
      if (event.dataTransfer) {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", String(id));
      }
    },
    over: (/** @type {DragEvent & { currentTarget: HTMLElement }} */ event, /** @type {number} */ id) => {
      if (dragged.value === null || isWithin(all, id, dragged.value)) return void (over.value = null);
      event.preventDefault();
      const { top, height } = event.currentTarget.getBoundingClientRect();
      const part = (event.clientY - top) / height;
      over.value = { id, where: part < 0.25 ? "before" : part > 0.75 ? "after" : "into" };
    },
    drop: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      const [id, target] = [dragged.value, over.value];
      dragging.end();
      if (id !== null && target) move(id, target.where, target.id);
    },
    end: () => {
      dragged.value = null;
      over.value = null;
    },
  };
  // Flat, with levels: what is inside of an item is its name.
  const item = (/** @type {Node} */ { department: { id, name, hidden }, level, below }) => {
    const isOpen = below.length ? !closed.value.has(id) : undefined;
    const turn = (/** @type {Event} */ event) => {
      event.stopPropagation();
      open(id, !isOpen);
    };
    return h(
      "li",
      {
        key: id, role: "treeitem", "data-id": id, "aria-level": level, "aria-selected": id === chosen, "aria-expanded": isOpen, tabIndex: id === stop?.department.id ? 0 : -1,
        class: `leaf ${over.value?.id === id ? over.value.where : ""} ${dragged.value === id ? "dragged" : ""}`, draggable: true, style: { paddingInlineStart: `${(level - 1) * 1.25}rem` },
        onFocus: () => (focused.value = id), onClick: () => choose(id),
        onDragStart: (/** @type {DragEvent} */ event) => dragging.start(event, id), onDragOver: (/** @type {any} */ event) => dragging.over(event, id), onDrop: dragging.drop, onDragEnd: dragging.end,
      },
      h("span", { class: "twist", onClick: below.length ? turn : undefined }, below.length > 0 && h(Icon, { name: "chevron" })),
      h("span", { class: "name", dir: "auto" }, name),
      hidden && h("span", { class: "mark", title: t("departments.isHidden") }, h(Icon, { name: "lock" }), h("span", { class: "unseen" }, t("departments.isHidden"))),
    );
  };
  return h("ul", { ref: list, class: "department-tree", role: "tree", "aria-label": t("departments.title"), "aria-describedby": "tree-hint", onKeyDown }, shown.map(item));
}
