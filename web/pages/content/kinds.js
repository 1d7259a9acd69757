/**
 * The kinds of components: one table, from which the palette, the panel of properties and the canvas are made. Published
 * pages are drawn by the server, by the same names (chat_server/page_content/rendering/components.py).
 */

import { make } from "../../lib/dom.js";
import { say } from "../words.js";
import * as addresses from "./addresses.js";
import { listIn, tableOf } from "./tables.js";

/** @typedef {Record<string, any>} Props */
/** @typedef {import("./edits.js").Draft} Draft */

/**
 * A property that the panel lets one change: a line of text, several, one of some choices, a number, yes or no, an address, a
 * picture's address, or JSON.
 *
 * @typedef {object} Field
 * @property {string} prop
 * @property {string} label
 * @property {"line" | "text" | "choice" | "number" | "check" | "link" | "picture" | "json" | "lines"} type
 * @property {[any, string][]} [choices] values and their names
 */

/**
 * `draw` returns the component's own elements; those below it go into the element with `data-slot`, of a kind that holds
 * others. `writes` is the property that is edited in place, in the element with `data-writes`.
 *
 * @typedef {object} Kind
 * @property {string} name as in the content
 * @property {string} label
 * @property {string} icon a path, in a square of 24
 * @property {boolean} [holds] others
 * @property {boolean} [hidden] it is not in the palette
 * @property {string} [writes]
 * @property {() => Omit<Draft, "name">} begins
 * @property {Field[]} fields
 * @property {(props: Props) => (HTMLElement | null)[]} draw
 */

const ALIGNS = /** @type {[string, string][]} */ ([["left", say("Left")], ["center", say("Centre")], ["right", say("Right")]]);
const LEVELS = /** @type {[number, string][]} */ ([[1, say("Large")], [2, say("Medium")], [3, say("Small")]]);
const INPUTS = /** @type {[string, string][]} */ ([["text", say("Text")], ["number", say("Number")], ["email", say("E-mail")], ["date", say("Date")], ["tel", say("Telephone")], ["url", say("Address")]]);

const align = /** @type {Field} */ ({ prop: "align", label: say("Align"), type: "choice", choices: ALIGNS });
const label = /** @type {Field} */ ({ prop: "label", label: say("Label"), type: "line" });
const hint = /** @type {Field} */ ({ prop: "placeholder", label: say("Placeholder"), type: "line" });
const title = /** @type {Field} */ ({ prop: "title", label: say("Title"), type: "line" });

/** The first of these that is a text or a number. @param {Props} props  @param {...string} names */
export function textOf(props, ...names) {
  const found = names.map((name) => props[name]).find((value) => (typeof value === "string" && value) || typeof value === "number");
  return found === undefined ? "" : String(found);
}

/** @param {Props} props */
const side = ({ align: given }) => (ALIGNS.some(([value]) => value === given) ? `to-${given}` : "");

/** The page's name is its only first heading. @param {unknown} level @returns {"h2" | "h3" | "h4" | "h5" | "h6"} */
function headingOf(level) {
  const size = Number.isInteger(level) ? Number(level) : 2;
  return /** @type {const} */ (["h2", "h3", "h4", "h5", "h6"])[Math.min(Math.max(size, 1), 5) - 1];
}

/** What is edited in place. @template {keyof HTMLElementTagNameMap} K  @param {K} tag  @param {string} text  @param {string} [className] */
const written = (tag, text, className = "") => make(tag, /** @type {any} */ ({ className, dataset: { writes: "" } }), text);

const slot = (/** @type {string} */ className) => make("div", { className, dataset: { slot: "" } });

/** A field of a form as it will look; it takes nothing here. @param {Props} props  @param {HTMLElement} control */
function field(props, control) {
  control.inert = true;
  return make("div", { className: "field" }, written("span", textOf(props, "label", "title", "name")), control);
}

/** @type {Kind[]} */
export const KINDS = [
  {
    name: "Heading", label: say("Heading"), icon: "M6 5v14M18 5v14M6 12h12", writes: "text",
    begins: () => ({ props: { text: say("Heading"), level: 1 } }),
    fields: [{ prop: "text", label: say("Text"), type: "line" }, { prop: "level", label: say("Size"), type: "choice", choices: LEVELS }, align],
    draw: (props) => [written(headingOf(props.level), textOf(props, "text", "title"), side(props))],
  },
  {
    name: "Text", label: say("Text"), icon: "M5 7h14M5 12h14M5 17h9", writes: "text",
    begins: () => ({ props: { text: say("Write something.") } }),
    fields: [{ prop: "text", label: say("Text"), type: "text" }, align],
    draw: (props) => [written("p", textOf(props, "text", "content", "value"), side(props))],
  },
  {
    name: "Image", label: say("Image"), icon: "M5 5h14v14H5zM5 16l4-4 4 4 3-3 3 3M9 9.5h.01",
    begins: () => ({ props: { src: "", alt: "" } }),
    fields: [{ prop: "src", label: say("Picture"), type: "picture" }, { prop: "alt", label: say("What it shows, in words"), type: "line" }, { prop: "caption", label: say("Caption"), type: "line" }],
    draw: drawImage,
  },
  {
    name: "Button", label: say("Button"), icon: "M7 8h10a4 4 0 0 1 0 8H7a4 4 0 0 1 0-8zM9 12h6", writes: "text",
    begins: () => ({ props: { text: say("Button"), href: "" } }),
    fields: [{ prop: "text", label: say("Text"), type: "line" }, { prop: "href", label: say("Leads to"), type: "link" }],
    draw: (props) => [make("p", {}, written("span", textOf(props, "text", "label", "title"), "button"))],
  },
  {
    name: "Columns", label: say("Columns"), icon: "M5 5h14v14H5zM12 5v14", holds: true,
    begins: () => ({ children: [{ name: "Column" }, { name: "Column" }] }),
    fields: [],
    draw: () => [slot("columns")],
  },
  { name: "Column", label: say("Column"), icon: "M9 5h6v14H9z", holds: true, begins: () => ({}), fields: [], draw: () => [slot("block")] },
  {
    name: "Card", label: say("Card"), icon: "M5 6h14v12H5zM8 10h8M8 14h5", holds: true, writes: "title",
    begins: () => ({ props: { title: say("Card") }, children: [{ name: "Text", props: { text: say("Write something.") } }] }),
    fields: [title],
    draw: (props) => [make("section", { className: "card" }, written("h3", textOf(props, "title")), slot("block"))],
  },
  {
    name: "Table", label: say("Table"), icon: "M4 6h16v12H4zM4 10h16M4 14h16M10 6v12",
    begins: () => ({ props: { rows: [{ [say("Name")]: "Ada", [say("Year")]: 1843 }, { [say("Name")]: "Grace", [say("Year")]: 1952 }] } }),
    fields: [title, { prop: "rows", label: say("Rows, as JSON"), type: "json" }, { prop: "columns", label: say("Columns, as JSON, if not all"), type: "json" }],
    draw: drawTable,
  },
  {
    name: "Form", label: say("Form"), icon: "M5 4h14v16H5zM8 8h8M8 12h8M8 16h4", holds: true, writes: "title",
    begins: () => ({ props: { title: say("Form") }, children: [{ name: "Input", props: { label: say("Name") } }] }),
    fields: [title],
    draw: (props) => [make("div", { className: "form" }, written("strong", textOf(props, "title", "label")), slot("block"))],
  },
  {
    name: "Input", label: say("Text field"), icon: "M4 8h16v8H4zM7 11v2", writes: "label",
    begins: () => ({ props: { label: say("Label") } }),
    fields: [label, hint, { prop: "type", label: say("Type of field"), type: "choice", choices: INPUTS }],
    draw: (props) => [field(props, make("input", { type: INPUTS.some(([value]) => value === props.type) ? props.type : "text", placeholder: textOf(props, "placeholder"), aria: { label: textOf(props, "label") || say("Label") } }))],
  },
  {
    name: "Textarea", label: say("Text area"), icon: "M4 5h16v14H4zM7 9h8M7 13h5", writes: "label",
    begins: () => ({ props: { label: say("Label") } }),
    fields: [label, hint],
    draw: (props) => [field(props, make("textarea", { rows: 3, placeholder: textOf(props, "placeholder"), aria: { label: textOf(props, "label") || say("Label") } }))],
  },
  {
    name: "Select", label: say("Choice"), icon: "M4 8h16v8H4zM14 11l2 2 2-2", writes: "label",
    begins: () => ({ props: { label: say("Label"), options: [say("One"), say("Two")] } }),
    fields: [label, { prop: "options", label: say("Choices, one a line"), type: "lines" }],
    draw: drawSelect,
  },
  {
    name: "Checkbox", label: say("Checkbox"), icon: "M5 5h14v14H5zM8.5 12l2.5 2.5 4.5-5", writes: "label",
    begins: () => ({ props: { label: say("Label") } }),
    fields: [label, { prop: "checked", label: say("Checked by default"), type: "check" }],
    draw: (props) => {
      const box = make("input", { type: "checkbox", checked: props.checked === true, inert: true, aria: { label: textOf(props, "label", "text") || say("Label") } });
      return [make("div", { className: "field check" }, box, written("span", textOf(props, "label", "text")))];
    },
  },
  { name: "Divider", label: say("Divider"), icon: "M4 12h16", begins: () => ({}), fields: [], draw: () => [make("hr")] },
  {
    name: "Board", label: say("Board"), icon: "M4 5h16v11H4zM9 20l3-4 3 4",
    begins: () => ({ props: { title: say("Board") } }),
    fields: [title, { prop: "boardId", label: say("Number of the board"), type: "number" }],
    draw: drawBoard,
  },
  { name: "Page", label: say("Page"), icon: "M6 3h9l4 4v14H6zM15 3v4h4", holds: true, hidden: true, begins: () => ({}), fields: [], draw: drawPage },
];

/** One of another client's, which is shown with what it says, and left as it is. @type {Kind} */
const UNKNOWN = {
  name: "", label: say("Component"), icon: "M5 5h14v14H5z", holds: true, hidden: true,
  begins: () => ({}),
  fields: [],
  draw: (props) => [make("div", { className: "block" }, textOf(props, "text") ? make("p", {}, textOf(props, "text")) : null), slot("block")],
};

const byName = new Map(KINDS.map((kind) => [kind.name.toLowerCase(), kind]));

/** @param {unknown} name of a component */
export function kindOf(name) {
  return byName.get(String(name).toLowerCase()) ?? UNKNOWN;
}

/** What a component is called in the tree: its kind, and what it says. @param {import("./tree.js").Component} component */
export function labelOf({ name, desc, props = {} }) {
  const kind = kindOf(name);
  const called = kind === UNKNOWN ? String(name ?? kind.label) : kind.label;
  const text = textOf(props, "text", "title", "label", "alt") || (kind.name === "Page" ? "" : String(desc ?? ""));
  return { called, text: text.replace(/\s+/g, " ").trim().slice(0, 60) };
}

function drawPage() {
  const shown = slot("block");
  shown.dataset.empty = say("Press a component on the left, or drag it here.");
  return [shown];
}

/** @param {Props} props */
function drawImage(props) {
  const source = addresses.picture(props.src || props.url);
  const alt = textOf(props, "alt", "label");
  if (!source) return [make("div", { className: "missing" }, alt || say("A picture: upload one, or give its address."))];
  const shown = make("img", { alt, referrerPolicy: "no-referrer", loading: "lazy", draggable: false });
  if (addresses.isFile(source)) shown.dataset.file = source; // which pictures/shown.js shows
  else shown.src = source;
  const caption = textOf(props, "caption");
  return [make("figure", {}, shown, caption ? make("figcaption", {}, caption) : null)];
}

/** @param {Props} props */
function drawTable(props) {
  const table = tableOf({ rows: props.rows ?? props.data, columns: props.columns });
  if (!table) return [make("p", { className: "missing" }, say("The rows are no list of JSON."))];
  const caption = textOf(props, "title", "caption");
  const head = make("tr", {}, ...table.titles.map((text) => make("th", { scope: "col" }, text)));
  const rows = table.rows.map((cells) => make("tr", {}, ...cells.map((text) => make("td", {}, text))));
  const shown = make("table", {}, caption ? make("caption", {}, caption) : null, make("thead", {}, head), make("tbody", {}, ...rows));
  return [make("div", { className: "scroll" }, shown)];
}

/** @param {Props} props */
function drawSelect(props) {
  const options = (listIn(props.options) ?? []).slice(0, 500).map((one) => (Object(one) === one ? textOf(one, "label", "text", "value") : String(one)));
  const control = make("select", { aria: { label: textOf(props, "label") || say("Label") } }, ...options.map((text) => make("option", {}, text)));
  return [field(props, control)];
}

/** @param {Props} props */
function drawBoard(props) {
  const id = Number(props.boardId ?? props.board_id);
  if (!Number.isSafeInteger(id) || id < 1) return [make("div", { className: "missing" }, say("A board: give its number, which is in its address."))];
  return [make("div", { className: "board-embed", dataset: { board: String(id) } }, make("div", { className: "thumbnail" }), make("strong", {}, textOf(props, "title", "text") || say("Board")))];
}
