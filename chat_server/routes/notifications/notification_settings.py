"""How a person is notified while they do not look; docs/notifications/README.md."""

import msgspec
from litestar import Response, get, patch
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.languages import Language
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import ClockTime, MailWish, PushContent, PushWish, TimeZoneName
from chat_server.http.verbatim import verbatim
from chat_server.responses.notifications import NotificationSettings

NOTIFICATION_SETTINGS_SHOWN = query("notification_settings_shown", "user")
NOTIFICATION_SETTINGS_CHANGE = query("notification_settings_change", "user", "given")


class NotificationSettingsChange(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Missing fields stay as they are. Quiet hours have both ends, or none: null."""

    push: PushWish | msgspec.UnsetType = msgspec.UNSET
    push_content: PushContent | msgspec.UnsetType = msgspec.UNSET
    push_while_active: bool | msgspec.UnsetType = msgspec.UNSET
    quiet_from: ClockTime | msgspec.UnsetType | None = msgspec.UNSET
    quiet_until: ClockTime | msgspec.UnsetType | None = msgspec.UNSET
    email: MailWish | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType | None = msgspec.UNSET
    time_zone: TimeZoneName | msgspec.UnsetType = msgspec.UNSET


@get("/users/me/notifications")
async def show_notification_settings(request: ApiRequest) -> Response[NotificationSettings]:
    """How the caller is notified while they do not look at a chat."""
    return verbatim(await NOTIFICATION_SETTINGS_SHOWN.value(request.pool, user=request.caller.user_id))


@patch("/users/me/notifications", opt={"problems": [422]})
async def change_notification_settings(
    request: ApiRequest, data: JSONBody[NotificationSettingsChange]
) -> Response[NotificationSettings]:
    """Choose how the caller is notified. Levels and mutes of a chat are chosen there."""
    async with request.transaction() as connection:
        changed = await NOTIFICATION_SETTINGS_CHANGE.value(
            connection, user=request.caller.user_id, given=msgspec.json.encode(data).decode()
        )
    return verbatim(changed)


SCOPES = scopes.PROFILE
HANDLERS = [show_notification_settings, change_notification_settings]
