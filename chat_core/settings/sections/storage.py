from chat_core.settings.types import Bytes, Section


class Storage(Section):
    """Storage quotas: boards with their history, versions, thumbnails. 0 or null: no limit. PostgreSQL enforces
    them, for psql too; chat_server passes them on when it starts. SELECT * FROM ops.storage shows the usage."""

    workspace_bytes: Bytes = 10_737_418_240
    """Of a workspace."""

    user_bytes: Bytes = 536_870_912
    """Of one user in all workspaces: the boards that they have created, with their content, and their versions."""
