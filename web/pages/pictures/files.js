/** Files that may be pictures. */

/** What every browser shows; others would be files that nobody sees. */
export const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

/** The files among what was pasted, dropped or chosen. @param {DataTransfer | HTMLInputElement | null} from */
export const filesOf = (from) => [...(from?.files ?? [])];
