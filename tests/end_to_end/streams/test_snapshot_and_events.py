"""snapshot + events = fresh snapshot, whatever people do, and however often the stream breaks in between.

Random people do random things over REST and in SQL. An observer holds a snapshot and applies events to it as
docs/events.md says (`tests/support/copy_of_sync.py`), and a lean one likewise. After each round, what it holds is what
GET /api/sync gives.
"""

import itertools
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.end_to_end.board_actions import BoardActions
from tests.end_to_end.system import Person, System
from tests.support.clients.listener import Listener, Received
from tests.support.copy_of_sync import Copy, synced
from tests.support.recorded_sessions import Session

_numbers = itertools.count()

# What is done in an organisation, three in a row.
ORGANIZING = [
    "UPDATE workspaces SET organization_id = CASE WHEN organization_id IS NULL THEN $2::bigint END WHERE id = $3",
    "INSERT INTO departments (organization_id, name) SELECT organization, name FROM given ON CONFLICT DO NOTHING",
    "INSERT INTO appointments (organization_id, department_id, user_id) SELECT organization_id, d.id, user_id "
    "FROM departments d JOIN organization_members USING (organization_id) WHERE organization_id = $2 "
    "ON CONFLICT DO NOTHING",
    "UPDATE organizations SET name = $4 WHERE id = $2",
    "UPDATE appointments SET is_head = NOT is_head, ends_at = now() WHERE organization_id = $2 AND user_id = $1",
    "INSERT INTO groups (organization_id, name) SELECT organization, name FROM given ON CONFLICT DO NOTHING",
    "INSERT INTO group_members (group_id, user_id) SELECT g.id, user_id FROM groups g "
    "JOIN organization_members USING (organization_id) WHERE organization_id = $2 ON CONFLICT DO NOTHING",
    "INSERT INTO roles (organization_id, name, permissions) SELECT organization, name, "
    "CASE person % 2 WHEN 0 THEN '{chat.read_messages,chat.pin}' ELSE '{chat.pin}'::text[] END FROM given "
    "ON CONFLICT DO NOTHING",
    "INSERT INTO role_bindings (organization_id, role_id, group_id, chat_id) "
    "SELECT r.organization_id, r.id, g.id, c.id FROM given JOIN roles r ON r.organization_id = organization "
    "JOIN groups g USING (organization_id) JOIN workspaces w USING (organization_id) "
    "JOIN chats c ON c.workspace_id = w.id AND c.type <> 'Single' "
    "ON CONFLICT DO NOTHING",
    "UPDATE roles SET permissions = CASE cardinality(permissions) WHEN 1 THEN '{chat.read_messages,chat.pin}' "
    "ELSE '{chat.pin}'::text[] END WHERE organization_id = $2 AND name = $4",
    "INSERT INTO organization_features SELECT organization, 'enable_user_roles', true FROM given "
    "ON CONFLICT DO NOTHING",
    "DELETE FROM role_bindings WHERE organization_id = $2 AND id % 2 = $1 % 2",
    "DELETE FROM appointments WHERE organization_id = $2 AND user_id = $1",
    "DELETE FROM groups WHERE organization_id = $2 AND name = $4",
    "UPDATE organization_members SET role = 'admin' WHERE organization_id = $2 AND user_id = $1 AND role = 'member'",
    "INSERT INTO announcements (organization_id, title, content, group_ids) SELECT organization, name, name, "
    "ARRAY(SELECT id FROM groups g WHERE g.organization_id = given.organization AND g.name = given.name) FROM given",
    "SELECT acknowledge_announcement(id, $1) FROM announcements WHERE organization_id = $2",
    "SELECT change_announcement($2, max(id), $4, NULL, $1 % 2 = 0) FROM announcements WHERE organization_id = $2",
    "UPDATE announcements SET withdrawn_at = now() WHERE id = (SELECT min(id) FROM announcements "
    "WHERE organization_id = $2 AND withdrawn_at IS NULL)",
    "DELETE FROM organization_members WHERE organization_id = $2 AND user_id = $1 AND role = 'member'",
]


@dataclass
class Scene(BoardActions):
    system: System
    sql: "asyncpg.Connection[asyncpg.Record]"
    people: list[Person]
    chats: list[int] = field(default_factory=list)
    workspaces: list[int] = field(default_factory=list)
    organization: int = 0

    async def call(self, person: Person, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Anything but a server error is a fair answer: a random action may well be forbidden."""
        answer = await person.request(method, path, json=body)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.is_success and answer.content else None

    async def act(self, action: str, who: int, whom: int, where: int, text: str) -> None:
        person, other = self.people[who % len(self.people)], self.people[whom % len(self.people)]
        chat = self.chats[where % len(self.chats)] if self.chats else 0
        workspace = self.workspaces[where % len(self.workspaces)]
        await getattr(self, f"_{action}")(person, other, chat, workspace, text)

    async def _make_chat(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        kind = ("Group", "Single", "PrivateChannel", "PublicChannel")[len(text) % 4]
        body = {"name": text, "type": kind, "members": [other.id], "workspace_id": workspace}
        made = await self.call(person, "POST", "/chats", body)
        if made and made["id"] not in self.chats:
            self.chats.append(made["id"])

    async def _send(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/messages", {"content": text})

    async def naming(self, other: Person, text: str) -> str:
        name = await self.sql.fetchval("SELECT username FROM users WHERE id = $1", other.id)
        return f"{text} " + ("@all", "@here", f"@{name}")[len(text) % 3]

    async def _mention(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        body = {"content": await self.naming(other, text)}
        await self.call(person, "POST", f"/chats/{chat}/messages", body)

    async def _edit_in_a_mention(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self._edit_in_sql(person, other, chat, workspace, await self.naming(other, text))

    async def newest_message(self, chat: int) -> int:
        return int(await self.sql.fetchval("SELECT coalesce(max(id), 0) FROM messages WHERE chat_id = $1", chat))

    async def _reply(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        body = {
            "content": text,
            "type": "file",
            "metadata": {"name": text},
            "reply_to": await self.newest_message(chat),
        }
        await self.call(person, "POST", f"/chats/{chat}/messages", body)

    async def _forward(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        source = await self.newest_message(self.chats[0] if self.chats else 0)
        await self.call(person, "POST", f"/chats/{chat}/messages", {"forward_of": source})

    async def _edit(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        message = await self.newest_message(chat)
        await self.call(person, "PATCH", f"/chats/{chat}/messages/{message}", {"content": text})

    async def _edit_in_sql(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.sql.execute(
            "UPDATE messages SET content = $1 WHERE deleted_at IS NULL AND forwarded_from IS NULL AND id = $2",
            text,
            await self.newest_message(chat),
        )

    async def _unsend(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/chats/{chat}/messages/{await self.newest_message(chat)}")

    async def _remove_in_sql(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.sql.execute("DELETE FROM messages WHERE id = $1", await self.newest_message(chat))

    async def _react(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"{await self._newest(chat, text)}/reactions/{'👍🎉'[len(text) % 2]}")

    async def _take_back(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"{await self._newest(chat, text)}/reactions/{'👍🎉'[len(text) % 2]}")

    async def _pin(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"{await self._newest(chat, text)}/pin")

    async def _unpin(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"{await self._newest(chat, text)}/pin")

    async def _follow(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"{await self._thread(chat)}/follow")

    async def _unfollow(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"{await self._thread(chat)}/follow")

    async def _read_thread(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        body = {"thread_seq": len(text)}
        await self.call(person, "POST", f"{await self._thread(chat)}/read", body)

    async def _thread(self, chat: int) -> str:
        """The path of a chat's newest thread, or of a message that may begin one."""
        newest = "SELECT coalesce(max(thread_id), max(id), 0) FROM messages WHERE chat_id = $1"
        return f"/chats/{chat}/messages/{await self.sql.fetchval(newest, chat)}/thread"

    async def _newest(self, chat: int, text: str) -> str:
        """The path of a message of a chat, one of the newest; of none where there is none."""
        offset = f"OFFSET {len(text) // 2 % 3}"
        newest = f"SELECT id FROM messages WHERE chat_id = $1 ORDER BY id DESC LIMIT 1 {offset}"
        return f"/chats/{chat}/messages/{await self.sql.fetchval(newest, chat) or 2**40}"

    async def _expire(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.sql.execute(
            "UPDATE chats SET first_seq = least(first_seq + $1, last_seq + 1) WHERE id = $2", len(text) % 3, chat
        )

    async def _keep(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/chats/{chat}", {"retention_days": len(text)})
        await self.call(person, "PUT", f"/workspaces/{workspace}", {"retention_days": len(text)})

    async def _read(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/read", {"seq": 2 * len(text)})

    async def _mark_unread(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/unread", {"seq": len(text)})

    async def _choose_notifications(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        level = ("all", "mentions", "none")[len(text) % 3]
        muted_until = (None, f"20{len(text):02}-01-01T00:00:00Z")[len(text) % 2]
        await self.call(person, "PATCH", f"/chats/{chat}/me", {"notification_level": level, "muted_until": muted_until})

    async def _draft(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/chats/{chat}/draft", {"content": text})

    async def _drop_draft(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/chats/{chat}/draft")

    async def _thread_draft(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"{await self._thread(chat)}/draft", {"content": text})

    async def _drop_thread_draft(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"{await self._thread(chat)}/draft")

    async def _add(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/members", {"user_id": other.id})

    async def _remove(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/chats/{chat}/members/{other.id}")

    async def _join(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/join")

    async def _silence(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        path = f"/chats/{chat}/members/{other.id}/silence"
        if len(text) % 2:
            await self.call(person, "PUT", path, {"seconds": 3600})
        else:
            await self.call(person, "DELETE", path)

    async def _ban(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/chats/{chat}/bans/{other.id}", {"reason": text})

    async def _lift_ban(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/chats/{chat}/bans/{other.id}")

    async def _revoke_invite(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        newest = await self.sql.fetchval("SELECT max(id) FROM invites WHERE chat_id = $1", chat)
        await self.call(person, "DELETE", f"/chats/{chat}/invites/{newest or 2**40}")

    async def _report(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"{await self._newest(chat, text)}/report", {"reason": "spam"})

    async def _handle_report(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        newest = await self.sql.fetchval("SELECT max(id) FROM reports WHERE workspace_id = $1", workspace)
        status = ("open", "resolved")[len(text) % 2]
        body = {"status": status, "note": text}
        await self.call(person, "PATCH", f"/workspaces/{workspace}/reports/{newest or 2**40}", body)

    async def _drop_report(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.sql.execute("DELETE FROM reports WHERE reporter_id = $1", person.id)

    async def _archive(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/archive")
        if len(text) > 1:
            await self.call(person, "POST", f"/chats/{chat}/unarchive")

    async def _transfer(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/transfer", {"user_id": other.id})

    async def _join_with_password(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/chats/{chat}/password", {"password": "open sesame"})
        await self.call(other, "POST", f"/chats/{chat}/join", {"password": "open sesame"})
        if len(text) % 2:
            await self.call(person, "DELETE", f"/chats/{chat}/password")

    async def _follow_invite(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        if made := await self.call(person, "POST", f"/chats/{chat}/invites", {}):
            await self.call(other, "POST", f"/invites/{made['token']}/accept")

    async def _leave(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/chats/{chat}/leave")

    async def _promote(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        role = ("owner", "admin", "member")[len(text) % 3]
        await self.call(person, "PATCH", f"/chats/{chat}/members/{other.id}", {"role": role})

    async def _rename_chat(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/chats/{chat}", {"name": text})

    async def _delete_chat(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/chats/{chat}")

    async def _rename_person(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PATCH", "/users/me", {"fullname": text})

    async def _choose_presence(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        mode = ("auto", "away", "dnd", "invisible")[len(text) % 4]
        await self.call(person, "PUT", "/users/me/presence", {"presence_mode": mode})

    async def _set_status(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        until = ("2100-01-01T00:00:00Z", None)[len(text) % 2]
        await self.call(person, "PUT", "/users/me/status", {"text": text, "until": until})

    async def _status_expires(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.sql.execute("UPDATE users SET status_text = NULL, status_until = NULL WHERE id = $1", other.id)

    async def _invite(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/workspaces/{workspace}/members", {"user_id": other.id})
        await self.call(person, "POST", f"/workspaces/{workspace}/invitations", {"user_id": other.id})
        if len(text) % 2:
            await self.call(other, "POST", f"/invitations/{workspace}/accept")

    async def _answer_invitation(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "POST", f"/invitations/{workspace}/{('accept', 'decline')[len(text) % 2]}")

    async def _withdraw_invitation(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/workspaces/{workspace}/invitations/{other.id}")

    async def _show_emails(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/workspaces/{workspace}", {"show_emails": len(text) % 2 == 0})

    async def _expel(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/workspaces/{workspace}/members/{other.id}")

    async def _promote_in_workspace(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        role = ("owner", "admin", "member")[len(text) % 3]
        await self.call(person, "PATCH", f"/workspaces/{workspace}/members/{other.id}", {"role": role})

    async def _rename_workspace(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "PUT", f"/workspaces/{workspace}", {"name": text})

    async def _delete_workspace(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        if workspace != self.workspaces[0]:
            await self.call(person, "DELETE", f"/workspaces/{workspace}")

    async def _organize(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        """An operator in psql: a workspace into an organisation and out of it; people, what they are there, and not."""
        async with self.sql.transaction():
            if not self.organization:
                create = "SELECT create_organization($1, 'Engines') ->> 'id'"
                self.organization = int(await self.sql.fetchval(create, self.people[0].id))
            first = len(text) % len(ORGANIZING)
            for statement in ORGANIZING[first : first + 3]:
                await self.sql.execute(
                    "WITH given AS (SELECT $1::bigint AS person, $2::bigint AS organization, $3::bigint AS workspace, "
                    f"$4::text AS name) {statement}",
                    other.id,
                    self.organization,
                    workspace,
                    f"g{len(text)}",
                )

    async def _turn_guest(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        """A member of the organisation becomes its guest, or a guest a member; guests join its workspaces' Groups. The
        feature is on for this transaction alone."""
        if not self.organization:
            return
        guests = (
            "SELECT c.id, m.user_id FROM chats c JOIN workspaces w ON w.id = c.workspace_id "
            "JOIN organization_members m USING (organization_id) WHERE w.organization_id = $1 AND m.kind = 'guest' "
            "AND c.type = 'Group' AND c.archived_at IS NULL "
            "AND NOT EXISTS (SELECT FROM chat_bans b WHERE b.chat_id = c.id AND b.user_id = m.user_id)"
        )
        async with self.sql.transaction():
            on = "INSERT INTO organization_features VALUES ($1, 'enable_organizations', true) ON CONFLICT DO NOTHING"
            await self.sql.execute(on, self.organization)
            await self.sql.execute(
                "UPDATE organization_members SET kind = CASE kind WHEN 'guest' THEN 'member' ELSE 'guest' END "
                "WHERE organization_id = $1 AND user_id = $2 AND role = 'member' AND NOT EXISTS ("
                "SELECT FROM workspace_members w WHERE w.user_id = $2 AND w.role = 'owner')",
                self.organization,
                other.id,
            )
            await self.sql.execute(
                f"INSERT INTO chat_members (chat_id, user_id) {guests} ON CONFLICT DO NOTHING", self.organization
            )
            await self.sql.execute("DELETE FROM organization_features WHERE organization_id = $1", self.organization)

    async def _add_emoji(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        if await self.sql.fetchval("SELECT EXISTS (SELECT FROM workspaces WHERE id = $1)", workspace):
            file = await self.sql.fetchval(
                "WITH stored AS (INSERT INTO blobs (workspace_id, sha256, size, key) "
                "VALUES ($1, sha256('x'), 1, gen_random_uuid()) ON CONFLICT DO NOTHING) "
                "INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name) "
                "VALUES ($1, $2, sha256('x'), 1, 'image/png', 'x') RETURNING id",
                workspace,
                person.id,
            )
            await self.call(person, "PUT", f"/workspaces/{workspace}/emoji/e{len(text) % 3}", {"file_id": file})

    async def _show_an_icon(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        newest = "SELECT coalesce(max(id), 0) FROM files WHERE workspace_id = $1 AND type = 'image/png'"
        file = await self.sql.fetchval(newest, workspace)
        await self.call(person, "PUT", f"/workspaces/{workspace}", {"icon_file_id": file})

    async def _post_a_file(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        newest = "SELECT coalesce(max(f.id), 0) FROM files f JOIN chats c USING (workspace_id) WHERE c.id = $1"
        file = await self.sql.fetchval(newest, chat)
        await self.call(person, "POST", f"/chats/{chat}/messages", {"content": text, "files": [file]})

    async def _scan_files_again(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        """As a scanner with newer signatures does; without a server that looks at them at some later moment."""
        state = ("scanning", "pending", "ready")[len(text) % 3]
        async with self.sql.transaction():
            await self.sql.execute("UPDATE files SET state = $1, width = 1, height = 1 WHERE state <> $1", state)
            await self.sql.execute("DELETE FROM file_looks")

    async def _remove_emoji(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        await self.call(person, "DELETE", f"/workspaces/{workspace}/emoji/e{len(text) % 3}")

    async def _several_at_once(self, person: Person, other: Person, chat: int, workspace: int, text: str) -> None:
        """One transaction of somebody in psql: in and out of a chat, and messages in between."""
        async with self.sql.transaction():
            open_one = "SELECT type IN ('Group', 'PublicChannel') AND archived_at IS NULL FROM chats WHERE id = $1"
            if await self.sql.fetchval(open_one, chat):
                member = "SELECT $1, $2 WHERE EXISTS (SELECT FROM chats JOIN workspace_members USING (workspace_id) "
                await self.sql.execute(
                    f"INSERT INTO chat_members (chat_id, user_id) {member} WHERE chats.id = $1 AND user_id = $2) "
                    "ON CONFLICT DO NOTHING",
                    chat,
                    other.id,
                )
                await self.sql.execute(
                    "INSERT INTO messages (chat_id, sender_id, content) "
                    "SELECT chat_id, user_id, $2 FROM chat_members WHERE chat_id = $1",
                    chat,
                    text,
                )
                await self.sql.execute(
                    "DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2 AND role <> 'owner' AND $3",
                    chat,
                    other.id,
                    len(text) % 2 == 0,
                )


PATHS = ("_newest", "_thread", "_board")
ACTIONS = sorted(
    name[1:] for name in dir(Scene) if name.startswith("_") and not name.startswith("__") and name not in PATHS
)
# What makes the rest possible comes more often.
WEIGHTED = [
    *ACTIONS,
    *("send", "mention", "reconnect") * 2,
    *("send", "send", "read", "mark_unread", "make_chat", "add", "invite", "reply", "several_at_once"),
    *("thread_draft",),
    *("make_board", "add_to_board", "boards_in_sql", "scan_files_again"),
]

steps = st.tuples(
    st.sampled_from(WEIGHTED),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 5),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cc", "Z"]),
        min_size=1,
        max_size=8,
    ),
)


@given(rounds=st.lists(st.lists(steps, min_size=1, max_size=12), min_size=1, max_size=3))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_snapshot_and_events_give_a_fresh_snapshot(
    system: System, rounds: list[list[tuple[str, int, int, int, str]]]
) -> None:
    number = next(_numbers)
    async with system.sql() as sql, AsyncExitStack() as stack:
        people = await system.team(*(f"{name}{number}" for name in ("Ada", "Grace", "Mary")))
        observer = people[1]
        scene = Scene(system, sql, people, workspaces=[people[0].workspace, people[2].workspace])
        # Something to begin with, so that most actions are about something.
        scene.chats.append(await system.group(*people))
        await scene.act("invite", 2, 1, 1, "")
        for text in ("xxx", "x"):  # a public channel and a Single chat
            await scene.act("make_chat", 0, 1, 0, text)
        for who in range(3):
            await scene.act("send", who, 0, 0, "hello")
        for made in ("add_emoji", "post_a_file", "show_an_icon"):
            await scene.act(made, 0, 0, 0, "x")
        snapshot = await synced(observer)
        copy, lean_snapshot = Copy(snapshot), await synced(observer, "lean")
        lean, session = Copy(lean_snapshot), Session(snapshot, lean_snapshot)
        stream = await stack.enter_async_context(observer.listen(snapshot["cursor"]))
        applied = 0
        for number_of_round, actions in enumerate(rounds):
            for action in actions:
                if action[0] == "reconnect":
                    apply(stream.events()[applied:], copy, lean, session)
                    cursor = stream.cursor
                    # What happens while the observer is away comes by replay.
                    stack2 = stack.pop_all()
                    await stack2.aclose()
                    await scene.act("send", *action[1:])
                    stream, applied = await stack.enter_async_context(observer.listen(cursor)), 0
                else:
                    await scene.act(*action)
            await _caught_up(observer, stream, f"{number}.{number_of_round}")
            apply(stream.events()[applied:], copy, lean, session)
            applied = len(stream.events())
            fresh = await synced(observer)
            assert copy.state() == Copy(fresh).state()
            lean_fresh = await synced(observer, "lean")
            assert lean.lean_state(lean_fresh) == Copy(lean_fresh).state()
            session.add(fresh, lean_fresh)
        session.keep()


def apply(events: list[Received], *copies: Copy | Session) -> None:
    for event in events:
        for copy in copies:
            copy.apply(deepcopy(event))


async def _caught_up(observer: Person, stream: Listener, mark: str) -> None:
    """Everything committed so far has been received: a change of the observer's own comes last."""
    await observer.users.update_me(fullname=f"mark {mark}")
    await stream.until(lambda s: any(e.data.get("fullname") == f"mark {mark}" for e in s.events("UserUpdated")))
