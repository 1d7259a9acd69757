"""Three PostgreSQLs that Patroni leads, with one etcd: for drills of failovers."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from chat_core.database.embedded_account import Account, account_for, environment, programs
from tests.support import beside
from tests.support.servers import free_port

PATRONI = ("patroni[etcd3]==4.1.5", "psycopg[binary]>=3.2")
# A folder of an earlier installation, so that each drill need not make its own.
INSTALLED = Path(os.environ.get("PATRONI", Path(sys.prefix, "patroni")))
SCOPE, NAMES = "fechatter", ("a", "b", "c")
START_SECONDS = 120.0
# Patroni accepts no ttl below 20; on a busy machine a primary gives up if etcd does not answer within the retries.
TTL_SECONDS, LOOP_SECONDS, RETRY_SECONDS = 30, 2, 10


def installed() -> str | None:
    """As a drill's need."""
    return beside.installed(INSTALLED, PATRONI)


@dataclass
class Node:
    name: str
    port: int
    api_port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))


class Patroni:
    """`synchronous`: a commit is acknowledged when a standby has it."""

    def __init__(self, folder: Path, *, synchronous: bool) -> None:
        self._folder, self._synchronous = folder, synchronous
        self._account: Account
        self._etcd_port, self._etcd_peer_port = free_port(), free_port()
        self._etcd: subprocess.Popen[bytes] | None = None
        self.nodes = {name: Node(name, free_port(), free_port(), folder / name) for name in NAMES}

    def url(self, database: str, user: str = "postgres") -> str:
        """All three, of which one accepts writes."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes.values())
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    async def __aenter__(self) -> Self:
        self._account = account_for(self._folder / "cluster", lambda _: None)
        self._bin_dir = programs(self._account, None)
        (self._folder / "etcd").mkdir(mode=0o700)
        self._start_etcd()
        for node in self.nodes.values():
            node.folder.mkdir()
            self._account.give(node.folder)
            await self.start(node)
            if node.name == NAMES[0]:  # it becomes the first primary
                await self._until(lambda: self.primary() is not None, "a primary")
        await self._until(self._all_stream, "all standbys")
        return self

    def _start_etcd(self) -> None:
        etcd = self._folder / "etcd"
        client, peer = (f"http://127.0.0.1:{port}" for port in (self._etcd_port, self._etcd_peer_port))
        self._etcd = self._spawn(
            *(shutil.which("etcd") or "etcd", "--data-dir", etcd),
            *("--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer),
            *("--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}", "--logger", "zap"),
            log=self._folder / "etcd.log",
        )

    async def __aexit__(self, *_: object) -> None:
        for process in [*(node.process for node in self.nodes.values()), self._etcd]:
            if process is not None:
                await asyncio.to_thread(_end, process)

    async def start(self, node: Node) -> None:
        config = node.folder / "patroni.json"
        config.write_text(json.dumps(self._config(node)))
        config.chmod(0o644)
        # Patroni runs as the user of PostgreSQL, who may not be able to enter the folder of our own Python.
        python = sys.executable if self._account.can_run(Path(sys.executable)) else "/usr/bin/python3"
        log = self._folder / f"{node.name}.log"
        node.process = self._spawn(python, "-m", "patroni", config, log=log, account=self._account)

    def _spawn(self, *command: str | Path, log: Path, account: Account | None = None) -> subprocess.Popen[bytes]:
        account = account or Account()
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                env={**environment(), "PYTHONPATH": str(INSTALLED)},
                cwd="/",
                user=account.uid,
                group=account.gid,
                extra_groups=account.groups,
                start_new_session=True,
            )

    def _config(self, node: Node) -> dict[str, Any]:
        local = "127.0.0.1"
        return {
            "scope": SCOPE,
            "name": node.name,
            "restapi": {"listen": f"{local}:{node.api_port}", "connect_address": f"{local}:{node.api_port}"},
            "etcd3": {"hosts": f"{local}:{self._etcd_port}"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL_SECONDS,
                    "loop_wait": LOOP_SECONDS,
                    "retry_timeout": RETRY_SECONDS,
                    "maximum_lag_on_failover": 1 << 30,
                    "synchronous_mode": self._synchronous,
                    # Without etcd the primary stays one while it reaches all others.
                    "failsafe_mode": True,
                    "postgresql": {
                        "use_pg_rewind": True,
                        "parameters": {
                            "wal_log_hints": "on",
                            "max_connections": 100,
                            "wal_retrieve_retry_interval": "200ms",
                        },
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}],
            },
            "postgresql": {
                "listen": f"{local}:{node.port}",
                "connect_address": f"{local}:{node.port}",
                "data_dir": str(node.data),
                "bin_dir": str(self._bin_dir),
                "pgpass": str(node.folder / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                    "rewind": {"username": "postgres"},
                },
                "parameters": {"unix_socket_directories": str(node.folder), "jit": "off"},
                "pg_hba": [
                    "local all all trust",
                    f"host all all {local}/32 trust",
                    f"host replication all {local}/32 trust",
                ],
            },
        }

    # -- what is so

    def members(self) -> list[dict[str, Any]]:
        """As Patroni has them; empty where nobody answers."""
        for node in self.nodes.values():
            with contextlib.suppress(OSError, ValueError):
                address = f"http://127.0.0.1:{node.api_port}/cluster"
                with urllib.request.urlopen(address, timeout=2) as answer:
                    return list(json.load(answer)["members"])
        return []

    def primary(self) -> Node | None:
        leads = [one for one in self.members() if one["role"] == "leader" and one["state"] == "running"]
        return self.nodes[leads[0]["name"]] if leads else None

    def _all_stream(self) -> bool:
        members = self.members()
        roles = {one["role"] for one in members}
        ready = len(members) == len(NAMES) and all(one["state"] in ("running", "streaming") for one in members)
        return ready and "leader" in roles and (not self._synchronous or "sync_standby" in roles)

    async def settled(self) -> None:
        """Until there is a primary, with all standbys."""
        await self._until(self._all_stream, "all members")

    async def _until(self, holds: Any, what: str) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - Patroni has no signal
                    await asyncio.sleep(0.2)
        except TimeoutError:
            seconds = f"not within {START_SECONDS:.0f} s"
            raise AssertionError(f"{what}: {seconds}: {self.members()}\n{self.words()}") from None

    def words(self) -> str:
        """The ends of all logs."""
        logs = sorted(self._folder.glob("?.log"))
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in logs)

    # -- faults

    def cut_standbys(self) -> None:
        """They get nothing any more of what the primary writes: its senders of WAL are frozen, and die with it."""
        primary = self.primary()
        assert primary is not None
        children = primary.postmaster().children()
        senders = [process for process in children if "walsender" in " ".join(process.cmdline())]
        assert len(senders) == len(NAMES) - 1
        for process in senders:
            process.suspend()

    async def freeze_primary(self) -> Node:
        """The primary and its Patroni stand still. Returns when another one leads."""
        before = self.primary()
        assert before is not None
        for process in self._processes(before):
            process.suspend()
        await self._until(lambda: self.primary() not in (None, before), "another primary")
        return before

    def thaw(self, node: Node) -> None:
        """They go on where they were: it takes itself for the primary, for a moment."""
        for process in self._processes(node):
            with contextlib.suppress(psutil.Error):
                process.resume()

    def _processes(self, node: Node) -> list[psutil.Process]:
        """PostgreSQL's first, so that it is the last to be asked for anything by Patroni."""
        assert node.process is not None
        postmaster, patroni = node.postmaster(), psutil.Process(node.process.pid)
        return [postmaster, *postmaster.children(recursive=True), patroni]

    def standbys(self) -> list[Node]:
        """The synchronous one first."""
        found = [one for one in self.members() if one["role"] != "leader"]
        found.sort(key=lambda one: one["role"] != "sync_standby")
        return [self.nodes[one["name"]] for one in found]

    async def without_etcd(self, seconds: float) -> None:
        """It is killed, and started again after some time."""
        assert self._etcd is not None
        self._etcd.kill()
        self._etcd.wait()
        await asyncio.sleep(seconds)
        self._start_etcd()

    async def switch_over(self) -> None:
        """Another one becomes the primary, and nothing is lost."""
        before = self.primary()
        assert before is not None
        body = json.dumps({"leader": before.name}).encode()
        address = f"http://127.0.0.1:{before.api_port}/switchover"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="POST")
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=60).read())  # noqa: S310
        await self._until(lambda: self.primary() not in (None, before), "another primary")

    async def kill_primary(self) -> Node:
        """The primary and its Patroni die at once. Returns when another one leads."""
        before = self.primary()
        assert before is not None
        assert before.process is not None
        os.killpg(before.process.pid, signal.SIGKILL)
        with contextlib.suppress(psutil.Error, OSError):
            postmaster = before.postmaster()
            for process in (postmaster, *postmaster.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    process.kill()
        before.process.wait()
        before.process = None
        await self._until(lambda: self.primary() not in (None, before), "another primary")
        return before


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()
