"""How long people were online."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Literal

from ..api import Api, given
from ..models.statistics import OnlineTime

Grouping = Literal["person", "department", "all"]


class Statistics:
    """Days are those of each person's time zone; both ends are included."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def own_online_time(self, since: date | None = None, until: date | None = None) -> OnlineTime:
        """The caller's, all of it."""
        [own] = await self._api.get(list[OnlineTime], "/statistics/online", _days(since, until))
        return own

    def online_time(
        self,
        organization_id: int,
        by: Grouping = "person",
        *,
        since: date | None = None,
        until: date | None = None,
        page_size: int = 100,
    ) -> AsyncIterator[OnlineTime]:
        """For admins of the organisation, without what fewer than five people have hidden."""
        params = {"organization_id": organization_id, "by": by, "limit": page_size, **_days(since, until)}
        return self._api.items(OnlineTime, "/statistics/online", params)

    async def export_online_time(
        self,
        organization_id: int | None = None,
        by: Grouping = "person",
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> bytes:
        """As CSV; the caller's own without an organisation."""
        params = given(organization_id=organization_id, by=by) | _days(since, until)
        return await self._api.get_bytes("/statistics/online/export", params)

    async def set_time_zone(self, time_zone: str) -> None:
        """Where the caller's days begin and end, such as Europe/Berlin."""
        await self._api.do("PUT", "/users/me/time-zone", {"time_zone": time_zone})


def _days(since: date | None, until: date | None) -> dict[str, Any]:
    return given(since=since and since.isoformat(), until=until and until.isoformat())
