"""The process: runs the application until SIGTERM or SIGINT, and lets requests finish."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from argon2 import PasswordHasher
from litestar import Litestar

from chat_core.database.pool import Pool, open_pool
from chat_core.database.readiness import Readiness
from chat_core.http import serving
from chat_core.http.admission import Admission
from chat_core.load.boots import Boots
from chat_core.load.leases import Leases
from chat_core.outgoing.guarded import Guarded
from chat_core.process import logs
from chat_core.settings import Settings, require
from chat_core.storage import Blobs, open_storage
from chat_core.tokens import Signer, Verifier
from chat_core.tracing import spans_of
from chat_server.access import acts
from chat_server.app import build, build_litestar
from chat_server.files.clamd import Clamd
from chat_server.files.looking import Looks
from chat_server.files.uploads import Uploads
from chat_server.http.api_request import Parts
from chat_server.http.steps.limits import RATE_LIMIT_LEASE
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.passwords import Passwords
from chat_server.identity.personal_tokens import PersonalTokens
from chat_server.identity.providers import Providers
from chat_server.identity.scim.directories import ScimDirectories
from chat_server.identity.sessions import Sessions
from chat_server.links.lookups import Lookups
from chat_server.links.process import Fetching
from chat_server.mail.outbox import Outbox
from chat_server.media.process import Media
from chat_server.media.process import installed as previews_installed
from chat_server.parts import changes
from chat_server.parts.activity import Activity
from chat_server.parts.board_documents import BoardDocuments
from chat_server.parts.exports import Exports
from chat_server.parts.features import Features
from chat_server.parts.metrics import Metrics
from chat_server.parts.reads import Reads
from chat_server.parts.typing_notices import TypingNotices
from chat_server.parts.writer import Writer
from chat_server.routes.documents import document_thumbnails
from chat_server.routes.files import files, uploads
from chat_server.routes.integrations import slack_api

if TYPE_CHECKING:
    from chat_server.parts.message_traces import MessageTraces
    from chat_server.parts.relay_leader import RelayLeader

CLOSE_SECONDS = 5

_log = structlog.get_logger()


def serve(settings: Settings, may_start: Callable[[], None] = lambda: None) -> None:
    """Serves until stopped. `may_start` returns when the database is ready; work that does not need it is done before.

    Raises OSError if the port is in use; OSError and asyncpg's errors if the first connect fails.
    """
    logs.configure(settings.log, "chat-server")
    require(settings, ("database.url", "auth.private_key"), "chat-server")
    if settings.mail.host is not None:
        require(settings, ("server.public_url",), "the links in mails")
    app = build_litestar(settings.server)
    may_start()
    with serving.listening_socket(settings.server.host, settings.server.port) as bound:
        serving.run(_serve(settings, bound, app))


async def _serve(settings: Settings, bound: socket.socket, app: Litestar) -> None:
    async with prepared(settings, PasswordHasher(), app) as server:
        await server.serve([bound])


@contextlib.asynccontextmanager
async def prepared(
    settings: Settings, hasher: PasswordHasher, app: Litestar | None = None
) -> AsyncIterator[serving.Server]:
    """A server with its own pool, ready to `serve` on sockets. Raises what open_pool does."""
    private_key = settings.auth.private_key
    if private_key is None:
        raise ValueError("auth.private_key is not set")
    pool = await open_pool(settings.database, "fechatter chat", lock_seconds=changes.LOCK_SECONDS)
    try:
        metrics, database = Metrics(), settings.database
        folder = settings.storage.directory or settings.data_dir / "files"
        blobs, staging = open_storage(settings)
        blobs.failed = metrics.storage_failed
        media = Media(folder / "looks" / uuid4().hex) if settings.media.previews and previews_installed() else None
        looks = Looks(
            pool,
            blobs,
            media,
            Clamd(settings.media.clamd) if settings.media.clamd else None,
            metrics.file_scans,
        )
        traces = _traces(settings, pool)
        signer = Signer(private_key, settings.auth.issuer, settings.auth.access_token_seconds)
        shares = changes.Changes(pool)
        parts = Parts(
            settings,
            pool,
            Reads(database, pool, metrics.standby_reads),
            shares,
            signer,
            Verifier(private_key, settings.auth.issuer),
            Passwords(hasher),
            metrics,
            Writer(
                pool,
                shares,
                acts.require,
                metrics.batch_sizes,
                workers=settings.server.workers,
                most_scouts=max(1, database.pool_max // 5),
                statement_seconds=database.statement_timeout_seconds,
                longest_seconds=database.connect_timeout_seconds + database.statement_timeout_seconds + 5,
                traces=traces,
            ),
            Sessions(database, pool),
            Features(pool, settings),
            PersonalTokens(pool),
            TypingNotices(pool, _relay_leader(settings)),
            Activity(pool, settings.notify.presence_grace_seconds),
            Leases(pool, settings.limits.window_seconds, RATE_LIMIT_LEASE),
            Boots(pool, metrics.boots, metrics.boot_limit),
            BoardDocuments(),
            Readiness(pool),
            Uploads(
                pool,
                settings.storage,
                staging,
                blobs,
                looks,
                strip_originals=settings.media.strip_originals,
            ),
            looks,
            _lookups(settings, pool, blobs, media, metrics),
            Providers(settings),
            Directories(settings),
            ScimDirectories(settings),
            Outbox(settings, pool, signer, metrics),
            Guarded("Fechatter", settings.integrations.allow_hosts),
            Exports(),
            traces,
        )
        largest = max(settings.server.max_body_bytes, document_thumbnails.LARGEST, files.LARGEST_AT_ONCE)
        admission = Admission(
            settings, largest, metrics.registry, lambda *asked: uploads.streams(*asked) or slack_api.streams(*asked)
        )
        yield serving.Server(build(parts, app), admission, settings.server.drain_seconds)
    finally:
        await _close(pool)


def _traces(settings: Settings, pool: Pool) -> "MessageTraces | None":
    """OpenTelemetry is imported only where traces are sent."""
    spans = spans_of(settings, "chat_server")
    if spans is None:
        return None
    from chat_server.parts.message_traces import MessageTraces

    return MessageTraces(spans, pool)


def _relay_leader(settings: Settings) -> "RelayLeader | None":
    """The client of NATS is imported only where it is used. Without it all goes by NOTIFY."""
    if not settings.nats.servers:
        return None
    try:
        from chat_server.parts.relay_leader import RelayLeader
    except ImportError:
        _log.warning("nats.servers is set and not used: it needs the extra, pip install 'fechatter[nats]'")
        return None
    return RelayLeader(settings.nats)


def _lookups(settings: Settings, pool: Pool, blobs: Blobs, media: Media | None, metrics: Metrics) -> Lookups | None:
    if not settings.links.previews:
        return None
    origins = [settings.server.public_url] if settings.server.public_url else []
    fetching = Fetching("Fechatter (link previews)", settings.links.allow_hosts)
    return Lookups(pool, blobs, media, fetching, origins, metrics.links)


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()
