"""docs/websocket.md is true: its frames are answered as it says, and it has every type and every close code."""

import json
import re
from pathlib import Path
from typing import Any

from notify_server.streams.framing import CLOSE_CODES
from notify_server.websocket.inbound import HANDLERS
from tests.end_to_end.system import System
from tests.support.clients.ws import open_socket

DOCUMENT = (Path(__file__).parent.parent.parent.parent / "docs" / "websocket.md").read_text()


def _samples() -> dict[str, list[Any]]:
    """What stands under each type: the frame, and its answer if it has one."""
    sent = DOCUMENT.split("\n## Frames from the client\n")[1].split("\n## Limits\n")[0]
    sections = re.split(r"^### (\S+)$", sent, flags=re.MULTILINE)
    return {
        kind: [json.loads(text) for text in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
        for kind, section in zip(sections[1::2], sections[2::2], strict=True)
    }


def _has(real: Any, sample: Any) -> bool:
    """Whether all that the sample has is there, and of the same type: samples are cut, and payloads grow."""
    if isinstance(sample, dict):
        return isinstance(real, dict) and all(key in real and _has(real[key], sample[key]) for key in sample)
    return type(real) is type(sample)


def test_every_type_and_every_close_code_is_described() -> None:
    assert _samples().keys() == {"ping", *HANDLERS}
    codes = re.findall(r"^\| (\d+) \| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    assert {reason: int(code) for code, reason in codes} == CLOSE_CODES


async def test_every_frame_is_answered_as_its_sample(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    await ada.messages.post(chat, "to be read")
    async with open_socket(ada.notify_url, ada.token) as socket:
        for kind, (frame, *answer) in _samples().items():
            payload = frame["payload"]
            if "token" in payload:
                payload["token"] = ada.token
            if "chat_id" in payload:
                payload["chat_id"] = chat
            if answer:
                assert _has(await socket.ask(kind, payload), answer[0]), kind
            else:
                await socket.send(kind, payload)
        named = dict(re.findall(r"```json (\w+)\n(.*?)```", DOCUMENT, re.DOTALL))
        error = await socket.ask("message.send", {"chat_id": 2**62, "content": "x", "idempotency_key": "k"})
        assert _has(error, json.loads(named["error"]))
        ready = socket.received[0]
        told = {"type": ready.kind, "cursor": ready.cursor, "payload": ready.data}
        assert _has(told, json.loads(named["ready"]))
