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

  /** @param {string} id  @param {number} by */
  function shift(id, by) {
    const { tree } = page;
    const parent = tree.parentOf(id);
    if (parent === null) return false;
    const at = tree.childrenOf(parent).indexOf(id) + by;
    return at >= 0 && at < tree.childrenOf(parent).length && page.move(id, { parent, at });
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
    "move-up": selected((id) => shift(id, -1)),
    "move-down": selected((id) => shift(id, 1)),
    "move-out": selected(moveOut),
    "move-in": selected(moveIn),
    duplicate: selected((id) => page.duplicate(id)),
    delete: selected((id) => page.remove(id)),
    comment: selected(() => shell.comment()),
  };
}
