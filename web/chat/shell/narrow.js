/** Whether the window shows one thing at a time: the list, the chat, or the pane. As `@media (max-width: 719px)` has it. */

import { signal } from "../../vendor/preact.js";

const narrow = matchMedia("(max-width: 719px)");

export const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", () => (isNarrow.value = narrow.matches));
