// A file that is dropped beside whatever takes files would replace the page.
for (const type of /** @type {const} */ (["dragover", "drop"])) {
  addEventListener(type, (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}
