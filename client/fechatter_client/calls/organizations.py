"""Organisations, which are parents of workspaces."""

from ..api import Api
from ..models.organizations import Features


class Organizations:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def features(self) -> Features:
        """Which features are on: routes of one that is off answer 404 `feature_off`."""
        return await self._api.get(Features, "/features")
