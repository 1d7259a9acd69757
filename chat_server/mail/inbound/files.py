"""Files of replies: uploaded in their sender's name, with the limits and the looks of any upload."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_server.files.uploads import Uploads
from chat_server.mail.inbound.received import Attached

WORKSPACE_OF_MEMBER = query("chat_workspace_of_member", "chat", "user")
FILE_DISCARD = query("file_discard", "file", "user")

_TEMPORARY: Final = (423, 503)


async def store(pool: Pool, uploads: Uploads, person: int, chat: int, files: Sequence[Attached]) -> list[int]:
    """Their ids; all are stored, or none is used. Raises Problem: `not_found` to somebody who is not in the chat."""
    stored: list[int] = []
    if not files:
        return stored
    workspace = await WORKSPACE_OF_MEMBER.value(pool, chat=chat, user=person)
    if workspace is None:
        raise Problem(404, "not_found", "You are not in this chat any more.")
    async with discarded_on_failure(pool, person, stored):
        for name, content in files:
            upload = await uploads.begin(person, workspace, name, len(content))
            async with uploads.ended_on_failure(person, upload):
                await uploads.receive(upload, _once(content))
                stored.append(msgspec.json.decode(await uploads.finish(upload))["id"])
    return stored


@asynccontextmanager
async def discarded_on_failure(pool: Pool, person: int, stored: Sequence[int]) -> AsyncIterator[None]:
    """The mail comes again, with its files."""
    try:
        yield
    except BaseException:
        with suppress(*DATABASE_ERRORS):
            await discard(pool, person, stored)
        raise


async def discard(pool: Pool, person: int, stored: Sequence[int]) -> None:
    """What no message has."""
    for file in stored:
        await FILE_DISCARD.value(pool, file=file, user=person)


def answer(problem: Problem) -> str:
    """To the mail server: what cannot be stored goes back to the sender."""
    if problem.status in _TEMPORARY:
        return "451 4.3.0 files cannot be stored at the moment, try again"
    return f"552 5.2.3 an attachment cannot be posted: {problem.detail}"


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
