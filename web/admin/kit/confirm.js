/** Asks before what cannot be undone is done. */

import { Dialog, Form, showDialog } from "../../chat/dialogs/frame.js";
import { h } from "../../vendor/preact.js";
import { tried } from "./acting.js";

/** @param {{ title: string, text: string, submit: string, act: (fields: Record<string, string>) => Promise<unknown>, children?: any }} what */
export const confirm = (what) => showDialog("confirm", Confirm, what);

/** @param {Parameters<typeof confirm>[0]} properties */
const Confirm = ({ title, text, submit, act, children }) =>
  h(Dialog, { title }, h(Form, { act: (fields) => tried(() => act(fields)), submit, bad: true }, h("p", {}, text), children));
