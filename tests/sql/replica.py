"""What somebody who was told every event, and nothing else, believes to be in the tables."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.sql.world import Event, World

Member = tuple[str, str]  # role, fullname


@dataclass
class Chat:
    name: str
    kind: str
    members: dict[int, Member] = field(default_factory=dict)
    member_count: int = 0
    last_seq: int = 0
    messages: dict[int, str] = field(default_factory=dict)
    reactions: dict[int, Any] = field(default_factory=dict)
    pins: list[int] = field(default_factory=list)
    threads: dict[int, Any] = field(default_factory=dict)
    followers: dict[tuple[int, int], int] = field(default_factory=dict)  # thread and user: read up to
    bans: dict[int, str] = field(default_factory=dict)  # user: why
    invites: dict[int, int] = field(default_factory=dict)  # uses

    def react(self, message: int, reactions: Any) -> None:
        if reactions:
            self.reactions[message] = reactions
        else:
            self.reactions.pop(message, None)

    def forget(self, message: int) -> None:
        """What goes with a message."""
        self.reactions.pop(message, None)
        self.pins = [pin for pin in self.pins if pin != message]

    def remove(self, message: int) -> None:
        """What goes with a message of which nothing is left."""
        self.threads.pop(message, None)
        self.followers = {key: seq for key, seq in self.followers.items() if key[0] != message}


@dataclass
class Board:
    """One that has not been deleted: nobody is told of another."""

    name: str
    members: dict[int, Member] = field(default_factory=dict)
    member_count: int = 0
    thumbnail: Any = None
    invites: dict[int, int] = field(default_factory=dict)  # uses
    versions: dict[int, str] = field(default_factory=dict)


@dataclass
class Replica:
    workspaces: dict[int, dict[int, Member]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    boards: dict[int, Board] = field(default_factory=dict)
    reports: dict[int, str] = field(default_factory=dict)  # status

    @classmethod
    async def of_the_tables(cls, world: World) -> "Replica":
        """The truth. An empty workspace or chat is one that nobody has heard of."""
        replica = cls()
        for workspace, name, user, role, fullname in await world.rows(
            "SELECT w.id, w.name, u.id, m.role, u.fullname FROM workspaces w "
            "JOIN workspace_members m ON m.workspace_id = w.id JOIN users u ON u.id = m.user_id"
        ):
            replica.workspaces.setdefault(workspace, {})[user] = (role, fullname)
            replica.names[workspace] = name
        for chat, name, kind, count, seq in await world.rows(
            "SELECT id, name, type, member_count, last_seq FROM chats"
        ):
            replica.chats[chat] = Chat(name, kind, {}, count, seq)
        for chat, user, role, fullname in await world.rows(
            "SELECT chat_id, u.id, role, fullname FROM chat_members JOIN users u ON u.id = user_id"
        ):
            replica.chats[chat].members[user] = (role, fullname)
        for chat, message, content, reactions, thread in await world.rows(
            "SELECT chat_id, id, content, reactions, thread FROM messages"
        ):
            if thread:
                replica.chats[chat].threads[message] = json.loads(thread)
            replica.chats[chat].messages[message] = content
            replica.chats[chat].react(message, json.loads(reactions or "[]"))
        for chat, message in await world.rows("SELECT chat_id, message_id FROM message_pins ORDER BY id DESC"):
            replica.chats[chat].pins.append(message)
        for chat, user, reason in await world.rows("SELECT chat_id, user_id, reason FROM chat_bans"):
            replica.chats[chat].bans[user] = reason
        for chat, invite, uses in await world.rows("SELECT chat_id, id, uses FROM invites WHERE chat_id IS NOT NULL"):
            replica.chats[chat].invites[invite] = uses
        replica.reports = dict(await world.rows("SELECT id, status FROM reports"))
        await replica.follow_threads(world)
        await replica.see_boards(world)
        return replica

    async def follow_threads(self, world: World) -> None:
        for chat, thread, user, seq in await world.rows(
            "SELECT chat_id, thread_id, user_id, last_read_seq FROM thread_followers"
        ):
            self.chats[chat].followers[thread, user] = seq

    async def see_boards(self, world: World) -> None:
        for board, name, count, thumbnail in await world.rows(
            "SELECT id, name, member_count, (SELECT document_thumbnail_json(t) FROM document_thumbnails t "
            "WHERE document_id = id) FROM documents WHERE deleted_at IS NULL"
        ):
            self.boards[board] = Board(name, {}, count, json.loads(thumbnail) if thumbnail else None)
        for board, user, role, fullname in await world.rows(
            "SELECT document_id, u.id, role, fullname FROM document_members JOIN users u ON u.id = user_id"
        ):
            if board in self.boards:
                self.boards[board].members[user] = (role, fullname)
        for board, invite, uses in await world.rows("SELECT document_id, id, uses FROM invites WHERE chat_id IS NULL"):
            if board in self.boards:
                self.boards[board].invites[invite] = uses
        for board, version, name in await world.rows("SELECT document_id, id, name FROM document_versions"):
            if board in self.boards:
                self.boards[board].versions[version] = name

    def hear(self, event: Event) -> None:
        getattr(self, f"_{event.kind}", lambda _: None)(event)

    def _WorkspaceMemberJoined(self, event: Event) -> None:  # noqa: N802 - named as the event
        told = event.payload
        self.workspaces.setdefault(told["workspace_id"], {})[told["user_id"]] = (told["role"], told["fullname"])
        self.names[told["workspace_id"]] = told["workspace"]["name"]

    def _WorkspaceMemberUpdated(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        self.workspaces[told["workspace_id"]][told["user_id"]] = (told["role"], told["fullname"])

    def _WorkspaceMemberLeft(self, event: Event) -> None:  # noqa: N802
        self.workspaces[event.payload["workspace_id"]].pop(event.payload["user_id"], None)

    def _WorkspaceUpdated(self, event: Event) -> None:  # noqa: N802
        self.names[event.payload["id"]] = event.payload["name"]

    def _UserUpdated(self, event: Event) -> None:  # noqa: N802
        user, fullname = event.payload["id"], event.payload["fullname"]
        groups = [self.workspaces[workspace] for workspace in event.workspace_ids or ()]
        groups += [chat.members for chat in self.chats.values()] + [board.members for board in self.boards.values()]
        for members in groups:
            if user in members:
                members[user] = (members[user][0], fullname)

    def _NewChat(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        chat = self.chats.setdefault(told["id"], Chat(told["name"], told["type"]))
        chat.name, chat.kind = told["name"], told["type"]
        chat.member_count, chat.last_seq = told["member_count"], told["last_seq"]
        chat.members = {member["user_id"]: (member["role"], member["fullname"]) for member in told["members"]}
        chat.messages |= {message["id"]: message["content"] for message in told["messages"]}
        chat.reactions |= {m["id"]: m["reactions"] for m in told["messages"] if m["reactions"]}
        chat.pins = told["pinned_message_ids"]
        chat.threads |= {m["id"]: m["thread"] for m in told["messages"] if m["thread"]}
        if told["role"] != "member":
            self._hear_as_admin(chat, told)

    def _UserJoinedChat(self, event: Event) -> None:  # noqa: N802
        told, chat = event.payload, self.chats[event.payload["chat_id"]]
        chat.members[told["user_id"]] = (told["role"], told["fullname"])
        chat.member_count = told["member_count"]

    def _ChatMemberUpdated(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        self.chats[told["chat_id"]].members[told["user_id"]] = (told["role"], told["fullname"])

    def _UserLeftChat(self, event: Event) -> None:  # noqa: N802
        chat = self.chats[event.payload["chat_id"]]
        chat.members.pop(event.payload["user_id"], None)
        chat.followers = {key: seq for key, seq in chat.followers.items() if key[1] != event.payload["user_id"]}
        chat.member_count = event.payload["member_count"]

    def _ChatAdminAdded(self, event: Event) -> None:  # noqa: N802
        self._hear_as_admin(self.chats[event.payload["chat_id"]], event.payload)

    def _hear_as_admin(self, chat: Chat, told: Any) -> None:
        chat.bans = {ban["user_id"]: ban["reason"] for ban in told["bans"]}
        chat.invites = {invite["id"]: invite["uses"] for invite in told["invites"]}

    def _ChatBanUpdated(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].bans[event.payload["user_id"]] = event.payload["reason"]

    def _UserUnbanned(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].bans.pop(event.payload["user_id"], None)

    def _ChatInviteUpdated(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].invites[event.payload["id"]] = event.payload["uses"]

    def _ChatInviteDeleted(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].invites.pop(event.payload["id"], None)

    def _ReportUpdated(self, event: Event) -> None:  # noqa: N802
        self.reports[event.payload["id"]] = event.payload["status"]

    _ReportFiled = _ReportUpdated

    def _ReportDeleted(self, event: Event) -> None:  # noqa: N802
        self.reports.pop(event.payload["id"], None)

    def _WorkspaceAdminAdded(self, event: Event) -> None:  # noqa: N802
        workspace_open = {report["id"]: report["status"] for report in event.payload["reports"]}
        self.reports |= workspace_open  # of COMMIT: what the same transaction filed afterwards is told afterwards

    def _ChatUpdated(self, event: Event) -> None:  # noqa: N802
        chat = self.chats[event.payload["id"]]
        chat.name, chat.kind = event.payload["name"], event.payload["type"]

    def _ChatDeleted(self, event: Event) -> None:  # noqa: N802
        self.chats.pop(event.payload["id"], None)

    def _NewMessage(self, event: Event) -> None:  # noqa: N802
        chat: Chat = self.chats[event.payload["chat_id"]]
        chat.last_seq = max(chat.last_seq, event.payload["seq"])
        chat.messages[event.payload["id"]] = event.payload["content"]
        own = (event.payload["thread_id"], event.payload["sender_id"])
        if own in chat.followers:
            chat.followers[own] = max(chat.followers[own], event.payload["thread_seq"])

    def _MessageUpdated(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].messages[event.payload["id"]] = event.payload["content"]

    def _MessageLinksUpdated(self, event: Event) -> None:  # noqa: N802
        self._MessageUpdated(event)

    def _MessageFilesReady(self, event: Event) -> None:  # noqa: N802
        self._MessageUpdated(event)

    def _MessageDeleted(self, event: Event) -> None:  # noqa: N802
        chat, message = self.chats[event.payload["chat_id"]], event.payload["id"]
        if event.payload["removed"]:
            chat.messages.pop(message, None)
            chat.remove(message)
        else:
            chat.messages[message] = event.payload["content"]
        chat.forget(message)

    def _ReactionAdded(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        self.chats[told["chat_id"]].react(told["message_id"], told["reactions"])

    _ReactionRemoved = _ReactionAdded

    def _ThreadUpdated(self, event: Event) -> None:  # noqa: N802
        self.chats[event.payload["chat_id"]].threads[event.payload["thread_id"]] = event.payload["thread"]

    def _ThreadFollowed(self, event: Event) -> None:  # noqa: N802
        told, chat = event.payload, self.chats[event.payload["chat_id"]]
        assert event.user_id is not None
        replies = told["thread"] or {"last_seq": told["last_read_seq"], "reply_count": 0}
        assert told["unread"] == min(replies["last_seq"] - told["last_read_seq"], replies["reply_count"])
        chat.followers[told["thread_id"], event.user_id] = told["last_read_seq"]

    def _ThreadReadMarkerMoved(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        self.chats[told["chat_id"]].followers[told["thread_id"], told["user_id"]] = told["last_read_seq"]

    def _ThreadUnfollowed(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        # Who begins and ends within one transaction is only told of as gone, as members are.
        self.chats[told["chat_id"]].followers.pop((told["thread_id"], told["user_id"]), None)

    def _MessagePinned(self, event: Event) -> None:  # noqa: N802
        chat, message = self.chats[event.payload["chat_id"]], event.payload["message_id"]
        chat.pins = [message, *(pin for pin in chat.pins if pin != message)]

    def _MessageUnpinned(self, event: Event) -> None:  # noqa: N802
        chat, message = self.chats[event.payload["chat_id"]], event.payload["message_id"]
        chat.pins = [pin for pin in chat.pins if pin != message]

    def _NewBoard(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        members = {member["user_id"]: (member["role"], member["fullname"]) for member in told["members"]}
        known = self.boards.get(told["id"], Board("")).invites
        self.boards[told["id"]] = Board(told["name"], members, told["member_count"], told["thumbnail"], known)
        self.boards[told["id"]].versions = {version["id"]: version["name"] for version in told["versions"]}
        if told["role"] == "owner":
            self._BoardOwnerAdded(event)

    _BoardRestored = _NewBoard

    # Of a board that is just deleted nobody hears, though it be restored before COMMIT.

    def _BoardUpdated(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["id"]):
            board.name = event.payload["name"]

    def _BoardDeleted(self, event: Event) -> None:  # noqa: N802
        self.boards.pop(event.payload["id"], None)

    def _UserJoinedBoard(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        if board := self.boards.get(told["board_id"]):
            board.members[told["user_id"]] = (told["role"], told["fullname"])
            board.member_count = told["member_count"]

    def _BoardMemberUpdated(self, event: Event) -> None:  # noqa: N802
        told = event.payload
        if board := self.boards.get(told["board_id"]):
            board.members[told["user_id"]] = (told["role"], told["fullname"])

    def _UserLeftBoard(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.members.pop(event.payload["user_id"], None)
            board.member_count = event.payload["member_count"]

    def _BoardOwnerAdded(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.document_id or 0):
            board.invites = {invite["id"]: invite["uses"] for invite in event.payload["invites"]}

    def _BoardInviteUpdated(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.invites[event.payload["id"]] = event.payload["uses"]

    def _BoardInviteDeleted(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.invites.pop(event.payload["id"], None)

    def _BoardVersionUpdated(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.versions[event.payload["id"]] = event.payload["name"]

    def _BoardVersionDeleted(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.versions.pop(event.payload["id"], None)

    def _BoardThumbnailUpdated(self, event: Event) -> None:  # noqa: N802
        if board := self.boards.get(event.payload["board_id"]):
            board.thumbnail = event.payload["thumbnail"]


def differences(told: Replica, true: Replica) -> list[Any]:
    """Empty when the two are the same."""
    found: list[Any] = []
    if told.workspaces != true.workspaces:
        found.append(("workspace members", told.workspaces, true.workspaces))
    if told.names != true.names:
        found.append(("workspace names", told.names, true.names))
    if told.boards != true.boards:
        found.append(("boards", told.boards, true.boards))
    if told.reports != true.reports:
        found.append(("reports", told.reports, true.reports))
    pairs = {chat: (told.chats.get(chat), true.chats.get(chat)) for chat in told.chats.keys() | true.chats.keys()}
    return found + [(f"chat {chat}", *pair) for chat, pair in pairs.items() if pair[0] != pair[1]]
