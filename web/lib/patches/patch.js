/**
 * Applies JSON Patches (RFC 6902) to a document in place, all of one or nothing, and says how to revert it and what it
 * has touched. It refuses what the server refuses (chat_core/documents/patches/patch.py), which bounds bytes as well.
 *
 * @import { Effect } from "./effects.js"
 *
 * @typedef {{ op: string, path: string, from?: string, value?: any }} Operation
 *
 * @typedef {object} Applied
 * @property {any} document the result: the object that was given, unless the patch has replaced the whole document
 * @property {Operation[]} inverse the patch that takes the result back, up to the order of members
 * @property {Effect[]} effects
 * @property {Undo[]} undo
 *
 * @typedef {(root: any) => any} Undo takes one step back, and returns the document
 */
import { index, shortened, tokens } from "./pointers.js";
import { MOST, PatchFailed, TooLarge } from "./refusals.js";
import { depth, equal, isObject, taken, text, TooDeep } from "./values.js";

/**
 * Applies a patch to a document, in place. The document takes no part of the patch into itself. By default, the limits
 * are those by which servers judge stored patches, so that whatever they tell can be applied.
 *
 * @param {any} document
 * @param {Operation[]} patch
 * @param {{ operations: number, depth: number }} [limits]
 * @returns {Applied}
 * @throws {PatchFailed | TooLarge} the document is then as before, to the order of its members
 */
export function apply(document, patch, limits = MOST) {
  if (!Array.isArray(patch)) throw new PatchFailed(-1, "a patch is an array of operations");
  if (patch.length > limits.operations) throw new TooLarge("operations");
  const run = new Run(document, limits.depth);
  let done = 0;
  try {
    for (const operation of patch) {
      run.step(operation);
      done += 1;
    }
  } catch (error) {
    undone(run.root, run.undo);
    if (error instanceof TooDeep) throw new TooLarge("depth");
    if (error instanceof RangeError) throw new PatchFailed(done, error.message);
    throw error;
  }
  return {
    document: run.root,
    inverse: run.inverse.reverse(),
    effects: [...run.effects.values()],
    undo: run.undo,
  };
}

/**
 * Takes a document back to what it was before `applied`, to the order of its members, and returns it. What has been
 * applied since must have been reverted before.
 *
 * @param {any} document
 * @param {Applied} applied
 */
export function revert(document, applied) {
  return undone(document, applied.undo);
}

/**
 * @param {any} root
 * @param {Undo[]} undo
 */
function undone(root, undo) {
  return undo.reduceRight((document, step) => step(document), root);
}

/** A patch on its way through a document. Its methods throw a RangeError with a reason, or TooDeep. */
class Run {
  /**
   * @param {any} document
   * @param {number} levels
   */
  constructor(document, levels) {
    this.root = document;
    this.levels = levels;
    /** @type {Undo[]} */
    this.undo = [];
    /** @type {Operation[]} newest last while applying */
    this.inverse = [];
    /** @type {Map<string, Effect>} */
    this.effects = new Map();
    /** @type {Set<object>} whose order of members is in the undo log */
    this.ordered = new Set();
  }

  /** @param {any} operation */
  step(operation) {
    if (!isObject(operation)) throw new RangeError("an operation is an object");
    const path = this.pointer(operation, "path");
    switch (operation.op) {
      case "add":
        return this.put(path, taken(this.value(operation), this.levels));
      case "remove":
        return this.inverse.push({ op: "add", path, value: this.take(path) });
      case "replace":
        return this.replace(path, taken(this.value(operation), this.levels));
      case "move":
        return this.move(this.pointer(operation, "from"), path);
      case "copy":
        return this.copy(this.pointer(operation, "from"), path);
      case "test":
        return this.test(path, this.value(operation));
      default:
        throw new RangeError("op must be one of add, remove, replace, move, copy, test");
    }
  }

  /**
   * @param {string} path
   * @param {any} value
   */
  replace(path, value) {
    const { container, key } = this.place(path);
    if (Array.isArray(container)) this.set(container, existing(container, key, path), path, value);
    else if (path === "" || Object.hasOwn(container, key)) this.set(container, key, path, value);
    else throw new RangeError(`${shortened(path)} does not exist`);
  }

  /**
   * @param {string} source
   * @param {string} path
   */
  move(source, path) {
    if (source === path) {
      this.get(path);
      this.note("R", path);
      return;
    }
    if (path.startsWith(`${source}/`)) throw new RangeError("a value cannot be moved into itself");
    const value = this.take(source);
    this.put(path, value);
    const back = /** @type {Operation} */ (this.inverse.pop());
    if (back.op === "remove" && !source.startsWith(`${back.path}/`)) {
      this.inverse.push({ op: "move", from: back.path, path: source });
    } else {
      // It replaced something, and once that is back, there is no value left to be moved; or the way back would lead
      // below the path where it is now, as from /0 to /0/a, which RFC 6902 does not allow.
      this.inverse.push({ op: "add", path: source, value: taken(value, this.levels) }, back);
    }
  }

  /**
   * @param {string} source
   * @param {string} path
   */
  copy(source, path) {
    const value = taken(this.get(source), this.levels);
    this.note("R", source);
    this.put(path, value);
  }

  /**
   * @param {string} path
   * @param {any} value
   */
  test(path, value) {
    if (!equal(this.get(path), value)) throw new RangeError(`${shortened(path)} has another value`);
    this.note("R", path);
  }

  /**
   * What `add` does: inserts into an array, adds or replaces a member.
   *
   * @param {string} path
   * @param {any} value
   */
  put(path, value) {
    const { container, key } = this.place(path);
    if (Array.isArray(container)) this.insert(container, key, path, value);
    else if (path === "" || Object.hasOwn(container, key)) this.set(container, key, path, value);
    else {
      this.bound(path, value);
      container[text(key)] = value;
      this.undo.push((root) => {
        delete container[key];
        return root;
      });
      this.note("W", path);
      this.inverse.push({ op: "remove", path });
    }
  }

  /**
   * @param {any[]} array
   * @param {string} key
   * @param {string} path
   * @param {any} value
   */
  insert(array, key, path, value) {
    this.bound(path, value);
    const above = parent(path);
    const at = key === "-" ? array.length : element(key, array.length + 1, path);
    this.note(key === "-" ? "A" : "S", above);
    array.splice(at, 0, value);
    this.undo.push((root) => {
      array.splice(at, 1);
      return root;
    });
    this.inverse.push({ op: "remove", path: `${above}/${at}` });
  }

  /**
   * Replaces a member, an element or the whole document, which is there.
   *
   * @param {any} container
   * @param {string | number} key
   * @param {string} path
   * @param {any} value
   */
  set(container, key, path, value) {
    this.bound(path, value);
    const old = path === "" ? this.root : container[key];
    if (path === "") {
      this.root = value;
      this.undo.push(() => old);
    } else {
      container[key] = value;
      this.undo.push((root) => {
        container[key] = old;
        return root;
      });
    }
    this.note("W", path);
    this.inverse.push({ op: "replace", path, value: old });
  }

  /**
   * Removes and returns a member or an element.
   *
   * @param {string} path
   */
  take(path) {
    if (path === "") throw new RangeError("the whole document cannot be removed");
    const { container, key } = this.place(path);
    if (Array.isArray(container)) {
      const at = existing(container, key, path);
      const [old] = container.splice(at, 1);
      this.undo.push((root) => {
        container.splice(at, 0, old);
        return root;
      });
      this.note("S", parent(path));
      return old;
    }
    if (!Object.hasOwn(container, key)) throw new RangeError(`${shortened(path)} does not exist`);
    this.keepOrder(container);
    const old = container[key];
    delete container[key];
    this.undo.push((root) => {
      container[key] = old;
      return root;
    });
    this.note("W", path);
    return old;
  }

  /**
   * Before members of an object go: so that undoing it leaves the order of members as it was.
   *
   * @param {Record<string, any>} object
   */
  keepOrder(object) {
    if (this.ordered.has(object)) return;
    this.ordered.add(object);
    const names = Object.keys(object);
    this.undo.push((root) => {
      for (const name of names) {
        const value = object[name];
        delete object[name];
        object[name] = value;
      }
      return root;
    });
  }

  /**
   * The object or array that a path leads into, and its last token; of the whole document, nothing.
   *
   * @param {string} path
   * @returns {{ container: any, key: string }}
   */
  place(path) {
    const found = tokens(path);
    const key = found.pop();
    if (key === undefined) return { container: null, key: "" };
    const container = this.walk(found, path);
    if (typeof container !== "object" || container === null) {
      throw new RangeError(`${shortened(path)} is in neither an object nor an array`);
    }
    return { container, key };
  }

  /** @param {string} path */
  get(path) {
    return this.walk(tokens(path), path);
  }

  /**
   * @param {string[]} found
   * @param {string} path
   */
  walk(found, path) {
    let node = this.root;
    for (const name of found) {
      if (Array.isArray(node)) node = node[existing(node, name, path)];
      else if (isObject(node) && Object.hasOwn(node, name)) node = node[name];
      else throw new RangeError(`${shortened(path)} does not exist`);
    }
    return node;
  }

  /**
   * @param {string} path
   * @param {any} value
   */
  bound(path, value) {
    if (path.split("/").length - 1 + depth(value) > this.levels) throw new TooDeep();
  }

  /**
   * @param {Effect[0]} type
   * @param {string} path
   */
  note(type, path) {
    this.effects.set(type + path, [type, path]);
  }

  /**
   * @param {Record<string, any>} operation
   * @param {"path" | "from"} name
   * @returns {string}
   */
  pointer(operation, name) {
    const pointer = Object.hasOwn(operation, name) ? operation[name] : undefined;
    if (typeof pointer !== "string") throw new RangeError(`${name} is a string`);
    return pointer;
  }

  /** @param {Record<string, any>} operation */
  value(operation) {
    if (!Object.hasOwn(operation, "value")) throw new RangeError("value is missing");
    return operation.value;
  }
}

/** @param {string} path */
function parent(path) {
  return path.slice(0, path.lastIndexOf("/"));
}

/**
 * @param {any[]} array
 * @param {string} key
 * @param {string} path
 */
function existing(array, key, path) {
  return element(key, array.length, path);
}

/**
 * @param {string} key
 * @param {number} below
 * @param {string} path
 */
function element(key, below, path) {
  const at = index(key);
  if (at === null) throw new RangeError(`${shortened(path)} names no element of its array`);
  if (at >= below) throw new RangeError(`${shortened(path)} is beyond the end of its array`);
  return at;
}
