"""What an organisation tells its people, and who has acknowledged it (docs/organization/announcements.md)."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import NAME, Content, Id, OptionalQueryId, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.features import Feature
from chat_server.responses.organization.announcements import (
    Announcement,
    AnnouncementRecipient,
    PublishedAnnouncement,
)

ANNOUNCEMENT_ACKNOWLEDGE = query("announcement_acknowledge", "user", "announcement")
ANNOUNCEMENT_CHANGE = query("announcement_change", "organization", "announcement", "title", "content", "ask_again")
ANNOUNCEMENT_FOR = query("announcement_for", "user", "announcement")
ANNOUNCEMENT_PUBLISH = query(
    "announcement_publish",
    *("organization", "author", "title", "content", "acknowledgement_required", "departments", "groups"),
)
ANNOUNCEMENT_PUBLISHED = query("announcement_published", "organization", "announcement")
ANNOUNCEMENT_RECIPIENTS = query(
    "announcement_recipients", "organization", "announcement", "acknowledged", "after", "limit"
)
ANNOUNCEMENT_WITHDRAW = query("announcement_withdraw", "organization", "announcement")
ANNOUNCEMENTS_FOR = query("announcements_for", "user", "acknowledged", "before", "limit")
ANNOUNCEMENTS_PUBLISHED = query("announcements_published", "organization", "before", "limit")

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NAME)]
Ids = Annotated[list[Id], msgspec.Meta(max_length=100)]
Acknowledged = Annotated[bool | None, QueryParameter(description="Only what is acknowledged, or only what is not.")]


class NewAnnouncement(msgspec.Struct, forbid_unknown_fields=True):
    """For the members in these departments and below them, and in these groups; without any, for all members. Whom it
    reaches is settled now."""

    title: Title
    content: Content
    acknowledgement_required: bool = False
    department_ids: Ids = msgspec.field(default_factory=list)
    group_ids: Ids = msgspec.field(default_factory=list)


class AnnouncementChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. `ask_again`: who has acknowledged it is asked once more."""

    title: Title | None = None
    content: Content | None = None
    ask_again: bool = False


@get("/announcements")
async def list_announcements(
    request: ApiRequest,
    acknowledged: Acknowledged = None,
    limit: Limit = DEFAULT_LIMIT,
    before_id: OptionalQueryId = None,
) -> Response[list[Announcement]]:
    """What the caller's organisations have told them and not withdrawn, newest first."""
    row = await ANNOUNCEMENTS_FOR.one(
        request.pool, user=request.caller.user_id, acknowledged=acknowledged, before=before_id, limit=limit
    )
    return page(request, row, "before_id")


@get("/announcements/{announcement_id:int}")
async def show_announcement(request: ApiRequest, announcement_id: PathId) -> Response[Announcement]:
    """An announcement that reaches the caller."""
    shown = await ANNOUNCEMENT_FOR.value(request.pool, user=request.caller.user_id, announcement=announcement_id)
    return verbatim(places.found(shown))


@put("/announcements/{announcement_id:int}/acknowledgement", status_code=204)
async def acknowledge_announcement(request: ApiRequest, announcement_id: PathId) -> None:
    """Acknowledge an announcement: those who publish see it, and it is open for the caller no more. Repeating this
    changes nothing."""
    async with request.transaction() as connection:
        places.found(
            await ANNOUNCEMENT_ACKNOWLEDGE.value(connection, user=request.caller.user_id, announcement=announcement_id)
            or None
        )


@get("/organizations/{organization_id:int}/announcements")
async def list_published_announcements(
    request: ApiRequest, organization_id: PathId, limit: Limit = DEFAULT_LIMIT, before_id: OptionalQueryId = None
) -> Response[list[PublishedAnnouncement]]:
    """All announcements of the organisation, withdrawn ones too, newest first."""
    await places.organization(request.pool, request.caller, organization_id, "publish announcements")
    row = await ANNOUNCEMENTS_PUBLISHED.one(request.pool, organization=organization_id, before=before_id, limit=limit)
    return page(request, row, "before_id")


@post("/organizations/{organization_id:int}/announcements", responses=retried(PublishedAnnouncement))
async def publish_announcement(
    request: ApiRequest,
    organization_id: PathId,
    data: JSONBody[NewAnnouncement],
    idempotency_key: IdempotencyKey = None,
) -> Response[PublishedAnnouncement]:
    """Tell the organisation's members something. Neither guests nor bots are told."""

    async def publish(connection: Connection) -> Response[PublishedAnnouncement]:
        await places.organization.locked(connection, request.caller, organization_id, "publish announcements")
        made = await ANNOUNCEMENT_PUBLISH.value(
            connection,
            organization=organization_id,
            author=request.caller.user_id,
            title=data.title,
            content=data.content,
            acknowledgement_required=data.acknowledgement_required,
            departments=data.department_ids,
            groups=data.group_ids,
        )
        return await _published(connection, organization_id, made, 201)

    return await once(
        request,
        idempotency_key,
        publish,
        places.organization.still(request.caller, organization_id, "publish announcements"),
    )


@get("/organizations/{organization_id:int}/announcements/{announcement_id:int}")
async def show_published_announcement(
    request: ApiRequest, organization_id: PathId, announcement_id: PathId
) -> Response[PublishedAnnouncement]:
    """One of the organisation's announcements: whom it was for, and how many have acknowledged it."""
    await places.organization(request.pool, request.caller, organization_id, "publish announcements")
    return await _published(request.pool, organization_id, announcement_id)


@patch("/organizations/{organization_id:int}/announcements/{announcement_id:int}")
async def change_announcement(
    request: ApiRequest, organization_id: PathId, announcement_id: PathId, data: JSONBody[AnnouncementChange]
) -> Response[PublishedAnnouncement]:
    """Change an announcement that is not withdrawn. Those for whom it is open hear of it."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "publish announcements")
        places.found(
            await ANNOUNCEMENT_CHANGE.value(
                connection,
                organization=organization_id,
                announcement=announcement_id,
                title=data.title,
                content=data.content,
                ask_again=data.ask_again,
            )
        )
        return await _published(connection, organization_id, announcement_id)


@delete("/organizations/{organization_id:int}/announcements/{announcement_id:int}")
async def withdraw_announcement(request: ApiRequest, organization_id: PathId, announcement_id: PathId) -> None:
    """Take an announcement back: those whom it reached see it no more, those who publish do. Repeating this changes
    nothing."""
    async with request.transaction() as connection:
        await places.organization.locked(connection, request.caller, organization_id, "publish announcements")
        places.found(
            await ANNOUNCEMENT_WITHDRAW.value(connection, organization=organization_id, announcement=announcement_id)
        )


@get("/organizations/{organization_id:int}/announcements/{announcement_id:int}/recipients")
async def list_announcement_recipients(
    request: ApiRequest,
    organization_id: PathId,
    announcement_id: PathId,
    acknowledged: Acknowledged = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[AnnouncementRecipient]]:
    """Whom an announcement reaches, and when they have acknowledged it, by user id; `after_id` is one."""
    await places.organization(request.pool, request.caller, organization_id, "publish announcements")
    row = await ANNOUNCEMENT_RECIPIENTS.one(
        request.pool,
        organization=organization_id,
        announcement=announcement_id,
        acknowledged=acknowledged,
        after=after_id,
        limit=limit,
    )
    return page(request, row)


async def _published(
    connection: Any, organization_id: int, announcement_id: int, status: int = 200
) -> Response[PublishedAnnouncement]:
    shown = await ANNOUNCEMENT_PUBLISHED.value(connection, organization=organization_id, announcement=announcement_id)
    return verbatim(places.found(shown), status)


FEATURE: Feature = "enable_organizations"
SCOPES = scopes.ORGANIZATIONS
HANDLERS = [
    *(list_announcements, show_announcement, acknowledge_announcement),
    *(list_published_announcements, publish_announcement, show_published_announcement),
    *(change_announcement, withdraw_announcement, list_announcement_recipients),
]
