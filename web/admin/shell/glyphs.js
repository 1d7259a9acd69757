/** The signs of the pages, drawn as those of the chats are (chat/shell/icons.js). */

import { h } from "../../vendor/preact.js";

const PATHS = /** @type {const} */ ({
  announcements: "M4 10v4h3l8 4V6l-8 4zM18 9.500a4 4 0 0 1 0 5M7 14l1.500 6h2.500l-1-5",
  apps: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6M14 17h6",
  audit: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3",
  cases: "M4 8h16v11H4zM9 8V5h6v3M4 12.500h16M12 12v2",
  chats: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12h5",
  data: "M5 4h9l5 5v11H5zM14 4v5h5M12 11v6M9.500 14.500 12 17l2.500-2.500",
  departments: "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4",
  delegations: "M8 10.500a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM2.500 19.500c0-3 2.500-5.500 5.500-5.500M12 17h8M17 13.500l3.500 3.500-3.500 3.500",
  features: "M8 6h8a4 4 0 0 1 0 8H8a4 4 0 0 1 0-8zM16 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4M5 19h14",
  groups: "M12 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM5.500 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18.500 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10.500 8l-3.500 7M13.500 8l3.500 7M9 18h6",
  holds: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2",
  import: "M4 15v5h16v-5M12 3v12M8 11l4 4 4-4",
  online: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l-3 2M19 4.500a2 2 0 1 0 0 .1",
  overview: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.300 2.700-6 6-6s6 2.700 6 6M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.500c1.900 1 3 3 3 5.500",
  positions: "M4 8h16v11H4zM9 8V5h6v3",
  retention: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
  review: "M3 12c2.500-4.500 5.500-6.500 9-6.500s6.500 2 9 6.500c-2.500 4.500-5.500 6.500-9 6.500S5.500 16.500 3 12zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5",
  roles: "M12 3l7 3v6c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V6zM9 12l2 2 4-4",
  rules: "M4 6h16M4 12h10M4 18h7M17 14l4 4M21 14l-4 4",
  sessions: "M3 5h13v10H3zM2 19h11M16 9h5v10h-5z",
  storage: "M12 4c4.500 0 8 1.200 8 2.800S16.500 9.500 12 9.500 4 8.300 4 6.800 7.500 4 12 4zM4 7v10c0 1.600 3.500 3 8 3s8-1.400 8-3V7M4 12c0 1.600 3.500 3 8 3s8-1.400 8-3",
  workspaces: "M3 20h18M5 20V8l7-4 7 4v12M9 20v-5h6v5M9 11h1M14 11h1",
});
/** @typedef {keyof typeof PATHS} GlyphName */

/** @param {{ name: GlyphName }} properties */
export const Glyph = ({ name }) => h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: PATHS[name] }));
