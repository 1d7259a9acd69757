"""What organisations tell their people."""

from collections.abc import AsyncIterator, Sequence

from ..api import Api, given
from ..models.organizations import Announcement, AnnouncementRecipient, PublishedAnnouncement


class Announcements:
    """What reaches the caller; and, for an organisation's admins, what they publish."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, acknowledged: bool | None = None, page_size: int = 100) -> AsyncIterator[Announcement]:
        """What reaches the caller and is not withdrawn, newest first."""
        return self._api.items(Announcement, "/announcements", {**_asked(acknowledged), "limit": page_size})

    async def get(self, announcement_id: int) -> Announcement:
        return await self._api.get(Announcement, f"/announcements/{announcement_id}")

    async def acknowledge(self, announcement_id: int) -> None:
        """It is open for the caller no more."""
        await self._api.do("PUT", f"/announcements/{announcement_id}/acknowledgement")

    def published(self, organization_id: int, *, page_size: int = 100) -> AsyncIterator[PublishedAnnouncement]:
        """All of an organisation's, withdrawn ones too, newest first."""
        return self._api.items(PublishedAnnouncement, _path(organization_id), {"limit": page_size})

    async def publish(
        self,
        organization_id: int,
        title: str,
        content: str,
        *,
        acknowledgement_required: bool = False,
        department_ids: Sequence[int] = (),
        group_ids: Sequence[int] = (),
        idempotency_key: str | None = None,
    ) -> PublishedAnnouncement:
        """For the members in these departments and below, and in these groups; without any, for all members."""
        body = {
            "title": title,
            "content": content,
            "acknowledgement_required": acknowledgement_required,
            "department_ids": [*department_ids],
            "group_ids": [*group_ids],
        }
        return await self._api.create(PublishedAnnouncement, _path(organization_id), body, idempotency_key)

    async def get_published(self, organization_id: int, announcement_id: int) -> PublishedAnnouncement:
        return await self._api.get(PublishedAnnouncement, f"{_path(organization_id)}/{announcement_id}")

    async def change(
        self,
        organization_id: int,
        announcement_id: int,
        *,
        title: str | None = None,
        content: str | None = None,
        ask_again: bool = False,
    ) -> PublishedAnnouncement:
        """`ask_again`: those who have acknowledged it are asked once more."""
        body = {**given(title=title, content=content), "ask_again": ask_again}
        return await self._api.ask(PublishedAnnouncement, "PATCH", f"{_path(organization_id)}/{announcement_id}", body)

    async def withdraw(self, organization_id: int, announcement_id: int) -> None:
        await self._api.do("DELETE", f"{_path(organization_id)}/{announcement_id}")

    def recipients(
        self, organization_id: int, announcement_id: int, *, acknowledged: bool | None = None, page_size: int = 100
    ) -> AsyncIterator[AnnouncementRecipient]:
        """Whom it reaches: all, those who have acknowledged it, or those who have not; by user id."""
        path = f"{_path(organization_id)}/{announcement_id}/recipients"
        return self._api.items(AnnouncementRecipient, path, {**_asked(acknowledged), "limit": page_size})


def _asked(acknowledged: bool | None) -> dict[str, str]:
    return {} if acknowledged is None else {"acknowledged": str(acknowledged).lower()}


def _path(organization_id: int) -> str:
    return f"/organizations/{organization_id}/announcements"
