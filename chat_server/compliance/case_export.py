"""The lines of a case's export, in a bounded part of memory.

Each line is an object of JSON. `previous` is the SHA-256 of the bytes of the line before it, without its newline; of
the first line it is 64 zeros. The first line is the manifest, the last one has the number of records between them, so
lines that are changed, left out, added or cut off are noticed: chat_core/chained_lines.py.
"""

from collections.abc import AsyncIterator

from chat_core.chained_lines import Chain
from chat_core.database.queries import query
from chat_server.http.api_request import ApiRequest

CASE_EXPORT_END = query("case_export_end", "case", "records", "sha256")
CASE_EXPORT_NEXT = query("case_export_next", "case", "part", "place", "seq", "limit")

MEDIA_TYPE = "application/jsonl"
# How many messages are looked at in one query.
ROWS = 200


async def exported(request: ApiRequest, case: int, manifest: str) -> AsyncIterator[bytes]:
    """All of it. An export whose approval ends meanwhile breaks off, without a last line."""
    chain = Chain()
    yield chain.manifest(manifest)
    part, place, seq = 1, 0, 0
    while rows := await CASE_EXPORT_NEXT.rows(request.pool, case=case, part=part, place=place, seq=seq, limit=ROWS):
        if lines := [chain.record(row["record"]) for row in rows if row["record"] is not None]:
            yield b"".join(lines)
        part, place, seq = rows[-1]["part"], rows[-1]["place"], rows[-1]["seq"]
    last = chain.end()
    async with request.transaction() as connection:
        await CASE_EXPORT_END.row(connection, case=case, records=chain.records, sha256=chain.sha256)
    yield last
