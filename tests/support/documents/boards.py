"""A board in the database, with its owner and what is stored of it."""

import asyncpg

from chat_core.documents import worker


async def a_board(
    sql: "asyncpg.Connection[asyncpg.Record]", *updates: bytes, snapshot: tuple[int, bytes] | None = None
) -> int:
    async with sql.transaction():
        user = await sql.fetchval(
            "INSERT INTO users (email, fullname, password_hash) "
            "VALUES (gen_random_uuid() || '@example.com', 'Ada', '') RETURNING id"
        )
        workspace = await sql.fetchval("INSERT INTO workspaces (name) VALUES ('w') RETURNING id")
        await sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'owner')", workspace, user)
        board: int = await sql.fetchval(
            "INSERT INTO documents (kind, workspace_id, name) VALUES ('board', $1, 'plan') RETURNING id", workspace
        )
        await sql.execute(
            "INSERT INTO document_members (document_id, user_id, role) VALUES ($1, $2, 'owner')", board, user
        )
    for update in updates:
        await sql.execute(
            "SELECT board_append('n', ARRAY[$1::bigint], '{1}', ARRAY[$2::bytea], 0, false)", board, update
        )
    if snapshot is not None:
        seq, state = snapshot
        _, vector, deletions, pending, _ = worker.compact(state, [])
        await sql.execute(
            "SELECT board_keep_snapshot($1, $2, $3, $4, $5, $6)", board, seq, state, vector, deletions, pending
        )
    return board
