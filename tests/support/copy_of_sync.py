"""A client's copy of what it may see: a snapshot of GET /api/sync, and events applied to it as docs/events.md says."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from fechatter_client import Client

from tests.support.clients.listener import Received

Json = dict[str, Any]
Found = dict[int, Json]
PROFILE = ("username", "fullname", "avatar", "status", "custom_status")
NEWEST = 20
INLINE_MEMBERS = 100
MOST_MENTIONS = 100
THREADS = 100
FOR_ADMINS = 100
INVITATIONS = 100


async def synced(client: Client, shape: str = "full") -> Json:
    """The JSON of GET /api/sync."""
    answer = await client.request("GET", "/sync", params={"shape": shape})
    assert answer.is_success, answer.text
    snapshot: Json = answer.json()
    return snapshot


class Copy:
    def __init__(self, snapshot: Json) -> None:
        snapshot = deepcopy(snapshot)
        self.user: Json = snapshot["user"]
        self.presence_mode: str = snapshot["presence_mode"]
        self.workspaces: dict[int, Json] = {workspace["id"]: workspace for workspace in snapshot["workspaces"]}
        self.emoji: dict[tuple[int, str], Json] = {(one["workspace_id"], one["name"]): one for one in snapshot["emoji"]}
        self.organizations: dict[int, Json] = {one["id"]: one for one in snapshot["organizations"]}
        self.announcements: dict[int, Json] = {one["id"]: one for one in snapshot["announcements"]}
        self.chats: dict[int, Json] = {chat["id"]: chat for chat in snapshot["chats"]}
        self.boards: dict[int, Json] = {board["id"]: board for board in snapshot["boards"]}
        self.pages: dict[int, Json] = {page["id"]: page for page in snapshot["pages"]}
        self.threads: dict[int, Json] = {thread["thread_id"]: thread for thread in snapshot["threads"]}
        self.invitations: dict[int, Json] = {one["workspace_id"]: one for one in snapshot["invitations"]}
        self.reports: dict[int, Json] = {report["id"]: report for report in snapshot["reports"]}
        self.thread_drafts: dict[int, Json] = {draft["thread_id"]: draft for draft in snapshot["thread_drafts"]}
        self.delegations: dict[int, Json] = {one["id"]: one for one in snapshot["delegations"]}

    def state(self) -> Json:
        """As GET /api/sync would give it, without the cursor."""
        chats = deepcopy(sorted(self.chats.values(), key=lambda chat: int(chat["id"])))
        for chat in chats:
            chat["messages"] = sorted(chat["messages"], key=lambda message: int(message["seq"]))[-NEWEST:]
            if chat["members"] is not None:
                chat["members"].sort(key=lambda member: member["user_id"])
            if chat["bans"] is not None:
                chat["bans"] = _newest(chat["bans"], lambda ban: (_time(ban["created_at"]), ban["user_id"]))
                chat["invites"] = _newest(chat["invites"], lambda invite: invite["id"])
        workspaces = sorted(self.workspaces.values(), key=lambda workspace: int(workspace["id"]))
        threads = sorted((self._shown(thread) for thread in self.threads.values()), key=_activity, reverse=True)
        reports = sorted(self.reports.values(), key=lambda report: int(report["id"]), reverse=True)
        invitations = sorted(
            self.invitations.values(), key=lambda one: (_time(one["created_at"]), one["workspace_id"]), reverse=True
        )
        own = {
            "invitations": invitations[:INVITATIONS],
            "user": self.user,
            "presence_mode": self.presence_mode,
            "threads": threads[:THREADS],
            "reports": reports,
            "delegations": [one for _, one in sorted(self.delegations.items())],
            "thread_drafts": [one for _, one in sorted(self.thread_drafts.items())],
            "emoji": [one for _, one in sorted(self.emoji.items())],
            "organizations": [one for _, one in sorted(self.organizations.items())],
            "announcements": [one for _, one in sorted(self.announcements.items())],
        }
        boards, pages = _documents(self.boards), _documents(self.pages)
        for page in pages:
            del page["version"]  # which PageEdited follows with a delay
        return {**own, "workspaces": deepcopy(workspaces), "chats": chats, "boards": boards, "pages": pages}

    def _shown(self, thread: Json) -> Json:
        replies = thread["thread"] or {"last_seq": thread["last_read_seq"], "reply_count": 0}
        return {**thread, "unread": min(replies["last_seq"] - thread["last_read_seq"], replies["reply_count"])}

    def lean_state(self, fresh: Json) -> Json:
        """As a fresh lean snapshot would give it. Where a chat's newest message was removed, and nothing older is
        here, the client asks REST for it: here it is taken from that snapshot."""
        newest = {chat["id"]: chat["messages"] for chat in fresh["chats"]}
        state = self.state()
        for chat in state["chats"]:
            chat["messages"] = chat["messages"][-1:] or newest[chat["id"]]
            chat["bans"] = chat["invites"] = None
            if chat["type"] != "Single":
                chat["members"] = None
        for document in (*state["boards"], *state["pages"]):
            document["members"] = document["invites"] = document["versions"] = None
        return state

    def apply(self, event: Received) -> None:
        for kind, found in (("Board", self.boards), ("Page", self.pages)):
            of_all = getattr(self, f"_{event.kind.replace(kind, 'Document')}", None) if kind in event.kind else None
            if of_all is not None:
                of_all(found, f"{kind.lower()}_id", event.data)
                return
        getattr(self, f"_{event.kind}", lambda data: None)(event.data)

    # -- organisations

    def _OrganizationUpdated(self, data: Json) -> None:  # noqa: N802 - named for the event
        self.organizations[data["id"]] = data

    def _OrganizationLeft(self, data: Json) -> None:  # noqa: N802
        self.organizations.pop(data["id"], None)

    def _AnnouncementUpdated(self, data: Json) -> None:  # noqa: N802
        self.announcements[data["id"]] = data

    def _AnnouncementClosed(self, data: Json) -> None:  # noqa: N802
        self.announcements.pop(data["id"], None)

    # -- chats

    def _NewChat(self, data: Json) -> None:  # noqa: N802 - named for the event
        known = self.chats.get(data["id"])  # to which an import has added
        self.chats[data["id"]] = deepcopy(data) | {"draft": known["draft"] if known else None}

    def _ChatUpdated(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["id"]):
            chat.update(data)
            chat["messages"] = [m for m in chat["messages"] if m["seq"] >= data["first_seq"]]
            chat["pinned_message_ids"] = [m for m in chat["pinned_message_ids"] if m >= data["first_message_id"]]
            self._count_unread(chat)
            self._mention(chat, chat["unread_mentions"])
            self.threads = {
                key: thread
                for key, thread in self.threads.items()
                if thread["chat_id"] != data["id"] or key >= data["first_message_id"]
            }
            self.thread_drafts = {
                key: draft
                for key, draft in self.thread_drafts.items()
                if draft["chat_id"] != data["id"] or key >= data["first_message_id"]
            }

    def _count_unread(self, chat: Json) -> None:
        chat["unread"] = chat["last_seq"] - max(chat["last_read_seq"], chat["first_seq"] - 1)

    def _ChatDeleted(self, data: Json) -> None:  # noqa: N802
        self._drop_chats(lambda chat: bool(chat["id"] == data["id"]))

    def _UserJoinedChat(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat["member_count"] = data["member_count"]
            self._put_member(chat, {key: value for key, value in data.items() if key != "member_count"})

    def _ChatMemberUpdated(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            self._put_member(chat, data)

    def _put_member(self, chat: Json, member: Json) -> None:
        if member["user_id"] == self.user["id"]:
            chat["role"], chat["silenced_until"] = member["role"], member["silenced_until"]
            if chat["role"] == "member":
                chat["bans"] = chat["invites"] = None
        if chat["members"] is not None:
            chat["members"] = [m for m in chat["members"] if m["user_id"] != member["user_id"]] + [dict(member)]
            if len(chat["members"]) > INLINE_MEMBERS:
                chat["members"] = None

    def _UserLeftChat(self, data: Json) -> None:  # noqa: N802
        if data["user_id"] == self.user["id"]:
            self._drop_chats(lambda chat: bool(chat["id"] == data["chat_id"]))
        elif chat := self.chats.get(data["chat_id"]):
            chat["member_count"] = data["member_count"]
            if chat["members"] is not None:
                chat["members"] = [m for m in chat["members"] if m["user_id"] != data["user_id"]]

    # -- what the admins of a chat and the owners of a board see; an invite's maker, who is told of it too, has no copy

    def _ChatAdminAdded(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat["bans"], chat["invites"] = deepcopy(data["bans"]), deepcopy(data["invites"])

    def _ChatBanUpdated(self, data: Json) -> None:  # noqa: N802
        self._UserUnbanned(data)
        if (chat := self.chats.get(data["chat_id"])) and chat["bans"] is not None:
            chat["bans"].append(data)

    def _UserUnbanned(self, data: Json) -> None:  # noqa: N802
        if (chat := self.chats.get(data["chat_id"])) and chat["bans"] is not None:
            chat["bans"] = [ban for ban in chat["bans"] if ban["user_id"] != data["user_id"]]

    def _ChatInviteUpdated(self, data: Json) -> None:  # noqa: N802
        if (place := self._invited_to(data)) and place["invites"] is not None:
            place["invites"] = [invite for invite in place["invites"] if invite["id"] != data["id"]] + [data]

    def _ChatInviteDeleted(self, data: Json) -> None:  # noqa: N802
        if (place := self._invited_to(data)) and place["invites"] is not None:
            place["invites"] = [invite for invite in place["invites"] if invite["id"] != data["id"]]

    _BoardInviteUpdated = _PageInviteUpdated = _ChatInviteUpdated
    _BoardInviteDeleted = _PageInviteDeleted = _ChatInviteDeleted

    def _invited_to(self, data: Json) -> Json | None:
        if "chat_id" in data:
            return self.chats.get(data["chat_id"])
        return self.boards.get(data["board_id"]) if "board_id" in data else self.pages.get(data["page_id"])

    def _ReadMarkerMoved(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            self._mark_read(chat, data["user_id"], data["last_read_seq"])
            if data["user_id"] == self.user["id"]:
                self._mention(chat, data["unread_mentions"])

    def _mention(self, chat: Json, seqs: list[int]) -> None:
        chat["unread_mentions"] = [seq for seq in sorted(seqs) if seq >= chat["first_seq"]][-MOST_MENTIONS:]
        chat["mention_count"] = len(chat["unread_mentions"])

    def _mention_by(self, chat: Json, message: Json) -> None:
        """Of a message that has been read, an edit that adds a mention is told by ReadMarkerMoved."""
        seqs = {*chat["unread_mentions"]}
        if not (self.user["id"] in message["mentions"] or message["mentions_everyone"]):
            seqs.discard(message["seq"])
        elif message["seq"] > chat["last_read_seq"]:
            seqs.add(message["seq"])
        self._mention(chat, [*seqs])

    def _mark_read(self, chat: Json, user_id: int, seq: int) -> None:
        if user_id == self.user["id"]:
            chat["last_read_seq"] = seq
        self._count_unread(chat)
        for member in chat["members"] or ():
            if member["user_id"] == user_id:
                member["last_read_seq"] = seq

    def _ChatNotificationsChanged(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat.update({key: data[key] for key in ("notification_level", "muted_until")})

    def _DraftChanged(self, data: Json) -> None:  # noqa: N802
        if data["thread_id"] is not None:
            self.thread_drafts.pop(data["thread_id"], None)
            if data["draft"] is not None and data["chat_id"] in self.chats:
                self.thread_drafts[data["thread_id"]] = data["draft"]
        elif chat := self.chats.get(data["chat_id"]):
            chat["draft"] = data["draft"]

    # -- messages

    def _NewMessage(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat["messages"] = [m for m in chat["messages"] if m["id"] != data["id"]] + [data]
            chat["last_seq"] = max(chat["last_seq"], data["seq"])
            self._mark_read(chat, data["sender_id"], data["seq"])
            if data["sender_id"] == self.user["id"]:
                self._mention(chat, [])
            self._mention_by(chat, data)
        if data["sender_id"] == self.user["id"] and (followed := self.threads.get(data["thread_id"] or 0)):
            followed["last_read_seq"] = max(followed["last_read_seq"], data["thread_seq"])

    def _MessageUpdated(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat["messages"] = [data if m["id"] == data["id"] else m for m in chat["messages"]]
            self._mention_by(chat, data)

    def _MessageFilesReady(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            chat["messages"] = [data if m["id"] == data["id"] else m for m in chat["messages"]]

    _MessageLinksUpdated = _MessageFilesReady

    def _MessageDeleted(self, data: Json) -> None:  # noqa: N802
        removed, tombstone = data["removed"], {key: value for key, value in data.items() if key != "removed"}
        if chat := self.chats.get(data["chat_id"]):
            self._mention_by(chat, data)
            left = [tombstone if m["id"] == data["id"] else m for m in chat["messages"]]
            chat["messages"] = [m for m in left if not (removed and m["id"] == data["id"])]
            self._unpin(chat, data["id"])
        if removed:
            self.threads.pop(data["id"], None)
            self.thread_drafts.pop(data["id"], None)

    def _ThreadUpdated(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            for message in chat["messages"]:
                if message["id"] == data["thread_id"]:
                    message["thread"] = data["thread"]
        if followed := self.threads.get(data["thread_id"]):
            followed["thread"] = data["thread"]

    def _ThreadFollowed(self, data: Json) -> None:  # noqa: N802
        if data["chat_id"] in self.chats:
            self.threads[data["thread_id"]] = dict(data)

    def _ThreadUnfollowed(self, data: Json) -> None:  # noqa: N802
        self.threads.pop(data["thread_id"], None)

    def _ThreadReadMarkerMoved(self, data: Json) -> None:  # noqa: N802
        if followed := self.threads.get(data["thread_id"]):
            followed["last_read_seq"] = data["last_read_seq"]

    def _ReactionAdded(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            for message in chat["messages"]:
                if message["id"] == data["message_id"]:
                    message["reactions"] = data["reactions"]

    _ReactionRemoved = _ReactionAdded

    def _MessagePinned(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            self._unpin(chat, data["message_id"])
            chat["pinned_message_ids"].insert(0, data["message_id"])

    def _MessageUnpinned(self, data: Json) -> None:  # noqa: N802
        if chat := self.chats.get(data["chat_id"]):
            self._unpin(chat, data["message_id"])

    def _unpin(self, chat: Json, message_id: int) -> None:
        chat["pinned_message_ids"] = [pinned for pinned in chat["pinned_message_ids"] if pinned != message_id]

    # -- boards and pages

    def _NewDocument(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        found[data["id"]] = deepcopy(data)

    _DocumentRestored = _NewDocument

    def _DocumentUpdated(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        found.get(data["id"], {}).update(data)

    def _DocumentDeleted(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        found.pop(data["id"], None)

    def _UserJoinedDocument(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if document := found.get(data[named]):
            document["member_count"] = data["member_count"]
            self._put_document_member(document, {key: value for key, value in data.items() if key != "member_count"})

    def _DocumentMemberUpdated(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if document := found.get(data[named]):
            self._put_document_member(document, data)

    def _put_document_member(self, document: Json, member: Json) -> None:
        if member["user_id"] == self.user["id"]:
            document["role"] = member["role"]
            if document["role"] != "owner":
                document["invites"] = None
        if document["members"] is not None:
            document["members"] = [m for m in document["members"] if m["user_id"] != member["user_id"]] + [dict(member)]
            if len(document["members"]) > INLINE_MEMBERS:
                document["members"] = None

    def _UserLeftDocument(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if data["user_id"] == self.user["id"]:
            found.pop(data[named], None)
        elif document := found.get(data[named]):
            document["member_count"] = data["member_count"]
            if document["members"] is not None:
                document["members"] = [m for m in document["members"] if m["user_id"] != data["user_id"]]

    def _DocumentOwnerAdded(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if document := found.get(data[named]):
            document["invites"] = deepcopy(data["invites"])

    def _DocumentVersionUpdated(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if (document := found.get(data[named])) and document["versions"] is not None:
            others = [version for version in document["versions"] if version["id"] != data["id"]]
            document["versions"] = sorted([*others, dict(data)], key=lambda version: -version["id"])

    def _DocumentVersionDeleted(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if (document := found.get(data[named])) and document["versions"] is not None:
            document["versions"] = [version for version in document["versions"] if version["id"] != data["id"]]

    def _DocumentThumbnailUpdated(self, found: Found, named: str, data: Json) -> None:  # noqa: N802
        if document := found.get(data[named]):
            document["thumbnail"] = data["thumbnail"]

    # -- workspaces and users

    def _WorkspaceUpdated(self, data: Json) -> None:  # noqa: N802
        self.workspaces.get(data["id"], {}).update(data)

    def _WorkspaceMemberJoined(self, data: Json) -> None:  # noqa: N802
        if data["user_id"] == self.user["id"]:
            self.workspaces[data["workspace_id"]] = dict(data["workspace"])

    def _WorkspaceMemberUpdated(self, data: Json) -> None:  # noqa: N802
        if data["user_id"] == self.user["id"] and (workspace := self.workspaces.get(data["workspace_id"])):
            workspace["role"] = data["role"]
            if data["role"] == "member":
                self._drop_reports(data["workspace_id"])

    def _WorkspaceMemberLeft(self, data: Json) -> None:  # noqa: N802
        if data["user_id"] == self.user["id"]:
            self._drop_workspace(data["workspace_id"])

    def _WorkspaceDeleted(self, data: Json) -> None:  # noqa: N802
        self._drop_workspace(data["id"])

    def _WorkspaceMoved(self, data: Json) -> None:  # noqa: N802
        self._drop_workspace(data["id"])

    def _DelegationUpdated(self, data: Json) -> None:  # noqa: N802
        self.delegations[data["id"]] = data

    def _DelegationRevoked(self, data: Json) -> None:  # noqa: N802
        self.delegations.pop(data["id"], None)

    def _WorkspaceInvitationAdded(self, data: Json) -> None:  # noqa: N802
        self.invitations[data["workspace_id"]] = data

    def _WorkspaceInvitationDeleted(self, data: Json) -> None:  # noqa: N802
        self.invitations.pop(data["workspace_id"], None)

    def _EmojiAdded(self, data: Json) -> None:  # noqa: N802
        self.emoji[data["workspace_id"], data["name"]] = data

    def _EmojiRemoved(self, data: Json) -> None:  # noqa: N802
        self.emoji.pop((data["workspace_id"], data["name"]), None)

    def _EmojiListed(self, data: Json) -> None:  # noqa: N802
        self._drop_emoji(data["workspace_id"])
        self.emoji.update({(one["workspace_id"], one["name"]): one for one in data["emoji"]})

    def _drop_emoji(self, workspace_id: int) -> None:
        self.emoji = {key: one for key, one in self.emoji.items() if key[0] != workspace_id}

    def _drop_workspace(self, workspace_id: int) -> None:
        self.workspaces.pop(workspace_id, None)
        self._drop_emoji(workspace_id)
        self._drop_reports(workspace_id)
        self._drop_chats(lambda chat: bool(chat["workspace_id"] == workspace_id))
        self.boards = {key: board for key, board in self.boards.items() if board["workspace_id"] != workspace_id}
        self.pages = {key: page for key, page in self.pages.items() if page["workspace_id"] != workspace_id}

    def _drop_reports(self, workspace_id: int) -> None:
        self.reports = {key: report for key, report in self.reports.items() if report["workspace_id"] != workspace_id}

    def _WorkspaceAdminAdded(self, data: Json) -> None:  # noqa: N802
        self._drop_reports(data["workspace_id"])
        self.reports.update({report["id"]: report for report in data["reports"]})

    def _ReportUpdated(self, data: Json) -> None:  # noqa: N802
        self.reports.pop(data["id"], None)
        if data["status"] == "open":
            self.reports[data["id"]] = data

    _ReportFiled = _ReportUpdated

    def _ReportDeleted(self, data: Json) -> None:  # noqa: N802
        self.reports.pop(data["id"], None)

    def _drop_chats(self, gone: Callable[[Json], bool]) -> None:
        self.chats = {key: chat for key, chat in self.chats.items() if not gone(chat)}
        self.threads = {key: thread for key, thread in self.threads.items() if thread["chat_id"] in self.chats}
        self.thread_drafts = {key: one for key, one in self.thread_drafts.items() if one["chat_id"] in self.chats}

    def _UserUpdated(self, data: Json) -> None:  # noqa: N802
        if data["id"] == self.user["id"]:
            self.user = dict(data)
        profile = {key: data[key] for key in PROFILE}
        for place in (*self.chats.values(), *self.boards.values(), *self.pages.values()):
            for member in place["members"] or ():
                if member["user_id"] == data["id"]:
                    member.update(profile)

    def _PresenceModeChanged(self, data: Json) -> None:  # noqa: N802
        self.presence_mode = data["presence_mode"]


def _documents(found: dict[int, Json]) -> list[Json]:
    documents = deepcopy(sorted(found.values(), key=lambda document: int(document["id"])))
    for document in documents:
        if document["members"] is not None:
            document["members"].sort(key=lambda member: member["user_id"])
        if document["invites"] is not None:
            document["invites"] = _newest(document["invites"], lambda invite: invite["id"])
    return documents


def _newest(found: list[Json], key: Callable[[Json], Any]) -> list[Json]:
    """Of those that are not over, the newest first."""
    left = [each for each in found if each["expires_at"] is None or _time(each["expires_at"]) > datetime.now(UTC)]
    return sorted(left, key=key, reverse=True)[:FOR_ADMINS]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _activity(thread: Json) -> int:
    """By what followed threads are ordered: the last reply."""
    return int((thread["thread"] or {}).get("last_reply_id") or thread["thread_id"])
