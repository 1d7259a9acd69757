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
    this.dispatchEvent(new Event("change"));
    if (selected === null || this.tree.at(selected)) return;
    // Where it was removed by somebody, what it was in is selected.
    let near = before.parentOf(selected);
    while (near !== null && !this.tree.at(near)) near = before.parentOf(near);
    this.select(near === this.tree.root ? null : near);
  }

  /** @param {string | null} id */
  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.dispatchEvent(new Event("select"));
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

  /** One step to be undone; what is of one `group` is one step. @param {Operation[]} patches  @param {string} [group] */
  change(patches, group) {
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
