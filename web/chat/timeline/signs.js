/** Signs of the timeline: paths in a square of 24, drawn with the colour of the text around them. */

import { h } from "../../vendor/preact.js";

const PATHS = /** @type {const} */ ({
  alert: "M12 4l9 16H3zM12 10v5M12 17.5v.01",
  board: "M4 5h16v12H4zM8 21h8M12 17v4",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  flag: "M6 21V4h12l-2.5 4L18 12H6",
  forward: "M13 6l7 6-7 6v-4c-4 0-7 1-9 4 .5-5 3.500-8 9-8z",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4.200 4.200 0 0 0-6-6l-1.500 1.500M14 10a4 4 0 0 0-6 0l-3 3a4.200 4.200 0 0 0 6 6l1.500-1.500",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  next: "M9 5l7 7-7 7",
  page: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h4",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  previous: "M15 5l-7 7 7 7",
  reply: "M4 5h16v11H10l-4 4v-4H4z",
  retry: "M20 6v5h-5M19.500 11A8 8 0 1 0 20 14",
  smile: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM8.500 14.500c1.800 2.300 5.200 2.300 7 0M9 9.500v.01M15 9.500v.01",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  unread: "M4 6h16v12H4zM4 7l8 6 8-6",
});
/** @typedef {keyof typeof PATHS} Sign */

/** @param {{ name: Sign }} properties */
export const Sign = ({ name }) => h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));
