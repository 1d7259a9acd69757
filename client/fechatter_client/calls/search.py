"""Search, in what the caller may read."""

from collections.abc import AsyncIterator

from ..api import Api
from ..models.boards import Board
from ..models.chats import Chat
from ..models.search import FoundFile, FoundMessages, FoundPage
from ..models.users import Profile


class Search:
    def __init__(self, api: Api) -> None:
        self._api = api

    def messages(self, query: str, *, page_size: int = 20, prefix: bool = False) -> AsyncIterator[FoundMessages]:
        """Pages of messages, newest first. `prefix`: the last word is found by its beginning."""
        params = {"q": query, "limit": page_size, "prefix": "true" if prefix else "false"}
        return self._api.linked(FoundMessages, "/search", params)

    async def most_relevant(self, query: str, *, amount: int = 20) -> FoundMessages:
        """The best of the newest thousand."""
        return await self._api.get(FoundMessages, "/search", {"q": query, "limit": amount, "sort": "relevance"})

    def chats(self, query: str, *, page_size: int = 100) -> AsyncIterator[Chat]:
        """The caller's chats with all of these words in their name."""
        return self._api.items(Chat, "/search/chats", {"q": query, "limit": page_size})

    def boards(self, query: str, *, page_size: int = 100) -> AsyncIterator[Board]:
        """The caller's boards with all of these words in their name."""
        return self._api.items(Board, "/search/boards", {"q": query, "limit": page_size})

    def pages(self, query: str, *, page_size: int = 20, prefix: bool = False) -> AsyncIterator[FoundPage]:
        """The caller's pages that say all of these words, or have them in their name. `prefix`: the last word is found
        by its beginning."""
        params = {"q": query, "limit": page_size, "prefix": "true" if prefix else "false"}
        return self._api.items(FoundPage, "/search/pages", params)

    def files(self, query: str, *, page_size: int = 100) -> AsyncIterator[FoundFile]:
        """Files with all of these words in their name, or in their text, of messages, boards and pages that the caller
        sees, newest first."""
        return self._api.items(FoundFile, "/search/files", {"q": query, "limit": page_size})

    def people(self, query: str, *, page_size: int = 100) -> AsyncIterator[Profile]:
        """People of the caller's workspaces with all of these words in their names."""
        return self._api.items(Profile, "/search/people", {"q": query, "limit": page_size})
