"""How the caller is notified while they do not look."""

from typing import Any, Literal

from ..api import Api, given
from ..models.notifications import MailWish, NotificationSettings, Push, PushContent, PushSubscription, PushWish


class Notifications:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def settings(self) -> NotificationSettings:
        return await self._api.get(NotificationSettings, "/users/me/notifications")

    async def change(
        self,
        *,
        push: PushWish | None = None,
        push_content: PushContent | None = None,
        push_while_active: bool | None = None,
        email: MailWish | None = None,
        language: Literal["en", "zh"] | None = None,
        time_zone: str | None = None,
    ) -> NotificationSettings:
        """What is not given stays as it is."""
        return await self._change(
            given(
                push=push,
                push_content=push_content,
                push_while_active=push_while_active,
                email=email,
                language=language,
                time_zone=time_zone,
            )
        )

    async def be_quiet(self, since: str | None, until: str | None) -> NotificationSettings:
        """From one time of the day to another, such as 22:00 to 07:00; None and None: at no time."""
        return await self._change({"quiet_from": since, "quiet_until": until})

    async def push(self) -> Push:
        """What a device subscribes with, and whether this session's has."""
        return await self._api.get(Push, "/push")

    async def subscribe(
        self, endpoint: str, p256dh: str, auth: str, language: Literal["en", "zh"] = "en"
    ) -> PushSubscription:
        """Pushes to this session's device, by Web Push or UnifiedPush; its keys are in base64url."""
        body = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}, "language": language}
        return await self._api.ask(PushSubscription, "PUT", "/push/subscription", body)

    async def unsubscribe(self) -> None:
        """Pushes to this session's device no more."""
        await self._api.do("DELETE", "/push/subscription")

    async def _change(self, body: dict[str, Any]) -> NotificationSettings:
        return await self._api.ask(NotificationSettings, "PATCH", "/users/me/notifications", body)
