/** Elements of the page. Text is only ever set as text: nothing that people write is taken for HTML. */

/** A new element: `make("a", { href: "/boards" }, "Boards")`; `dataset` and `aria` are objects, null children are left out. */
export function make(tag, { dataset = {}, aria = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

const SVG = "http://www.w3.org/2000/svg";

/** An <svg> with so many empty paths. */
export function makePaths(amount) {
  const svg = document.createElementNS(SVG, "svg");
  for (let made = 0; made < amount; made++) svg.append(document.createElementNS(SVG, "path"));
  return svg;
}
