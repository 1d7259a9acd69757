/** A board or a page beside a chat, as its own page in a frame. */

import { h } from "../../vendor/preact.js";
import { useModel } from "../shell/context.js";
import { PaneHeader } from "../shell/header.js";
import { t } from "../words/words.js";

/** @param {{ of: string }} properties */
export const BoardPane = ({ of }) => h(Document, { kind: "board", of });

/** @param {{ of: string }} properties */
export const PagePane = ({ of }) => h(Document, { kind: "page", of });

/** @param {{ kind: "board" | "page", of: string }} properties */
function Document({ kind, of }) {
  const model = useModel();
  const document = (kind === "board" ? model.boards : model.pages).value.get(Number(of));
  const address = `/${kind}/${Number(of)}`;
  return [
    h(PaneHeader, { key: "header", title: document?.name ?? t(kind === "board" ? "panes.board" : "panes.page") },
      h("a", { class: "button quiet", href: address, target: "_blank" }, t("panes.alone"))),
    document ? h("iframe", { key: "frame", src: address, title: document.name }) : h("p", { key: "none", class: "notice" }, t("missing.text")),
  ];
}
