/** The files of a message: pictures in a grid with room for them before they are here, sound and film, documents as cards. */

import { h, useEffect, useRef, useState } from "../../vendor/preact.js";
import { sizeInWords, t } from "../words/words.js";
import { allowFiles } from "./file_access.js";
import { Icon } from "../shell/icons.js";

/** @typedef {Record<string, any>} File as messages have it */

const WIDEST = 360;
const HIGHEST = 300;
const SMALL = 176; // a side, where there are several pictures

/** @param {File} file */
const isPicture = (file) => file.state === "ready" && file.type.startsWith("image/") && (file.previews.length > 0 || /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type));
/** A picture that is being looked at gets the room that it will need, as far as it is known. @param {File} file */
const mayBePicture = (file) => file.type.startsWith("image/") && (file.state === "pending" || file.state === "scanning");

/** @param {File} file  @param {"thumbnail" | "preview"} name */
export function previewOf(file, name) {
  if (file.animated) return `/api/files/${file.id}`;
  return file.previews.includes(name) ? `/api/files/${file.id}/previews/${name}` : `/api/files/${file.id}`;
}

/** @param {{ files: File[], onOpen: (file: File) => void }} props */
export function Files({ files, onOpen }) {
  const pictures = files.filter((file) => isPicture(file) || mayBePicture(file));
  const others = files.filter((file) => !pictures.includes(file));
  return h(
    "div",
    { class: "files" },
    pictures.length > 0 &&
      h(
        "div",
        { class: pictures.length > 1 ? "pictures many" : "pictures" },
        pictures.map((file) => h(Picture, { key: file.id, file, alone: pictures.length === 1, onOpen })),
      ),
    others.map((file) => h(Other, { key: file.id, file })),
  );
}

/** The size at which a picture is shown, known before it is here. @param {File} file  @param {boolean} alone */
export function sizeOf(file, alone) {
  if (!alone) return { width: SMALL, height: SMALL };
  if (!file.width || !file.height) return { width: WIDEST, height: 240 };
  const scale = Math.min(1, WIDEST / file.width, HIGHEST / file.height);
  return { width: Math.max(24, Math.round(file.width * scale)), height: Math.max(24, Math.round(file.height * scale)) };
}

/** @param {{ file: File, alone: boolean, onOpen: (file: File) => void }} props */
function Picture({ file, alone, onOpen }) {
  const { width, height } = sizeOf(file, alone);
  const { failed, retry, image } = usePicture(previewOf(file, alone ? "preview" : "thumbnail"), isPicture(file));
  const style = { width: `${width}px`, aspectRatio: `${width} / ${height}`, backgroundColor: averageColour(file.placeholder) ?? undefined };
  if (!isPicture(file)) return h("div", { class: "picture waiting", style, role: "img", "aria-label": t("timeline.filePending", { name: file.name }) });
  if (failed) return h("div", { class: "picture waiting", style: { ...style, backgroundColor: undefined } }, h(Missing, { retry }));
  return h(
    "button",
    { type: "button", class: "picture", style, "aria-label": t("timeline.openPicture", { name: file.name }), onClick: () => onOpen(file) },
    image({ alt: "" }),
  );
}

/**
 * A picture that is fetched once the browser may, again after a first failure, and after others when somebody says so or the
 * network is back.
 *
 * @param {string} src
 * @param {boolean} [wanted]
 */
export function usePicture(src, wanted = true) {
  const [state, setState] = useState({ of: src, shown: false, failed: false, tries: 0 });
  const now = state.of === src ? state : { of: src, shown: false, failed: false, tries: 0 };
  useEffect(() => {
    let here = wanted;
    allowFiles(now.tries > 0).then(
      () => here && setState({ ...now, shown: true }),
      () => here && setState({ ...now, failed: true }),
    );
    return () => {
      here = false;
    };
  }, [src, now.tries, wanted]);
  const retry = () => setState({ ...now, shown: false, failed: false, tries: now.tries + 1 });
  useEffect(() => {
    if (!now.failed) return undefined;
    addEventListener("online", retry);
    return () => removeEventListener("online", retry);
  }, [now.failed, now.tries]);
  const onError = () => (now.tries ? setState({ ...now, shown: false, failed: true }) : retry());
  const image = (/** @type {{ alt: string, class?: string }} */ more) => now.shown && !now.failed && h("img", { key: `${src} ${now.tries}`, src, decoding: "async", draggable: false, onError, ...more });
  return { failed: now.failed, retry, image };
}

/** In place of a picture that was not to be had. @param {{ retry: () => void }} props */
const Missing = ({ retry }) =>
  h("span", { class: "missing" }, h("span", {}, t("timeline.noPicture")), h("button", { type: "button", class: "outlined", onClick: retry }, h(Icon, { name: "retry" }), t("timeline.retry")));

/** @param {{ src: string, alt: string, class?: string, retries?: boolean }} props */
export function Image({ src, alt, class: name, retries = false }) {
  const { failed, retry, image } = usePicture(src);
  if (!failed) return image({ alt, class: name });
  return retries ? h(Missing, { retry }) : h("span", { class: "missing" }, h(Icon, { name: "file" }), h("span", { class: "unseen" }, t("timeline.noPicture")));
}

/** @param {{ file: File }} props */
function Other({ file }) {
  if (file.state === "ready" && file.type.startsWith("audio/")) return h(Player, { file, tag: "audio" });
  if (file.state === "ready" && file.type.startsWith("video/")) return h(Player, { file, tag: "video" });
  return h(Card, { file });
}

/** @param {{ file: File, tag: "audio" | "video" }} props */
export function Player({ file, tag }) {
  const player = useRef(/** @type {HTMLMediaElement | null} */ (null));
  const [allowed, setAllowed] = useState(false);
  useEffect(() => {
    allowFiles().then(() => setAllowed(true), () => {});
  }, []);
  const { width, height } = sizeOf(file, true);
  const common = { ref: player, controls: true, preload: "none", "aria-label": file.name, src: allowed ? `/api/files/${file.id}` : undefined };
  if (tag === "audio") return h("figure", { class: "sound" }, h("figcaption", { dir: "auto" }, file.name), h("audio", common));
  const poster = allowed && file.previews.includes("preview") ? `/api/files/${file.id}/previews/preview` : undefined;
  return h("video", { ...common, class: "film", poster, playsInline: true, style: { width: `${width}px`, aspectRatio: `${width} / ${height}` } });
}

/** @param {{ file: File }} props */
function Card({ file }) {
  const refused = file.state === "refused";
  const notes = refused
    ? t("timeline.fileRefused", { reason: file.refusal ?? "" })
    : file.state === "scanning"
      ? t("timeline.fileScanning")
      : [sizeInWords(file.size), file.pages ? t("timeline.pages", { n: file.pages }) : ""].filter(Boolean).join(" · ");
  const inside = [h(Icon, { name: refused ? "alert" : "file" }), h("span", { class: "name", dir: "auto" }, file.name), h("small", {}, notes)];
  if (refused || file.state === "scanning") return h("div", { class: refused ? "document refused" : "document" }, inside);
  const onClick = (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    allowFiles().then(() => open(`/api/files/${file.id}?download=true`, "_self"), () => {});
  };
  return h("a", { class: "document", href: `/api/files/${file.id}?download=true`, download: file.name, onClick }, inside, h(Icon, { name: "save" }));
}

/**
 * The average colour of a ThumbHash (Evan Wallace's, in base64): its first three bytes have the constant
 * terms of lightness and of the two colour axes.
 *
 * @param {string | null} placeholder
 */
export function averageColour(placeholder) {
  if (!placeholder) return null;
  let bytes;
  try {
    bytes = atob(placeholder.slice(0, 8));
  } catch {
    return null;
  }
  if (bytes.length < 3) return null;
  const header = bytes.charCodeAt(0) | (bytes.charCodeAt(1) << 8) | (bytes.charCodeAt(2) << 16);
  const [lightness, yellowBlue, redGreen] = [(header & 63) / 63, ((header >> 6) & 63) / 31.5 - 1, ((header >> 12) & 63) / 31.5 - 1];
  const blue = lightness - (2 / 3) * yellowBlue;
  const red = (3 * lightness - blue + redGreen) / 2;
  const shades = [red, red - redGreen, blue].map((shade) => Math.round(Math.max(0, Math.min(1, shade)) * 255));
  return `rgb(${shades.join(" ")})`;
}
