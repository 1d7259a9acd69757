"""Clerk ends a session: the stream that is open with it hears so, and closes."""

import asyncio
import json
from pathlib import Path

from tests.support.clerk_peer import clerk_peer
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database
from tests.support.servers import ServerProcess


async def test_a_session_that_is_revoked_at_clerk_closes_its_stream(
    database: Database, keys: Path, tmp_path: Path
) -> None:
    chat = ServerProcess("chat-server", database.chat_url, keys, {})
    notify = ServerProcess("notify-server", database.notify_url, keys, {})
    async with clerk_peer(tmp_path) as peer, plain_http(timeout=30) as http:
        chat.set_default("auth.clerk", json.dumps(peer.settings()))
        try:
            await asyncio.gather(chat.start(), notify.start())
            bearer = {"Authorization": f"Bearer {peer.token(peer.add_user(), sid='sess_1')}"}
            answer = await http.post(f"{chat.url}/api/auth/clerk/session", json={}, headers=bearer)
            headers = {"Authorization": f"Bearer {answer.json()['token']}"}
            async with http.stream("GET", f"{notify.url}/api/notifications/events", headers=headers) as stream:
                assert stream.status_code == 200
                lines = stream.aiter_lines()
                assert await anext(lines)
                async with plain_http(base_url=chat.url) as clerk:
                    told = await peer.send(clerk, "session.revoked", {"id": "sess_1", "status": "revoked"})
                assert told.status_code == 204
                async with asyncio.timeout(30):
                    heard = "\n".join([line async for line in lines])
            assert '"reason":"provider"' in heard
            assert (await http.get(f"{chat.url}/api/auth/me", headers=headers)).status_code == 401
        finally:
            await asyncio.gather(chat.stop(), notify.stop())
