"""From the log into the hub: events are dispatched in steps, no faster than most readers take them (pace.py)."""

from collections.abc import Callable, Mapping

from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.log.reader import Reader, Relay
from chat_core.settings import Settings
from notify_server import metrics
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.pace import Pace

# Events that a newly started server loads, if the ring has room for this many.
NEWEST = 5000


class Listener:
    """Feeds a hub. `heard` maps each other channel to the callback for its notifications; `missed` is called with
    how long there were none."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        heard: Mapping[str, Callable[[str], None]],
        missed: Callable[[float], None],
        relay: Relay | None = None,
    ) -> None:
        poll_seconds = settings.notify.poll_seconds
        self._reader = Reader(settings.database, "fechatter notify log", poll_seconds, heard, relay)
        self._hub, self._missed, self._ring_bytes = hub, missed, settings.notify.ring_bytes
        self._pace = Pace(hub, settings.notify.buffer_bytes)

    async def start(self) -> None:
        """Sets the hub to the end of the log, with the newest events in its ring, for clients that a restart
        disconnected. Raises what asyncpg raises."""
        below, newest = await self._reader.start(self._ring_bytes, NEWEST)
        self._hub.start(self._reader.lineage, self._reader.position, below, newest)
        self._hub.following = True

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._reader.run(self)

    # -- as a consumer of the log

    async def take(self, events: list[Event], *, more: bool) -> None:
        steps = self._pace.steps(events)
        for number, step in enumerate(steps, 1):
            self._hub.dispatch(step)
            await self._pace.keep(more=more or number < len(steps))

    def begin_anew(self, lineage: Lineage, position: int) -> None:
        self._hub.reset(lineage, position)

    def go_on(self, lineage: Lineage, position: int) -> None:
        self._hub.go_on(lineage, position)

    def caught_up(self) -> None:
        """The state in memory is as recent as the log."""
        self._hub.following = True

    def lost(self) -> None:
        self._hub.following = False

    def back(self, silent_seconds: float) -> None:
        metrics.listen_reconnects.inc()
        self._missed(silent_seconds)
