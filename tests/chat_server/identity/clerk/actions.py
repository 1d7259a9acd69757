"""What people and Clerk do in these tests."""

from typing import Any

import httpx

from tests.chat_server.people import ChatServer, Json, ok
from tests.support.identity.clerk_peer import ClerkPeer
from tests.support.postgres import Database

PAGE = "https://accounts.app.example/sign-in"


async def exchanged(server: ChatServer, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await server.anybody.post("/api/auth/clerk/session", json={}, headers=headers)


async def sign_in(server: ChatServer, peer: ClerkPeer, user: str, **claims: Any) -> httpx.AsyncClient:
    return await server.client(ok(await exchanged(server, peer.token(user, **claims)))["token"])


async def bot_of(server: ChatServer, api: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with a personal access token that is made in this session."""
    body = {"name": "bot", "scopes": ["profile:read"], "days": 30}
    bot = await server.client(ok(await api.post("/api/auth/tokens", json=body), 201)["token"])
    ok(await bot.get("/api/auth/me"))
    return bot


async def hear(server: ChatServer, peer: ClerkPeer, kind: str, data: Json, **event: Any) -> None:
    ok(await peer.send(server.anybody, kind, data, **event), 204)


async def has_ended(api: httpx.AsyncClient) -> bool:
    return (await api.get("/api/auth/me")).status_code == 401


async def is_member(database: Database, workspace: int, email: str = "ada@corp.example") -> bool:
    async with database.connect() as sql:
        found: bool = await sql.fetchval(
            """SELECT EXISTS (SELECT FROM workspace_members m JOIN users u ON u.id = m.user_id
                              WHERE m.workspace_id = $1 AND u.email = $2)""",
            workspace,
            email,
        )
        return found
