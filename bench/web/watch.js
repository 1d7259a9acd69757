// Runs in each page before all else, and notes what a person would notice, at the time of the frame in which it is painted.
(() => {
  const watched = { usableAt: 0, longest: 0, long: 0, inputs: [], sent: [], painted: [], confirmed: [] };
  globalThis.watched = watched;

  const hasStarted = () => document.querySelector(".sidebar a.row") && document.querySelector("article.entry") && document.querySelector("textarea");
  const observer = new MutationObserver(() => {
    if (!hasStarted()) return;
    observer.disconnect();
    painted((at) => (watched.usableAt = at));
  });
  observer.observe(document, { childList: true, subtree: true });

  /** Calls it after the frame in which the page is drawn as it is now. */
  function painted(act) {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => act(performance.now());
      port2.postMessage(null);
    });
  }

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      watched.long += 1;
      watched.longest = Math.max(watched.longest, duration);
    }
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) if (interactionId) watched.inputs.push([interactionId, duration]);
  }).observe({ type: "event", durationThreshold: 16 });

  /** Opens a chat by its row; resolves with the milliseconds until its newest message, of this id, is painted. */
  watched.open = (id, newest) =>
    new Promise((resolve) => {
      const begun = performance.now();
      const shows = () => document.querySelector(`.sidebar a.row[data-chat="${id}"][aria-current]`) && document.querySelector(`article.entry[data-key="${newest}"]`);
      const seen = new MutationObserver(() => {
        if (!shows()) return;
        seen.disconnect();
        painted((at) => resolve(at - begun));
      });
      seen.observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
      document.querySelector(`.sidebar a.row[data-chat="${id}"]`).click();
    });

  /** From here on notes of each own message when Enter was pressed, and when it was painted and confirmed. */
  watched.noteSent = () => {
    addEventListener(
      "keydown",
      ({ key, target }) => {
        if (key === "Enter" && target.value) watched.sent.push([target.value, performance.now()]);
      },
      true,
    );
    watched.noting = new MutationObserver(() => {
      for (const [text, at] of watched.sent.slice(-1)) {
        const row = [...document.querySelectorAll("article.entry")].findLast((one) => one.querySelector(".body")?.textContent === text);
        if (!row) continue;
        if (!watched.painted.some(([known]) => known === text)) painted((now) => watched.painted.push([text, now - at]));
        if (!row.classList.contains("pending") && !watched.confirmed.some(([known]) => known === text)) watched.confirmed.push([text, performance.now() - at]);
      }
    });
    watched.noting.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
  };
})();
