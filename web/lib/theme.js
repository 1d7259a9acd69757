// Light, dark and high contrast before anything is drawn, so this is no module: as the system has them, until somebody has
// chosen.
(() => {
  const THEME = "fechatter.theme";
  const CONTRAST = "fechatter.contrast";
  const root = document.documentElement;

  function show() {
    const theme = localStorage.getItem(THEME);
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    const more = localStorage.getItem(CONTRAST) ?? (matchMedia("(prefers-contrast: more)").matches ? "more" : "");
    if (more === "more") root.dataset.contrast = more;
    else delete root.dataset.contrast;
  }

  show();
  // What is chosen in another tab, or in the settings of this one, which say so by an event of their own.
  addEventListener("storage", ({ key }) => {
    if (key === THEME || key === CONTRAST || key === null) show();
  });
  document.addEventListener("fechatter:theme", show);

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element && event.target.closest("[data-action=theme]"))) return;
    const dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    localStorage.setItem(THEME, dark ? "light" : "dark");
    show();
  });
})();
