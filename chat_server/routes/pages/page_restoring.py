"""Making a page's content what it was, by a patch."""

import asyncio
import uuid
from typing import Any

from litestar import Response

from chat_core.database.pool import Connection
from chat_core.documents.patches.admission import Op, admit
from chat_core.documents.patches.difference import difference
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.refusals import Invalid, PatchFailed, TooLarge
from chat_core.problems import Problem
from chat_server.access import places
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.idempotency import once
from chat_server.http.verbatim import verbatim
from chat_server.page_content.contents import Head, head
from chat_server.page_content.patching import MOST_TRIES, append, limits_of, too_many_editors
from chat_server.routes.documents.documents import DOCUMENT_BY_ID


async def restored(request: ApiRequest, page_id: int, wanted: Any, idempotency_key: str | None) -> Response[Any]:
    """Makes the content what is wanted, by a patch from the newest content, which reaches open editors like any other.
    Responds with the page, 200 if it is as wanted already. Raises Problem."""
    caller = request.caller

    async def make(connection: Connection) -> Response[Any]:
        await places.page(connection, caller, page_id, "edit its content")
        for _ in range(MOST_TRIES):
            page = await head(connection, page_id)
            op = await asyncio.to_thread(_made, page, wanted, limits_of(request))
            if op is None:
                return await _shown(connection, page_id, caller.user_id, 200)
            try:
                # So that the page is not locked while the next try is being made.
                async with connection.transaction():
                    outcome, _ = await append(connection, page_id, op, uuid.uuid4().hex, caller.user_id)
                    if outcome == "behind":
                        raise _Behind
            except _Behind:
                continue
            return await _shown(connection, page_id, caller.user_id, 201)
        raise too_many_editors()

    return await once(request, idempotency_key, make, places.page.still(caller, page_id, "see the document"))


class _Behind(Exception):
    """Somebody else's patch came first."""


def _made(page: Head, wanted: Any, limits: Limits) -> Op | None:
    """The patch, applied; None if nothing differs. Takes some tenths of a second where much does, and so has a
    thread."""
    patch = difference(page.document, wanted)
    if not patch:
        return None
    try:
        return admit(
            page.document, page.version, patch, page.version, size=page.size, schema=page.schema, limits=limits
        )
    except (Invalid, PatchFailed, TooLarge) as error:  # for smaller limits than it was made under
        raise Problem(409, "page_not_restored", f"This content is not accepted any more: {error}.") from None


async def _shown(connection: Connection, page_id: int, user_id: int, status: int) -> Response[Any]:
    shown = await DOCUMENT_BY_ID.value(connection, **places.page.at(page_id), user=user_id)
    return verbatim(places.found(shown), status)
