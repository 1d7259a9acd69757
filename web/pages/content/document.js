/** The page that is open: its content as a tree, what is selected, and what one does to it. */

import { isUnfit } from "../sync/replica.js";
import * as edits from "./edits.js";
import { kindOf } from "./kinds.js";
import { Tree } from "./tree.js";

/** @typedef {import("./edits.js").Draft} Draft */
/** @typedef {import("./edits.js").Place} Place */
/** @typedef {import("../../lib/patches/patch.js").Operation} Operation */

const NOTHING = { rootId: 0, components: { 0: { id: 0, name: "Page" } } };

/** @param {any} content */
const isTree = (content) => Object(content?.components) === content?.components && Object.hasOwn(content.components, String(content.rootId));

/**
 * Events: `change` when the content has changed, `select` when something else is selected, `stale` when an edit did not fit,
 * since somebody has removed what it was about.
 */
export class PageDocument extends EventTarget {
  mayEdit = false;
  /** @type {string | null} */
  selected = null;
  /** What is selected besides. @type {Set<string>} */
  #also = new Set();
  /** Edits of one step. @type {string | undefined} */
  #group;
  #groups = 0;
  tree = new Tree(NOTHING);
  /** Whether it has other JSON than components (`schema: "free"`), which is not for this editor. */
  isFree = false;

  /** @param {import("../sync/replica.js").Replica} replica  @param {import("../sync/undo.js").Undo} undo */
  constructor(replica, undo) {
    super();
    this.replica = replica;
    this.undo = undo;
    replica.addEventListener("change", () => this.#renew());
  }

  #renew() {
    const { selected, tree: before } = this;
    const { content } = this.replica;
    this.isFree = !isTree(content);
    this.tree = new Tree(this.isFree ? NOTHING : content);
    for (const id of this.#also) if (!this.tree.at(id)) this.#also.delete(id);
    this.dispatchEvent(new Event("change"));
    if (selected === null || this.tree.at(selected)) return;
    // Where it was removed by somebody, what it was in is selected.
    let near = before.parentOf(selected);
    while (near !== null && !this.tree.at(near)) near = before.parentOf(near);
    this.select(near === this.tree.root ? null : near);
  }

  /** @param {string | null} id */
  select(id) {
    if (id === this.selected && !this.#also.size) return;
    this.selected = id;
    this.#also.clear();
    this.dispatchEvent(new Event("select"));
  }

  /** All that is selected, in the page's order. */
  get chosen() {
    const { selected } = this;
    if (!this.#also.size) return selected === null ? [] : [selected];
    return this.tree.below().filter((id) => id === selected || this.#also.has(id));
  }

  /** What is selected without what is in it, and without the page itself: what one acts on. */
  get acted() {
    const { tree } = this;
    const chosen = this.chosen.filter((id) => id !== tree.root);
    return chosen.filter((id) => !chosen.some((other) => other !== id && tree.holds(other, id)));
  }

  /** As a click does: with Control one more or one less, with Shift all up to there. @param {string | null} id  @param {{ ctrlKey: boolean, metaKey: boolean, shiftKey: boolean }} keys */
  choose(id, { ctrlKey, metaKey, shiftKey }) {
    if (id === null || this.selected === null || !(ctrlKey || metaKey || shiftKey)) this.select(id);
    else if (shiftKey) this.extend(id);
    else this.toggle(id);
  }

  /** One more, or one less. @param {string} id */
  toggle(id) {
    if (id === this.selected) {
      const [other] = this.#also;
      if (other === undefined) return;
      this.selected = other;
      this.#also.delete(other);
    } else if (!this.#also.delete(id)) {
      if (this.selected !== null) this.#also.add(this.selected);
      this.selected = id;
    }
    this.dispatchEvent(new Event("select"));
  }

  /** All that is between what is selected and this one, in the page's order. @param {string} id */
  extend(id) {
    const all = this.tree.below();
    const [from, to] = [all.indexOf(this.selected ?? id), all.indexOf(id)];
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#also.add(one);
    this.selected = id;
    this.#also.delete(id);
    this.dispatchEvent(new Event("select"));
  }

  /** What one does to several is one step. @template T  @param {() => T} act  @returns {T} */
  together(act) {
    this.#group = `together ${++this.#groups}`;
    try {
      return act();
    } finally {
      this.#group = undefined;
    }
  }

  /** Whether it can hold others. @param {string} id */
  holds(id) {
    return kindOf(this.tree.at(id)?.name).holds === true;
  }

  /** Where something that is added goes: into what is selected, or right after it; or to the end. @returns {Place} */
  placeToAdd() {
    const { tree, selected } = this;
    if (selected === null) return { parent: tree.root, at: tree.childrenOf(tree.root).length };
    if (this.holds(selected)) return { parent: selected, at: tree.childrenOf(selected).length };
    const parent = tree.parentOf(selected) ?? tree.root;
    return { parent, at: tree.childrenOf(parent).indexOf(selected) + 1 };
  }

  /** Right after what is selected, whatever it can hold. @returns {Place | undefined} */
  placeAfter() {
    const { tree, selected } = this;
    const parent = selected === null ? null : tree.parentOf(selected);
    return selected === null || parent === null ? undefined : { parent, at: tree.childrenOf(parent).indexOf(selected) + 1 };
  }

  /** One step to be undone; what is of one `group` is one step. @param {Operation[]} patches  @param {string} [group] */
  change(patches, group = this.#group) {
    if (!this.mayEdit || this.isFree || !patches.length) return false;
    return this.#attempt(() => this.undo.note(this.replica.edit(patches, { group })));
  }

  /** @param {Draft} draft  @param {Place} [place] */
  add(draft, place = this.placeToAdd()) {
    const { patches, id } = edits.add(this.tree, draft, place);
    if (this.change(patches)) this.select(id);
    return id;
  }

  /** @param {string} id  @param {Place} place counted without it */
  move(id, place) {
    if (this.tree.holds(id, place.parent)) return false;
    return this.change(edits.move(this.tree, id, place));
  }

  /** Removes all that is selected. */
  removeChosen() {
    const { acted } = this;
    return acted.length > 0 && this.together(() => [...acted].reverse().map((id) => this.remove(id)).every(Boolean));
  }

  /** @param {string} id */
  remove(id) {
    if (id === this.tree.root) return false;
    const parent = this.tree.parentOf(id) ?? this.tree.root;
    const siblings = this.tree.childrenOf(parent);
    const at = siblings.indexOf(id);
    const next = siblings[at + 1] ?? siblings[at - 1] ?? (parent === this.tree.root ? null : parent);
    const done = this.change(edits.remove(this.tree, id));
    if (done) this.select(next);
    return done;
  }

  /** Copies all that is selected, each behind itself. The copies are selected then. */
  duplicateChosen() {
    const copies = this.together(() => this.acted.map((id) => this.duplicate(id)));
    const made = copies.filter((id) => typeof id === "string");
    for (const [at, id] of made.entries()) at === 0 ? this.select(id) : this.toggle(id);
    return made.length > 0;
  }

  /** Moves all that is selected among its siblings, unless one of them is at the end. @param {1 | -1} by */
  shiftChosen(by) {
    const { acted, tree } = this;
    const places = acted.map((id) => {
      const parent = tree.parentOf(id) ?? tree.root;
      return { id, parent, at: tree.childrenOf(parent).indexOf(id) + by, most: tree.childrenOf(parent).length };
    });
    if (!places.length || places.some(({ at, most }) => at < 0 || at >= most)) return false;
    if (by > 0) places.reverse();
    return this.together(() => places.map(({ id, parent, at }) => this.move(id, { parent, at })).every(Boolean));
  }

  /** @param {string} id */
  duplicate(id) {
    const parent = this.tree.parentOf(id);
    if (parent === null) return false;
    return this.add(edits.draftOf(this.tree, id), { parent, at: this.tree.childrenOf(parent).indexOf(id) + 1 });
  }

  /** Gives a property a value; undefined: none. @param {string} id  @param {string} prop  @param {any} value */
  setProp(id, prop, value) {
    if (!this.tree.at(id)) return false;
    return this.change(edits.set(this.tree, id, ["props", prop], value), `${id}/${prop}`);
  }

  undoLast() {
    return this.mayEdit && this.#attempt(() => this.undo.undo());
  }

  redoLast() {
    return this.mayEdit && this.#attempt(() => this.undo.redo());
  }

  /** @param {() => unknown} act */
  #attempt(act) {
    try {
      return act() !== false;
    } catch (problem) {
      if (!isUnfit(problem)) throw problem;
      this.dispatchEvent(new Event("stale"));
      return false;
    }
  }
}
