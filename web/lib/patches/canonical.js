/** One text for equal documents, the same as chat_core/documents/patches/canonical.py writes, and its checksum. */

/**
 * The document as JSON without white space, with members in the order of their names' code points.
 *
 * @param {any} document
 * @returns {string}
 */
export function canonical(document) {
  if (typeof document !== "object" || document === null) return JSON.stringify(document);
  if (Array.isArray(document)) return `[${document.map(canonical).join(",")}]`;
  const members = ordered(Object.keys(document)).map((name) => `${JSON.stringify(name)}:${canonical(document[name])}`);
  return `{${members.join(",")}}`;
}

/**
 * The CRC-32 of a document's canonical form in UTF-8, unsigned.
 *
 * @param {any} document
 */
export function checksum(document) {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(canonical(document))) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** @param {string[]} names */
function ordered(names) {
  return names.some((name) => /[\ud800-\udfff]/.test(name)) ? names.sort(byCodePoint) : names.sort();
}

/**
 * @param {string} one
 * @param {string} other
 */
function byCodePoint(one, other) {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return one.length - other.length;
}

/**
 * The units of UTF-16 by the code points that they are of: surrogates are of those beyond U+FFFF.
 *
 * @param {number} unit
 */
function rank(unit) {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
