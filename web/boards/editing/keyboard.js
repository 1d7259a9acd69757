/** Everything that keys do on the board; what is written in a text is the editor's. */

const TOOLS = { v: "select", h: "hand", n: "note", r: "rect", p: "line", a: "arrow", t: "text", e: "eraser" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 8;
const LEAP = 64;
const PAN = 60;

/** `actions` are those of the buttons, by name. */
export function listen({ board, elements, view, tools, editor }, actions) {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.defaultPrevented || target.closest("input, select, textarea, dialog")) return;
    const control = event.ctrlKey || event.metaKey;
    const act = control ? withControl(event) : (arrows(event) ?? plain(event));
    if (!act) return;
    event.preventDefault();
    act();
  });

  function withControl({ key, shiftKey }) {
    const letter = key.toLowerCase();
    if (letter === "z") return shiftKey ? actions.redo : actions.undo;
    if (letter === "y") return actions.redo;
    if (letter === "d") return actions.duplicate;
    if (letter === "a") return () => elements.select(elements.nodes.keys());
    return null;
  }

  function plain({ key, target, altKey }) {
    if (altKey) return null;
    // Enter on a button presses it, and so does Space.
    if (key === "Enter") return target.closest("button, a") ? null : enter;
    const named = { Delete: "delete", Backspace: "delete", "]": "front", "[": "back", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-fit", "?": "help" };
    if (key === "Escape") return leave;
    if (Object.hasOwn(named, key)) return actions[named[key]];
    const tool = TOOLS[key.toLowerCase()];
    return tool ? () => choose(tool) : null;
  }

  /** With the stage in focus, Enter puts an element where one looks. */
  function choose(tool) {
    tools.choose(tool);
    if (["note", "rect", "text"].includes(tools.tool)) view.stage.focus({ preventScroll: true });
  }

  function enter() {
    const { tool } = tools;
    if (tools.mayEdit && ["note", "rect", "text"].includes(tool)) {
      board.step();
      editor.open(tools.place(tool, free(view.centre())));
    } else if (tools.mayEdit && elements.selection.size === 1) {
      editor.open([...elements.selection][0]);
    }
  }

  /** The next place, right and down of this one, where no element has its middle. */
  function free({ x, y }) {
    const middles = [...elements.nodes.keys()].map((id) => elements.box(id)).map((box) => [box.x + box.w / 2, box.y + box.h / 2]);
    const taken = (at) => middles.some(([mx, my]) => Math.hypot(mx - x - at, my - y - at) < LEAP / 4);
    let at = 0;
    while (taken(at)) at += LEAP / 2;
    return { x: x + at, y: y + at };
  }

  function leave() {
    if (tools.tool !== "select") tools.choose("select");
    elements.select([]);
    view.stage.focus({ preventScroll: true });
  }

  function arrows({ key, shiftKey, altKey, target }) {
    const arrow = ARROWS[key];
    if (!arrow || target.closest("button, a")) return null;
    const [dx, dy] = arrow.map((way) => way * (shiftKey ? LEAP : STEP));
    if (!elements.selection.size) return () => view.pan(-arrow[0] * PAN, -arrow[1] * PAN);
    if (!tools.mayEdit) return null;
    return () => {
      board.step();
      const shapes = [...elements.selection].map((id) => board.read(id));
      if (altKey) board.update(shapes.filter(({ kind }) => kind !== "line").map(({ id, w, h }) => [id, { w: Math.max(w + dx, STEP * 3), h: Math.max(h + dy, STEP * 3) }]));
      else board.update(shapes.map(({ id, x, y }) => [id, { x: x + dx, y: y + dy }]));
      view.reveal(elements.around(elements.selection));
    };
  }
}
