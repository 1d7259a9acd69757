"""Exports of Slack: a real one where it is at hand, and a small one of the documented format."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fechatter.archives.records import AnyRecord, Chat, Emoji, File, Member, Mention, Message, Person, Pin, Reaction
from fechatter.archives.source import open_source
from fechatter.converters.slack.slack import Slack
from tests.command.converters.exported import PNG, by_id, converted, folder, lost, of, origin, read, text_of, zipped

# tests/testarchive.zip of hfaran/slack-export-viewer (MIT): a real export, read where somebody has put it.
REAL = Path(os.environ.get("FECHATTER_TEST_SLACK_EXPORT", "testarchive.zip"))


def user(key: str, name: str, **more: Any) -> dict[str, Any]:
    profile = {"email": f"{name}@example.com", **more.pop("profile", {})}
    return {"id": key, "team_id": "T1", "name": name, "real_name": name.title(), "profile": profile, **more}


def message(ts: str, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def channel(key: str) -> dict[str, Any]:
    return {"type": "channel", "channel_id": key}


def cell(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


USERS = [
    user("U6", "pat", team_id="T2", is_stranger=True),  # of another workspace, and the first in the list
    user("U7", "gridda", team_id="T3", enterprise_user={"teams": ["T1", "T3"]}),
    user("U1", "ada", is_primary_owner=True, tz="Europe/Berlin"),
    user("U2", "bob", is_admin=True),
    user("U3", "carol", deleted=True),
    user("U4", "guest", is_restricted=True),
    user("U5", "deploy", is_bot=True, profile={"email": None, "bot_id": "B1"}),
]
CHANNELS = [
    {
        "id": "C1",
        "name": "general",
        "created": 1700000000,
        "creator": "U1",
        "members": ["U1", "U2", "U9"],
        "purpose": {"value": "Talk to <@U2> &amp; all"},
        "topic": {"value": "*Now*"},
        "pins": [{"id": "1700000010.000100", "type": "C", "created": 1700000500, "user": "U2", "owner": "U1"}],
    },
    {"id": "C2", "name": "old", "is_archived": True, "created": 1600000000, "members": ["U1"]},
]
DAY = [
    message("1700000020.000200", "second", "U2"),
    message("1700000001.000000", "<@U1> has joined", subtype="channel_join"),
    message(
        "1700000002.000000",
        "<@U2> has joined",
        "U2",
        subtype="channel_join",
        thread_ts="1700000002.000000",
        reply_count=1,
    ),
    message("1700000003.000000", "welcome!", thread_ts="1700000002.000000"),
    message(
        "1700000010.000100",
        "Hi <@U2>, <@U4|guest> and <!here>: see <https://example.com/a?b=1&amp;c=2|the *plan*> in <#C2|old> :tada:"
        " &lt;3",
        edited={"user": "U1", "ts": "1700000300.000000"},
        thread_ts="1700000010.000100",
        reactions=[
            {"name": "thumbsup::skin-tone-2", "users": ["U2", "U3"], "count": 3},
            {"name": "shipit", "users": ["U1"], "count": 1},
            {"name": "nobody-knows", "users": ["U1"], "count": 1},
        ],
    ),
    message("1700000030.000300", "a reply", "U2", thread_ts="1700000010.000100"),
    message(
        "1700000031.000300", "also in the channel", "U2", thread_ts="1700000010.000100", subtype="thread_broadcast"
    ),
    message("1700000032.000300", "to nothing", "U2", thread_ts="1600000000.000000"),
    message("1700000040.000000", "", subtype="tombstone", user="USLACKBOT"),
    message("1700000050.000000", "waves at <@U2>", subtype="me_message"),
    message(
        "1700000060.000000",
        "look",
        files=[
            {"id": "F1", "name": "plan.pdf", "url_private": "https://files.slack.com/x", "mode": "hosted"},
            {"id": "F2", "name": "gone", "mode": "tombstone"},
            {"id": "F3", "name": "only by address.png", "mode": "hosted"},
        ],
    ),
    {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": "1700000070.000000", "text": "deployed"},
    {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B2",
        "username": "CI",
        "ts": "1700000080.000000",
        "text": "",
        "attachments": [{"title": "Build 7", "title_link": "https://ci.example.com/7", "text": "failed for <@U2> :x:"}],
    },
    message("1700000090.000000", "```x = <@U1>\nif a &amp;&amp; b:```and `<#C2|old>` :tada:"),
    message("1700000100.000000", "a stranger", "W7", user_profile={"real_name": "Wanda of Partner"}),
    message(
        "1700000105.000000",
        "All about it: with interactive elements",
        blocks=[
            {"type": "rich_text", "elements": [rich({"type": "user", "user_id": "U2"}, words(" in "), channel("C2"))]},
            {"type": "section", "text": {"type": "mrkdwn", "text": "see <#C2|>"}},
            {"type": "table", "rows": [[cell("a"), cell("b")]]},
        ],
    ),
    message("1700000106.000000", "*x* in text", blocks=[{"type": "rich_text", "elements": [rich(words("x in text"))]}]),
    message(
        "1700000107.000000",
        "see \nF4 and https://acme.slack.com/docs/T1/F4",
        files=[{"id": "F4", "name": "Untitled", "title": "The plan", "mode": "quip"}],
    ),
    message("1700000108.000000", "", files=[{"id": "F5", "name": "Untitled", "title": "Notes", "mode": "canvas"}]),
    message("1700000110.000000", "topic", subtype="channel_topic"),
    message("1700000110.000000", "twice", subtype="channel_topic"),
]
EXPORT: dict[str, Any] = {
    "users.json": USERS,
    "channels.json": CHANNELS,
    "groups.json": [{"id": "G1", "name": "board", "members": ["U1", "U2"], "created": 1700000000}],
    "mpims.json": [{"id": "G2", "name": "mpdm-ada--bob--carol-1", "members": ["U1", "U2", "U3"]}],
    "dms.json": [{"id": "D1", "members": ["U1", "U2"]}, {"id": "D2", "members": ["U1", "U1"]}],
    "general/2023-11-14.json": DAY,
    "general/2023-11-13.json": [message("1699900000.000000", "the day before")],
    "board/2023-11-14.json": [message("1700000000.000001", "secret")],
    "mpdm-ada--bob--carol-1/2023-11-14.json": [message("1700000000.000001", "three")],
    "D1/2023-11-14.json": [message("1700000000.000001", "two")],
    "D2/2023-11-14.json": [message("1700000000.000001", "a note")],
    "__uploads/F1/plan.pdf": b"%PDF-1.7",
    "emojis/shipit.png": PNG,
    "emojis/tada.png": PNG,
    "emojis/index.json": {"squirrel": "alias:shipit"},
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[AnyRecord]:
    return converted(zipped(tmp_path_factory.mktemp("slack") / "Acme Slack export Jan 1.zip", EXPORT), Slack)


def at(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)


def test_people_keep_roles_and_those_who_are_gone_are_in_no_workspace(records: list[AnyRecord]) -> None:
    people = {person.id: person for person in of(records, Person)}
    assert (people["U1"].role, people["U1"].email, people["U1"].time_zone) == (
        "owner",
        "ada@example.com",
        "Europe/Berlin",
    )
    assert people["U2"].role == "admin"
    assert {key: (people[key].role, people[key].active) for key in ("U6", "U7")} == {
        "U6": (None, False),
        "U7": ("member", True),
    }
    assert (people["U3"].role, people["U3"].active) == (None, False)
    assert (people["U4"].role, people["U4"].active) == (None, True)
    assert (people["U5"].type, people["U5"].email) == ("bot", None)
    assert (people["U9"].fullname, people["U9"].role) == ("U9", None)  # a member whom users.json does not have
    assert (people["W7"].fullname, people["W7"].active) == ("Wanda of Partner", False)
    assert origin(records) == ("slack", "T1")


def test_each_list_is_a_type_of_chat(records: list[AnyRecord]) -> None:
    chats = {chat.id: chat for chat in of(records, Chat)}
    assert {key: chat.type for key, chat in chats.items()} == {
        "C1": "PublicChannel",
        "C2": "PublicChannel",
        "G1": "PrivateChannel",
        "G2": "Group",
        "D1": "Single",
        "D2": "Group",  # notes to oneself
    }
    assert chats["C1"].description == "Talk to @bob & all\n\n**Now**"
    assert chats["C2"].archived_at == at(1600000000_000000)
    assert Member(chat="C1", person="U1", role="owner") in records
    assert {member.person for member in of(records, Member) if member.chat == "C1"} == {"U1", "U2", "U9"}


def test_messages_are_in_the_order_of_time_with_what_belongs_to_them(records: list[AnyRecord]) -> None:
    said = [one for one in of(records, Message) if one.chat == "C1"]
    assert [one.created_at for one in said] == sorted(one.created_at for one in said)
    messages = by_id(records)
    root = messages["C1/1700000010.000100"]
    assert root.created_at == at(1700000010_000100)
    assert root.updated_at == at(1700000300_000000)
    assert root.content == [
        "Hi ",
        Mention(person="U2"),
        ", ",
        Mention(person="U4"),
        " and ",
        Mention(everyone="here"),
        ": see [the *plan*](https://example.com/a?b=1&c=2) in #old 🎉 <3",
    ]
    assert root.reactions == [
        Reaction(emoji="👍🏻", person="U2"),
        Reaction(emoji="👍🏻", person="U3"),
        Reaction(emoji=":shipit:", person="U1"),
    ]
    assert root.pin == Pin(person="U2", pinned_at=at(1700000500_000000))
    replies = [one.content for one in said if one.reply_to == root.id]
    assert replies == ["a reply", "also in the channel"]
    assert messages["C1/1700000032.000300"].reply_to is None
    assert messages["C1/1700000040.000000"].deleted_at
    assert text_of(messages["C1/1700000050.000000"]) == "_waves at <U2>_"
    assert messages["C1/1700000070.000000"].sender == "U5"
    assert messages["C1/1700000080.000000"].sender == "B2"
    assert text_of(messages["C1/1700000080.000000"]) == (
        "> **[Build 7](https://ci.example.com/7)**\n> failed for <U2> ❌\ufe0f"
    )
    assert text_of(messages["C1/1700000105.000000"]) == "<U2> in #old\nsee #old\na | b"
    assert text_of(messages["C1/1700000106.000000"]) == "**x** in text"
    assert text_of(messages["C1/1700000002.000000"]) == "<U2> has joined"
    assert messages["C1/1700000003.000000"].reply_to == "C1/1700000002.000000"
    assert messages["C1/1700000090.000000"].content == "```\nx = @ada\nif a && b:\n```\nand `old` 🎉"


def test_files_are_found_where_programs_put_them_and_emoji_too(records: list[AnyRecord], tmp_path: Path) -> None:
    files = {file.id: file for file in of(records, File)}
    assert files["F1"].path == "__uploads/F1/plan.pdf"
    assert (files["F3"].name, files["F3"].uploader) == ("only by address.png", "U1")
    assert by_id(records)["C1/1700000060.000000"].files == ["F1", "F3"]
    canvases = [by_id(records)[f"C1/170000010{number}.000000"] for number in (7, 8)]
    assert [(one.content, one.files) for one in canvases] == [
        ("see \nThe plan and https://acme.slack.com/docs/T1/F4", []),
        ("Notes", []),
    ]
    assert [emoji.name for emoji in of(records, Emoji)] == ["shipit"]
    with open_source(folder(tmp_path / "export", EXPORT)) as source, Slack(source) as made:
        found = {file.id: file.path for file in of(made.records(), File)}
        assert read(made, found["F1"]) == b"%PDF-1.7"
        assert made.size(found["F3"]) is None


def test_what_had_no_place_is_counted(records: list[AnyRecord]) -> None:
    assert lost(records) == {
        "the membership of guests, who are in no workspace here": 1,
        "custom emoji without a picture or a name of their own, or above 500": 1,
        "notices of joining or leaving": 1,
        "reactions of people whom the export does not name": 1,
        "reactions with emoji that are not in the export": 1,
        "the threads of replies whose first message is not in the export": 1,
        "files that were deleted in Slack": 1,
        "canvases, of which the title is left": 2,
        "notices of Slack (channel_topic)": 1,
        "messages that are in the export twice": 1,
    }


def test_a_channel_that_no_list_has_is_private_with_those_who_wrote_there(tmp_path: Path) -> None:
    export = {
        **EXPORT,
        "channels.json": [],
        "FC:F1:plan/2023-11-14.json": [message("1700000000.000001", "on a canvas")],
        "secret/2023-11-14.json": [
            message("1700000000.000001", "hi"),
            message("1700000000.000002", "ho", "U2"),
            message("1700000000.000003", "<@U3> has joined", "U3", subtype="channel_join"),
        ],
    }
    found = converted(folder(tmp_path / "export", export), Slack)
    assert {chat.name: chat.type for chat in of(found, Chat) if chat.type != "Group" and chat.id != "D1"} == {
        "board": "PrivateChannel",
        "general": "PrivateChannel",
        "secret": "PrivateChannel",
    }
    assert [member.person for member in of(found, Member) if member.chat == "secret"] == ["U1", "U2"]
    assert lost(found)["comments on canvases"] == 1


def test_a_folder_around_it_and_names_that_no_zip_calls_utf_8(tmp_path: Path) -> None:
    nested = {f"Acme export/{name}": content for name, content in EXPORT.items()}
    nested["Acme export/channels.json"] = [{"id": "C1", "name": "größe-上海", "members": ["U1"]}]
    nested["Acme export/größe-上海/2023-11-14.json"] = [message("1700000000.000001", "hi")]
    path = zipped(tmp_path / "a.zip", nested)
    packed = path.read_bytes()
    assert by_id(converted(path, Slack))["C1/1700000000.000001"].content == "hi"
    # Bit 11 of the flags says that a name is UTF-8: some writers of Slack's exports leave it out.
    path.write_bytes(without_utf_8_flags(packed))
    assert by_id(converted(path, Slack))["C1/1700000000.000001"].content == "hi"


def without_utf_8_flags(packed: bytes) -> bytes:
    changed = bytearray(packed)
    for mark, place in ((b"PK\3\4", 7), (b"PK\1\2", 9)):
        start = 0
        while (start := changed.find(mark, start)) >= 0:
            changed[start + place] &= ~0x08
            start += 4
    return bytes(changed)


def test_more_files_than_a_message_has_follow_in_others(tmp_path: Path) -> None:
    files = [{"id": f"F{number}", "name": f"{number}.txt"} for number in range(21)]
    said = [message("1700000000.000001", "many", files=files)]
    found = by_id(converted(folder(tmp_path / "e", {**EXPORT, "general/2023-11-14.json": said}), Slack))
    kept = [len(one.files) for key, one in found.items() if key.startswith("C1/1700000000.000001")]
    assert kept == [10, 10, 1]


@pytest.mark.skipif(not REAL.exists(), reason="no real export of Slack: FECHATTER_TEST_SLACK_EXPORT says where one is")
def test_a_real_export() -> None:
    found = converted(REAL, Slack)
    messages = of(found, Message)
    assert len(messages) == 147
    assert {chat.name: chat.type for chat in of(found, Chat)} == {
        "enrique": "PublicChannel",
        "traveling-sailor": "PublicChannel",
    }
    assert lost(found) == {
        "notices of joining or leaving": 8,
        "notices of Slack (bot_add)": 3,
        "reactions with emoji that are not in the export": 1,
    }
    assert sum(len(one.files) for one in messages) == 3
