/** What part of the board is in sight: the stage shows the world from (x, y) on, `scale` times its size. */

/** @typedef {import("../content/geometry.js").Box} Box */
/** @typedef {import("../content/geometry.js").Place} Place */
/** A place of the window. @typedef {{ clientX: number, clientY: number }} Point */

const SMALLEST_SCALE = 0.1;
const LARGEST_SCALE = 4;
const GRID = 24;
const MARGIN = 60;
const PHONE = 640;
const PHONE_SCALE = 0.6;
const LEGIBLE_PIXELS = 13;

export class View extends EventTarget {
  /** @param {HTMLElement} stage  @param {HTMLElement} world */
  constructor(stage, world) {
    super();
    this.stage = stage;
    this.world = world;
    this.x = -80;
    this.y = -90;
    this.scale = stage.clientWidth < PHONE ? PHONE_SCALE : 1;
    new ResizeObserver(() => this.#show()).observe(stage);
  }

  /** Where on the board a place of the window is. @param {Point} point */
  toWorld({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: this.x + (clientX - left) / this.scale, y: this.y + (clientY - top) / this.scale };
  }

  /** Where on the stage a place of the board is. @param {Place} place */
  toStage({ x, y }) {
    return { x: (x - this.x) * this.scale, y: (y - this.y) * this.scale };
  }

  centre() {
    return { x: this.x + this.stage.clientWidth / 2 / this.scale, y: this.y + this.stage.clientHeight / 2 / this.scale };
  }

  /** Moves by pixels of the window. @param {number} dx  @param {number} dy */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.#show();
  }

  /** Zooms so that the place of the board under a point stays there: the middle, if it is left out. @param {number} factor  @param {Point} [point] */
  zoom(factor, point) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    const at = point ?? { clientX: left + width / 2, clientY: top + height / 2 };
    const before = this.toWorld(at);
    this.scale = Math.min(Math.max(this.scale * factor, SMALLEST_SCALE), LARGEST_SCALE);
    const after = this.toWorld(at);
    this.x += before.x - after.x;
    this.y += before.y - after.y;
    this.#show();
  }

  /** @param {Place} place */
  lookAt({ x, y }) {
    this.x = x - this.stage.clientWidth / 2 / this.scale;
    this.y = y - this.stage.clientHeight / 2 / this.scale;
    this.#show();
  }

  /** Shows a box as a whole, no larger than it is, and no smaller than `least` times its size. @param {Box} box  @param {number} [least] */
  fit(box, least = SMALLEST_SCALE) {
    const { clientWidth, clientHeight } = this.stage;
    const across = (clientWidth - 2 * MARGIN) / Math.max(box.w, 1);
    const down = (clientHeight - 3 * MARGIN) / Math.max(box.h, 1);
    this.scale = Math.min(Math.max(Math.min(across, down), least), 1);
    this.lookAt({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
  }

  /** Shows a box whose letters have this height in pixels, large enough to read them. @param {Box} box  @param {number} letters */
  read(box, letters) {
    const wanted = Math.min(LEGIBLE_PIXELS / letters, 1);
    if (this.scale < wanted) {
      this.scale = wanted;
      this.lookAt({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
    }
    this.reveal(box);
  }

  /** Shows all of a box; on a phone, where much would be too small to read, what is at `newest` rather than all. @param {Box} box  @param {Box} newest */
  begin(box, newest) {
    const narrow = this.stage.clientWidth < PHONE;
    this.fit(box, narrow ? PHONE_SCALE : SMALLEST_SCALE);
    if (narrow && this.scale === PHONE_SCALE) this.lookAt({ x: newest.x + newest.w / 2, y: newest.y + newest.h / 2 });
  }

  /** Pans just so far that a box is in sight. @param {Box} box */
  reveal(box) {
    const from = this.toStage(box);
    const to = this.toStage({ x: box.x + box.w, y: box.y + box.h });
    const { clientWidth, clientHeight } = this.stage;
    const dx = from.x < MARGIN ? MARGIN - from.x : Math.min(clientWidth - MARGIN - to.x, 0);
    const dy = from.y < MARGIN ? MARGIN - from.y : Math.min(clientHeight - MARGIN - to.y, 0);
    if (dx || dy) this.pan(dx, dy);
  }

  #show() {
    const { style } = this.world;
    style.transform = `scale(${this.scale}) translate(${-this.x}px, ${-this.y}px)`;
    this.stage.style.setProperty("--scale", String(this.scale));
    let grid = GRID * this.scale;
    while (grid < GRID / 2) grid *= 2;
    this.stage.style.setProperty("--grid", `${grid}px`);
    this.stage.style.setProperty("--left", `${-this.x * this.scale}px`);
    this.stage.style.setProperty("--top", `${-this.y * this.scale}px`);
    this.dispatchEvent(new Event("change"));
  }
}
