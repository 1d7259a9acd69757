"""One workspace's part of what a user sees, for streams of personal access tokens that are bound to it.

What is not known to be of the workspace is not sent. An event names a chat, a document or workspaces. Where a chat or a
document is never changes: those that the user sees are looked up when the first such stream opens, and an event that
gives access to another one, or ends it, says where it is.
"""

from collections.abc import Iterable

import msgspec

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.audience import Access
from chat_core.log.event import Event

PLACES_WITHIN = query("places_within", "user_id", "workspace", "chats", "documents")


class _Told(msgspec.Struct):
    workspace_id: int | None = None


class Within:
    """`chats` and `documents`: all ids that were looked up, each with whether it is in the workspace."""

    __slots__ = ("chats", "documents", "workspace_id")

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self.chats: dict[int, bool] = {}
        self.documents: dict[int, bool] = {}

    def has(self, event: Event, own: Access, recent: Access | None = None) -> bool:
        """Whether an event that the user sees is about this workspace, in which they are, too, and since before it.
        `recent` is as for `Access.sees`. What is about the user alone is not."""
        if event.chat_id is not None:
            return self.chats.get(event.chat_id, False)
        if event.document_id is not None:
            return self.documents.get(event.document_id, False)
        if self.workspace_id not in (event.workspace_ids or ()):
            return False
        if event.user_id == own.user_id and event.effect == "revoke":
            return True
        return own.is_inside(self.workspace_id, event, recent)

    def learn(self, event: Event) -> None:
        """From an event that changes the user's access to a place."""
        if event.chat_id is None and event.document_id is None:
            return
        told = msgspec.json.decode(event.payload, type=_Told).workspace_id
        if told is None:  # who leaves knows where they were
            return
        if event.chat_id is not None:
            self.chats[event.chat_id] = told == self.workspace_id
        if event.document_id is not None:
            self.documents[event.document_id] = told == self.workspace_id

    async def look_up(self, pool: Pool, user_id: int, chats: Iterable[int], documents: Iterable[int]) -> None:
        """Those of these places that are not known yet."""
        new_chats = [chat for chat in chats if chat not in self.chats]
        new_documents = [document for document in documents if document not in self.documents]
        if not new_chats and not new_documents:
            return
        row = await PLACES_WITHIN.one(
            pool, user_id=user_id, workspace=self.workspace_id, chats=new_chats, documents=new_documents
        )
        for known, asked, found in (
            (self.chats, new_chats, set(row["chats"])),
            (self.documents, new_documents, set(row["documents"])),
        ):
            for place in asked:
                known.setdefault(place, place in found)
