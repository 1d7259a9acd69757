/** A person's data: a copy as a zip, and their deletion, of which it is shown before what goes and what stays. */

import { Dialog, Form } from "../../chat/dialogs/frame.js";
import { Icon } from "../../chat/shell/icons.js";
import { h, useSignal } from "../../vendor/preact.js";
import { tried, useActing } from "../kit/acting.js";
import { Failure, useFetched } from "../kit/lists.js";
import { saved } from "../kit/saving.js";
import { useAdmin } from "../shell/state.js";
import { t } from "../words/words.js";

/** @typedef {{ what: string, amount: number, happens: "goes" | "stays" | "is in the way", why: string }} Part */

/** Of somebody whose account the organisation keeps. @param {{ organization: { id: number }, person: { user_id: number, fullname: string, username: string }, done: () => Promise<void> }} properties */
export function PersonData({ organization, person, done }) {
  const { api } = useAdmin();
  const { user_id: id, fullname, username } = person;
  const calls = api.administration;
  return h(
    Dialog,
    { title: t("data.ofPerson", { name: fullname }) },
    h(Data, {
      name: username, file: `person-${id}.zip`, copy: () => calls.exportPerson(organization.id, id), preview: () => calls.previewDeletion(organization.id, id),
      remove: async () => {
        await calls.deletePerson(organization.id, id);
        await done();
      },
    }),
  );
}

/** One's own. */
export function OwnData() {
  const { api, me } = useAdmin();
  const calls = api.administration;
  return h(
    "section",
    { class: "panel" },
    h(Data, {
      name: me.fullname, file: `person-${me.id}.zip`, stays: true, copy: () => calls.exportMe(), preview: () => calls.previewMyDeletion(),
      remove: async () => {
        await calls.deleteMe();
        location.assign("/");
      },
    }),
  );
}

/**
 * @param {{
 *   name: string, file: string, copy: () => Promise<Blob>, preview: () => Promise<Part[]>, remove: () => Promise<void>, stays?: boolean,
 * }} properties `name` is typed before anything is deleted
 */
function Data({ name, file, copy, preview, remove, stays = false }) {
  const { busy, failure, act } = useActing();
  const typed = useSignal("");
  const { found, problem } = useFetched(preview, []);
  const isBlocked = (found ?? []).some(({ happens }) => happens === "is in the way");
  const part = (/** @type {Part["happens"]} */ happens, /** @type {import("../words/words.js").Key} */ title) => {
    const parts = (found ?? []).filter((one) => one.happens === happens && one.amount > 0);
    return parts.length > 0 && h("section", { key: happens }, h("h3", {}, t(title)), h("ul", { class: "plain" }, parts.map(({ what, amount, why }) => h("li", { key: what + why }, wordOf(what), amount > 1 && h("span", { class: "number" }, ` × ${amount}`), why && h("small", {}, ` ${reasonOf(why)}`)))));
  };
  return [
    h("section", { key: "copy" }, h("h3", {}, t("data.copy")), h("p", { class: "hint" }, t("data.copyText")), h("p", { class: "failure", role: "alert" }, failure), h("div", { class: "acts start" }, h("button", { type: "button", class: "outlined", disabled: busy, "aria-busy": busy, onClick: () => act(async () => saved(await copy(), file)) }, h(Icon, { name: "save" }), t(busy ? "data.isMade" : "data.fetch")))),
    h("section", { key: "deletion", "aria-busy": !found && !problem }, h("h3", {}, t("data.deletion")), h("p", { class: "hint" }, t("data.deletionText")), h(Failure, { problem }), part("is in the way", "data.blocks"), part("goes", "data.goes"), part("stays", "data.stays")),
    found && !isBlocked && h(
      Form,
      { key: "form", act: () => tried(remove), submit: t("data.delete"), bad: true, stays, disabled: typed.value.trim() !== name },
      h("label", { class: "field" }, h("span", {}, t("data.type", { name })), h("input", { value: typed.value, autocomplete: "off", spellcheck: false, dir: "auto", onInput: (/** @type {any} */ { target }) => (typed.value = target.value) })),
    ),
  ];
}

const WHAT = /** @type {const} */ ({
  profile: "data.profile", "sessions and tokens": "data.sessions", "ways in": "data.waysIn", messages: "data.messages", "forwards of them by others": "data.forwards", files: "data.files", drafts: "data.drafts",
  "comments on pages": "data.comments", memberships: "data.memberships", "workspaces that nobody else is in": "data.alone", bots: "data.bots", "edits of boards and pages": "data.edits", "audit log": "data.audit",
  "messages that holds cover": "data.covered", "what holds keep already": "data.held",
});

/** What the server lists, in the reader's language. @param {string} what */
function wordOf(what) {
  const key = WHAT[/** @type {keyof typeof WHAT} */ (what)];
  if (key) return t(key);
  const [kind, id] = what.split(" ");
  return t(kind === "workspace" ? "data.ownedWorkspace" : "data.ownedOrganization", { id });
}

/** Why, where it is more than a remark. @param {string} why */
const reasonOf = (why) => (why.includes("hold") ? t("data.untilHold") : why.includes("only owner") ? t("data.onlyOwner") : "");
