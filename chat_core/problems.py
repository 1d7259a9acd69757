"""The one format of errors: `application/problem+json` (RFC 9457) with a stable `code`, whatever went wrong.

    {"type": "about:blank", "title": "Conflict", "status": 409, "code": "chat_keeps_owner", "detail": "…",
     "errors": [{"path": "name", "expected": "a string of 1 to 80 characters"}]}

Rules that the database enforces are mapped here too, by the name of the constraint.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import asyncpg
import msgspec

MEDIA_TYPE = "application/problem+json"
# Of statuses that only a protocol defines: https://tus.io/protocols/resumable-upload
_TITLES = {460: "Checksum Mismatch"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """`path` is the location of the invalid value (`members[2]`, `query.limit`), `expected` what would be valid."""

    path: str
    expected: str


@dataclass(eq=False)
class Problem(Exception):
    """A response that is an error. `code` never changes; `detail` is for people."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)  # members that only this code has

    def body(self) -> bytes:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            content["errors"] = self.errors
        return msgspec.json.encode(content)


def soon(most: int = 3) -> str:
    """A Retry-After for somebody who is refused with many others: whole seconds, not the same for all."""
    return str(random.randint(1, most))


def insufficient_scope(scope: str) -> Problem:
    """A personal access token lacks this scope (RFC 6750, 3.1)."""
    return Problem(
        403,
        "insufficient_scope",
        f"This needs a token with the scope {scope}.",
        headers={"WWW-Authenticate": f'Bearer realm="fechatter", error="insufficient_scope", scope="{scope}"'},
        extra={"scope": scope},
    )


QUOTA_EXCEEDED = "quota_exceeded"

# Constraint → status and detail. Its name is the problem's code.
_CONSTRAINTS: dict[str, tuple[int, str]] = {
    "users_email_key": (409, "This e-mail address is already in use."),
    "users_username_key": (409, "This user name is already in use."),
    "users_username_reserved": (422, "This user name is reserved."),
    "name_is_plain": (422, "A name has invisible characters, or characters that change the text direction."),
    "reaction_is_emoji": (422, "A reaction must be one emoji, or a name between colons such as :party:."),
    "chats_single_pair_key": (409, "These two users already have a Single chat in this workspace."),
    "chats_public_name_key": (409, "This workspace already has a public channel with this name."),
    "chat_members_pkey": (409, "This user is already a member of the chat."),
    "workspace_members_pkey": (409, "This user is already a member of the workspace."),
    "chat_members_in_workspace": (409, "Members of a chat must be members of its workspace."),
    "chat_keeps_owner": (
        409,
        "A chat must have at least one owner: make another member owner first, or delete the chat.",
    ),
    "invitation_needed": (
        403,
        "Invite this person instead: you can add only people who share another workspace with you, and who have not "
        "left or declined this one.",
    ),
    "invitation_is_blocked": (403, "This person has blocked invitations from you or into this workspace."),
    "workspace_invitations_pkey": (409, "This person has already been invited to the workspace."),
    "workspace_invitations_amount": (
        409,
        "You have 100 unanswered invitations; withdraw one first.",
    ),
    "workspace_keeps_owner": (
        409,
        "A workspace must have at least one owner: make another member owner first, or delete the workspace.",
    ),
    "break_glass_owner_is_owner": (409, "The break-glass owner must be an owner of the workspace."),
    "break_glass_owner_stays": (
        409,
        "This is the workspace's break-glass owner: name another one first, or require no provider.",
    ),
    "workspace_may_not_demand": (
        403,
        "How people sign in concerns their whole account: ask the operator to let this workspace demand it "
        "(SELECT ops.let_demand(id)).",
    ),
    "one_provider_required": (
        409,
        "Another workspace requires a member to sign in by another provider, and nobody can do both.",
    ),
    "single_chat_has_two_members": (409, "A Single chat has exactly two members, who cannot change."),
    "messages_reactions_amount": (409, "A message can have at most 20 different reactions."),
    "chat_pins_amount": (409, "A chat can have at most 100 pinned messages; unpin another one first."),
    "thread_drafts_amount": (409, "You have drafts in 100 threads: send or discard one first."),
    "reporter_is_member": (403, "Only members can report messages of a chat."),
    "personal_tokens_amount": (409, "You have 50 personal access tokens; end one first."),
    "passkeys_amount": (409, "You have 20 passkeys; remove one first."),
    "passkeys_credential_key": (409, "This passkey is enrolled already."),
    "second_factor_is_demanded": (409, "A workspace of yours demands a second factor."),
    "sender_is_member": (403, "Only members can post in a chat."),
    "message_deleted": (409, "This message has been deleted."),
    "message_files_are_seen": (
        422,
        "A message can have only files of its chat's workspace that its sender may see, each once.",
    ),
    "last_way_in": (
        409,
        "Nothing else lets you in: link another way in, set a password, or add a passkey, first; where a workspace of "
        "yours requires a provider, link another identity there.",
    ),
    "token_workspace_is_own": (422, "A token can be bound to one of your own workspaces alone."),
    "picture_is_seen": (
        422,
        "This must be a picture that you may see; for a workspace, one of this workspace.",
    ),
    "bots_amount": (409, "A workspace can have at most 200 bots: delete another one first."),
    "bots_owner_is_member": (422, "The owner of a bot is an active member of its workspace."),
    "bots_own_nothing": (403, "A bot cannot own anything: make a person the owner."),
    "bots_stay_in_their_workspace": (403, "A bot belongs to one workspace, and cannot join another one."),
    "bots_description_length": (422, "The description of a bot has at most 500 characters."),
    "commands_name_key": (409, "Another bot of this workspace has a command of this name."),
    "commands_name_form": (422, "The name of a command has lower-case ASCII letters, digits, '_' and '-'."),
    "apps_amount": (409, "A workspace can have at most 100 apps: delete another one first."),
    "apps_owner_is_member": (422, "The owner of an app is an active member of its workspace."),
    "apps_redirect_uri_form": (
        422,
        "An address to return to begins with https://, http://127.0.0.1 or http://[::1], or has a scheme of its own "
        "with a point, such as com.example.app:/; it has no # and no user name.",
    ),
    "dialogs_external_id_key": (409, "This bot has another dialog open with this external_id."),
    "dialogs_amount": (409, "At most three dialogs lie on top of each other."),
    "dialogs_view_size": (422, "The view is too large."),
    "commands_amount": (409, "A bot can have at most 50 commands: delete another one first."),
    "incoming_webhooks_bot_is_member": (422, "The bot is not a member of this chat: add it first."),
    "incoming_webhooks_amount": (409, "A bot can have at most 100 incoming webhooks: delete another one first."),
    "incoming_webhooks_chat_id_fkey": (422, "There is no such chat, or the bot is not a member of it."),
    "subscriptions_amount": (409, "A bot can have at most 20 subscriptions: delete another one first."),
    "subscriptions_cursor_in_log": (422, "This is no cursor of the event log, or events after it have been dropped."),
    "subscriptions_name_length": (422, "The name of a subscription has 1 to 80 characters."),
    "subscriptions_address_form": (422, "The URL of a webhook begins with https:// and has at most 2048 characters."),
    "subscriptions_kinds_amount": (422, "A subscription names 1 to 100 kinds of events, or none for all."),
    "subscriptions_chats_amount": (422, "A subscription names 1 to 100 chats, or none for all."),
    "custom_emoji_name_form": (422, "The name of an emoji has 1 to 50 lower-case letters, digits, '_', '+' and '-'."),
    "custom_emoji_name_is_free": (
        422,
        "This is the name of a standard emoji, which it would hide: choose another name.",
    ),
    "custom_emoji_size": (422, "The picture of an emoji can have at most 256 KiB."),
    "custom_emoji_amount": (409, "A workspace can have at most 500 emoji of its own: remove another one first."),
    "messages_content_length": (
        422,
        "A message has at most 10000 characters, and some visible one or a file.",
    ),
    "forward_is_final": (409, "A forwarded message cannot be edited."),
    "clerk_session_is_open": (401, "Clerk says that this session has ended; sign in there again."),
    "delegation_permissions_delegable": (422, "One of these permissions cannot be used for somebody else."),
    "delegation_shows_messages": (422, "What shows messages of a chat needs chat.read_messages too."),
    "delegate_shares_workspace": (422, "You can delegate only to somebody who shares a workspace with you."),
    "delegation_place_is_own": (422, "You can delegate only in a place that you are in."),
    "delegations_amount": (409, "You, or they, have 100 open delegations: revoke one first."),
    "delegations_to_another": (422, "You cannot delegate to yourself."),
    "delegations_length": (422, "A delegation ends at most 180 days after its start."),
    "delegations_start_soon": (422, "A delegation starts within a year."),
    "delegation_needed": (403, "Only a delegation in force lets somebody write in another's name."),
    "chat_is_archived": (409, "This chat is archived: it can be read but not changed."),
    "member_is_banned": (403, "This user is banned from the chat."),
    "scim_users_user_name_key": (409, "The directory has a user of this userName already."),
    "scim_users_user_key": (409, "The directory has this person already, under another id."),
    "scim_members_amount": (422, "A group can have at most 5000 members."),
    "member_is_silenced": (403, "This member is silenced in the chat."),
    "public_publishing_is_off": (403, "This workspace publishes pages for its members only."),
    "organization_keeps_owner": (
        409,
        "An organisation must have at least one owner: make another person owner first, or delete the organisation.",
    ),
    "organization_members_pkey": (409, "This person is in the organisation already."),
    "organization_members_are_known": (
        403,
        "You can put only people into an organisation who share a workspace with you: invite them into one.",
    ),
    "suspended_by_the_active": (403, "Your own account has been suspended."),
    "organization_members_role_of_members": (409, "Guests and bots have no role above member."),
    "organization_members_manager_is_another": (422, "Nobody is their own manager."),
    "organizations_amount": (409, "You own 20 organisations; leave or delete one first."),
    "guest_is_plain_member": (409, "A guest has no role above member in a chat."),
    "guest_brings_nobody": (403, "You are a guest in this chat: its members add others."),
    "guest_is_in_no_workspace": (
        409,
        "Guests of an organisation are in no workspace of it: add them to chats, or make them members of it first.",
    ),
    "workspaces_organization_exists": (409, "The organisation has workspaces: take them out first."),
    "department_is_below_itself": (409, "A department cannot be below itself."),
    "departments_depth": (409, "Departments have at most 15 levels."),
    "departments_amount": (409, "An organisation can have at most 10000 departments."),
    "departments_name_key": (409, "There is a department with this name there already."),
    "departments_external_id_key": (409, "The organisation has a department with this external id already."),
    "department_is_empty": (409, "Only a department without people, and without others below it, can be deleted."),
    "positions_name_key": (409, "The organisation has a position with this name already."),
    "positions_amount": (409, "An organisation can have at most 1000 positions."),
    "appointments_key": (409, "This person has this position in the department already."),
    "appointments_primary_key": (409, "This person has another primary appointment: change that one first."),
    "appointments_times_in_order": (422, "An appointment ends after it starts."),
    "appointment_is_of_a_member": (409, "Guests and bots have no appointments."),
    "department_chat_is_of_organization": (
        409,
        "A chat can follow departments of its workspace's organisation, and one between two people follows none.",
    ),
    "groups_name_key": (409, "The organisation has a group with this name already."),
    "groups_name_format": (422, "This name is reserved, or has characters that a mention cannot have."),
    "groups_external_id_key": (409, "The organisation has a group with this external id already."),
    "groups_amount": (409, "An organisation can have at most 1000 groups."),
    "visibility_rules_key": (409, "There is a rule for this department, or for all, already: remove that one first."),
    "visibility_rules_narrow": (422, "A rule confines, or hides at least one field."),
    "announcement_is_for_own_people": (422, "An announcement is for departments and groups of its organisation."),
    "announcements_amount": (409, "An organisation can have at most 200 announcements: withdraw others first."),
    "roles_name_key": (409, "The organisation has a role with this name already."),
    "roles_name_built_in": (422, "This is the name of a built-in role."),
    "roles_amount": (409, "An organisation can have at most 500 roles."),
    "role_permissions_bindable": (422, "No role can have one of these permissions."),
    "roles_are_kept_by_admins": (403, "Only admins of the organisation keep its roles."),
    "role_bindings_key": (409, "This role is bound to them there already."),
    "role_bindings_amount": (409, "An organisation can have at most 10000 bindings of roles, and 50 of one subject."),
    "role_bindings_one_subject": (422, "A role is bound to one person, group or department."),
    "role_bindings_one_scope": (422, "A role is bound in one place, or in the whole organisation."),
    "role_binding_is_of_organization": (
        422,
        "A role is bound in places of its organisation's workspaces, and in no chat of two people.",
    ),
    "role_binding_grants_something": (422, "The role permits nothing in a place of this kind."),
    "role_binding_ends_later": (422, "A binding ends in the future, if it does."),
    "role_shows_one_place": (422, "A role that lets people see a place is bound to one chat or document."),
    "granted_is_held": (403, "Nobody grants what they may not do themselves everywhere that it reaches."),
    "feature_is_the_operators": (403, "This feature is off on this server: only its operator can switch it on."),
    "said_is_blocked": (422, "A rule of this workspace does not let this be said here."),
    "dlp_pattern_is_bounded": (
        422,
        "A pattern has characters, classes, groups, alternatives, \\b, and repetitions that end, such as {1,20}; it "
        "matches something, and is not too complex. A word is not empty.",
    ),
    "dlp_patterns_cost": (
        409,
        "The patterns of this workspace are too complex together: shorten one, or switch off or remove another one.",
    ),
    "dlp_rules_amount": (409, "A workspace can have at most 50 rules: remove another one first."),
    "review_has_ended": (409, "Somebody has ended this review already."),
    "hold_chat_in_workspace": (422, "The workspace has no such chat."),
    "hold_is_released": (409, "This hold has been released: place another one."),
    "workspace_is_held": (
        409,
        "A hold is in force here, or was until a few days ago: the workspace cannot be deleted before that has let go.",
    ),
    "hold_is_released_by_another": (403, "The person whom a hold is on may not release it."),
    "hold_needs_read_committed": (409, "A hold is in force in this workspace."),
    "person_owns_alone": (
        409,
        "The person is the only owner of a workspace or an organisation with others in it: name another one.",
    ),
    "users_time_zone_known": (
        422,
        "There is no such time zone: use a name of the IANA database, such as Europe/Berlin.",
    ),
    "notification_settings_quiet_hours": (422, "Quiet hours have two different ends, or none."),
    "person_is_deleted": (409, "This person has been deleted."),
    "file_is_held": (409, "A hold keeps this file."),
    "case_hold_in_workspace": (422, "The workspace has no such hold that is in force."),
    "workspace_may_not_export_cases": (
        403,
        "Cases export private chats: the operator must let this workspace (SELECT ops.let_export_cases(id)).",
    ),
    "case_is_decided": (409, "This case has been decided: ask for another one."),
    "case_is_approved": (409, "This case is not approved, its approval is over, or its hold has been released."),
    "cases_two_people": (403, "Somebody else must approve what you have asked for."),
    "page_publications_slug_key": (409, "Another page is published at this address."),
    "page_comments_amount": (409, "A page can have at most 5000 comments: delete others first."),
    "page_comment_replies_to_first": (422, "A reply is to the first comment of a thread of this page."),
}
# The same for documents. For a board, names and codes say so: "board_members_pkey".
_OF_DOCUMENTS: dict[str, tuple[int, str]] = {
    "document_members_pkey": (409, "This user is already a member of the document."),
    "document_members_in_workspace": (409, "Members of a document must be members of its workspace."),
    "document_members_amount": (409, "A document can have at most 1000 members."),
    "document_keeps_owner": (
        409,
        "A document must have at least one owner: make another member owner first, or delete the document.",
    ),
    "document_versions_amount": (409, "A document can have at most 100 versions: delete another one first."),
    "document_is_deleted": (409, "This document has been deleted: restore it first."),
    "document_thumbnails_media_type_known": (415, "A thumbnail must be a PNG, a JPEG or a WebP."),
    "document_files_amount": (409, "A document can have at most 1000 files: detach another one first."),
    "document_files_are_seen": (422, "This must be a file of the document's workspace that you may see."),
    "document_thumbnails_size": (413, "A thumbnail can have at most 256 KiB."),
}


def of_kind(said: str, kind: str) -> str:
    """A name or sentence about documents, for those of one kind: "document_id" is "board_id" for a board. As in SQL."""
    return said.replace("document", kind)


# "document" is for requests that do not name the kind.
DOCUMENT_KINDS = ("document", "board", "page")
for _kind in DOCUMENT_KINDS:
    for _name, (_status, _detail) in _OF_DOCUMENTS.items():
        _CONSTRAINTS[of_kind(_name, _kind)] = (_status, of_kind(_detail, _kind))


# Exceptions of a call to the database; TimeoutError is an OSError. asyncpg may raise InternalClientError for a
# connection that was cut between two statements.
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True)
class State:
    """What a SQLSTATE says about the database itself, whatever the statement: a 503, to be retried after the given
    time. `hidden`: a probe that only reads does not notice it (see readiness.py)."""

    code: str
    detail: str
    retry_after_seconds: int = 2
    hidden: bool = False


def _unavailable(detail: str, retry_after_seconds: int = 2, *, hidden: bool = False) -> State:
    return State("database_unavailable", detail, retry_after_seconds, hidden)


_UNREACHABLE = _unavailable("The database cannot be reached right now; try again shortly.")
_SLOW = _unavailable("The database did not respond in time; try again shortly.")
# A COMMIT may be waiting for its standby (chat_core/database/connecting.py).
_UNKNOWN = _unavailable(
    "The database did not answer in time, so it is unknown whether this was done: repeat it, under the same "
    "Idempotency-Key if it has one."
)
_CONTENDED = State("try_again", "Others changed the same thing at the same time; try again.", 1)
_LOCKED = State(
    "try_again",
    "Another transaction holds a row lock that this needs; try again. Operators see it in ops.blocked.",
)
_EXHAUSTED = _unavailable("All of this server's connections to the database are in use; try again shortly.")
_READ_ONLY = State(
    "database_read_only", "The database accepts no writes right now: it is a standby, or set to read-only.", 10
)
_FULL = State(
    "database_full", "The database's disk is full: nothing can be stored until an operator frees space.", 30, True
)

# SQLSTATE, or its class (the first two characters) → state; the longer one takes precedence.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES: dict[str, State] = {
    "08": _UNREACHABLE,
    "25006": _READ_ONLY,
    "28": _unavailable("The database refuses this server's credentials: an operator must check them.", 10, hidden=True),
    "3D000": _unavailable("This server's database does not exist: an operator must check the configuration.", 10),
    "40001": _CONTENDED,
    "40P01": _CONTENDED,
    "53": _unavailable("The database is short of resources; try again shortly.", 5, hidden=True),
    "53100": _FULL,
    "53200": _unavailable("The database is out of memory; try again shortly.", 5, hidden=True),
    "53300": _unavailable("The database accepts no more connections right now; try again shortly.", 5, hidden=True),
    "55P03": _LOCKED,
    "57": _UNREACHABLE,
    "57014": _SLOW,
    "57P01": _unavailable("The database is shutting down; try again shortly."),
    "57P02": _unavailable("The database has crashed and is starting again; try again shortly."),
    "57P03": _unavailable("The database is starting up or shutting down; try again shortly."),
    "58": _unavailable("The database reports a system error: an operator must check its machine.", 10, hidden=True),
}


class PoolExhausted(TimeoutError):
    """No connection of the pool became free in time."""


def database_state(error: BaseException) -> State | None:
    """The state of the database that an error indicates; None if the error concerns the statement."""
    if isinstance(error, asyncpg.PostgresError):
        sqlstate = str(error.sqlstate or "")
        return _STATES.get(sqlstate) or _STATES.get(sqlstate[:2])
    if isinstance(error, PoolExhausted):
        return _EXHAUSTED
    if isinstance(error, TimeoutError):
        return _UNKNOWN
    return _UNREACHABLE if isinstance(error, DATABASE_ERRORS) else None


def unavailable(state: State | None = None) -> Problem:
    state = state or _UNREACHABLE
    return Problem(503, state.code, state.detail, headers={"Retry-After": str(state.retry_after_seconds)})


def row_locked() -> Problem:
    return unavailable(_LOCKED)


def read_only() -> Problem:
    return unavailable(_READ_ONLY)


class _Quota(msgspec.Struct):
    """Postgres' details of an exceeded quota, in bytes; `quota` is its owner."""

    quota: str
    used: int
    allowed: int
    needed: int


def _quota_exceeded(quota: _Quota) -> Problem:
    whose = "workspace" if quota.quota == "workspace" else "account that this would count towards"
    detail = f"The {whose} has {quota.used} of {quota.allowed} bytes stored, and this takes {quota.needed} more."
    return Problem(409, QUOTA_EXCEEDED, detail, extra=msgspec.structs.asdict(quota))


def from_constraint(name: str) -> Problem:
    """The detail for a violated constraint."""
    status, detail = _CONSTRAINTS[name]
    return Problem(status, name, detail)


def from_database(error: Exception, kind: str = "document") -> Problem | None:
    """The problem for a database error; None if it is our own fault (a 500). `kind` is the kind of document that was
    asked for."""
    constraint = of_kind(getattr(error, "constraint_name", None) or "", kind)
    if isinstance(error, asyncpg.PostgresError):
        if constraint == QUOTA_EXCEEDED:
            return _quota_exceeded(msgspec.json.decode(error.detail or "", type=_Quota))
        if constraint in _CONSTRAINTS:
            return from_constraint(constraint)
    if isinstance(error, asyncpg.CheckViolationError):
        return Problem(422, "validation_failed", f"A value violates the rule {constraint}.")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Problem(404, "not_found", "Something that this request refers to does not exist, or was just deleted.")
    state = database_state(error)
    return unavailable(state) if state else None
