"""`fechatter up`: everything on one machine. PostgreSQL, the schema, the keys and the servers, until a signal. Without
bots, pushes and sinks there is nothing to deliver, and no delivery-server."""

import os
from collections.abc import Mapping
from contextlib import AsyncExitStack

import anyio
import anyio.to_thread

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.process import logs
from chat_core.settings import Settings, database_url, require, variable
from fechatter import database, keys
from fechatter.errors import CommandError
from fechatter.processes import ports
from fechatter.processes.stopping import until_signal
from fechatter.processes.supervisor import keep_postgres_up
from fechatter.processes.workers import Workers
from fechatter.progress import say

POSTGRES_CONNECTIONS = 100  # its own default
SPARE_CONNECTIONS = 20  # for migrations, psql, doctor, and those that Postgres reserves for superusers
AS_ROOT = "running as root gives the servers all rights of root: run it as an ordinary user instead"
SECRETS = ("database.url", "auth.private_key", "auth.public_key")


async def up(settings: Settings, relocate: bool = True) -> None:
    """Runs everything until SIGINT, SIGTERM or SIGHUP, then stops everything, PostgreSQL last; a second signal skips
    the draining.

    Port 0 means any free one. `relocate` is EmbeddedPostgres'. Raises SettingsError, CommandError or EmbeddedError for
    errors that people can fix; nothing is left running then either.
    """
    logs.configure(settings.log, "up")
    if settings.mode == "production":
        require(settings, SECRETS, "production mode")
    everything = Everything(settings, relocate)
    await until_signal(everything.run, everything.hurry, say)
    say("stopped")


class Everything:
    """The parts of one installation, started in order and stopped in reverse."""

    def __init__(self, settings: Settings, relocate: bool) -> None:
        self._settings = settings
        self._servers: list[Workers] = []
        self._postgres: EmbeddedPostgres | None = None
        if not settings.database.url:
            self._postgres = EmbeddedPostgres(
                settings.data_dir, settings=_room(settings), relocate=relocate, report=say
            )

    async def run(self) -> None:
        """Runs until cancelled."""
        if self._postgres:
            self._postgres.lock()
        chat_port, notify_port, *delivery_ports = _choose_ports(self._settings)
        async with AsyncExitStack() as stack:
            if self._postgres:
                stack.push_async_callback(_stop_postgres, self._postgres)
            of_chat, of_notify, of_delivery = self._environments(chat_port, notify_port, *delivery_ports)
            may_start = anyio.Event()
            chat = Workers("chat-server", self._settings.server, chat_port, of_chat, may_start)
            notify = Workers("notify-server", self._settings.notify, notify_port, of_notify, may_start)
            self._servers = [chat, notify]
            for port in delivery_ports:
                delivery = Workers("delivery-server", self._settings.delivery, port, of_delivery, may_start)
                self._servers.append(delivery)
            async with anyio.create_task_group() as group:
                for server in self._servers:  # they import their code while the database is being prepared
                    group.start_soon(server.keep_up)
                await self._prepare_database()
                if self._postgres:
                    group.start_soon(keep_postgres_up, self._postgres)
                if os.geteuid() == 0:
                    say(AS_ROOT)
                say(f"starting {' and '.join(server.name for server in self._servers)}")
                may_start.set()
                for server in self._servers:
                    await server.wait_until_ready()
                say("ready; stop with Ctrl-C")
                where = f"chat={chat.url} notify={notify.url} boards={chat.url}/boards docs={chat.url}/docs"
                print(f"ready {where}\n", end="", flush=True)
                await anyio.sleep_forever()

    def hurry(self) -> None:
        """The user does not want to wait for the drain."""
        for server in self._servers:
            server.kill()
        if self._postgres:
            self._postgres.abort()

    async def _prepare_database(self) -> None:
        """PostgreSQL, the schema, the roles."""
        if self._postgres:
            say(f"starting PostgreSQL on {self._postgres.data_dir}")
            await self._postgres.start()
            await database.create(self._postgres)
        else:
            say(f"using the database {database_url.place(self._owner())}")
        applied = await database.migrate(self._owner(), say)
        say(f"schema: {len(applied)} files applied" if applied else "schema: nothing to do")
        if self._postgres:
            await anyio.to_thread.run_sync(database.make_roles, self._owner())

    def _owner(self) -> str:
        return self._postgres.dsn(database.NAME) if self._postgres else database.configured(self._settings)

    def _environments(self, chat_port: int, notify_port: int, delivery_port: int = 0) -> list[dict[str, str]]:
        """The settings of chat-server, notify-server and delivery-server, checked before anything is started. The keys
        are created if necessary."""
        settings = self._settings
        if self._postgres:
            self._postgres.prepare()
            chat = self._postgres.dsn(database.NAME, "fechatter_chat")
            notify = self._postgres.dsn(database.NAME, "fechatter_notify")
            delivery = self._postgres.dsn(database.NAME, "fechatter_delivery")
        else:
            chat = notify = delivery = self._owner()
        private, public = _keys(settings)
        common = {
            "server.host": settings.server.host,
            "server.port": chat_port,
            "notify.host": settings.notify.host,
            "notify.port": notify_port,
            "auth.public_key": public,
            "data_dir": settings.data_dir.resolve(),
        }
        of_delivery = {"delivery.host": settings.delivery.host, "delivery.port": delivery_port}
        chat_url = settings.notify.chat_url or ports.url(settings.server.host, chat_port)
        return [
            _environment({**common, "database.url": chat, "auth.private_key": private}),
            _environment({**common, "database.url": notify, "notify.chat_url": chat_url}),
            _environment({**common, "database.url": delivery, **of_delivery}),
        ]


def _room(settings: Settings) -> dict[str, str]:
    """More connections than PostgreSQL accepts by default, if all workers may need them."""
    wanted = database.connections(settings) + SPARE_CONNECTIONS
    return {"max_connections": str(wanted)} if wanted > POSTGRES_CONNECTIONS else {}


def _choose_ports(settings: Settings) -> list[int]:
    """Of chat-server, of notify-server, and of delivery-server if there may be something to deliver."""
    delivery = settings.delivery
    wanted = [
        ports.Wanted(settings.server.host, settings.server.port, "--port", "server.port"),
        ports.Wanted(settings.notify.host, settings.notify.port, "--notify-port", "notify.port"),
        ports.Wanted(delivery.host, delivery.port, "--delivery-port", "delivery.port"),
    ]
    return ports.choose(wanted if settings.delivers else wanted[:2])


def _keys(settings: Settings) -> list[str]:
    """The private and the public key; created in development if neither is configured."""
    if settings.auth.private_key is None and settings.auth.public_key is None:
        if keys.make_pair(settings):
            say(f"created a key pair in {settings.data_dir / 'keys'}")
    else:
        require(settings, ("auth.private_key",), "auth.public_key")
        require(settings, ("auth.public_key",), "auth.private_key")
    private, public = keys.paths(settings)
    if problem := keys.problem(private, public):
        raise CommandError(problem)
    return [str(private.resolve()), str(public.resolve())]


def _environment(values: Mapping[str, object]) -> dict[str, str]:
    """Our environment, with settings; notify-server never receives the private key, even if we did."""
    inherited = {name: value for name, value in os.environ.items() if name.upper() != variable("auth.private_key")}
    return inherited | {variable(key): str(value) for key, value in values.items()}


async def _stop_postgres(postgres: EmbeddedPostgres) -> None:
    with anyio.CancelScope(shield=True):
        if postgres.started:
            say("stopping PostgreSQL")
        await postgres.stop()
