"""The leader of the relay between notify_servers, for what this server has to tell all of them (ADR 103). Without NATS,
or while the leader is not heard, it is told by NOTIFY."""

import asyncio
from collections.abc import Sequence
from typing import Final

from chat_core.relay import notices
from chat_core.relay.bus import Bus
from chat_core.relay.seal import opened
from chat_core.settings import Nats

# Two of its beats, and a bit for the way.
SILENCE_SECONDS: Final = 2.2


class RelayLeader:
    def __init__(self, settings: Nats) -> None:
        self._subject = notices.notices_subject(settings.subject)
        self._bus = Bus(settings, {notices.beat_subject(settings.subject): self._hear}, "fechatter chat")
        self._beat, self._heard_at = b"", float("-inf")

    async def run(self) -> None:
        """Runs until cancelled."""
        await self._bus.run()

    def _hear(self, beat: bytes) -> None:
        self._beat, self._heard_at = beat, asyncio.get_running_loop().time()

    def is_heard(self, key: bytes) -> bool:
        """Whether a leader who has this key can be told something now."""
        silent = asyncio.get_running_loop().time() - self._heard_at
        return silent < SILENCE_SECONDS and opened(self._beat, key) is not None

    async def tell(self, texts: Sequence[str], key: bytes) -> None:
        """Sends it to all notify_servers, or not: it is not told again."""
        for message in notices.encoded(texts, key):
            await self._bus.send(self._subject, message)
