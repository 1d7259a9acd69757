/**
 * Pointers on the stage: mouse, pen and fingers alike. A tool makes one gesture of what a pointer does; two fingers, the
 * wheel, the space bar and the middle button move the view, whatever the tool.
 */

const WHEEL = 0.0015;
const LINE_PIXELS = 16;

/** `begin(event)` of the tool in use returns { move, end, cancel }, or null to let the pointer pan. */
export function listen(stage, view, begin) {
  const pointers = new Map();
  let gesture = null;
  let pinched = null;
  let space = false;

  // What has the focus is the tool's to say: a pen that begins on an element does not select it.
  stage.addEventListener("mousedown", (event) => {
    if (!event.target.closest("textarea")) event.preventDefault();
  });

  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("textarea") || event.button > 1) return;
    if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
    pointers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    if (pointers.size === 2) {
      gesture?.cancel();
      gesture = null;
      pinched = pinch([...pointers.values()]);
    } else if (pointers.size === 1) {
      gesture = (event.button === 1 || space ? null : begin(event)) ?? panning(stage, view, event);
    }
  });

  stage.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2 && pinched) {
      const now = pinch([...pointers.values()]);
      view.pan(now.clientX - pinched.clientX, now.clientY - pinched.clientY);
      view.zoom(now.apart / pinched.apart, now);
      pinched = now;
    } else {
      gesture?.move(event);
    }
  });

  function up(event) {
    if (!pointers.delete(event.pointerId)) return;
    if (event.type === "pointerup") gesture?.end(event);
    else gesture?.cancel();
    gesture = null;
    pinched = null;
  }
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);

  stage.addEventListener("wheel", (event) => {
    if (event.target.closest("textarea") && !event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * unit * WHEEL * (unit === 1 ? 2 : 1)), event);
    else view.pan(-dx * unit, -dy * unit);
  }, { passive: false });

  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target === stage) {
      space = true;
      event.preventDefault();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") space = false;
  });
}

function panning(stage, view, event) {
  let last = event;
  stage.classList.add("panning");
  const end = () => stage.classList.remove("panning");
  return {
    move(next) {
      view.pan(next.clientX - last.clientX, next.clientY - last.clientY);
      last = next;
    },
    end,
    cancel: end,
  };
}

/** The middle of two pointers, and how far they are apart. */
function pinch([a, b]) {
  return {
    clientX: (a.clientX + b.clientX) / 2,
    clientY: (a.clientY + b.clientY) / 2,
    apart: Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 1),
  };
}
