/** What an entry of the audit log says, on the page and in a file. */

/** @typedef {Record<string, any>} Entry */

/** What the server is asked for. @param {{ action: string, actor: string, since: string, until: string }} filters */
export function queryOf({ action, actor, since, until }) {
  const named = action.trim().toLowerCase();
  return {
    ...(/^[a-z_]{1,64}$/.test(named) && { action: named }),
    ...(actor && { actor_id: Number(actor) }),
    ...(since && { since: startOf(since).toISOString() }),
    ...(until && { until: dayAfter(startOf(until)).toISOString() }), // the last day belongs to it
  };
}

/** Midnight, where the reader is. @param {string} day "2026-11-30" */
const startOf = (day) => new Date(`${day}T00:00:00`);

/** @param {Date} at */
const dayAfter = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);

/** @param {Entry} entry */
export function changesOf({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.map((name) => ({ name, before: shown(before?.[name]), after: shown(after?.[name]) }));
}

/** @param {unknown} value */
function shown(value) {
  if (value === null || value === undefined) return "–";
  if (value === "") return "“”";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

const COLUMNS = ["at", "action", "actor", "delegate", "address", "target_type", "target_id", "chat_id", "board_id", "page_id", "before", "after"];

/** @param {Entry[]} entries  @param {(id: number | null | undefined) => string} nameOf */
export function asCsv(entries, nameOf) {
  const lines = entries.map((entry) =>
    COLUMNS.map((name) => {
      if (name === "actor") return nameOf(entry.actor_id);
      if (name === "delegate") return entry.delegate_id ? nameOf(entry.delegate_id) : "";
      return entry[name];
    }),
  );
  return [COLUMNS, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** A spreadsheet calculates nothing of it: what would begin a formula is text. @param {unknown} value */
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
