"""Dumps of Rocket.Chat: BSON by its specification, and a small dump of the collections that its server writes."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fechatter.archives.records import AnyRecord, Chat, Edit, Emoji, File, Member, Person, Pin, Reaction, Workspace
from fechatter.archives.source import BadArchive, open_source
from fechatter.converters.rocketchat import bson
from fechatter.converters.rocketchat.rocketchat import RocketChat
from tests.command.converters.bson_writer import collection, document
from tests.command.converters.exported import PNG, by_id, converted, folder, lost, of, origin, read, text_of, zipped

AT = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def user(key: str, name: str, **more: Any) -> dict[str, Any]:
    common = {"_id": key, "username": name, "name": name.title(), "type": "user", "active": True, "roles": ["user"]}
    return {**common, "emails": [{"address": f"{name}@example.com", "verified": True}], "createdAt": AT, **more}


def message(
    key: str, text: str, minutes: float, room: str = "GENERAL", author: str = "u1", **more: Any
) -> dict[str, Any]:
    return {
        "_id": key,
        "rid": room,
        "msg": text,
        "ts": later(minutes),
        "u": {"_id": author, "username": author},
        **more,
    }


def joined(room: str, person: str, *roles: str) -> dict[str, Any]:
    return {
        "_id": f"{room}-{person}",
        "rid": room,
        "u": {"_id": person, "username": person},
        "roles": list(roles),
        "t": "c",
    }


MESSAGES = [
    message("r1", "a reply before its root in the dump", 2, tmid="m1", author="u2"),
    message(
        "m1",
        "*bold* ~gone~ _it_ for @bob and @here: https://example.com/a_*b* `*code* @bob` :smile: @nobody",
        1,
        pinned=True,
        pinnedAt=later(9),
        pinnedBy={"_id": "u2", "username": "bob"},
        reactions={
            ":wave_tone3:": {"usernames": ["bob"]},
            ":shipit:": {"usernames": ["ada", "left"]},
            ":hm?:": {"usernames": ["ada"]},
        },
        editedAt=later(8),
        editedBy={"_id": "u1"},
    ),
    message("h1", "what m1 said first", 1, _hidden=True, parent="m1", editedAt=later(5)),
    message("h2", "what m1 said then", 1, _hidden=True, parent="m1", editedAt=later(8)),
    message("j1", "ada", 3, t="uj"),
    message("d1", "", 4, t="rm"),
    message("t1", "renamed", 4, t="r"),
    message("e1", "AAAA", 4, t="e2e"),
    message(
        "q1",
        "[ ](https://chat.example.com/channel/general?msg=m1) agreed",
        5,
        attachments=[{"author_name": "ada", "text": "*bold*"}],
    ),
    message(
        "f1",
        "",
        6,
        file={"_id": "file1", "name": "plan.pdf"},
        files=[{"_id": "file1", "name": "plan.pdf"}, {"_id": "thumb", "name": "t", "typeGroup": "thumb"}],
        attachments=[
            {"title": "plan.pdf", "title_link": "/file-upload/file1", "type": "file", "description": "the *plan*"}
        ],
    ),
    message("f2", "outside", 6, file={"_id": "file2", "name": "big.iso"}),
    message("r2", "to nothing", 7, tmid="gone"),
    message("s1", "secret", 8, "P1"),
    message("x1", "psst", 8, "D1"),
    message("x2", "psst again", 9, "D2", "u2"),
    message("l1", "help", 8, "L1"),
    message("b1", "hello", 9, author="rocket.cat"),
]
DUMP: dict[str, bytes] = {
    "users.bson": collection(
        [
            user("u1", "ada", roles=["admin"]),
            user("u2", "bob"),
            user("u3", "carol", active=False),
            user("u4", "guest", roles=["guest"]),
            user("rocket.cat", "rocket.cat", type="bot", emails=[]),
        ]
    ),
    "rocketchat_settings.bson": collection(
        [{"_id": "uniqueID", "value": "id-1"}, {"_id": "Site_Name", "value": "Acme"}]
    ),
    "rocketchat_room.bson": collection(
        [
            {"_id": "GENERAL", "t": "c", "name": "general", "topic": "all", "ts": AT},
            {"_id": "P1", "t": "p", "name": "board", "ts": AT, "archived": True, "_updatedAt": later(60)},
            {"_id": "X1", "t": "c", "name": "aB3", "fname": "About lunch", "prid": "GENERAL", "ts": AT},
            {"_id": "D1", "t": "d", "uids": ["u1", "u2"]},
            {"_id": "D2", "t": "d", "uids": ["u2", "u1"]},
            {"_id": "L1", "t": "l"},
        ]
    ),
    "rocketchat_subscription.bson": collection(
        [joined("GENERAL", "u1", "owner"), joined("GENERAL", "u2"), joined("P1", "u1", "moderator"), joined("D1", "u1")]
    ),
    "rocketchat_message.bson": collection(MESSAGES),
    "rocketchat_custom_emoji.bson": collection(
        [{"_id": "e", "name": "our_ship", "aliases": ["shipit"], "extension": "png"}]
    ),
    "custom_emoji.chunks.bson": collection([{"files_id": "our_ship.png", "n": 0, "data": PNG}]),
    "rocketchat_uploads.chunks.bson": collection(
        [
            {"files_id": "file1", "n": 1, "data": b"world"},
            {"files_id": "other", "n": 1, "data": b"x"},
            {"files_id": "file1", "n": 0, "data": b"hello "},
        ]
    ),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[AnyRecord]:
    path = tmp_path_factory.mktemp("rocketchat") / "dump.zip"
    return converted(zipped(path, {f"dump/rocketchat/{name}": content for name, content in DUMP.items()}), RocketChat)


def test_people_rooms_and_members(records: list[AnyRecord]) -> None:
    assert origin(records) == ("rocketchat", "id-1")
    assert Workspace(name="Acme") in records
    people = {person.id: person for person in of(records, Person)}
    assert {key: (one.role, one.active, one.type) for key, one in people.items()} == {
        "u1": ("owner", True, "person"),
        "u2": ("member", True, "person"),
        "u3": (None, False, "person"),
        "u4": (None, True, "person"),
        "rocket.cat": ("member", True, "bot"),
    }
    chats = {chat.id: chat for chat in of(records, Chat)}
    assert {key: (chat.type, chat.name) for key, chat in chats.items()} == {
        "GENERAL": ("PublicChannel", "general"),
        "P1": ("PrivateChannel", "board"),
        "X1": ("PublicChannel", "About lunch"),
        "direct:u1,u2": ("Single", ""),
    }
    assert chats["P1"].archived_at == later(60)
    roles = {(member.chat, member.person): member.role for member in of(records, Member)}
    assert roles["GENERAL", "u1"] == "owner"
    assert roles["P1", "u1"] == "admin"


def test_messages_with_what_belongs_to_them(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    root = messages["m1"]
    assert text_of(root) == (
        "**bold** ~~gone~~ _it_ for <u2> and <here>: https://example.com/a_*b* `*code* @bob` 😄 @nobody"
    )
    assert root.pin == Pin(person="u2", pinned_at=later(9))
    assert root.reactions == [Reaction(emoji="👋🏽", person="u2"), Reaction(emoji=":our_ship:", person="u1")]
    assert root.updated_at == later(8)
    assert root.edits == [
        Edit(content="what m1 said first", written_at=later(5)),
        Edit(content="what m1 said then", written_at=later(8)),
    ]
    assert messages["r1"].reply_to == "m1"
    assert messages["r2"].reply_to is None
    assert messages["d1"].deleted_at
    assert text_of(messages["q1"]) == "> **ada**\n> **bold**\n\nagreed"
    assert text_of(messages["f1"]) == "the **plan**"
    assert [one.id for one in messages.values() if one.chat == "direct:u1,u2"] == ["x1", "x2"]


def test_files_come_from_the_pieces_in_the_database(records: list[AnyRecord], tmp_path: Path) -> None:
    files = {file.id: file for file in of(records, File)}
    assert files["file2"].path == "dump/rocketchat/uploads/file2"
    with open_source(folder(tmp_path / "dump", DUMP)) as source, RocketChat(source) as made:
        paths = {file.id: file.path for file in of(made.records(), File)}
        assert read(made, paths["file1"]) == b"hello world"
        assert read(made, paths["emoji:our_ship"]) == PNG
        assert made.size(paths["file1"]) == 11
        assert made.size(paths["file2"]) is None
    with open_source(tmp_path / "dump") as source, RocketChat(source) as made:
        store = made._store("rocketchat_uploads")
        with pytest.raises(BadArchive, match="a piece of other is missing, or there twice"):
            store.open(store.path("other"))
    assert of(records, Emoji) == [Emoji(name="our_ship", file="emoji:our_ship")]


def test_what_had_no_place_is_counted(records: list[AnyRecord]) -> None:
    assert lost(records) == {
        "the membership of guests, who are in no workspace here": 1,
        "rooms of Livechat": 1,
        "reactions of people whom the export does not name": 1,
        "reactions with emoji that are not in the export": 1,
        "notices of joining or leaving": 1,
        "notices of Rocket.Chat (r)": 1,
        "encrypted messages": 1,
        "the threads of replies whose first message is not in the export": 1,
        "messages without a room, a time or an author": 1,
    }


def test_a_dump_without_subscriptions_has_members_by_person(tmp_path: Path) -> None:
    people = [user("u1", "ada", __rooms=["GENERAL", "P1", "D1", "L1"]), user("u2", "bob", __rooms=["GENERAL", "D5"])]
    dump = {**DUMP, "users.bson": collection(people)}
    del dump["rocketchat_subscription.bson"]
    found = converted(folder(tmp_path / "dump", dump), RocketChat)
    members = {(member.chat, member.person) for member in of(found, Member) if not member.chat.startswith("direct:")}
    assert members == {("GENERAL", "u1"), ("GENERAL", "u2"), ("P1", "u1")}
    assert lost(found)["roles in channels: rocketchat_subscription is not in the dump"] == 1


def test_direct_chats_of_old_servers_have_names_or_both_ids(tmp_path: Path) -> None:
    five = [f"u{number}" for number in range(1, 6)]
    rooms: list[dict[str, Any]] = [
        {"_id": "by-name", "t": "d", "usernames": ["bob", "carol"]},
        {"_id": "u1u3", "t": "d"},
        {"_id": "of five", "t": "d", "uids": five},
        {"_id": "of nobody", "t": "d", "usernames": ["left"]},
    ]
    rows = [joined("of five", person) for person in five]
    dump = {"rocketchat_room.bson": collection(rooms), "rocketchat_subscription.bson": collection(rows)}
    found = converted(folder(tmp_path / "dump", {**DUMP, **dump}), RocketChat)
    assert {chat.id: chat.type for chat in of(found, Chat)} == {
        "direct:u2,u3": "Single",
        "direct:u1,u3": "Single",
        "of five": "Group",
    }
    assert lost(found)["direct chats without people"] == 1


@pytest.mark.parametrize("place", ["uploads/file2", "uploads/file2.iso", "../../files/uploads/file2"])
def test_files_outside_of_the_database_are_found_beside_it(place: str, tmp_path: Path) -> None:
    """The last is how Rocket.Chat's own hosting exports (zulip#20404)."""
    base = tmp_path / "dump" / "database" / "60317be6e173"
    folder(base, DUMP)
    (base / place).parent.mkdir(parents=True, exist_ok=True)
    (base / place).write_bytes(b"big")
    with open_source(tmp_path / "dump") as source, RocketChat(source) as made:
        paths = {file.id: file.path for file in of(made.records(), File)}
        assert read(made, paths["file2"]) == b"big"


def test_collections_may_be_compressed(tmp_path: Path) -> None:
    packed = {
        f"{name}.gz" if "chunks" not in name else name: gzip.compress(content) if "chunks" not in name else content
        for name, content in DUMP.items()
    }
    assert text_of(by_id(converted(folder(tmp_path / "dump", packed), RocketChat))["x1"]) == "psst"


def test_a_collection_whose_compression_is_damaged_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(DUMP["users.bson"])
    for number, damaged in enumerate((packed[:-9], packed[:12] + b"\xff" * 8 + packed[20:], packed[:-8] + bytes(8))):
        dump = {name: content for name, content in DUMP.items() if name != "users.bson"}
        with pytest.raises(BadArchive, match="damaged"):
            converted(folder(tmp_path / f"{number}", {**dump, "users.bson.gz": damaged}), RocketChat)


def decoded(data: bytes) -> list[dict[str, Any]]:
    return list(bson.documents(io.BytesIO(data), "some.bson"))


def test_bson_is_read_as_its_specification_writes_it() -> None:
    # The two examples of bsonspec.org.
    assert decoded(b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00") == [{"hello": "world"}]
    assert decoded(
        b"1\x00\x00\x00\x04BSON\x00&\x00\x00\x00\x020\x00\x08\x00\x00\x00awesome\x00\x011\x00333333\x14@\x102\x00\xc2\x07"
        b"\x00\x00\x00\x00"
    ) == [{"BSON": ["awesome", 5.05, 1986]}]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x16\x00", "document 1: no BSON"),
        (b"\xff\xff\xff\x7f", "document 1: no BSON, or more than 16 MiB"),
        (document({"a": 1})[:-3], "document 1 is damaged: it is cut off"),
        (document({"a": 1}) + document({"b": "x"}).replace(b"x\0", b"\xff\0"), "document 2 is damaged"),
        (document({"b": "xy"}).replace(b"\x03\x00\x00\x00xy", b"\x7f\x00\x00\x00xy"), "a text has no end"),
        (document({"b": 1}).replace(b"\x10b", b"\x42b"), "a value of the unknown kind 0x42"),
        (document({"b": b"xyz"}).replace(b"\x03\x00\x00\x00\x00xyz", b"\xff\xff\xff\xff\x00xyz"), "bytes are cut off"),
    ],
)
def test_damaged_bson_is_refused(data: bytes, error: str) -> None:
    with pytest.raises(BadArchive, match=error):
        decoded(data)


def test_bson_that_is_nested_too_deeply_is_refused() -> None:
    nested = document({})
    for _ in range(10_000):
        body = b"\x03a\0" + nested
        nested = (len(body) + 5).to_bytes(4, "little") + body + b"\0"
    with pytest.raises(BadArchive, match="nested more than 100 deep"):
        decoded(nested)
