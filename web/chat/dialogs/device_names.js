/** What people call a browser, of what it calls itself. */

const BROWSERS = /** @type {const} */ ([["Edg", "Edge"], ["OPR", "Opera"], ["SamsungBrowser", "Samsung Internet"], ["MicroMessenger", "微信"], ["Firefox", "Firefox"], ["FxiOS", "Firefox"], ["CriOS", "Chrome"], ["HeadlessChrome", "Chrome"], ["Chrome", "Chrome"], ["Safari", "Safari"]]);
const SYSTEMS = /** @type {const} */ ([["HarmonyOS", "HarmonyOS"], ["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS X", "macOS"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]]);

/** "Firefox · Windows" of a browser's user agent; another client's name as it is. @param {string | null} agent */
export function deviceOf(agent) {
  if (!agent?.startsWith("Mozilla/")) return agent ?? "";
  const [browser, system] = [BROWSERS, SYSTEMS].map((names) => names.find(([sign]) => agent.includes(sign))?.[1]);
  return [browser, system].filter(Boolean).join(" · ");
}
