"""The server's metrics, for Prometheus, in a registry of their own, so that several servers fit into one process."""

import asyncio
import contextlib
import functools
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from chat_core.batching import BatcherClosed, BatcherFull
from chat_core.database.pool import Pool
from chat_core.problems import Problem
from chat_core.process import metrics
from chat_server.identity.passwords import Passwords
from chat_server.identity.sessions import Sessions
from chat_server.parts.writer import Writer

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "chat_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "chat_request_seconds",
            "Time from a request's head to the end of its response.",
            ["route", "method"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.in_flight = 0
        self._in_flight = self._gauge("chat_requests_in_flight", "Requests without a response yet.")
        self.crashes = Counter(
            "chat_task_crashes", "Crashes of tasks that run beside requests.", ["task"], registry=self.registry
        )
        self._pool_size = self._gauge("chat_pool_connections", "Open database connections.")
        self._pool_most = self._gauge("chat_pool_most_connections", "Database connections that may be open.")
        self._pool_idle = self._gauge("chat_pool_idle_connections", "Idle database connections.")
        self.batch_sizes = Histogram(
            "chat_post_batch_size",
            "Messages and acts written in one transaction.",
            buckets=BATCH_SIZES,
            registry=self.registry,
        )
        self._ephemeral = Counter(
            "chat_ephemeral",
            "Reports of typing and idleness: forwarded, refused or, if too many came at the same time, dropped.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self.rate_limited = Counter(
            "chat_rate_limited", "Requests refused by a rate limit.", ["limit"], registry=self.registry
        )
        self.boots = Counter(
            "chat_boots",
            "Requests for a snapshot: admitted, limited, overloaded or rate_limited.",
            ["outcome"],
            registry=self.registry,
        )
        self.standby_reads = Counter(
            "chat_standby_reads",
            "Reads that a standby may answer: standby, or why the primary was asked instead (away, behind, ahead, "
            "epoch, failed, refused), and by the host that was asked.",
            ["outcome", "host"],
            registry=self.registry,
        )
        self.boot_limit = self._latest(
            "chat_boot_limit", "Clients that may start cold in a second, over all servers; 0: any number."
        )
        self.sign_ins = Counter(
            "chat_sign_ins",
            "Attempts to sign in, by way in: signed_in, or the code of the problem.",
            ["provider", "outcome"],
            registry=self.registry,
        )
        self.mails = Counter(
            "chat_mails",
            "Attempts to send a mail: sent, put_off (it is tried again), failed for good, or dropped (it has nothing "
            "to tell any more).",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self.mails_received = Counter(
            "chat_mails_received",
            "Mails that came in over LMTP, by what came of them, such as created (a message), bounce, or unknown (to "
            "an address that is none).",
            ["outcome"],
            registry=self.registry,
        )
        self.mails_waiting = self._latest("chat_mails_waiting", "Mails that wait to be sent, at most a minute old.")
        self.webhooks = Counter(
            "chat_provider_webhooks",
            "Webhooks of providers: applied, stale (no news), ignored (of another kind), or refused.",
            ["provider", "outcome"],
            registry=self.registry,
        )
        self.scim_requests = Counter(
            "chat_scim_requests",
            "Requests of directories that provision people, by directory and status.",
            ["directory", "method", "status"],
            registry=self.registry,
        )
        self.synchronisations_stopped = Gauge(
            "chat_synchronisation_stopped",
            "1 while the synchronisation of a directory of people is stopped, since too many would lose something.",
            ["source"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self.directory_syncs = Counter(
            "chat_directory_syncs",
            "Synchronisations with a directory (LDAP): done, stopped, empty, unavailable, or failed.",
            ["directory", "outcome"],
            registry=self.registry,
        )
        self.stored = Gauge(
            "chat_stored_bytes",
            "Bytes stored in all workspaces that count towards quotas, at most a minute old.",
            ["kind"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self.blobs = Gauge(
            "chat_blobs_bytes",
            "Bytes of files and previews in each store, each content of a workspace once, at most a minute old.",
            ["store"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self.disk_free = self._latest(
            "chat_disk_free_bytes", "Bytes that are free on the disk of storage.directory, at most a minute old."
        )
        self.disk_reserve = self._latest(
            "chat_disk_reserve_bytes", "Of these, bytes that files leave free: below them uploads are refused."
        )
        self.uploads_open = self._latest("chat_uploads_open", "Uploads that have not ended, at most a minute old.")
        self.blob_deletions = self._latest(
            "chat_blob_deletions_waiting", "Blobs that are due to be deleted from their store, at most a minute old."
        )
        self.bytes_lost = self._latest(
            "chat_blobs_lost", "Blobs and previews whose bytes a store has lost or changed, as far as somebody asked."
        )
        self._storage_failures = Counter(
            "chat_storage_failures",
            "Failures of a store: it was unavailable, or had lost or changed a blob.",
            ["store", "operation"],
            registry=self.registry,
        )
        self.quota_exceeded = Counter(
            "chat_quota_exceeded", "Requests refused by a storage quota.", ["quota"], registry=self.registry
        )
        self.file_scans = Counter(
            "chat_file_scans",
            "Files scanned by clamd: clean, infected, or failed.",
            ["outcome"],
            registry=self.registry,
        )
        self.files_waiting = Gauge(
            "chat_files_waiting",
            "Files that wait to be scanned or looked at, at most a minute old.",
            ["state"],
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self.links = Counter(
            "chat_link_lookups",
            "Links of messages that were fetched: shown, nothing (nothing to show, or it is refused), or failed.",
            ["outcome"],
            registry=self.registry,
        )
        self.links_waiting = self._latest(
            "chat_link_lookups_waiting", "Messages whose links wait to be looked up, at most a minute old."
        )
        self._search_events = self._latest(
            "chat_search_events_behind", "Events of the log that are not indexed yet: searches read them themselves."
        )
        self._search_seconds = self._latest("chat_search_seconds_behind", "Age of the oldest of these.")
        self._search_building = self._latest(
            "chat_search_building", "1 while messages of before are being indexed: searches may miss some of them."
        )
        self._search_pages = self._latest(
            "chat_search_pages_waiting", "Pages that wait to be indexed: searches look at them themselves."
        )
        self._posts_waiting = self._gauge("chat_posts_waiting", "Messages and acts waiting for the previous batch.")
        self._remembered = self._gauge("chat_users_remembered", "Users with a cached valid session.")
        self._tasks = self._gauge("chat_tasks", "asyncio tasks.")
        self._waiting = self._gauge("chat_argon2_waiting", "Passwords waiting to be hashed.")

        # The library looks a child up by the text of its labels, under a lock: once for each of ours.
        self._of_route = functools.lru_cache(2000)(self._children)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        requests, duration = self._of_route(route, method, status)
        requests.inc()
        duration.observe(seconds)

    @contextlib.contextmanager
    def ephemeral(self, kind: str) -> Iterator[None]:
        """Counts the outcome of its block. Raises Problem 503 for what the batcher refuses."""
        try:
            yield
        except (BatcherFull, BatcherClosed):
            self._ephemeral.labels(kind, "refused").inc()
            raise Problem(
                503,
                "overloaded",
                "Too many of these at the same time; try again shortly.",
                headers={"Retry-After": "1"},
            ) from None
        self._ephemeral.labels(kind, "passed_on").inc()

    def ephemeral_dropped(self, kind: str) -> None:
        self._ephemeral.labels(kind, "dropped").inc()

    def storage_failed(self, store: str, operation: str) -> None:
        self._storage_failures.labels(store, operation).inc()

    def _children(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self.requests.labels(route, method, status), self.seconds.labels(route, method)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode="livesum")

    def _latest(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode="livemax")

    def search_progress(self, events_behind: int, seconds_behind: float, building: bool, pages: int) -> None:
        self._search_events.set(events_behind)
        self._search_seconds.set(seconds_behind)
        self._search_building.set(building)
        self._search_pages.set(pages)

    def watch(self, pool: Pool, passwords: Passwords, writer: Writer, sessions: Sessions) -> None:
        """Registers gauges that `measure` updates."""
        self._watched = pool, passwords, writer, sessions

    def measure(self) -> None:
        pool, passwords, writer, sessions = self._watched
        self._in_flight.set(self.in_flight)
        self._pool_size.set(pool.get_size())
        self._pool_idle.set(pool.get_idle_size())
        self._pool_most.set(pool.get_max_size())
        self._waiting.set(passwords.waiting)
        self._tasks.set(len(asyncio.all_tasks()))
        self._posts_waiting.set(writer.waiting)
        self._remembered.set(sessions.remembered)

    async def keep_measured(self) -> None:
        """Runs until cancelled. Any other worker may be asked for our figures."""
        while True:
            self.measure()
            await asyncio.sleep(1)

    def exposition(self) -> bytes:
        """The text that Prometheus reads."""
        self.measure()
        return metrics.exposition(self.registry)
