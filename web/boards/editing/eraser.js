/** The eraser: what the pointer passes over fades, and goes when it is lifted, all in one step to be undone. */

const STEP_PIXELS = 6; // a fast pointer must not jump over a thin line

/** The gesture that a pointer begins with it. */
export function erase(event, { board, elements }) {
  const touched = new Set();
  let last = event;

  function touch(next) {
    const steps = Math.ceil(Math.hypot(next.clientX - last.clientX, next.clientY - last.clientY) / STEP_PIXELS) || 1;
    for (let step = 1; step <= steps; step++) {
      const [x, y] = ["clientX", "clientY"].map((axis) => last[axis] + ((next[axis] - last[axis]) * step) / steps);
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
