/** Elements of the page. Text is only ever set as text: nothing that people write is taken for HTML. */

/**
 * A new element: `make("a", { href: "/boards" }, "Boards")`; `dataset` and `aria` are objects, null children are left out.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<Omit<HTMLElementTagNameMap[K], "dataset">> & { dataset?: Record<string, string | number>, aria?: Record<string, string> }} [properties]
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, { dataset = {}, aria = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The element of the page with this id, which is there and of this kind, or the page is not the one that it should be.
 *
 * @type {{ (id: string): HTMLElement, <T extends HTMLElement>(id: string, type: new () => T): T }}
 */
export const byId = (/** @type {string} */ id, /** @type {new () => HTMLElement} */ type = HTMLElement) => {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`There is no ${type.name} #${id}.`);
  return found;
};

/** Shows a template of the page in place of the card that is shown. @param {string} template */
export function showCard(template) {
  document.querySelector(".card")?.replaceWith(byId(template, HTMLTemplateElement).content.cloneNode(true));
}

/**
 * A field of a form, which is there and of this kind.
 *
 * @type {{ (form: HTMLFormElement, name: string): HTMLInputElement, <T extends Element>(form: HTMLFormElement, name: string, type: new () => T): T }}
 */
export const fieldOf = (/** @type {HTMLFormElement} */ form, /** @type {string} */ name, /** @type {new () => any} */ type = HTMLInputElement) => {
  const found = /** @type {any} */ (form.elements.namedItem(name));
  if (!(found instanceof type)) throw new Error(`The form #${form.id} has no ${type.name} ${name}.`);
  return found;
};

/** The setting that the server has put into the page's head. @param {string} name */
export function metaOf(name) {
  const found = document.querySelector(`meta[name=${name}]`);
  if (!(found instanceof HTMLMetaElement)) throw new Error(`The page has no meta element ${name}.`);
  return found.content;
}

/**
 * Where typing begins, unless somebody has begun elsewhere: a script that comes late takes nobody's focus away.
 *
 * @param {HTMLElement} element
 */
export function focusFirst(element) {
  if (document.activeElement === null || document.activeElement === document.body) element.focus();
}

const SVG = "http://www.w3.org/2000/svg";

/** An <svg> with a number of empty paths. @param {number} amount */
export function makePaths(amount) {
  const svg = document.createElementNS(SVG, "svg");
  for (let made = 0; made < amount; made++) svg.append(document.createElementNS(SVG, "path"));
  return svg;
}

/** What draws on a canvas. @param {HTMLCanvasElement} canvas */
export function penOf(canvas) {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("The browser has no memory left for a picture.");
  return pen;
}
