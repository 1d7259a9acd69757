"""`fechatter search rebuild`: the index of messages and pages anew, while it is in use."""

from asyncpg import Record

from chat_core.settings import Settings
from chat_server.search.analysis import ANALYSER
from chat_server.search.indexing import indexer
from fechatter import database
from fechatter.progress import say

# Steps, of some thousand messages and a page each, for a line of progress.
STEPS = 5


async def rebuild(settings: Settings) -> int:
    """Indexes every message again, the newest first, and every page. Servers may be running: their follower shares the
    work, since a step that another one was faster with does nothing. Returns the exit status."""
    async with database.in_use(settings, say) as url:
        connection = await database.connect(url)
        try:
            state = await indexer.SEARCH_PROGRESS.one(connection)
            # Else the log or the rules are others, and the index begins with the log as it is now.
            sound = state["complete"] and state["continues"] and state["analyser"] == ANALYSER
            await indexer.SEARCH_BEGIN.value(connection, analyser=ANALYSER, sound=sound)
            steps = 0
            while True:
                await indexer.step(connection)
                state = await indexer.SEARCH_PROGRESS.one(connection)
                if state["remaining"] is None and not state["pages_waiting"]:
                    break
                if steps % STEPS == 0:
                    say(f"search: {_left(state)} are left")
                steps += 1
        finally:
            await connection.close()
    print("the index of messages and pages is complete")
    return 0


def _left(state: Record) -> str:
    pages = f"{state['pages_waiting']} pages"
    return pages if state["remaining"] is None else f"messages below id {state['remaining']} and {pages}"
