/** What the actions of actions.js do. Whether one may is asked before (lib/actions.js). */

/** @typedef {import("./content/document.js").PageDocument} PageDocument */

/**
 * The commands by the actions' names. One that has nothing to act on returns false.
 *
 * @param {object} parts
 * @param {PageDocument} parts.page
 * @param {import("./canvas/writing.js").Writing} parts.writing
 * @param {Record<"insert" | "properties" | "phone" | "tablet" | "desktop" | "comment" | "comments" | "history" | "help" | "publish", () => unknown>} parts.shell
 * @returns {Record<string, (event?: KeyboardEvent) => unknown>}
 */
export function commandsOf({ page, writing, shell }) {
  /** Does something to what is selected. @param {(id: string) => unknown} act */
  const selected = (act) => () => (page.selected === null ? false : act(page.selected));

  /** @param {number} by */
  function step(by) {
    const { tree } = page;
    const all = tree.below();
    const at = page.selected === null ? (by > 0 ? 0 : all.length) : all.indexOf(page.selected);
    const next = all[at + by];
    if (next) page.select(next);
    return Boolean(next);
  }

  /** Selects one more, in the page's order. @param {number} by */
  function further(by) {
    const all = page.tree.below();
    const next = all[page.selected === null ? 0 : all.indexOf(page.selected) + by];
    if (!next) return false;
    if (page.chosen.includes(next)) page.toggle(page.selected ?? next);
    else page.extend(next);
    return true;
  }

  /** @param {string} id */
  function moveOut(id) {
    const { tree } = page;
    const parent = tree.parentOf(id);
    const above = parent === null ? null : tree.parentOf(parent);
    if (parent === null || above === null) return false;
    return page.move(id, { parent: above, at: tree.childrenOf(above).indexOf(parent) + 1 });
  }

  /** @param {string} id */
  function moveIn(id) {
    const { tree } = page;
    const siblings = tree.childrenOf(tree.parentOf(id) ?? "");
    const before = siblings[siblings.indexOf(id) - 1];
    return before !== undefined && page.holds(before) && page.move(id, { parent: before, at: tree.childrenOf(before).length });
  }

  return {
    ...shell,
    undo: () => page.undoLast(),
    redo: () => page.redoLast(),
    write: selected((id) => writing.begin(id)),
    next: () => step(1),
    previous: () => step(-1),
    out: selected((id) => page.select(page.tree.parentOf(id))),
    in: selected((id) => {
      const [first] = page.tree.childrenOf(id);
      if (first) page.select(first);
      return Boolean(first);
    }),
    "select-next": () => further(1),
    "select-previous": () => further(-1),
    "select-all": () => {
      const all = page.tree.childrenOf(page.tree.root);
      if (!all.length) return false;
      page.select(all[0]);
      for (const id of all.slice(1)) page.toggle(id);
      return true;
    },
    "move-up": () => page.shiftChosen(-1),
    "move-down": () => page.shiftChosen(1),
    "move-out": selected(moveOut),
    "move-in": selected(moveIn),
    duplicate: () => page.duplicateChosen(),
    delete: () => page.removeChosen(),
    comment: selected(() => shell.comment()),
  };
}
