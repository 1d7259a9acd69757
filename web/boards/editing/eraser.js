/** The eraser: what the pointer passes over fades, and goes when it is lifted, all in one step to be undone. */

const STEP_PIXELS = 6; // a fast pointer must not jump over a thin line

/**
 * The gesture that a pointer begins with it.
 *
 * @param {PointerEvent} event
 * @param {import("./tools.js").Tools} tools
 * @returns {import("./tools.js").Gesture}
 */
export function erase(event, { board, elements }) {
  /** @type {Set<string>} */
  const touched = new Set();
  let last = event;

  /** @param {PointerEvent} next */
  function touch(next) {
    const [dx, dy] = [next.clientX - last.clientX, next.clientY - last.clientY];
    const steps = Math.ceil(Math.hypot(dx, dy) / STEP_PIXELS) || 1;
    for (let step = 1; step <= steps; step++) {
      const [x, y] = [last.clientX + (dx * step) / steps, last.clientY + (dy * step) / steps];
      const id = elements.idAt(document.elementFromPoint(x, y) ?? document.body);
      if (id === null) continue;
      touched.add(id);
      elements.nodes.get(id)?.classList.add("erased");
    }
    last = next;
  }

  function spare() {
    for (const id of touched) elements.nodes.get(id)?.classList.remove("erased");
  }

  touch(event);
  return {
    move: (next) => (next.getCoalescedEvents?.() ?? [next]).forEach(touch),
    end: () => {
      spare();
      board.remove([...touched]);
    },
    cancel: spare,
  };
}
