"""Bulk exports of Mattermost: a small one of the documented format."""

import json
from pathlib import Path
from typing import Any

import pytest

from fechatter.archives.records import AnyRecord, Chat, Emoji, File, Member, Message, Person, Pin, Reaction, Workspace
from fechatter.archives.source import BadArchive, open_source
from fechatter.converters.converting import milliseconds
from fechatter.converters.mattermost.mattermost import Mattermost
from tests.command.converters.exported import PNG, by_id, converted, folder, lost, of, origin, read, text_of, zipped


def line(kind: str, **value: Any) -> str:
    return json.dumps({"type": kind, kind: value})


def member(team: str, roles: str, **channels: str) -> list[dict[str, Any]]:
    listed = [{"name": name.replace("_", "-"), "roles": given} for name, given in channels.items()]
    return [{"name": team, "roles": roles, "channels": listed}]


def post(at: int, user: str, message: str, **more: Any) -> dict[str, Any]:
    return {"team": "blue", "channel": "town-square", "user": user, "message": message, "create_at": at, **more}


LINES = [
    json.dumps({"type": "version", "version": 1}),
    line("team", name="blue", display_name="Blue Team", type="O", description="ours"),
    line("channel", team="blue", name="town-square", display_name="Town Square", type="O", purpose="all", header="h"),
    line("channel", team="blue", name="off-topic", display_name="", type="P"),
    line(
        "user",
        username="ada",
        email="ada@example.com",
        first_name="Ada",
        last_name="Lovelace",
        roles="system_admin system_user",
        teams=member("blue", "team_user", town_square="channel_admin channel_user", off_topic="channel_user", gone=""),
        profile_image="20240101/ada.png",
    ),
    line("user", username="bob", nickname="Bobby", roles="system_user", teams=member("blue", "team_admin team_user")),
    line("user", username="carol", roles="system_user", delete_at=1700000000000, teams=member("blue", "team_user")),
    line("user", username="guest", roles="system_guest", teams=member("blue", "team_guest")),
    line("user", username="stranger", roles="system_user", teams=None),
    line("user", username="ruby", roles="system_user", teams=member("red", "team_user")),
    line("bot", username="helper", owner="ada", display_name="Helper", profile_image="users/1/profile.png"),
    line("scheme", name="strict"),
    line(
        "post",
        **post(
            1700000000123,
            "ada",
            "Hi @bob, @here: ~off-topic~ ~off-topic and `@bob :tada:` :tada: a@bob.example @nobody.",
            edit_at=1700000300000,
            is_pinned=True,
            reactions=[
                {"user": "bob", "create_at": 1700000001000, "emoji_name": "+1"},
                {"user": "bob", "create_at": 1700000002000, "emoji_name": "party_gopher"},
                {"user": "bob", "create_at": 1700000003000, "emoji_name": "unheard-of"},
            ],
            replies=[
                {"user": "bob", "message": "sure, @ada.", "create_at": 1700000005000},
                {"user": "ada", "message": "before it", "create_at": 1600000000000},
            ],
            attachments=[{"path": "20240101/teams/x/plan.pdf"}, {"path": "20240101/teams/x/missing.txt"}],
        ),
    ),
    line("post", **post(1700000000123, "ada", "in the same millisecond")),
    line("post", **post(1700000000124, "ada", "waves", type="me")),
    line("post", **post(1700000000125, "ada", "ada joined", type="system_join_channel")),
    line("post", **post(1700000000126, "bob", "", props={"attachments": [{"title": "T", "text": "*body* for @ada"}]})),
    line("post", **{**post(1700000000127, "bob", "lost"), "channel": "gone"}),
    line("direct_channel", members=["ada", "bob"]),
    # As 11.1 has it.
    line("direct_channel", participants=[{"username": name} for name in ("ada", "bob", "carol")], header="of three"),
    line("direct_post", channel_members=["bob", "ada"], user="bob", message="psst", create_at=1700000000128),
    line("direct_channel", members=["ada", "carol"]),
    line("direct_post", channel_members=["ada"], user="ada", message="a note", create_at=1700000000129),
    line("direct_post", channel_members=["ada", "bob", "carol"], user="bob", message="us", create_at=1700000000129),
    line("direct_post", channel_members=["ada", "stranger"], user="ada", message="?", create_at=1700000000130),
    line("direct_post", channel_members=["ada", "deleted"], user="ada", message="bye", create_at=1700000000131),
    line("direct_post", channel_members=["ada", "ruby"], user="ruby", message="red's", create_at=1700000000132),
    line("direct_post", channel_members=["ruby"], user="ruby", message="red's", create_at=1700000000133),
    line("direct_post", channel_members=[], user="ada", message="to whom?", create_at=1700000000134),
    line("emoji", name="party_gopher", image="exported_emoji/1/image.png"),
    line("emoji", name="tada", image="exported_emoji/2/image.png"),
]
FILES = {
    "data/20240101/teams/x/plan.pdf": b"%PDF-1.7",
    "data/20240101/ada.png": PNG,
    "data/users/1/profile.png": PNG,
    "data/exported_emoji/1/image.png": PNG,
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[AnyRecord]:
    path = tmp_path_factory.mktemp("mattermost") / "export.zip"
    return converted(zipped(path, {"import.jsonl": "\n".join(LINES), **FILES}), Mattermost)


def test_people_channels_and_members(records: list[AnyRecord]) -> None:
    people = {person.id: person for person in of(records, Person)}
    assert origin(records) == ("mattermost", "blue")
    assert Workspace(name="Blue Team", description="ours") in records
    assert (people["ada"].fullname, people["ada"].role, people["ada"].email) == (
        "Ada Lovelace",
        "owner",
        "ada@example.com",
    )
    assert people["ada"].avatar == "20240101/ada.png"
    assert (people["bob"].fullname, people["bob"].role) == ("Bobby", "admin")
    assert {name: (people[name].role, people[name].active) for name in ("carol", "guest", "stranger")} == {
        "carol": (None, False),
        "guest": (None, True),
        "stranger": (None, True),
    }
    assert (people["helper"].type, people["helper"].avatar) == ("bot", "users/1/profile.png")
    chats = {chat.id: chat for chat in of(records, Chat)}
    assert {key: (chat.type, chat.name) for key, chat in chats.items()} == {
        "blue/town-square": ("PublicChannel", "Town Square"),
        "blue/off-topic": ("PrivateChannel", "off-topic"),
        "direct:ada,bob": ("Single", ""),
        "direct:ada,bob,carol": ("Group", ""),
        "direct:ada": ("Group", ""),
        "direct:ada,stranger": ("Single", ""),
        "direct:ada,deleted": ("Single", ""),
    }
    assert chats["direct:ada,bob,carol"].description == "of three"
    assert chats["blue/town-square"].description == "all\n\nh"
    assert Member(chat="blue/town-square", person="ada", role="admin") in records


def test_messages_with_replies_edits_reactions_pins_and_files(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    root = messages["blue/town-square:1700000000123:ada"]
    assert text_of(root) == "Hi <bob>, <here>: ~off-topic~ #off-topic and `@bob :tada:` 🎉 a@bob.example @nobody."
    assert root.updated_at == milliseconds(1700000300000)
    assert root.pin == Pin()
    assert root.reactions == [
        Reaction(emoji="👍️", person="bob", created_at=milliseconds(1700000001000)),
        Reaction(emoji=":party_gopher:", person="bob", created_at=milliseconds(1700000002000)),
    ]
    replies = [one for one in messages.values() if one.reply_to == root.id]
    assert [text_of(one) for one in replies] == ["sure, <ada>.", "before it"]
    assert replies[1].created_at == root.created_at  # no reply is older than what it answers
    assert messages["blue/town-square:1700000000123:ada:2"].content == "in the same millisecond"
    assert messages["blue/town-square:1700000000124:ada"].content == "_waves_"
    assert messages["blue/town-square:1700000000126:bob"].content == "> **T**\n> *body* for @ada"
    assert [text_of(one) for one in messages.values() if one.chat == "direct:ada,bob"] == ["psst"]
    assert root.files == ["20240101/teams/x/plan.pdf", "20240101/teams/x/missing.txt"]
    paths = {file.id: file.path for file in of(records, File)}
    assert paths["20240101/teams/x/plan.pdf"] == "data/20240101/teams/x/plan.pdf"
    assert of(records, Emoji) == [Emoji(name="party_gopher", file="exported_emoji/1/image.png")]


def test_what_had_no_place_is_counted(records: list[AnyRecord]) -> None:
    assert lost(records) == {
        "custom emoji without a picture or a name of their own, or above 500": 1,
        "the membership of guests, who are in no workspace here": 1,
        "lines of the type scheme": 1,
        "reactions with emoji that are not in the export": 1,
        "notices of joining or leaving": 1,
        "messages in channels that are not in the export": 1,
        "direct messages with people of other teams": 2,
        "direct messages between nobody": 1,
        "direct chats without messages": 1,
    }


def test_of_several_teams_one_is_chosen(tmp_path: Path) -> None:
    second = [line("team", name="red", display_name="Red"), line("channel", team="red", name="r", display_name="R")]
    path = folder(tmp_path / "e", {"nested/import.jsonl": "\n".join([*LINES[:2], *second, *LINES[2:]]), **FILES})
    with pytest.raises(BadArchive, match=r"has 2 teams: say with --team which to import: blue, red"):
        converted(path, Mattermost)
    with pytest.raises(BadArchive, match="has no team 'green': it has blue, red"):
        converted(path, lambda source: Mattermost(source, "green"))
    found = converted(path, lambda source: Mattermost(source, "red"))
    assert [chat.id for chat in of(found, Chat)] == ["red/r", "direct:ruby"]
    assert [message.content for message in of(found, Message)] == ["red's"]


def test_the_lines_alone_have_no_files(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(LINES))
    found = converted(path, Mattermost)
    with open_source(path) as source, Mattermost(source) as made:
        assert {made.size(file.path) for file in of(found, File)} == {None}
    path.write_text("\n".join(LINES) + "\n{oops")
    with pytest.raises(BadArchive, match=rf"export.jsonl: line {len(LINES) + 1}: no JSON"):
        converted(path, Mattermost)


def test_bytes_come_from_data(tmp_path: Path) -> None:
    path = folder(tmp_path / "e", {"import.jsonl": "\n".join(LINES), **FILES})
    with open_source(path) as source, Mattermost(source) as made:
        paths = {file.id: file.path for file in of(made.records(), File)}
        assert read(made, paths["exported_emoji/1/image.png"]) == PNG
