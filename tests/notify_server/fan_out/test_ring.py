"""The newest events in memory, whatever metadata SQL has written."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chat_core.log.audience import Access, Places
from chat_core.log.event import Event
from notify_server.fan_out.ring import Ring
from notify_server.presence.typists import _Ends

CHAT = 5
DEEP = "[" * 1500 + "]" * 1500


def event(position: int, kind: str, payload: dict[str, Any], message_id: int | None = None) -> Event:
    """`metadata` in the payload is nested deeper than msgspec reads."""
    text = json.dumps(payload, separators=(",", ":")).replace('"deep"', DEEP)
    made_at = datetime(2026, 1, 2, tzinfo=UTC)
    return Event.made("e", position, kind, "chat", CHAT, None, 7, None, message_id, None, text.encode(), made_at)


def message(number: int) -> dict[str, Any]:
    return {"id": number, "chat_id": CHAT, "seq": number, "sender_id": 3, "content": "secret", "metadata": "deep"}


DEEP_ONES = {
    "message": event(2, "NewMessage", message(1), 1),
    "snapshot": event(2, "NewChat", {"id": CHAT, "messages": [message(1)]}),
    "draft": event(2, "DraftChanged", {"chat_id": CHAT, "draft": {"content": "secret", "metadata": "deep"}}),
}
ENDS = {
    "deletion": event(4, "MessageDeleted", {"id": 1, "chat_id": CHAT, "content": "", "removed": True}),
    "retention": event(4, "ChatUpdated", {"id": CHAT, "first_seq": 2}),
    "change": event(4, "DraftChanged", {"chat_id": CHAT, "draft": None}),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("content", DEEP_ONES)
def test_deep_metadata_never_stop_the_ring_nor_stay_after_their_end(content: str, end: str) -> None:
    ring = Ring(1 << 20)
    ring.start(0, [event(1, "K", {}), replace(DEEP_ONES[content]), event(3, "K", {}), ENDS[end]])
    ends = {"deletion": ("message", "snapshot"), "retention": ("message", "snapshot"), "change": ("draft",)}
    kept = ring.after(ring.floor)
    assert [each.position for each in kept] == list(range(ring.floor + 1, 5)), "no gap above the floor"
    assert any(b"secret" in each.payload for each in kept) == (content not in ends[end])
    assert (ring.floor == 2) == (content in ends[end] and (content, end) != ("message", "deletion"))


def draft(position: int, thread: int | None, content: str | None = "secret", user: int = 7) -> Event:
    payload = {"chat_id": CHAT, "user_id": user, "thread_id": thread, "draft": content and {"content": content}}
    return replace(event(position, "DraftChanged", payload), user_id=user)


ALL_DRAFTS = {(None, 7), (3, 7), (4, 7), (3, 8)}


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (draft(7, 3, None), {(None, 7), (4, 7), (3, 8)}),
        (draft(7, None, None), {(3, 7), (4, 7), (3, 8)}),
        (event(7, "UserLeftChat", {}), {(3, 8)}),
        (event(7, "MessageDeleted", {"id": 3, "chat_id": CHAT, "removed": True}), {(None, 7), (4, 7)}),
        (event(7, "MessageDeleted", {"id": 3, "chat_id": CHAT, "removed": False}), ALL_DRAFTS),
        # What is older than a draft in a thread that retention has taken goes as well: the database has it redacted.
        (event(7, "ChatUpdated", {"id": CHAT, "first_seq": 4, "first_message_id": 4}), set()),
        (event(7, "ChatUpdated", {"id": CHAT, "first_seq": 4, "first_message_id": 3}), ALL_DRAFTS),
    ],
)
def test_a_draft_goes_with_its_successor_its_thread_and_its_membership(
    end: Event, left: set[tuple[int | None, int]]
) -> None:
    ring = Ring(1 << 20)
    ring.start(0, [draft(1, 3), draft(2, 4), draft(3, None), draft(4, 3), event(5, "K", {}), draft(6, 3, user=8)])
    ring.extend([replace(end)])
    found = [json.loads(each.payload) for each in ring.after(ring.floor) if b"secret" in each.payload]
    assert {(each["thread_id"], each["user_id"]) for each in found} == left
    assert len(found) == len(left)


def test_the_unreadable_author_of_a_message_ends_all_typing_in_its_chat() -> None:
    ends = _Ends([DEEP_ONES["message"]], {CHAT})
    assert (ends.chats, ends.members) == ({CHAT: 2}, {})
    ends = _Ends([event(3, "NewMessage", {**message(1), "metadata": None}, 1)], {CHAT})
    assert (ends.chats, ends.members) == ({}, {(CHAT, 3): 3})


def test_what_a_stream_missed_is_found_without_what_others_missed() -> None:
    ring = Ring(1 << 30)
    ring.start(0, [replace(event(position, "K", {}), chat_id=position % 500) for position in range(1, 10_001)])
    viewer = Access(9, Places({499: 0}, {}, {}), Places({}, {}, {}))
    expected = [each for each in ring.after(5_000) if each.chat_id == 499]
    assert ring.concerning(viewer, 5_000) == expected
    assert ring.concerning(viewer, 9_999) == ring.after(9_999), "so few that they need no index"
    ring.extend([replace(event(10_001, "K", {}), chat_id=1, user_id=9)])
    assert [each.position for each in ring.concerning(viewer, 5_000)] == [each.position for each in expected] + [10_001]


def test_an_event_that_makes_room_leaves_nothing_behind() -> None:
    ring = Ring(3_500)
    places: dict[str, Any] = {"document_id": 8, "user_id": 7, "workspace_ids": [1, 2]}
    ring.start(0, [replace(event(position, "K", {}), chat_id=position, **places) for position in range(1, 100)])
    assert len(ring) == 3
    indexed = [*ring._of_place, ring._of_user]
    assert sorted(ring._of_place.chats) == [97, 98, 99]
    assert {len(events) for index in indexed[1:] for events in index.values()} == {3}
    ring.start(0, [replace(draft(position, position % 50), **places) for position in range(1, 100)])
    assert ring._of_draft[CHAT, 7].keys() == {47, 48, 49}
    ring.extend(replace(event(position, "K", {}), **places) for position in range(100, 103))
    assert not ring._of_draft
