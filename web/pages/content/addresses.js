/**
 * Addresses that people put into links and pictures: what is not certainly harmless leads nowhere. The rule is that of
 * published pages (chat_server/page_content/rendering/addresses.py).
 */

const LONGEST = 2048;
const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);
// What browsers strip from an address before they read it, and spaces of any kind.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const IGNORED = /[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff\\]/;
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+$/;

/** Where a link may lead: by one of these schemes, or on this site; null for anything else. @param {unknown} given */
export function link(given) {
  if (typeof given !== "string" || !given || given.length > LONGEST || IGNORED.test(given)) return null;
  if (/^[#?]/.test(given) || /^\/(?!\/)/.test(given)) return given;
  try {
    const { protocol } = new URL(given);
    // Browsers would mend "https:example.com"; published pages do not.
    const isWhole = /^https?:$/.test(protocol) ? /^https?:\/\/[^/?#]/i.test(given) : given.length > protocol.length;
    return SCHEMES.has(protocol) && isWhole ? given : null;
  } catch {
    return null;
  }
}

/** Where a picture may be: over https, on this site, or the picture itself, which cannot be SVG. @param {unknown} given */
export function picture(given) {
  if (typeof given === "string" && given.startsWith("data:")) return PICTURE.test(given) ? given : null;
  const address = link(given);
  return address && /^(https:\/\/|\/)/.test(address) ? address : null;
}

/** Whether it is a file of this site. @param {string} address */
export const isFile = (address) => /^\/api\/files\/[1-9][0-9]{0,18}$/.test(address);
