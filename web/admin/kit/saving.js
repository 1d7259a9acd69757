/** What is saved as a file. */

/** @param {Blob} content  @param {string} name */
export function saved(content, name) {
  const href = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
