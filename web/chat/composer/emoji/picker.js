/**
 * Chooses an emoji: found by words in the reader's language and in English, or in a grid that arrows move in. It opens beside
 * what it was asked for from, in the browser's top layer, so Escape and a click elsewhere close it.
 */

import { isComposed } from "../../../lib/keyboard.js";
import { h, useId, useLayoutEffect, useMemo, useRef, useSignal } from "../../../vendor/preact.js";
import { language, t } from "../../words/words.js";
import { chooseTone, chosenTone, customEmoji, emojiTable, foundEmoji, recentEmoji, rememberEmoji, TONES, toned } from "./emoji.js";

/** @typedef {import("./emoji.js").Emoji} Emoji */
/** @typedef {{ name: string, sign: string, emoji: Emoji[] }} Part of the grid */

export const COLUMNS = 8;
/** By the numbers of emojibase: what a part of the grid is called, and its sign. */
const GROUPS = /** @type {const} */ ([
  [0, "emoji.smileys", "😀"], [1, "emoji.people", "👋"], [3, "emoji.nature", "🐻"], [4, "emoji.food", "🍔"], [5, "emoji.travel", "✈️"],
  [6, "emoji.activities", "⚽"], [7, "emoji.objects", "💡"], [8, "emoji.symbols", "❤️"], [9, "emoji.flags", "🏁"],
]);
const TONE_NAMES = /** @type {const} */ (["emoji.noTone", "emoji.light", "emoji.mediumLight", "emoji.medium", "emoji.mediumDark", "emoji.dark"]);

/**
 * @param {{
 *   model: { emoji: { value: ReadonlyMap<number, ReadonlyMap<string, any>> } }, workspaceId: number, anchor: Pick<Element, "getBoundingClientRect">,
 *   choose: (text: string) => void, close: () => void,
 * }} properties `choose` gets an emoji or `:name:`; `close` is called when it is no longer shown
 */
export function EmojiPicker({ model, workspaceId, anchor, choose, close }) {
  const id = useId();
  const root = useRef(/** @type {HTMLDivElement | null} */ (null));
  const table = useSignal(/** @type {Emoji[] | null} */ (null));
  const failed = useSignal(false);
  const typed = useSignal("");
  const tone = useSignal(chosenTone());
  const active = useSignal(0);
  const recent = useMemo(recentEmoji, []);
  // Before it is painted: what is typed at once is a search.
  useLayoutEffect(() => {
    let wanted = true;
    emojiTable(language.value).then(
      (all) => wanted && (table.value = all),
      () => wanted && (failed.value = true),
    );
    root.current?.showPopover();
    if (root.current) put(root.current, anchor);
    root.current?.querySelector("input")?.focus();
    return () => {
      wanted = false;
    };
  }, []);
  const custom = customEmoji(model.emoji.value.get(workspaceId) ?? []);
  const all = [...custom, ...(table.value ?? [])];
  const parts = typed.value.trim() ? [{ name: t("emoji.results"), sign: "", emoji: foundEmoji(all, typed.value) }] : partsOf(all, custom, recent);
  const shown = parts.flatMap(({ emoji }) => emoji);
  const at = Math.min(active.value, shown.length - 1);
  const pick = (/** @type {Emoji | undefined} */ emoji) => {
    if (!emoji) return;
    const text = toned(emoji, tone.value);
    rememberEmoji(text);
    root.current?.hidePopover();
    choose(text);
  };
  const focusAt = (/** @type {number} */ to) => {
    active.value = Math.max(0, Math.min(to, shown.length - 1));
    /** @type {HTMLElement | null | undefined} */ (root.current?.querySelector(`[data-at="${active.value}"]`))?.focus();
  };
  const inSearch = (/** @type {KeyboardEvent} */ event) => {
    if (isComposed(event)) return;
    if (event.key === "ArrowDown") focusAt(0);
    else if (event.key === "Enter") pick(shown[0]);
    else if (event.key === "Escape") root.current?.hidePopover(); // where the browser would only empty the field
    else return;
    event.preventDefault();
  };
  const inGrid = (/** @type {KeyboardEvent} */ event) => {
    if (isComposed(event)) return;
    const to = moved(parts, at, event.key, getComputedStyle(/** @type {Element} */ (event.currentTarget)).direction === "rtl");
    if (to === null) return;
    event.preventDefault();
    if (to < 0) root.current?.querySelector("input")?.focus();
    else focusAt(to);
  };
  return h(
    "div",
    { ref: root, popover: "auto", class: "emoji-picker", role: "dialog", "aria-label": t("emoji.picker"), onToggle: (/** @type {ToggleEvent} */ { newState }) => newState === "closed" && close() },
    h("input", {
      type: "search", "aria-label": t("emoji.search"), placeholder: t("emoji.search"), "aria-controls": id, autocomplete: "off", onKeyDown: inSearch,
      onInput: (/** @type {any} */ { currentTarget }) => {
        typed.value = currentTarget.value;
        active.value = 0;
      },
    }),
    h("span", { class: "unseen", role: "status" }, typed.value.trim() ? t("emoji.found", { n: shown.length }) : ""),
    failed.value && h("p", { class: "failure", role: "alert" }, t("emoji.failed")),
    !typed.value.trim() && h(Jumps, { parts, root }),
    h(
      "div",
      {
        id, class: "emoji-grid", role: "grid", "aria-label": t("emoji.grid"), "aria-busy": table.value === null && !failed.value, onKeyDown: inGrid,
        onClick: (/** @type {MouseEvent} */ { target }) => {
          const cell = target instanceof Element ? target.closest("[data-at]") : null;
          if (cell instanceof HTMLElement) pick(shown[Number(cell.dataset.at)]);
        },
        onFocusIn: (/** @type {FocusEvent} */ { target }) => target instanceof HTMLElement && target.dataset.at && (active.value = Number(target.dataset.at)),
      },
      gridOf(parts, at, tone.value),
    ),
    shown.length === 0 && table.value && h("p", { class: "note" }, t("emoji.none")),
    h(
      "footer",
      {},
      h("span", { class: "about" }, shown[at] && [h(Picture, { key: "picture", emoji: shown[at], tone: tone.value }), h("span", { key: "name" }, shown[at].name)]),
      h(Tones, { tone: tone.value, choose: (next) => chooseTone((tone.value = next)) }),
    ),
  );
}

/** @param {Emoji[]} all  @param {Emoji[]} custom  @param {string[]} recent @returns {Part[]} */
function partsOf(all, custom, recent) {
  const byText = new Map(all.flatMap((one) => TONES.map((_, tone) => /** @type {[string, Emoji]} */ ([toned(one, tone), one])).slice(0, one.tones ? undefined : 1)));
  const used = recent.flatMap((text) => {
    const found = byText.get(text);
    return found ? [found] : [];
  });
  const parts = [
    { name: t("emoji.recent"), sign: "🕘", emoji: [...new Set(used)] },
    { name: t("emoji.custom"), sign: "⭐", emoji: custom },
    ...GROUPS.map(([group, name, sign]) => ({ name: t(name), sign, emoji: all.filter((one) => one.group === group) })),
  ];
  return parts.filter(({ emoji }) => emoji.length > 0);
}

/** Where a key leads from a cell; null: nowhere, -1: out of the grid, above. @param {Part[]} parts  @param {number} at  @param {string} key  @param {boolean} mirrored */
export function moved(parts, at, key, mirrored = false) {
  const step = /** @type {Record<string, number>} */ ({ ArrowRight: mirrored ? -1 : 1, ArrowLeft: mirrored ? 1 : -1 })[key];
  const amount = parts.reduce((sum, { emoji }) => sum + emoji.length, 0);
  if (step) return Math.max(0, Math.min(at + step, amount - 1));
  let from = 0;
  const rows = parts.flatMap(({ emoji }) => {
    const begin = from;
    from += emoji.length;
    return Array.from({ length: Math.ceil(emoji.length / COLUMNS) }, (_, row) => [begin + row * COLUMNS, Math.min(begin + (row + 1) * COLUMNS, from)]);
  });
  const row = rows.findIndex(([begin, end]) => at >= begin && at < end);
  if (row < 0) return null;
  const cell = (/** @type {number} */ to) => (rows[to] ? Math.min(rows[to][0] + at - rows[row][0], rows[to][1] - 1) : null);
  if (key === "ArrowDown") return cell(row + 1) ?? at;
  if (key === "ArrowUp") return row === 0 ? -1 : cell(row - 1);
  if (key === "PageDown") return cell(Math.min(row + 5, rows.length - 1));
  if (key === "PageUp") return cell(Math.max(row - 5, 0));
  if (key === "Home") return rows[row][0];
  if (key === "End") return rows[row][1] - 1;
  return null;
}

/** @param {Part[]} parts  @param {number} active  @param {number} tone */
function gridOf(parts, active, tone) {
  let from = 0;
  return parts.map(({ name, emoji }, index) => {
    const begin = from;
    from += emoji.length;
    return h(
      "div",
      { key: name, class: "emoji-part", role: "rowgroup", "aria-label": name, "data-part": index, style: { containIntrinsicHeight: `calc(${Math.ceil(emoji.length / COLUMNS)} * var(--cell) + 1.75rem)` } },
      h("div", { class: "part-name", "aria-hidden": "true" }, name),
      Array.from({ length: Math.ceil(emoji.length / COLUMNS) }, (_, row) =>
        h(
          "div",
          { key: row, role: "row", class: "emoji-row" },
          emoji.slice(row * COLUMNS, (row + 1) * COLUMNS).map((one, column) => {
            const at = begin + row * COLUMNS + column;
            return h(
              "div",
              { key: one.text, role: "gridcell" },
              h("button", { type: "button", "data-at": at, tabIndex: at === active ? 0 : -1, "aria-label": one.name, title: one.codes[0] ? `:${one.codes[0]}:` : one.name }, h(Picture, { emoji: one, tone })),
            );
          }),
        ),
      ),
    );
  });
}

/** @param {{ emoji: Emoji, tone: number }} properties */
const Picture = ({ emoji, tone }) => (emoji.picture ? h("img", { src: emoji.picture, alt: "", loading: "lazy" }) : h("span", { class: "glyph", "aria-hidden": "true" }, toned(emoji, tone)));

/** From the name of a part to where it begins. @param {{ parts: Part[], root: { current: HTMLElement | null } }} properties */
function Jumps({ parts, root }) {
  const jump = (/** @type {number} */ part) => root.current?.querySelector(`[data-part="${part}"]`)?.scrollIntoView({ block: "start" });
  return h(
    "div",
    { class: "jumps" },
    parts.map(({ name, sign }, at) => h("button", { key: name, type: "button", tabIndex: -1, "aria-hidden": "true", title: name, onClick: () => jump(at) }, sign)),
  );
}

/** @param {{ tone: number, choose: (tone: number) => void }} properties */
function Tones({ tone, choose }) {
  return h(
    "select",
    { class: "tones", "aria-label": t("emoji.tone"), value: String(tone), onChange: (/** @type {any} */ { currentTarget }) => choose(Number(currentTarget.value)) },
    TONES.map((modifier, at) => h("option", { key: at, value: String(at), "aria-label": t(TONE_NAMES[at]) }, `✋${modifier}`)),
  );
}

/** Beside what it was opened from, inside of the window. @param {HTMLElement} picker  @param {Pick<Element, "getBoundingClientRect">} anchor */
function put(picker, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = picker;
  const above = at.top - 4 - height >= 8;
  picker.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  picker.style.top = `${Math.max(8, above ? at.top - 4 - height : Math.min(at.bottom + 4, innerHeight - height - 8))}px`;
}
