"""What people do with boards and pages in test_snapshot_and_events.py, over REST and in SQL."""

from typing import Any

import asyncpg

from tests.end_to_end.system import Person


class BoardActions:
    """Of a Scene: each takes who acts, somebody else, a chat and a workspace, and a text by which it is varied."""

    sql: "asyncpg.Connection[asyncpg.Record]"

    away: tuple[int, ...] = ()  # the answers of servers that are being started again

    async def call(self, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        raise NotImplementedError

    async def _board(self, text: str) -> str:
        """The path of a board or page, one of the newest; of none where there is none."""
        newest = f"SELECT '/' || kind || 's/' || id FROM documents ORDER BY id DESC LIMIT 1 OFFSET {len(text) % 2}"
        return await self.sql.fetchval(newest) or f"/boards/{2**40}"

    async def _make_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        kind = ("boards", "pages")[len(text) % 2]
        if made := await self.call(person, "POST", f"/workspaces/{workspace}/{kind}", {"name": text}):
            body = {"user_id": other.id, "role": "editor"}
            await self.call(person, "POST", f"/{kind}/{made['id']}/members", body)

    async def _rename_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        path = await self._board(text)
        more = {"is_template": len(text) % 3 == 0} if path.startswith("/pages/") else {}
        await self.call(person, "PATCH", path, {"name": text, **more})

    async def _add_to_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"{await self._board(text)}/members", {"user_id": other.id})

    async def _promote_on_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        role = ("owner", "editor", "viewer")[len(text) % 3]
        await self.call(person, "PATCH", f"{await self._board(text)}/members/{other.id}", {"role": role})

    async def _remove_from_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"{await self._board(text)}/members/{other.id}")

    async def _transfer_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"{await self._board(text)}/transfer", {"user_id": other.id})

    async def _follow_invite_to_board(
        self, person: Person, other: Person, chat: int, workspace: int, text: str
    ) -> None:
        if made := await self.call(person, "POST", f"{await self._board(text)}/invites", {"role": "editor"}):
            await self.call(other, "POST", f"/invites/{made['token']}/accept")

    async def _revoke_invite_to_board(
        self, person: Person, other: Person, chat: int, workspace: int, text: str
    ) -> None:
        newest = await self.sql.fetchval("SELECT max(id) FROM invites WHERE document_id IS NOT NULL")
        await self.call(person, "DELETE", f"{await self._board(text)}/invites/{newest or 2**40}")

    async def _picture_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        path, picture = f"{await self._board(text)}/thumbnail", b"\xff\xd8\xff" + text.encode()
        answer = await person.request("PUT", path, content=picture)
        assert answer.status_code in (200, 403, 404, 409, *self.away), answer.text
        if len(text) % 3 == 0:
            await self.call(person, "DELETE", path)

    async def _version_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        path = f"{await self._board(text)}/versions"
        if made := await self.call(person, "POST", path, {"name": text}):
            await self.call(other, "PATCH", f"{path}/{made['id']}", {"name": f"{text}!"})
            await self.call(person, "POST", f"{path}/{made['id']}/restore")
            if len(text) % 3 == 0:
                await self.call(other, "DELETE", f"{path}/{made['id']}")

    async def _delete_board(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", await self._board(text))
        if len(text) % 3:
            await self.call(person, "POST", f"{await self._board(text)}/restore")

    async def _boards_in_sql(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        """Somebody in psql makes a board, and more on the newest one of the workspace, all in one transaction."""
        board = "(SELECT max(id) FROM documents WHERE workspace_id = $1)"
        steps = (
            f"INSERT INTO document_members (document_id, user_id, role) SELECT {board}, user_id, 'editor' "
            f"FROM workspace_members WHERE workspace_id = $1 AND {board} IS NOT NULL ON CONFLICT DO NOTHING",
            f"UPDATE document_members SET role = 'owner' WHERE document_id = {board}",
            f"UPDATE documents SET name = 'x' || name WHERE id = {board} AND length(name) < 70",
            "INSERT INTO invites (document_id, role, created_by, token_hash, expires_at) "
            f"SELECT {board}, 'viewer', {other.id}, sha256(gen_random_uuid()::text::bytea), now() + interval '1 day' "
            f"WHERE {board} IS NOT NULL",
            f"UPDATE invites SET uses = uses + 1 WHERE document_id = {board}",
            f"DELETE FROM document_members WHERE document_id = {board} AND user_id = {other.id} AND EXISTS "
            f"(SELECT FROM document_members WHERE document_id = {board} AND user_id <> {other.id} AND role = 'owner')",
            f"INSERT INTO document_thumbnails (document_id, data) SELECT {board}, '\\xffd8ff' "
            f"WHERE {board} IS NOT NULL ON CONFLICT DO NOTHING",
            f"DELETE FROM document_thumbnails WHERE document_id = {board}",
            f"INSERT INTO document_versions (document_id, name, seq, state) SELECT {board}, 'v', 0, '\\x0000' "
            f"WHERE {board} IS NOT NULL",
            "DELETE FROM document_versions "
            f"WHERE id = (SELECT max(id) FROM document_versions WHERE document_id = {board})",
        )
        async with self.sql.transaction():
            if await self.sql.fetchval(
                "SELECT EXISTS (SELECT FROM workspace_members WHERE workspace_id = $1 AND user_id = $2)",
                workspace,
                person.id,
            ):
                await self.sql.execute("SELECT create_document($2, $1, 'board', $3)", workspace, person.id, text)
            for number in range(len(text)):
                await self.sql.execute(f"UPDATE documents SET deleted_at = NULL WHERE id = {board}", workspace)
                await self.sql.execute(steps[(number + ord(text[number])) % len(steps)], workspace)
            if ord(text[0]) % 3 == 0:
                await self.sql.execute(f"UPDATE documents SET deleted_at = now() WHERE id = {board}", workspace)
