/**
 * Pointers on the stage: mouse, pen and fingers alike. A tool makes one gesture of what a pointer does; two fingers, the
 * wheel, the space bar and the middle button move the view, whatever the tool.
 */

import { TABLE } from "./actions.js";

const WHEEL = 0.0015;
const LINE_PIXELS = 16;

/** @typedef {import("./tools.js").Gesture} Gesture */

/**
 * `begin(event)` of the tool in use returns the gesture that it makes of a pointer, or null to let the pointer pan.
 *
 * @param {HTMLElement} stage
 * @param {import("../drawing/view.js").View} view
 * @param {(event: PointerEvent) => Gesture | null} begin
 */
export function listen(stage, view, begin) {
  /** @type {Map<number, PointerEvent>} */
  const pointers = new Map();
  /** @type {Gesture | null} */
  let gesture = null;
  /** @type {ReturnType<typeof pinch> | null} */
  let pinched = null;
  /** @type {string | null} */
  let held = null; // the key that makes every gesture one of the view

  // What has the focus is the tool's to say: a pen that begins on an element does not select it.
  stage.addEventListener("mousedown", (event) => {
    if (!isWriting(event)) event.preventDefault();
  });

  stage.addEventListener("pointerdown", (event) => {
    if (isWriting(event) || event.button > 1) return;
    if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
    pointers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    if (pointers.size === 2) {
      gesture?.cancel();
      gesture = null;
      pinched = pinch([...pointers.values()]);
    } else if (pointers.size === 1) {
      gesture = (event.button === 1 || held !== null ? null : begin(event)) ?? panning(stage, view, event);
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

  /** @param {PointerEvent} event */
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
    if (isWriting(event) && !event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * unit * WHEEL * (unit === 1 ? 2 : 1)), event);
    else view.pan(-dx * unit, -dy * unit);
  }, { passive: false });

  document.addEventListener("keydown", (event) => {
    if (event.target === stage && TABLE.actionOf(event)?.name === "pan") {
      held = event.code;
      event.preventDefault();
    }
  });
  document.addEventListener("keyup", (event) => {
    if (event.code === held) held = null;
  });
}

/** Whether it happens to a text that is being written. @param {MouseEvent} event */
const isWriting = ({ target }) => target instanceof Element && target.closest("textarea") !== null;

/** @param {HTMLElement} stage  @param {import("../drawing/view.js").View} view  @param {PointerEvent} event @returns {Gesture} */
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

/** The middle of two pointers, and how far they are apart. @param {PointerEvent[]} pointers */
function pinch([a, b]) {
  return {
    clientX: (a.clientX + b.clientX) / 2,
    clientY: (a.clientY + b.clientY) / 2,
    apart: Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 1),
  };
}
