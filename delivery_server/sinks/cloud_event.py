"""An event as a CloudEvent 1.0, structured: JSON that has the event's JSON as its data."""

from dataclasses import dataclass
from typing import Final

import msgspec

from chat_core.log.event import Event
from delivery_server.sinks.kinds import PLACES

CONTENT_TYPE: Final = "application/cloudevents+json; charset=UTF-8"
# Before each type; the rest is the kind of the event.
PREFIX: Final = "fechatter."
RESET: Final = "reset"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """`id` is the event's cursor, the same each time it is sent. Events of the same `subject` are kept in order."""

    id: str
    kind: str
    subject: str
    body: bytes


class _User(msgspec.Struct):
    id: int


def cloud_event(event: Event, workspace_id: int | None, source: str) -> CloudEvent:
    return _made(str(event.cursor), event, subject_of(event, workspace_id), workspace_id, source)


def reset(event: Event, cursor: str, source: str) -> CloudEvent:
    """The notice that what follows a cursor is lost. Its id is for one cursor, whoever sends it and how often."""
    return _made(f"{cursor}.reset", event, RESET, None, source)


def subject_of(event: Event, workspace_id: int | None) -> str:
    """What the event is about, and stays in order with."""
    if event.chat_id is not None:
        return f"chats/{event.chat_id}"
    if event.document_id is not None:
        return f"documents/{event.document_id}"
    if event.kind in PLACES["users"]:
        return f"users/{msgspec.json.decode(event.payload, type=_User).id}"
    return f"workspaces/{workspace_id}" if event.kind in PLACES["workspaces"] else "server"


def _made(identifier: str, event: Event, subject: str, workspace_id: int | None, source: str) -> CloudEvent:
    attributes = {
        "specversion": "1.0",
        "id": identifier,
        "source": source,
        "type": f"{PREFIX}{event.kind}",
        "subject": subject,
        "time": event.created_at.isoformat(),
        "datacontenttype": "application/json",
        "partitionkey": subject,
    }
    if workspace_id is not None:
        attributes["workspaceid"] = str(workspace_id)
    head = msgspec.json.encode(attributes)
    return CloudEvent(identifier, event.kind, subject, head[:-1] + b',"data":' + event.payload + b"}")
