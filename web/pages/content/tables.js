/** What a table shows: rows of JSON, and columns, which are its keys where none are named. As published pages have it. */

const MOST_ROWS = 1000;
const MOST_COLUMNS = 50;

/** A list, or one in a text of JSON; null where it is neither. @param {unknown} value @returns {any[] | null} */
export function listIn(value) {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.trim()) return value === undefined || value === "" ? [] : null;
  try {
    const found = JSON.parse(value);
    return Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

/**
 * The titles and the cells of a table; null where its rows are no list.
 *
 * @param {Record<string, any>} props `rows`, and maybe `columns`
 * @returns {{ titles: string[], rows: string[][] } | null}
 */
export function tableOf({ rows: given, columns }) {
  const rows = listIn(given)?.slice(0, MOST_ROWS);
  if (!rows) return null;
  const [first] = rows;
  const named = (listIn(columns) ?? []).slice(0, MOST_COLUMNS);
  const keys = named.length ? named : Array.isArray(first) ? first.map(() => "") : Object.keys(Object(first)).slice(0, MOST_COLUMNS);
  const found = keys.map((column) => (Object(column) === column ? column : { key: column }));
  return {
    titles: found.map(({ title, label, key }) => cell(title ?? label ?? key)),
    rows: rows.map((row) => found.map(({ key }, at) => cell(valueOf(row, key, at)))),
  };
}

/** @param {any} row  @param {string} key  @param {number} at */
function valueOf(row, key, at) {
  if (Array.isArray(row)) return row[at];
  return Object(row) === row && Object.hasOwn(row, key) ? row[key] : undefined;
}

/** @param {unknown} value */
function cell(value) {
  return value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}
