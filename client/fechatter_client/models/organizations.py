"""Organisations, which are parents of workspaces."""

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
