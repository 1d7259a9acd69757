from chat_core.settings.types import Section


class Features(Section):
    """What an organisation needs and a team does not: each feature is off until it is switched on here. Where one is
    off, its routes answer 404 feature_off, and nothing that it granted counts. See docs/organization/features.md."""

    enable_organizations: bool = False
    """Organisations above workspaces, with departments, groups, a directory of people, guests and announcements."""

    enable_user_roles: bool = False
    """Roles of an organisation's own, bound to people, groups and departments."""

    enable_proxy_system: bool = False
    """Acting for somebody else, for a time and with a list of permissions."""

    enable_bot_messages: bool = False
    """Bots: users that programs post as."""

    enable_online_statistics: bool = False
    """How long people were online, by day. Ask works councils and data protection officers first."""

    enable_advanced_admin: bool = False
    """Administration and compliance: legal holds, exports for cases, rules for what may be sent."""
