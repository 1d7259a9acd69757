"""Periodic work: the event log's partitions, expired rows, and messages past their retention; and each second,
statistics of tables that grow fast.

Several servers may do it at the same time: the log has a lock, and a row that one is deleting is skipped by the others.
"""

import asyncio

import asyncpg
import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import Query, query
from chat_core.settings import Settings
from chat_core.tokens import Signer
from chat_server.identity.factors import sealing
from chat_server.parts.metrics import Metrics

PERIOD_SECONDS = 60
# For as long as a plan may be in use that was made when the table had half its size.
STATISTICS_SECONDS = 1
BATCH = 1000

GROWN_TABLES_ANALYZE = query("grown_tables_analyze")
STEADY_CLOCK_ADVANCE = query("steady_clock_advance")
LOG_MAINTAIN = query("log_maintain", "retention_days")
EXPIRIES = {
    "tickets": query("tickets_expire"),
    "sessions": query("sessions_expire"),
    "devices": query("devices_expire"),
    "password_resets": query("password_resets_expire"),
    "dialogs": query("dialogs_expire"),
    "app_codes": query("app_codes_expire"),
    "app_tokens": query("app_tokens_expire"),
    "mails": query("mails_expire"),
    "mail_notices": query("mail_notices_expire"),
    "address_changes": query("address_changes_expire"),
    "used_once": query("used_once_expire"),
    "pending_sign_ins": query("pending_sign_ins_expire"),
    "clerk_objects": query("clerk_objects_expire"),
    "idempotency_keys": query("idempotency_keys_expire"),
    "page_refusals": query("page_refusals_expire"),
    "rate_limits": query("rate_limits_expire"),
    "custom statuses": query("statuses_expire"),
    "chat_bans": query("bans_expire"),
    "invites": query("invites_expire"),
    "appointments": query("appointments_turn"),
    "role_bindings": query("role_bindings_expire"),
    "private answers": query("private_answers_expire"),
    "released holds": query("holds_let_go"),
    "message traces": query("message_traces_expire"),
    "silences": query("silences_expire"),
    "chat_silences": query("silences_left_expire"),
}

# Messages deleted in one transaction, which locks their chat and makes posts there wait.
MESSAGES_AT_ONCE = 500
CHATS_OVERDUE = query("chats_overdue", "after", "limit")
MESSAGES_EXPIRE = query("messages_expire", "chat", "batch")
BOARDS_OVERDUE = query("boards_overdue", "after", "history_days", "limit")
BOARD_UPDATES_EXPIRE = query("board_updates_expire", "board", "history_days", "batch")
PAGES_OVERDUE = query("pages_overdue", "after", "history_days", "limit")
PAGE_OPS_EXPIRE = query("page_ops_expire", "page", "history_days", "batch")
# By kind of document: those with expired edits, and what deletes these.
HISTORIES: dict[str, tuple[Query, Query]] = {
    "board": (BOARDS_OVERDUE, BOARD_UPDATES_EXPIRE),
    "page": (PAGES_OVERDUE, PAGE_OPS_EXPIRE),
}

ONLINE_SETTLE = query("online_settle")
ONLINE_EXPIRE = query("online_expire", "retention_days")

# Settings that psql must respect too are kept in the database.
STORAGE_QUOTAS_SET = query("storage_quotas_set", "workspace_bytes", "user_bytes")
STORAGE_BY_KIND = query("storage_by_kind")
LOOKS_WAITING = query("looks_waiting")
BLOBS_BY_STORE = query("blobs_by_store")
FILES_WAITING = query("files_waiting")
MAILS_WAITING = query("mails_waiting")
LINK_LOOKUPS_WAITING = query("link_lookups_waiting")
SYNCHRONISATIONS_STOPPED = query("synchronisations_stopped")

_log = structlog.get_logger()


async def maintain(pool: Pool, settings: Settings, metrics: Metrics, signer: Signer) -> None:
    """Runs until cancelled. Failures, such as an unavailable database, are logged and retried."""
    storage = settings.storage
    while True:
        try:
            await STORAGE_QUOTAS_SET.row(pool, workspace_bytes=storage.workspace_bytes, user_bytes=storage.user_bytes)
            for row in await STORAGE_BY_KIND.rows(pool):
                metrics.stored.labels(row["kind"]).set(row["bytes"])
            for row in await BLOBS_BY_STORE.rows(pool):
                metrics.blobs.labels(row["store"]).set(row["bytes"])
            unfinished = await FILES_WAITING.one(pool)
            metrics.uploads_open.set(unfinished["uploads"])
            metrics.blob_deletions.set(unfinished["deletions"])
            metrics.bytes_lost.set(unfinished["lost"])
            waiting = {row["state"]: row["files"] for row in await LOOKS_WAITING.rows(pool)}
            for state in ("scanning", "pending"):
                metrics.files_waiting.labels(state).set(waiting.get(state, 0))
            metrics.mails_waiting.set(await MAILS_WAITING.value(pool))
            metrics.links_waiting.set(await LINK_LOOKUPS_WAITING.value(pool))
            for row in await SYNCHRONISATIONS_STOPPED.rows(pool):
                metrics.synchronisations_stopped.labels(row["source"]).set(row["stopped"])
            await sealing.seal_all(pool, signer)
            await maintain_once(pool, settings.events.retention_days)
            await expire_history(pool, "board", settings.boards.history_days)
            await expire_history(pool, "page", settings.pages.history_days)
            await ONLINE_SETTLE.row(pool)
            await ONLINE_EXPIRE.value(pool, retention_days=settings.statistics.online_retention_days)
        except Exception as error:
            _log.warning("maintenance failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(PERIOD_SECONDS)


async def keep_statistics(pool: Pool, seconds: float = STATISTICS_SECONDS) -> None:
    """Runs every `seconds` until cancelled. A failure, such as an unavailable database, is logged once, until it
    works again."""
    failing = False
    while True:
        await asyncio.sleep(seconds)
        try:
            await GROWN_TABLES_ANALYZE.rows(pool)
            failing = False
        except Exception as error:
            if not failing:
                _log.warning("statistics failed", error=f"{type(error).__name__}: {error}")
            failing = True


async def maintain_once(pool: Pool, retention_days: int) -> None:
    await STEADY_CLOCK_ADVANCE.value(pool)  # even where the rest fails
    for dropped in await LOG_MAINTAIN.rows(pool, retention_days=retention_days):
        _log.info("event log: day dropped", partition=dropped[0])
    for table, expire in EXPIRIES.items():
        total = 0
        while deleted := len(await expire.rows(pool)):
            total += deleted
            if deleted < BATCH:
                break
        if total:
            _log.info("expired", table=table, rows=total)
    await expire_messages(pool)


async def expire_messages(pool: Pool) -> None:
    """Deletes expired messages, chat by chat. A chat that is locked does not make others wait."""
    after = 0
    while chats := [row["id"] for row in await CHATS_OVERDUE.rows(pool, after=after, limit=BATCH)]:
        for chat in chats:
            total = 0
            try:
                while gone := await MESSAGES_EXPIRE.value(pool, chat=chat, batch=MESSAGES_AT_ONCE):
                    total += gone
            except asyncpg.PostgresError as error:
                _log.warning("retention failed", chat=chat, error=f"{type(error).__name__}: {error}")
            if total:
                _log.info("retention", chat=chat, messages=total)
        after = chats[-1]


async def expire_history(pool: Pool, kind: str, history_days: int) -> None:
    """Deletes the history of documents of a kind, one by one, as far as it has expired and is in a snapshot."""
    find, expire = HISTORIES[kind]
    after = 0
    while overdue := await find.rows(pool, after=after, history_days=history_days, limit=BATCH):
        for document in (row[f"{kind}_id"] for row in overdue):
            total = 0
            while gone := await expire.value(pool, **{kind: document}, history_days=history_days, batch=BATCH):
                total += gone
            _log.info("history", kind=kind, document=document, edits=total)
        after = overdue[-1][f"{kind}_id"]
