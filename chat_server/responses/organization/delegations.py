"""Delegations."""

import msgspec

from chat_server.http.fields import Id, Time


class Delegation(msgspec.Struct):
    """What `delegate_id` may do for `principal_id`, in one place or, without any, wherever the principal may; a Single
    chat must be named itself. It is in force from `starts_at` until `ends_at`, once it is accepted."""

    id: Id
    principal_id: Id
    delegate_id: Id
    permissions: list[str]
    workspace_id: Id | None
    chat_id: Id | None
    board_id: Id | None
    page_id: Id | None
    starts_at: Time
    ends_at: Time
    reason: str
    created_at: Time
    accepted_at: Time | None
    revoked_at: Time | None
