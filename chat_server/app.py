"""Puts the server together: routes, middleware, and the parts that live as long as it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from types import ModuleType
from typing import Self, cast

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware

from chat_core.http import serving
from chat_core.load.boots import CHANNEL as BOOTS_CHANNEL
from chat_core.process import metrics
from chat_core.process.background import Background
from chat_core.settings import Server
from chat_server.background.deletions import keep_erasing
from chat_server.background.disk import keep_room_measured
from chat_server.background.maintenance import keep_statistics, maintain
from chat_server.background.search_follower import keep_following
from chat_server.files.cleanup import clean_files
from chat_server.http import assets, offline, openapi
from chat_server.http import pages as browser_pages
from chat_server.http.api_request import ApiRequest, Parts
from chat_server.http.steps import feature, limits
from chat_server.http.steps.authentication import Authentication
from chat_server.http.steps.compression import compressed
from chat_server.http.steps.errors import EXCEPTION_HANDLERS
from chat_server.http.steps.files_origin import nothing_but_files
from chat_server.http.steps.hot import Hot
from chat_server.http.steps.observe import Application, observe
from chat_server.integrations.slack.events import keep_telling
from chat_server.mail.inbound.lmtp import Inbox
from chat_server.mail.notices import keep_noticing
from chat_server.page_content.snapshots import keep_snapshots
from chat_server.parts.features import CHANNEL as FEATURES_CHANNEL
from chat_server.provisioning.directory_sync import keep_synchronised
from chat_server.routes import health, invites, links, search, sync
from chat_server.routes.administration import audit_logs, organization_accounts, overview, people_data
from chat_server.routes.boards import (
    board_export,
    board_files,
    board_members,
    board_quarantine,
    board_thumbnails,
    board_versions,
    boards,
)
from chat_server.routes.chats import chat_bans, chat_members, chat_notifications, chats, drafts, typing
from chat_server.routes.compliance import cases, dlp, holds
from chat_server.routes.files import files, uploads
from chat_server.routes.files import links as file_links
from chat_server.routes.identity import (
    addresses,
    auth,
    devices,
    factors,
    jwks,
    passkeys,
    passwords,
    presence,
    scim,
    second_step,
    tokens,
    users,
)
from chat_server.routes.identity.ways_in import clerk, ldap, oidc, providers, saml
from chat_server.routes.integrations import (
    apps,
    bots,
    commands,
    connected_apps,
    dialogs,
    incoming_webhooks,
    interactions,
    oauth,
    slack_api,
    subscriptions,
)
from chat_server.routes.messages import mentions, messages, pins, reactions, read_markers, threads
from chat_server.routes.moderation import audit, reports
from chat_server.routes.notifications import notification_settings, pushes, unsubscribe
from chat_server.routes.organization import (
    announcements,
    delegations,
    department_chats,
    departments,
    directory_lists,
    features,
    groups,
    organizations,
    people,
    permissions,
    role_bindings,
    roles,
    visibility_rules,
)
from chat_server.routes.pages import (
    page_comments,
    page_content,
    page_export,
    page_files,
    page_history,
    page_members,
    page_publications,
    page_thumbnails,
    page_versions,
    pages,
    published_pages,
)
from chat_server.routes.statistics import online
from chat_server.routes.workspaces import (
    emoji,
    required_providers,
    required_second_factors,
    workspace_invitations,
    workspace_members,
    workspaces,
)

RESOURCES = (
    *(
        auth,
        second_step,
        passwords,
        addresses,
        devices,
        factors,
        passkeys,
        tokens,
        providers,
        oidc,
        saml,
        ldap,
        clerk,
        users,
    ),
    scim,
    *(workspaces, workspace_members, workspace_invitations, emoji),
    *(required_providers, required_second_factors, audit),
    *(holds, cases, dlp),
    *(chats, chat_members, chat_bans, invites, messages, reactions, pins, threads, reports),
    *(boards, board_members, board_thumbnails, board_files, board_versions, board_export, board_quarantine),
    *(pages, page_members, page_thumbnails, page_files, page_content, page_history, page_versions, page_export),
    *(page_comments, page_publications, published_pages),
    *(read_markers, chat_notifications, drafts, mentions, typing, presence, sync, search),
    *(files, uploads, file_links, links),
    *(
        features,
        organizations,
        departments,
        groups,
        people,
        directory_lists,
        department_chats,
        announcements,
        visibility_rules,
        delegations,
    ),
    *(roles, role_bindings, permissions),
    *(bots, incoming_webhooks, commands, interactions, subscriptions, apps, connected_apps, dialogs),
    *(overview, organization_accounts, audit_logs, people_data, online, notification_settings, pushes),
)
# The routes of most requests: `http/steps/hot.py` answers them without Litestar.
HOT: tuple[HTTPRouteHandler, ...] = (
    *(messages.post_message, read_markers.move_read_marker, read_markers.mark_unread, typing.tell_typing),
    *(messages.edit_message, reactions.add_reaction, reactions.remove_reaction),
)


def build(parts: Parts, app: Litestar | None = None) -> Application:
    """The ASGI application of one server; `app` is the result of `build_litestar`, made before the database was
    available. While it runs, it does the maintenance too."""
    app = app or build_litestar(parts.settings.server)
    app.state.parts = parts
    parts.metrics.watch(parts.pool, parts.passwords, parts.writer, parts.sessions)
    hot, files = Hot(app, parts, HOT), parts.settings.storage.public_url
    served = nothing_but_files(hot.before(compressed(cast("Application", app))), files)
    if parts.traces is not None:
        from chat_server.http.steps.traced import traced

        served = traced(served, parts.traces.spans)
    if parts.traces is not None or files is not None:  # these look at every request
        return observe(served, parts.metrics)
    return observe(served, parts.metrics, hot.plain)


def build_litestar(settings: Server) -> Litestar:
    """All routes, which take time to build. They find `Parts` in the app's state when a request arrives."""
    return Litestar(
        route_handlers=[
            *(api(), *browser_pages.static_files()),
            _published(),
            _unsubscribing(),
            _as_slack(),
            _oauth(),
            *(
                *health.HANDLERS,
                *jwks.HANDLERS,
                *oauth.METADATA,
                *browser_pages.HANDLERS,
                assets.asset,
                *offline.HANDLERS,
            ),
            *openapi.HANDLERS,
        ],
        request_class=ApiRequest,
        request_max_body_size=settings.max_body_bytes,
        exception_handlers=EXCEPTION_HANDLERS,
        cors_config=_cors(settings.cors_origins) if settings.cors_origins else None,
        openapi_config=None,
        lifespan=[_beside],
        logging_config=None,
        debug=False,
    )


class _Fresh(Router):
    """A router that one application alone is given, so Litestar need not copy it and its handlers: a third of the time
    that building takes."""

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


def api() -> Router:
    return _Fresh(
        path="/api",
        route_handlers=[
            _Fresh(
                path="/",
                route_handlers=resource.HANDLERS,
                tags=[_name(resource)],
                opt={"scopes": getattr(resource, "SCOPES", None), "feature": getattr(resource, "FEATURE", None)},
                guards=[feature.guard] if hasattr(resource, "FEATURE") else [],
            )
            for resource in RESOURCES
        ],
        middleware=[DefineMiddleware(Authentication, exclude_from_auth_key="public")],
        guards=[limits.guard],
    )


def _published() -> Router:
    """What pages have published, counted towards the limits of visitors."""
    return Router(path="/", route_handlers=published_pages.HTML_HANDLERS, guards=[limits.guard])


def _unsubscribing() -> Router:
    return Router(path="/", route_handlers=unsubscribe.HTML_HANDLERS, guards=[limits.guard])


def _as_slack() -> Router:
    """What Slack's libraries call. The requests that a call makes to /api are counted there."""
    opt = {"feature": slack_api.FEATURE}
    return Router(
        path="/slack",
        route_handlers=[*slack_api.HANDLERS, *interactions.SLACK_HANDLERS],
        opt=opt,
        guards=[feature.guard],
    )


def _oauth() -> Router:
    """What apps ask for themselves, counted towards the limits of visitors."""
    return Router(
        path="/oauth",
        route_handlers=oauth.HANDLERS,
        opt={"feature": oauth.FEATURE},
        guards=[feature.guard, limits.guard],
    )


def _name(resource: ModuleType) -> str:
    return resource.__name__.rpartition(".")[2].replace("_", " ")


async def _switched(parts: Parts) -> None:
    """Sessions of bots and apps are good only while their feature is on."""
    parts.sessions.forget_all()
    await parts.features.read()


@contextlib.asynccontextmanager
async def _beside(app: Litestar) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    settings = parts.settings
    stack = contextlib.AsyncExitStack()
    parts.sessions.watch(FEATURES_CHANNEL, partial(_switched, parts))
    parts.sessions.watch(BOOTS_CHANNEL, parts.boots.read_anew)
    await asyncio.gather(parts.features.read(), parts.boots.read())
    background = _background(parts)
    try:
        if settings.mail.lmtp_port is not None and serving.is_first_worker():
            inbox = Inbox(settings.mail, parts.pool, parts.signer, parts.metrics, parts.uploads)
            await stack.enter_async_context(inbox.listening())
        if folder := metrics.shared_folder():
            async with parts.writer.with_other_workers(folder, commits=serving.is_first_worker()):
                yield
        else:
            yield
    finally:
        await stack.aclose()
        parts.outbox.close()
        await background.stop()
        await parts.looks.close()
        await parts.providers.close()
        parts.directories.close()
        await parts.outgoing.close()
        await parts.writer.close(parts.settings.server.drain_seconds)
        await asyncio.gather(parts.typing.close(), parts.activity.close(), parts.board_documents.close())
        await parts.leases.close(parts.settings.server.drain_seconds)
        if parts.traces is not None:
            await parts.traces.close()


def _background(parts: Parts) -> Background:
    """Requests are answered without any of it, so none of it ends the server."""
    settings, pool = parts.settings, parts.pool
    background = Background(parts.metrics.crashes)
    background.keep("maintenance", partial(maintain, pool, settings, parts.metrics, parts.signer))
    background.keep("statistics", partial(keep_statistics, pool))
    background.keep("deletions", partial(keep_erasing, pool))
    background.keep("clean-up of files", partial(clean_files, pool, parts.uploads))
    background.keep("snapshots of pages", partial(keep_snapshots, pool, settings.pages))
    background.keep("looking at files", parts.looks.run)
    background.keep("mails", parts.outbox.run)
    background.keep("metrics", parts.metrics.keep_measured)
    background.keep("disk", partial(keep_room_measured, parts.uploads.staging, parts.metrics))
    background.keep("sessions", parts.sessions.run)
    background.keep("typing", parts.typing.run)
    background.keep("uses of tokens", parts.personal_tokens.run)
    background.keep("standby", parts.reads.run)
    if parts.traces is not None:
        background.keep("traces", parts.traces.run)
    if serving.is_first_worker():
        background.keep("search", partial(keep_following, pool, settings, parts.metrics))
        if settings.mail.notifications and parts.outbox.is_on:
            background.keep("mails of messages", partial(keep_noticing, pool, parts.outbox))
        if parts.lookups is not None:
            background.keep("links", parts.lookups.run)
        is_on = partial(parts.features.is_on, "enable_bot_messages")
        background.keep("events of bots", partial(keep_telling, pool, parts.outgoing, is_on))
        background.keep("directories", partial(keep_synchronised, pool, parts.directories, parts.metrics))
    return background


def _cors(origins: list[str]) -> CORSConfig:
    return CORSConfig(
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Acting-For",
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "Range",
            "If-Range",
            *uploads.REQUEST_HEADERS,
        ],
        expose_headers=[
            "Link",
            "Location",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "X-Request-ID",
            "ETag",
            "Content-Range",
            "Content-Disposition",
            *uploads.RESPONSE_HEADERS,
        ],
        max_age=600,
    )
