/** Events of boards and pages, applied to a copy: the same of both. */

import { without } from "./chats.js";

/** @typedef {import("../replica.js").Rule} Rule */
/** @typedef {import("../replica.js").Json} Json */

const INLINE_MEMBERS = 100;

/** @type {Record<string, Rule>} */
export const documentRules = { ...rulesOf("boards", "Board", "board_id"), ...rulesOf("pages", "Page", "page_id") };

/** @param {"boards" | "pages"} part  @param {string} noun  @param {string} key @returns {Record<string, Rule>} */
function rulesOf(part, noun, key) {
  /** @typedef {Parameters<Rule>} Given */

  /** @param {Given[0]} copy  @param {number} id  @param {(document: Json) => Json | null} act  @param {Given[2]} changes */
  function change(copy, id, act, changes) {
    const document = copy[part].get(id);
    const more = document && act(document);
    if (!document || !more) return;
    copy[part].set(id, { ...document, ...more });
    changes[part].add(id);
  }

  /** @param {Given[0]} copy  @param {number} id  @param {Given[2]} changes */
  function drop(copy, id, changes) {
    if (copy[part].delete(id)) changes[part].add(id);
  }

  /** @type {Rule} */
  const put = (copy, data, changes) => {
    copy[part].set(data.id, data);
    changes[part].add(data.id);
  };

  /** @param {Given[0]} copy  @param {Json} member */
  const withMember = (copy, member) => (/** @type {Json} */ document) => {
    /** @type {Json} */
    const more = {};
    if (member.user_id === copy.user.id) {
      more.role = member.role;
      if (member.role !== "owner") more.invites = null;
    }
    const members = without(document.members, "user_id", member.user_id);
    if (members) more.members = members.length < INLINE_MEMBERS ? [...members, member] : null;
    return more;
  };

  return {
    [`New${noun}`]: put,
    [`${noun}Restored`]: put,
    [`${noun}Updated`]: (copy, data, changes) => change(copy, data.id, () => data, changes),
    [`${noun}Deleted`]: (copy, { id }, changes) => drop(copy, id, changes),
    [`UserJoined${noun}`]: (copy, { member_count, ...member }, changes) =>
      change(copy, member[key], (document) => ({ member_count, ...withMember(copy, member)(document) }), changes),
    [`${noun}MemberUpdated`]: (copy, member, changes) => change(copy, member[key], withMember(copy, member), changes),
    [`UserLeft${noun}`]: (copy, { user_id, member_count, [key]: id }, changes) =>
      user_id === copy.user.id
        ? drop(copy, id, changes)
        : change(copy, id, ({ members }) => ({ member_count, members: without(members, "user_id", user_id) }), changes),
    [`${noun}OwnerAdded`]: (copy, { invites, [key]: id }, changes) => change(copy, id, () => ({ invites }), changes),
    [`${noun}InviteUpdated`]: (copy, invite, changes) =>
      change(copy, invite[key], ({ invites }) => invites && { invites: [...(without(invites, "id", invite.id) ?? []), invite] }, changes),
    [`${noun}InviteDeleted`]: (copy, { id, [key]: from }, changes) =>
      change(copy, from, ({ invites }) => invites && { invites: without(invites, "id", id) }, changes),
    [`${noun}VersionUpdated`]: (copy, version, changes) =>
      change(copy, version[key], ({ versions }) => versions && { versions: newestFirst(versions, version) }, changes),
    [`${noun}VersionDeleted`]: (copy, { id, [key]: from }, changes) =>
      change(copy, from, ({ versions }) => versions && { versions: without(versions, "id", id) }, changes),
    [`${noun}ThumbnailUpdated`]: (copy, { thumbnail, [key]: id }, changes) => change(copy, id, () => ({ thumbnail }), changes),
    [`${noun}Edited`]: (copy, { version, [key]: id }, changes) => change(copy, id, () => ({ version }), changes),
  };
}

/** @param {Json[]} versions  @param {Json} version */
function newestFirst(versions, version) {
  return [...versions.filter(({ id }) => id !== version.id), version].sort((one, other) => other.id - one.id);
}
