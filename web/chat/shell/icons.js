/** Icons: paths in a square of 24, drawn with the colour of the text around them. */

import { h } from "../../vendor/preact.js";

const PATHS = /** @type {const} */ ({
  alert: "M12 4l9 16H3zM12 10v5M12 17.5v.01",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  board: "M4 5h16v12H4zM8 21h8M12 17v4",
  check: "M5 12.5l4.5 4.5L19 7",
  chevron: "M9 6l6 6-6 6",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  devices: "M3 5h13v10H3zM2 19h11M16 9h5v10h-5z",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  flag: "M6 21V4h12l-2.5 4L18 12H6",
  forward: "M13 6l7 6-7 6v-4c-4 0-7 1-9 4 .5-5 3.500-8 9-8z",
  hash: "M5 9h15M4 15h15M10 4L8 20M16 4l-2 16",
  keys: "M3 7h18v11H3zM7 11v.01M11 11v.01M15 11v.01M18 11v.01M8 14.500h8",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4.2 4.2 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6 0l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  more: "M5 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2M12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2M19 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2",
  mute: "M6 16V11c0-1 .2-1.9.7-2.700M9.5 5.600A6 6 0 0 1 18 11v4M4.5 18H17M10 20.500h4M4 4l16 16",
  page: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h4",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.3 2.7-6 6-6s6 2.7 6 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.5c1.9 1 3 3 3 5.5",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  play: "M8 5l11 7-11 7z",
  plus: "M12 5v14M5 12h14",
  retry: "M20 6v5h-5M19.500 11A8 8 0 1 0 20 14",
  save: "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  send: "M5 12l15-7-5 15-3.5-6.500zM11.5 13.500L20 5",
  settings: "M5 7h8M17 7h2M5 17h2M11 17h8M15 5v4M9 15v4",
  smile: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14.500c1.8 2.3 5.2 2.3 7 0M9 9.500v.01M15 9.500v.01",
  thread: "M4 5h16v11H10l-4 4v-4H4z",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  unread: "M4 6h16v12H4zM4 7l8 6 8-6",
});
/** @typedef {keyof typeof PATHS} IconName */

/** @param {{ name: IconName }} properties */
export const Icon = ({ name }) => h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));

/** A button that is an icon; its name is read out, and shown when one points at it. @param {{ name: IconName, label: string, onClick?: (event: MouseEvent) => void, pressed?: boolean, class?: string, keys?: string }} properties */
export const IconButton = ({ name, label, onClick, pressed, class: more = "", keys }) =>
  h(
    "button",
    { type: "button", class: `icon ${more}`, "aria-label": label, title: label, "aria-pressed": pressed, "aria-keyshortcuts": keys, onClick },
    h(Icon, { name }),
  );
