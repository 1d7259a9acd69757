"""Exports of Zulip: a small one of the documented format."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fechatter.archives.records import AnyRecord, Chat, Edit, Emoji, File, Member, Person, Reaction
from fechatter.converters.converting import seconds
from fechatter.converters.zulip.zulip import Zulip
from tests.command.converters.exported import PNG, by_id, converted, lost, of, origin, text_of, zipped

AT = 1700000000.5


def person(key: int, name: str, **more: Any) -> dict[str, Any]:
    address = f"{name.split()[0].lower()}@example.com"
    return {"id": key, "full_name": name, "delivery_email": address, "is_active": True, "role": 400, **more}


def message(key: int, recipient: int, content: str, subject: str = "", sender: int = 1, **more: Any) -> dict[str, Any]:
    at = AT + key
    return {
        "id": key,
        "recipient": recipient,
        "content": content,
        "subject": subject,
        "sender": sender,
        "date_sent": at,
        **more,
    }


def at(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


REALM: dict[str, Any] = {
    "zerver_realm": [{"id": 2, "string_id": "acme", "name": "Acme", "description": "we", "uuid": "u-1"}],
    "zerver_userprofile": [
        person(1, "Ada Lovelace", role=100, timezone="Europe/London"),
        person(2, "Bob", role=200),
        person(3, "Carol", is_active=False),
        person(4, "Guest", role=600),
        person(5, "Helper", is_bot=True),
        person(6, "Hidden", delivery_email="user6@zulip.example.com"),
    ],
    "zerver_userprofile_crossrealm": [{"id": 9, "email": "welcome-bot@zulip.com"}],
    "zerver_stream": [
        {"id": 1, "name": "general", "invite_only": False, "description": "for @**Bob**", "date_created": 1600000000},
        {"id": 2, "name": "board room", "invite_only": True, "description": "", "deactivated": True, "date_created": 5},
    ],
    "zerver_recipient": [
        {"id": 11, "type": 2, "type_id": 1},
        {"id": 12, "type": 2, "type_id": 2},
        {"id": 21, "type": 1, "type_id": 1},
        {"id": 22, "type": 1, "type_id": 2},
        {"id": 31, "type": 3, "type_id": 1},
        {"id": 32, "type": 3, "type_id": 2},
    ],
    "zerver_subscription": [
        {"id": 1, "user_profile": 1, "recipient": 11, "active": True, "role": 20},
        {"id": 2, "user_profile": 2, "recipient": 11, "active": True, "role": 50, "is_muted": True},
        {"id": 3, "user_profile": 3, "recipient": 11, "active": False},
        *({"id": 10 + each, "user_profile": each, "recipient": 31, "active": True} for each in (1, 2, 3)),
        *({"id": 20 + each, "user_profile": each, "recipient": 32, "active": True} for each in (1, 2)),
    ],
    "zerver_realmemoji": [
        {"id": 7, "name": "green tick", "file_name": "7.png", "deactivated": False},
        {"id": 8, "name": "old", "file_name": "8.png", "deactivated": True},
        {"id": 9, "name": "smile", "file_name": "9.png", "deactivated": False},
    ],
    "zerver_reaction": [
        {
            "message": 101,
            "user_profile": 2,
            "emoji_name": "working_on_it",
            "emoji_code": "1f6e0",
            "reaction_type": "unicode_emoji",
        },
        {
            "message": 101,
            "user_profile": 1,
            "emoji_name": "green tick",
            "emoji_code": "7",
            "reaction_type": "realm_emoji",
        },
        {
            "message": 102,
            "user_profile": 1,
            "emoji_name": "zulip",
            "emoji_code": "zulip",
            "reaction_type": "zulip_extra_emoji",
        },
    ],
}
HISTORY = [
    {"user_id": 1, "timestamp": AT + 300, "prev_content": "second", "prev_topic": "Lunch"},
    {"user_id": 1, "timestamp": AT + 250, "prev_topic": "lunhc"},
    {"user_id": 1, "timestamp": AT + 200, "prev_content": "first"},
]
MESSAGES = [
    message(101, 11, "What is for *lunch*, @**Bob** and @_**Carol**?", "Lunch"),
    message(102, 11, "third", "Lunch", edit_history=json.dumps(HISTORY), last_edit_time=AT + 300),
    message(103, 11, "done", "✔ lunch", 2),
    message(104, 11, "no topic"),
    message(105, 11, "[plan.pdf](/user_uploads/2/ab/cd/plan.pdf) see it", "Plan_B"),
    message(106, 11, "```quote\nfirst\n\nsecond\n```\nafter @**all** in #**board room>x** `@**Bob**`", "Plan_B"),
    message(107, 11, "``` spoiler The end\nhe @**Ada Lovelace|1** dies\n```", "Plan_B"),
    message(108, 22, "to Bob"),
    message(109, 32, "from Bob, in a later version", sender=2),
    message(110, 31, "three"),
    message(111, 21, "to myself"),
    message(112, 99, "to nobody"),
    message(113, 11, "/poll lunch?", "Plan_B"),
    message(114, 12, "hello", "x", sender=9),
    message(115, 11, "imported before", "Lunch", date_sent=AT),
]
EXPORT: dict[str, Any] = {
    "zulip-export/realm.json": REALM,
    "zulip-export/messages-000001.json": {"zerver_message": MESSAGES[:5], "zerver_usermessage": [{"id": 1}]},
    "zulip-export/messages-000002.json": {"zerver_usermessage": [], "zerver_message": MESSAGES[5:]},
    "zulip-export/attachment.json": {
        "zerver_attachment": [{"id": 1, "path_id": "2/ab/cd/plan.pdf", "file_name": "The plan.pdf", "owner": 2}]
    },
    "zulip-export/uploads/2/ab/cd/plan.pdf": b"%PDF-1.7",
    "zulip-export/emoji/records.json": [{"file_name": "7.png", "path": "2/emoji/images/7.png"}],
    "zulip-export/emoji/2/emoji/images/7.png": PNG,
    "zulip-export/avatars/records.json": [
        {"user_profile_id": 1, "path": "2/x.original"},
        {"user_profile_id": 2, "path": "2/y.png"},
    ],
    "zulip-export/avatars/2/x.original": PNG,
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[AnyRecord]:
    return converted(zipped(tmp_path_factory.mktemp("zulip") / "zulip.zip", EXPORT), Zulip)


def test_people_and_streams(records: list[AnyRecord]) -> None:
    assert origin(records) == ("zulip", "u-1")
    people = {person.id: person for person in of(records, Person)}
    assert {key: (one.role, one.active) for key, one in people.items()} == {
        "1": ("owner", True),
        "2": ("admin", True),
        "3": (None, False),
        "4": (None, True),
        "5": ("member", True),
        "6": ("member", True),
        "9": ("member", True),
    }
    # Of a bot of all organizations, there is the address alone.
    assert (people["9"].fullname, people["9"].type, people["9"].email) == ("Welcome Bot", "bot", None)
    assert (people["1"].username, people["1"].avatar, people["1"].time_zone) == (
        "Ada.Lovelace",
        "avatar:1",
        "Europe/London",
    )
    assert people["2"].avatar is None
    assert people["6"].email is None  # an address that stands for one that others may not see
    assert people["5"].type == "bot"
    chats = {chat.id: chat for chat in of(records, Chat)}
    assert {key: (chat.type, chat.name) for key, chat in chats.items()} == {
        "stream:1": ("PublicChannel", "general"),
        "stream:2": ("PrivateChannel", "board room"),
        "direct:1,2": ("Single", ""),
        "direct:1,2,3": ("Group", ""),
        "direct:1": ("Group", ""),
    }
    assert chats["stream:1"].description == "for @Bob"
    assert chats["stream:2"].archived_at == seconds(5)
    assert Member(chat="stream:1", person="1", role="admin") in records
    assert Member(chat="stream:1", person="2", notifications="mentions") in records
    assert Member(chat="stream:1", person="3") not in records


def test_a_topic_is_a_thread_that_begins_with_its_name(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    # What was imported into Zulip is the oldest of its topic, though its id is the newest.
    assert text_of(messages["115"]) == "**Lunch**\n\nimported before"
    assert (messages["115"].reply_to, messages["115"].created_at) == (None, seconds(AT))
    assert text_of(messages["101"]) == "What is for *lunch*, <2> and Carol?"
    assert [messages[key].reply_to for key in ("101", "102", "103", "104")] == ["115", "115", "115", None]
    assert messages["101"].created_at == seconds(AT + 101)
    assert text_of(messages["104"]) == "no topic"
    assert text_of(messages["105"]) == "**Plan\\_B**\n\nsee it"
    assert [messages[key].reply_to for key in ("105", "106", "107")] == [None, "105", "105"]


def test_messages_of_two_people_are_one_chat_whichever_version_wrote_them(records: list[AnyRecord]) -> None:
    said = [(one.id, text_of(one)) for one in by_id(records).values() if one.chat == "direct:1,2"]
    assert said == [("108", "to Bob"), ("109", "from Bob, in a later version")]


def test_edits_reactions_files_and_markup(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    assert messages["102"].edits == [
        Edit(content="first", written_at=at(AT + 102)),
        Edit(content="second", written_at=at(AT + 200)),
    ]
    assert messages["102"].updated_at == seconds(AT + 300)
    assert messages["101"].reactions == [Reaction(emoji="🛠", person="2"), Reaction(emoji=":green_tick:", person="1")]
    assert messages["105"].files == ["2/ab/cd/plan.pdf"]
    file = {file.id: file for file in of(records, File)}["2/ab/cd/plan.pdf"]
    assert (file.name, file.uploader, file.path) == ("The plan.pdf", "2", "zulip-export/uploads/2/ab/cd/plan.pdf")
    assert text_of(messages["106"]) == "> first\n> \n> second\n\nafter <all> in #board room › x `@**Bob**`"
    assert text_of(messages["107"]) == "The end\n||he <1> dies||"
    assert of(records, Emoji) == [Emoji(name="green_tick", file="emoji:7")]


def test_what_had_no_place_is_counted(records: list[AnyRecord]) -> None:
    assert lost(records) == {
        "the membership of guests, who are in no workspace here": 1,
        "custom emoji that were removed": 1,
        "custom emoji without a picture or a name of their own, or above 500": 1,
        "reactions with emoji that are not in the export": 1,
        "messages to nobody in the export": 1,
        "answers to polls and lists of tasks": 1,
    }
