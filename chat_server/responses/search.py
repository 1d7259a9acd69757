"""What a search finds."""

import msgspec

from chat_server.http.fields import Seq
from chat_server.responses.messages.messages import Message


class FoundMessage(msgspec.Struct):
    """`highlights` are the places of its content that the query asked for: each begins at a character and ends before
    one, counted in Unicode code points."""

    message: Message
    highlights: list[tuple[Seq, Seq]]


class FoundMessages(msgspec.Struct):
    """Newest first. `complete` is false while messages of before are still being indexed: some of these may be
    missing."""

    items: list[FoundMessage]
    complete: bool
