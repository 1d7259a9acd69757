"""Organisations, which are parents of workspaces."""

from datetime import datetime

from . import Model


class FeatureFlags(Model):
    enable_organizations: bool
    enable_user_roles: bool
    enable_proxy_system: bool
    enable_bot_messages: bool
    enable_online_statistics: bool
    enable_advanced_admin: bool


class Features(Model):
    """`features` are those of the server. `organizations` has the caller's organisations that differ, by id, and what
    is on or off there alone."""

    features: FeatureFlags
    organizations: dict[str, dict[str, bool]]


class Delegation(Model):
    """What `delegate_id` may do for `principal_id`, in one place or, without any, wherever the principal may; a Single
    chat must be named itself. It is in force from `starts_at` until `ends_at`, once it is accepted."""

    id: int
    principal_id: int
    delegate_id: int
    permissions: list[str]
    workspace_id: int | None
    chat_id: int | None
    board_id: int | None
    page_id: int | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
