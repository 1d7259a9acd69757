"""Writes what describes the events of sinks, from the models of the Python client: docs/integrations/asyncapi.json
(AsyncAPI 3) and events.schema.json (JSON Schema). With --check it only says whether they are up to date."""

import json
import sys
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from fechatter_client import __version__
from fechatter_client.models.events import KINDS

from delivery_server.resets import Reason
from delivery_server.sinks.cloud_event import CONTENT_TYPE, PREFIX, RESET
from delivery_server.sinks.kinds import FOR_SINKS, PLACES

Json = dict[str, Any]
FOLDER: Final = Path(__file__).parents[1] / "docs" / "integrations"
ABOUT: Final = {
    "chats": "What all members of a chat see.",
    "documents": "What all members of a board or page see; never its content.",
    "users": "People's profiles, as those who share a workspace with them see them.",
    "workspaces": "What all members of a workspace see.",
    "server": "What concerns an organisation or the server.",
    RESET: "What followed a cursor is lost; the sink goes on at another one.",
}
RESET_DATA: Final = {
    "type": "object",
    "properties": {
        "reason": {"enum": list(get_args(Reason))},
        "cursor": {"type": "string", "description": "Where the sink goes on."},
        "last": {"type": "string", "description": "With the reason lost: events above this cursor never happened."},
    },
    "required": ["reason", "cursor"],
}


def documents() -> dict[str, Json]:
    """Each by its file's name."""
    return {"asyncapi.json": _asyncapi(), "events.schema.json": _json_schema()}


def _schemas(at: str) -> dict[str, Json]:
    """Of the CloudEvents by kind, and of all that they are made of; `at` is where references point to."""
    models = [KINDS[kind] for kind in sorted(FOR_SINKS)]
    _, components = msgspec.json.schema_components(models, ref_template=at + "{name}")
    events = {f"{kind}Event": _event(kind, {"$ref": f"{at}{kind}"}) for kind in sorted(FOR_SINKS)}
    return {**events, "resetEvent": _event(RESET, RESET_DATA), **dict(sorted(components.items()))}


def _event(kind: str, data: Json) -> Json:
    text = {"type": "string", "minLength": 1}
    places = [place for place, kinds in PLACES.items() if kind in kinds] or [RESET]
    subject = rf"^{places[0]}/[1-9][0-9]*$" if places[0] not in ("server", RESET) else f"^{places[0]}$"
    return {
        "title": f"The CloudEvent of {kind}",
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {
                **text,
                "description": "The event's place in the log, epoch.position: the same each time it is sent.",
            },
            "source": {**text, "format": "uri-reference"},
            "type": {"const": f"{PREFIX}{kind}"},
            "subject": {**text, "pattern": subject, "description": "Events of the same subject are in order."},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "partitionkey": {**text, "pattern": subject},
            "workspaceid": {"type": "string", "pattern": "^[1-9][0-9]*$"},
            "data": data,
        },
        "required": [
            *("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "partitionkey", "data"),
        ],
    }


def _json_schema() -> Json:
    schemas = _schemas("#/$defs/")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a sink of Fechatter is sent",
        "oneOf": [{"$ref": f"#/$defs/{kind}Event"} for kind in (*sorted(FOR_SINKS), RESET)],
        "$defs": schemas,
    }


def _asyncapi() -> Json:
    kinds = {**{place: sorted(named) for place, named in PLACES.items()}, RESET: [RESET]}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Events that Fechatter sends to NATS JetStream and Kafka",
            "version": __version__,
            "description": "CloudEvents 1.0, structured. Subjects and topics begin with the sink's `topic`, here "
            "`fechatter`. docs/integrations/streams.md says what a sink has, in what order, and how often.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {**{place: _subjects(place, named) for place, named in kinds.items()}, "kafka": _topic(kinds)},
        "operations": {
            f"send_{channel}": {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}
            for channel in (*kinds, "kafka")
        },
        "components": {
            "schemas": _schemas("#/components/schemas/"),
            "messages": {kind: _message(kind) for kind in (*sorted(FOR_SINKS), RESET)},
        },
    }


def _subjects(place: str, kinds: list[str]) -> Json:
    named = place not in ("server", RESET)
    parameters: Json = {"kind": {"description": "The kind of the event.", "enum": kinds}}
    if named:
        parameters["id"] = {"description": f"Which of the {place}."}
    return {
        "address": f"fechatter.{place}.{'{id}.' if named else ''}{{kind}}",
        "title": f"NATS: {place}",
        "description": ABOUT[place],
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
        "parameters": parameters,
    }


def _topic(kinds: dict[str, list[str]]) -> Json:
    return {
        "address": "fechatter",
        "title": "Kafka",
        "description": "All of them in one topic. The key is the subject; a reset is in every partition.",
        "messages": {
            kind: {"$ref": f"#/components/messages/{kind}"} for kind in sorted(sum(kinds.values(), start=list[str]()))
        },
        "bindings": {"kafka": {"topic": "fechatter", "bindingVersion": "0.5.0"}},
    }


def _message(kind: str) -> Json:
    about = " ".join((KINDS[kind].__doc__ or "").split()) if kind in KINDS else ABOUT[RESET]
    return {
        "name": kind,
        **({"summary": about} if about and not about.startswith(f"{kind}(") else {}),
        "contentType": CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{kind}Event"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def main() -> int:
    stale = []
    for name, document in documents().items():
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv:
            (FOLDER / name).write_text(text)
        elif not (FOLDER / name).exists() or (FOLDER / name).read_text() != text:
            stale.append(name)
    if stale:
        print(f"{' and '.join(stale)}: not as the models are now; `make openapi` writes them", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
