/** The frame of the pages: what there is on the left, and one page. */

import { sayProblem } from "../../chat/dialogs/problems.js";
import { Dialogs } from "../../chat/dialogs/frame.js";
import { fetched } from "../../chat/shell/fetched.js";
import { h, useEffect, useRef, useSignal } from "../../vendor/preact.js";
import { Proof } from "../kit/acting.js";
import { t } from "../words/words.js";
import { Nav } from "./nav.js";
import { place } from "./router.js";
import { SECTIONS } from "./sections.js";
import { AdminContext, useAdmin } from "./state.js";
import { FeatureOff, Forbidden, Missing, NothingToGovern } from "./states.js";

/** @typedef {import("./sections.js").Section} Section */

/** @param {{ admin: import("./state.js").Admin }} properties */
export function App({ admin }) {
  const section = SECTIONS.find(({ name }) => name === place.value.section);
  const title = section ? t(section.label) : t("missing.title");
  useEffect(() => {
    document.title = `${title} · ${t("shell.title")} · Fechatter`;
  }, [title]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) document.getElementById("page-title")?.focus();
    isFirst.current = false;
  }, [section?.name]);
  const children = [
    h("a", { key: "skip", class: "skip", href: "#page" }, t("shell.skip")),
    h("div", { key: "frame", class: "admin-frame" }, h(Nav, { current: section?.name }), h("main", { id: "page", tabIndex: -1, "aria-busy": admin.state.value === "starting" }, h(Page, { key: `${section?.name}`, section, title }))),
    h(Dialogs, { key: "dialogs" }),
    h(Proof, { key: "proof" }),
  ];
  return h(AdminContext.Provider, { value: admin, children });
}

/** @param {{ section: Section | undefined, title: string }} properties */
function Page({ section, title }) {
  const admin = useAdmin();
  return h(
    "article",
    { class: "page", "aria-labelledby": "page-title" },
    h("header", { class: "page-head" }, h("h1", { id: "page-title", tabIndex: -1 }, title), section && h("p", {}, t(section.lead))),
    admin.problem.value && h("p", { class: "failure", role: "alert" }, sayProblem(admin.problem.value)),
    admin.state.value === "ready" && (section ? h(Governed, { section }) : h(Missing, {})),
  );
}

/** A page for whom it is for, where it is on. @param {{ section: Section }} properties */
function Governed({ section }) {
  const admin = useAdmin();
  const { of, feature, needs } = section;
  const organization = admin.organization.value;
  const workspace = admin.workspace.value;
  const on = feature ? admin.isOn(feature, of === "organization" ? organization?.id : undefined) : "on";
  if (feature && on !== "on") return h(FeatureOff, { feature, here: on === "off here" ? organization : null });
  const governed = of === "organization" ? organization : of === "workspace" ? workspace : null;
  if (of !== "self" && !governed) return h(NothingToGovern, { of });
  if (governed && !isAtLeast(governed, needs)) return h(Forbidden, { of, needs, name: governed.name });
  return h(Loaded, { key: `${section.name}-${governed?.id}`, section, organization, workspace });
}

const RANKS = { member: 0, admin: 1, owner: 2 };

/** @param {import("./state.js").Governed} governed  @param {Section["needs"]} needs */
const isAtLeast = ({ role, kind = "member" }, needs) => kind === "member" && RANKS[/** @type {Section["needs"]} */ (role)] >= RANKS[needs];

/** @param {{ section: Section, organization: any, workspace: any }} properties */
function Loaded({ section, organization, workspace }) {
  const view = useSignal(/** @type {{ shown: (properties: any) => any } | null} */ (null));
  const failure = useSignal(/** @type {any} */ (null));
  const attempt = useSignal(0);
  useEffect(() => {
    failure.value = null;
    fetched(section.load).then((shown) => (view.value = { shown }), (problem) => (failure.value = problem));
  }, [attempt.value]);
  if (failure.value) {
    return h("div", { class: "notice" }, h("p", { class: "failure", role: "alert" }, sayProblem(failure.value)), h("button", { type: "button", class: "outlined", onClick: () => attempt.value++ }, t("shell.again")));
  }
  return view.value && h(view.value.shown, { organization, workspace });
}
