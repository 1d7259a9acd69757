/** Colours of code: tokens, from a library that is loaded with the first code whose language it knows. */

import { h, useEffect, useState } from "../../vendor/preact.js";

/** @typedef {[text: string, kind: string | undefined][]} Coloured */

const NAMES = /** @type {Record<string, string>} */ ({
  "c++": "c", cpp: "c", cc: "c", h: "c", console: "bash", dockerfile: "docker", golang: "go", htm: "html", javascript: "js", jsx: "js",
  mjs: "js", json5: "json", jsonc: "json", makefile: "make", markdown: "md", patch: "diff", perl: "pl", postgresql: "sql",
  python: "py", python3: "py", rust: "rs", sh: "bash", shell: "bash", svg: "xml", tsx: "ts", typescript: "ts", yml: "yaml", zsh: "bash",
});
// The library takes time by the square of such runs.
const UNUSUAL = /\S{400}|\s{200}/;
const KEPT = 100;

/** @type {Promise<typeof import("../../vendor/highlight.js")> | undefined} */
let library;
/** @type {Map<string, Coloured>} the newest last */
const known = new Map();

/**
 * The language of a fence by the first word after it, as the library calls it.
 *
 * @param {string} about
 */
export function languageNamed(about) {
  const name = (about.trim().split(/[\s,{:]/, 1)[0] ?? "").toLowerCase();
  return NAMES[name] ?? name;
}

/**
 * A code in its kinds of tokens; null if its language is not known.
 *
 * @param {string} code
 * @param {string} language
 * @returns {Promise<Coloured | null>}
 */
export async function coloured(code, language) {
  if (!language || UNUSUAL.test(code)) return null;
  library ??= import("../../vendor/highlight.js");
  const { tokenizeWith, languages } = await library;
  if (!Object.hasOwn(languages, language)) return null;
  /** @type {Coloured} */
  const tokens = [];
  tokenizeWith(code, languages[language], (text, kind) => text && tokens.push([text, kind]), { languages });
  return tokens;
}

/** A block of code, coloured as soon as it can be: colours change no size. @param {{ code: string, language: string }} props */
export function Code({ code, language }) {
  const key = `${language}\n${code}`;
  const [colours, setColours] = useState(/** @type {{ key: string, tokens: Coloured } | null} */ (null));
  const tokens = known.get(key) ?? (colours?.key === key ? colours.tokens : null);
  useEffect(() => {
    if (tokens) return;
    let here = true;
    coloured(code, language).then(
      (found) => {
        if (!found) return;
        known.set(key, found);
        if (known.size > KEPT) known.delete(/** @type {string} */ (known.keys().next().value));
        if (here) setColours({ key, tokens: found });
      },
      () => (library = undefined), // without network; the next code tries again
    );
    return () => {
      here = false;
    };
  }, [key]);
  const inside = tokens ? tokens.map(([text, kind]) => (kind ? h("span", { class: `code-${kind}` }, text) : text)) : code;
  return h("pre", { class: "code", dir: "ltr", tabIndex: 0 }, h("code", {}, inside));
}
