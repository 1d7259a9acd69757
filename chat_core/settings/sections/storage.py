from chat_core.settings.types import Bytes, Section


class Storage(Section):
    """What may be stored: boards with their history, versions, thumbnails. 0 or null: any amount. PostgreSQL enforces
    it, for psql too; chat_server gives it the quotas when it starts. SELECT * FROM ops.storage shows what there is."""

    workspace_bytes: Bytes = 10_737_418_240
    """Of a workspace."""

    user_bytes: Bytes = 536_870_912
    """Of one user in all workspaces: the boards they have made, with all that is on them, and their versions."""
