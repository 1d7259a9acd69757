/** Which addresses a message may link to, and where the bare ones in its text end. */

// What a bare address does not go on with: marks of ours, a link's end, and East Asian punctuation.
const BARE = /https?:\/\/(?:(?!\]\(|\*\*|~~|\|\|)[^\s<>"\u2014\u2018\u2019\u201c\u201d\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65])*/gi;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const OWN_PLACE = /^\/(?:chat|board|page)\/[0-9]+(?:[/?#]|$)/;
const CLOSING = /** @type {Record<string, string>} */ ({ ")": "(", "]": "[", "}": "{" });

/**
 * The address that a link leads to; null if it may not: another scheme, a path on this server that is no place of ours, or
 * a user name before the host, which makes an address look like another's.
 *
 * @param {string} address
 */
export function safeAddress(address) {
  if (OWN_PLACE.test(address)) return address;
  try {
    const url = new URL(address);
    return SCHEMES.has(url.protocol) && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

/** Bare addresses in a text without code, from the first on. @param {string} text */
export function* addressesIn(text) {
  for (const { index: at, 0: whole } of text.matchAll(BARE)) {
    if (/[A-Za-z0-9]/.test(text[at - 1] ?? "")) continue;
    const shown = ended(whole);
    const href = safeAddress(shown);
    if (href !== null) yield { at, text: shown, href };
  }
}

/** An address without what ends the sentence around it. @param {string} address */
function ended(address) {
  let bare = address;
  // Chinese text may follow the host of a Latin address without a space.
  const host = bare.match(/^https?:\/\/[A-Za-z0-9.:-]+(?=\p{Script=Han})/iu);
  if (host) bare = host[0];
  const counts = /** @type {Record<string, number>} */ ({});
  for (const sign of bare) counts[sign] = (counts[sign] ?? 0) + 1;
  let end = bare.length;
  for (; end > 0; end -= 1) {
    const sign = bare[end - 1];
    const opening = CLOSING[sign];
    if (!/[.,;:!?'*_~|`\\]/.test(sign) && !(opening && counts[sign] > (counts[opening] ?? 0))) break;
    counts[sign] -= 1;
  }
  return bare.slice(0, end);
}

/**
 * Where the round bracket that opens at a place closes, for all that have no white space in them.
 *
 * @param {string} text
 * @returns {Map<number, number>}
 */
export function brackets(text) {
  const found = new Map();
  /** @type {number[]} */
  let open = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "\\") at += 1;
    else if (sign === "(") open.push(at);
    else if (sign === ")" && open.length) found.set(open.pop(), at);
    else if (/\s/.test(sign)) open = [];
  }
  return found;
}

/**
 * The chat and message, board or page of this server that an address names; null for others.
 *
 * @param {string} href
 * @param {string} origin of the page
 * @returns {{ kind: "chat" | "board" | "page", id: number, messageId: number | null } | null}
 */
export function ownPlace(href, origin) {
  let url;
  try {
    url = new URL(href, origin);
  } catch {
    return null;
  }
  const found = url.origin === origin && url.pathname.match(/^\/(chat|board|page)\/([1-9][0-9]{0,15})(?:\/([1-9][0-9]{0,15}))?\/?$/);
  if (!found || (found[3] && found[1] !== "chat")) return null;
  return { kind: /** @type {"chat" | "board" | "page"} */ (found[1]), id: Number(found[2]), messageId: found[3] ? Number(found[3]) : null };
}
