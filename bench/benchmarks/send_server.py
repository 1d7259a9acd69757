"""chat_server with more routes, so that what `send` compares runs in the very same process.

`python -m bench.benchmarks.send_server` reads its settings from the environment as chat_server does. What stands in
front of every route under /api stands in front of these: the token, its session, the log line, the metrics, the checked
body.

    POST /api/bench/plain/CHAT   commits a row by itself, whose trigger sends it by pg_notify: what people do at first
    POST /api/bench/pool/SIZE    opens so many connections for `plain`, in place of those it had
"""

import sys

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

import chat_server
import chat_server.app
import chat_server.server
from chat_core.database.pool import Pool, open_pool
from chat_core.settings import load_settings
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import Content, PathId
from chat_server.http.verbatim import verbatim
from chat_server.responses.messages.messages import Message

# The table of `plain`, which the benchmark makes. Nothing is checked and no order is kept: all in favour of this peer.
PLAIN_SCHEMA = """
DROP TABLE IF EXISTS bench_messages;
CREATE TABLE bench_messages (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat_id    bigint NOT NULL,
    sender_id  bigint NOT NULL,
    content    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);
CREATE OR REPLACE FUNCTION bench_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('bench', row_to_json(NEW)::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER notify AFTER INSERT ON bench_messages FOR EACH ROW EXECUTE FUNCTION bench_notify();
GRANT SELECT, INSERT ON bench_messages TO fechatter_chat;
"""
_INSERT = """
INSERT INTO bench_messages (chat_id, sender_id, content) VALUES ($1, $2, $3) RETURNING row_to_json(bench_messages)::text
"""


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    content: Content


@post("/bench/plain/{chat_id:int}")
async def plain(request: ApiRequest, chat_id: PathId, data: JSONBody[NewMessage]) -> Response[Message]:
    """Inserts a row; the statement is its own transaction."""
    pool: Pool = request.app.state.bench_pool
    return verbatim(await pool.fetchval(_INSERT, chat_id, request.caller.user_id, data.content), 201)


@post("/bench/pool/{size:int}", status_code=204)
async def pool(request: ApiRequest, size: int) -> None:
    """Connections for `plain`, all opened."""
    if old := request.app.state.get("bench_pool"):
        await old.close()
    database = request.parts.settings.database.model_copy(update={"pool_min": size, "pool_max": size})
    request.app.state.bench_pool = await open_pool(database, "bench plain")


HANDLERS = [plain, pool]


def main() -> None:
    # Production has no place for routes from outside, and should get none for this.
    chat_server.app.RESOURCES = (*chat_server.app.RESOURCES, sys.modules[__name__])  # type: ignore[assignment]
    # As close to the socket as what they are compared with.
    chat_server.app.HOT = (*chat_server.app.HOT, plain)
    chat_server.server.serve(load_settings())


if __name__ == "__main__":
    main()
