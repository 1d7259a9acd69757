"""What a search finds."""

import msgspec

from chat_server.http.fields import Id, Seq
from chat_server.responses.files import File
from chat_server.responses.messages.messages import Message
from chat_server.responses.pages import Page


class SnippetPiece(msgspec.Struct):
    """Plain text; `match`: it is what the query asked for."""

    text: str
    match: bool


class Around(msgspec.Struct):
    """The message with those before it, and those after it."""

    before: str
    after: str


class FoundMessage(msgspec.Struct):
    """`highlights` are the places of its content that the query asked for: each begins at a character and ends before
    one, counted in Unicode code points. `snippet` is the part of the content with the first of them, in pieces."""

    message: Message
    highlights: list[tuple[Seq, Seq]]
    snippet: list[SnippetPiece]
    around: Around


class FoundFile(msgspec.Struct):
    """A file, and the newest message that has it and that the caller sees; or, if there is none, the newest board or
    page. The ids of the others are null."""

    file: File
    chat_id: Id | None
    message_id: Id | None
    board_id: Id | None
    page_id: Id | None


class PagePassage(msgspec.Struct):
    """A text of a page's content that has some of what the query asked for. `pointer` is its place in the content (RFC
    6901), and `highlights` are places in this text. `component_id` is null in a page of any JSON."""

    component_id: str | None
    pointer: str
    highlights: list[tuple[Seq, Seq]]
    snippet: list[SnippetPiece]


class FoundPage(msgspec.Struct):
    """`highlights` are places in its name. `passages` are the first five texts of its content in which something was
    found."""

    page: Page
    highlights: list[tuple[Seq, Seq]]
    passages: list[PagePassage]


class FoundMessages(msgspec.Struct):
    """`complete` is false while messages of before are still being indexed: some of these may be missing.
    `did_you_mean` is another spelling of the query that finds something, where this one finds hardly anything; if it
    finds nothing, the items are those of that spelling."""

    items: list[FoundMessage]
    complete: bool
    did_you_mean: str | None
