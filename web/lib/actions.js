/**
 * What one can do on a page as a table of actions, from which its toolbars, keys and dialog of keys are made. The pages that
 * people edit have one each.
 */

import { isComposed } from "./keyboard.js";

/**
 * Keys are written as in `aria-keyshortcuts`: "Control+Shift+Z". Control is also ⌘. A key that is not in the table with Shift
 * works with it all the same.
 *
 * @typedef {object} Action
 * @property {string} name
 * @property {string} label what it is called, on its button and among the keys
 * @property {string} [title] what its button is called in a few more words
 * @property {string[]} [keys] the first one is on its button
 * @property {string} [shown] in place of a list of keys that would be long
 * @property {string} [group] the toolbar that its button is in
 * @property {Icon} [icon]
 * @property {"viewer" | "editor"} needs the least role that may do it
 * @property {string} [where] the place where its keys work: the table's first one (if left out), another, or "anywhere"
 * @property {boolean} [native] the browser acts on its keys, or tells of it by an event of its own
 */

/** Paths, in a square of 24. @typedef {{ line?: string, solid?: string }} Icon */

/** Which way an arrow key points. @type {Record<string, [number, number]>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class ActionTable {
  /** @type {Map<string, Action>} */
  #byName;
  /** @type {Map<string, Map<string, Action>>} by place */
  #byKey;

  /** @param {Action[]} actions  @param {string[]} places where keys mean different things; the first is the page's own */
  constructor(actions, places) {
    this.actions = actions;
    this.place = places[0];
    this.#byName = new Map(actions.map((action) => [action.name, action]));
    this.#byKey = new Map(places.map((place) => [place, this.#keysIn(place)]));
  }

  /** @param {string} name */
  named(name) {
    const action = this.#byName.get(name);
    if (!action) throw new Error(`There is no action ${name}.`);
    return action;
  }

  /** Those of a toolbar, in their order. @param {string} group */
  inGroup(group) {
    return this.actions.filter((action) => action.group === group);
  }

  /** The actions by the keys that work in a place. @param {string} place */
  keysIn(place) {
    const keys = this.#byKey.get(place);
    if (!keys) throw new Error(`There is no place ${place}.`);
    return keys;
  }

  /** @param {string} place */
  #keysIn(place) {
    const here = this.actions.filter(({ where = this.place }) => where === place || where === "anywhere");
    return new Map(here.flatMap((action) => (action.keys ?? []).map((key) => [key, action])));
  }

  /**
   * What a pressed key means; null for nothing. A key that an input method takes means nothing.
   *
   * @param {KeyboardEvent} event
   * @param {string} [place]
   */
  actionOf(event, place = this.place) {
    if (isComposed(event)) return null;
    const keys = this.keysIn(place);
    const [modifiers, key] = pressed(event);
    if (place === this.place && !modifiers.length && isCharacter(event.key) && !charactersAct()) return null;
    const found = keys.get([...modifiers, ...(event.shiftKey ? ["Shift"] : []), key].join("+"));
    return found ?? keys.get([...modifiers, key].join("+")) ?? null;
  }

  /**
   * What does an action by its name, if one may, for buttons and keys alike. It returns whether it did anything: a command
   * that has nothing to act on returns false.
   *
   * @param {Record<string, (event?: KeyboardEvent) => unknown>} commands
   * @param {() => boolean} mayEdit
   */
  performer(commands, mayEdit) {
    return (/** @type {string} */ name, /** @type {KeyboardEvent | undefined} */ event = undefined) => {
      if (this.named(name).needs === "editor" && !mayEdit()) return false;
      return commands[name](event) !== false;
    };
  }
}

const CHARACTERS = "fechatter.character-keys";

/** Whether it types a letter, digit or sign, which somebody who speaks to their computer may do without meaning a key. @param {string} key */
export const isCharacter = (key) => [...key].length === 1 && key !== " ";

/** Whether keys that type a character act without Control or Alt (WCAG 2.1.4), as chosen in this browser. */
export const charactersAct = () => globalThis.localStorage?.getItem(CHARACTERS) !== "off";

/** @param {boolean} act */
export function chooseCharacters(act) {
  if (act) localStorage.removeItem(CHARACTERS);
  else localStorage.setItem(CHARACTERS, "off");
}

/** @param {KeyboardEvent} event  @returns {[string[], string]} */
function pressed(event) {
  const { key, ctrlKey, metaKey, altKey } = event;
  const names = /** @type {Record<string, string>} */ ({ "+": "Plus", " ": "Space" });
  const name = names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  // With AltGr, which some report as Control and Alt, a character is typed.
  if (event.getModifierState("AltGraph")) return [[], name];
  return [[...(ctrlKey || metaKey ? ["Control"] : []), ...(altKey ? ["Alt"] : [])], name];
}

const SIGNS = /** @type {Record<string, string>} */ ({ Plus: "+", "-": "−", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" });

/** A key as people read it: "Ctrl + Shift + Z". @param {string} key  @param {boolean} [isMac] */
export function shown(key, isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "")) {
  return key.split("+").map((part) => (part === "Control" ? (isMac ? "⌘" : "Ctrl") : (SIGNS[part] ?? part))).join(" + ");
}

/** The keys of an action as people read them; "" for none. @param {Action} action */
export function shownKeys(action) {
  return action.shown ?? (action.keys ?? []).map((key) => shown(key)).join(", ");
}
