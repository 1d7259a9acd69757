"""Which features are on, held in memory: a route of one that is off costs no query.

At its start a server writes what app.yaml says into the table `features`, where the rules in SQL read it. Postgres
notifies `fechatter_features` of every change, of an organisation's own too.
"""

import asyncio
from typing import Final, Literal, get_args

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.settings import Settings

Feature = Literal[
    "enable_organizations",
    "enable_user_roles",
    "enable_proxy_system",
    "enable_bot_messages",
    "enable_online_statistics",
    "enable_advanced_admin",
]
FEATURES: Final[tuple[Feature, ...]] = get_args(Feature)
# The id of no organisation.
NONE: Final = 0
CHANNEL: Final = "fechatter_features"

FEATURES_ON = query("features_on")
WORKSPACES_OF_DIFFERING = query("workspaces_of_differing")
FEATURES_SET = query("features_set", "names", "enabled")

_log = structlog.get_logger()


class Features:
    """All are off until `read` has been awaited."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._said = [bool(getattr(settings.features, name)) for name in FEATURES]
        self._written = False
        self._reading = asyncio.Lock()
        self._on: frozenset[str] = frozenset()
        self._differing: dict[int, dict[str, bool]] = {}  # by organisation
        self._organization_of: dict[int, int] = {}  # by workspace, of organisations that differ

    def is_on(self, feature: Feature, organization_id: int | None = None, workspace_id: int | None = None) -> bool:
        """For an organisation or else in a workspace, as its organisation has it; without either, anywhere on this
        server."""
        everywhere = feature in self._on
        if organization_id is None:
            if workspace_id is None:
                return everywhere or any(own.get(feature) for own in self._differing.values())
            organization_id = self._organization_of.get(workspace_id, NONE)
        return self._differing.get(organization_id, {}).get(feature, everywhere)

    async def read(self) -> None:
        """Reads the flags; the first time it writes what app.yaml says. While the database is unavailable all stays as
        it was: `Sessions.run` calls this again once it is there."""
        async with self._reading:  # or one that began before a change could end after those that have read it
            await self._read()

    async def _read(self) -> None:
        try:
            if not self._written:
                await FEATURES_SET.rows(self._pool, names=list(FEATURES), enabled=self._said)
                self._written = True
            rows = await FEATURES_ON.rows(self._pool)
            workspaces = await WORKSPACES_OF_DIFFERING.rows(self._pool)
        except Exception as error:
            _log.warning("features not read", error=f"{type(error).__name__}: {error}")
            return
        self._on = frozenset(row["name"] for row in rows if row["organization_id"] is None)
        differing: dict[int, dict[str, bool]] = {}
        for row in rows:
            if row["organization_id"] is not None:
                differing.setdefault(row["organization_id"], {})[row["name"]] = row["enabled"]
        self._differing = differing
        self._organization_of = {row["id"]: row["organization_id"] for row in workspaces}
