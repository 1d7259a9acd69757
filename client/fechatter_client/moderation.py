"""What owners and admins see to: who did what."""

from collections.abc import AsyncIterator
from datetime import datetime

from fechatter_client.api import Api, given
from fechatter_client.models import AuditEntry


class Moderation:
    def __init__(self, api: Api) -> None:
        self._api = api

    def audit(
        self,
        workspace_id: int,
        *,
        action: str | None = None,
        actor_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[AuditEntry]:
        """Every administrative act in a workspace, newest first. Times need their zone."""
        params = given(
            action=action,
            actor_id=actor_id,
            since=since and since.isoformat(),
            until=until and until.isoformat(),
            limit=page_size,
        )
        return self._api.items(AuditEntry, f"/workspaces/{workspace_id}/audit", params)
