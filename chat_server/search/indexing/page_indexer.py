"""Fills the index of pages, one after another, as their snapshots have them (sql/functions/search/search_pages.sql)."""

from collections.abc import Collection

import msgspec
import structlog

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_server.search.page_texts import indexed, texts

SEARCH_EXPECT_PAGES = query("search_expect_pages", "pages")
SEARCH_PAGE_DUE = query("search_page_due")
SEARCH_STORE_PAGE = query("search_store_page", "page", "version", "name", "text")

_log = structlog.get_logger()


async def expect(connection: Connection, pages: Collection[int]) -> None:
    """These have changed."""
    if pages:
        await SEARCH_EXPECT_PAGES.value(connection, pages=list(pages))


async def step(connection: Connection) -> bool:
    """Indexes the page that has waited longest. Returns whether there was one."""
    row = await SEARCH_PAGE_DUE.row(connection)
    if row is None:
        return False
    try:
        words = indexed(row["name"], texts(msgspec.json.decode(row["content"]), row["schema"]))
    except (msgspec.DecodeError, RecursionError) as error:  # psql writes snapshots too
        _log.warning("search: page not indexed", page=row["page_id"], error=f"{type(error).__name__}: {error}")
        words = None
    names = {"page": row["page_id"], "version": row["version"], "name": row["name"]}
    await SEARCH_STORE_PAGE.value(connection, **names, text=words)
    return True
