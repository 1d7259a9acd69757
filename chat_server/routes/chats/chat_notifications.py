"""A member's notification settings for a chat. The server stores them, so that all of the member's devices agree."""

import msgspec
from litestar import Response, patch
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import NotificationLevel, PathId, Time
from chat_server.http.verbatim import verbatim
from chat_server.responses.reading import ChatNotifications

CHAT_NOTIFICATIONS_SET = query(
    "chat_notifications_set", "chat", "user", "notification_level", "set_muted_until", "muted_until"
)


class NotificationsChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. A null `muted_until` ends a mute; 9999-12-31T23:59:59Z means for good."""

    notification_level: NotificationLevel | None = None
    muted_until: Time | msgspec.UnsetType | None = msgspec.UNSET


@patch("/chats/{chat_id:int}/me")
async def set_notifications(
    request: ApiRequest, chat_id: PathId, data: JSONBody[NotificationsChange]
) -> Response[ChatNotifications]:
    """Choose the caller's notifications for a chat, and mute it for a time. Only clients act on this."""
    muted_until = None if data.muted_until is msgspec.UNSET else data.muted_until
    async with request.transaction() as connection:
        await places.chat(connection, request.caller, chat_id, "choose notifications")
        changed = await CHAT_NOTIFICATIONS_SET.value(
            connection,
            chat=chat_id,
            user=request.caller.user_id,
            notification_level=data.notification_level,
            set_muted_until=data.muted_until is not msgspec.UNSET,
            muted_until=muted_until,
        )
    return verbatim(places.found(changed))


SCOPES = scopes.CHATS
HANDLERS = [set_notifications]
