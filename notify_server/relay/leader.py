"""What a leader sends, without sending it: frames whose content is a function of the log alone."""

import time
from collections.abc import Callable, Iterator, Sequence

from chat_core.log.event import Event
from chat_core.log.handover import Columns
from chat_core.relay.pieces import pieces
from notify_server.relay.frames import FRAME_BYTES, Frame, Notice


class Leader:
    """Of one term and one epoch, from a position on."""

    def __init__(
        self, epoch_no: int, epoch: str, term: int, position: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.epoch_no, self.epoch, self.term, self.position = epoch_no, epoch, term, position
        self._clock = clock
        self._noticed = 0

    def frames(self, events: Sequence[Event]) -> Iterator[Frame]:
        """For the next events of the log."""
        for piece in pieces(events, lambda event: len(event.payload), FRAME_BYTES):
            prev, self.position = self.position, piece[-1].position
            too_large = len(piece) == 1 and len(piece[0].payload) > FRAME_BYTES
            yield self._frame(prev, None if too_large else [Columns.of(event) for event in piece])

    def heartbeat(self) -> Frame:
        """The leader has just read the log, and this is its end."""
        return self._frame(self.position, [])

    def notices(self, notices: list[Notice]) -> Frame:
        self._noticed += len(notices)
        return self._frame(self.position, [], notices)

    def lose(self, amount: int) -> None:
        """Notices that are not sent: nodes see by the count that they lack some."""
        self._noticed += amount

    def _frame(self, prev: int, events: list[Columns] | None, notices: Sequence[Notice] = ()) -> Frame:
        return Frame(
            self.epoch_no,
            self.epoch,
            self.term,
            prev,
            self.position,
            self._clock(),
            self._noticed,
            list(notices),
            events,
        )
