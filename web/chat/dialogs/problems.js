/** What has gone wrong, in the reader's language, and what to do about it. What has no words here is said as the server says it. */

import { t } from "../words/words.js";

/** @param {any} problem */
export function sayProblem({ status, code, message, name }) {
  if (name === "Unreachable" || status === undefined) return status === undefined && name !== "Unreachable" ? String(message) : t("problems.unreachable");
  if (code === "chats_public_name_key") return t("problems.nameTaken");
  if (code === "wrong_password") return t("problems.wrongPassword");
  if (code === "password_needed") return t("problems.passwordNeeded");
  if (code === "invitation_needed") return t("problems.invitationNeeded");
  if (code === "invitation_is_blocked") return t("problems.invitationBlocked");
  if (code === "bot_unreachable") return t("problems.botUnreachable");
  if (status === 429) return t("problems.tooMany");
  if (status === 403) return t("problems.forbidden");
  if (status === 404) return t("problems.gone");
  return message;
}
