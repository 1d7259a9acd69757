"""What a search finds."""

from . import Model
from .files import File
from .messages.messages import Message
from .pages import Page


class SnippetPiece(Model):
    """Plain text; `match`: it is what the query asked for."""

    text: str
    match: bool


class FoundFile(Model):
    """The newest message that has the file and that the caller sees; or, if there is none, the newest board or page."""

    file: File
    chat_id: int | None
    message_id: int | None
    board_id: int | None = None
    page_id: int | None = None


class FoundMessage(Model):
    """`highlights` are places in the content, in characters: where each begins, and where it has ended."""

    message: Message
    highlights: list[tuple[int, int]]
    snippet: list[SnippetPiece]


class PagePassage(Model):
    """A text of a page's content: `pointer` is its place there (RFC 6901). `highlights` are places in the text, as in
    messages. `component_id` is null in a page of any JSON."""

    component_id: str | None
    pointer: str
    highlights: list[tuple[int, int]]
    snippet: list[SnippetPiece]


class FoundPage(Model):
    """`highlights` are places in its name; `passages` the first texts in which something was found."""

    page: Page
    highlights: list[tuple[int, int]]
    passages: list[PagePassage]


class FoundMessages(Model):
    """`complete`: nothing is missing because it is still to be indexed. `did_you_mean`: another spelling of the query;
    if the query itself finds nothing, the items are what that finds."""

    items: list[FoundMessage]
    complete: bool
    did_you_mean: str | None
