"""Dialogs: forms that bots open to the person who has just asked them something (docs/integrations/dialogs.md)."""

import json
from collections.abc import Mapping, Sequence

from ..api import Api, given
from ..models.integrations import DialogAnswer, OpenedDialog


class Dialogs:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def open(self, trigger_id: str, view: Mapping[str, object], *, on_top: bool = False) -> OpenedDialog:
        """As a bot, within three seconds; once for each `trigger_id`."""
        body = {"trigger_id": trigger_id, "view": json.dumps(view), "on_top": on_top}
        return await self._api.ask(OpenedDialog, "POST", "/dialogs", body)

    async def update(
        self,
        view: Mapping[str, object],
        *,
        dialog_id: int | None = None,
        external_id: str | None = None,
        version: int | None = None,
    ) -> OpenedDialog:
        """As the bot that has opened it; by one of the two."""
        body = given(view=json.dumps(view), dialog_id=dialog_id, external_id=external_id, version=version)
        return await self._api.ask(OpenedDialog, "PUT", "/dialogs", body)

    async def shown(self) -> DialogAnswer:
        """The topmost dialog that is open to the account."""
        return await self._api.ask(DialogAnswer, "GET", "/dialogs")

    async def submit(self, dialog_id: int, entered: Mapping[str, Sequence[str]]) -> DialogAnswer:
        """`entered` has the values of each block."""
        return await self._api.ask(
            DialogAnswer, "POST", f"/dialogs/{dialog_id}/submission", {"entered": _listed(entered)}
        )

    async def press(
        self,
        dialog_id: int,
        action_id: str,
        entered: Mapping[str, Sequence[str]],
        *,
        block_id: str | None = None,
        chosen: str | None = None,
    ) -> DialogAnswer:
        body = given(action_id=action_id, block_id=block_id, chosen=chosen, entered=_listed(entered))
        return await self._api.ask(DialogAnswer, "POST", f"/dialogs/{dialog_id}/actions", body)

    async def close(self, dialog_id: int, *, all_of_them: bool = False) -> DialogAnswer:
        """`all_of_them`: those below it, too."""
        path = f"/dialogs/{dialog_id}" + ("?all_of_them=true" if all_of_them else "")
        return await self._api.ask(DialogAnswer, "DELETE", path)


def _listed(entered: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    return [{"block_id": block, "values": [*values]} for block, values in entered.items()]
