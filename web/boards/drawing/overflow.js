/** Marks the elements of which not all text is in sight, with `data-cut`: board.css draws the sign. */

/** @param {import("./elements.js").Elements} elements */
export function markCut(elements) {
  /** @type {Set<string>} */
  const drawn = new Set();

  function measure() {
    // All is read first and written afterwards, so that the browser lays out once.
    const nodes = [...drawn].map((id) => elements.nodes.get(id)).filter((node) => node !== undefined);
    drawn.clear();
    const cut = nodes.map((node) => {
      const text = node.querySelector(".text");
      return text !== null && text.scrollHeight > text.clientHeight + 1;
    });
    nodes.forEach((node, at) => node.toggleAttribute("data-cut", cut[at]));
  }

  elements.addEventListener("draw", (/** @type {any} */ { ids }) => {
    if (!drawn.size) requestAnimationFrame(measure);
    for (const id of ids) drawn.add(id);
  });
}
