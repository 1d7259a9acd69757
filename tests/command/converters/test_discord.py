"""Exports of DiscordChatExporter: a small one in the shape that it writes."""

from pathlib import Path
from typing import Any

import pytest

from fechatter.archives.records import AnyRecord, Chat, Emoji, File, Member, Person, Pin, Reaction, Workspace
from fechatter.archives.source import BadArchive, open_source
from fechatter.converters.converting import iso
from fechatter.converters.discord.discord import Discord
from tests.command.converters.exported import PNG, by_id, converted, folder, lost, of, origin, read, text_of, zipped

GUILD = {"id": "900", "name": "Acme", "iconUrl": "media\\icon.png"}
ADA = {"id": "1", "name": "ada", "nickname": "Ada L", "isBot": False, "avatarUrl": "media\\ada.png"}
BOB = {"id": "2", "name": "bob", "nickname": "Bob", "isBot": False, "avatarUrl": "https://cdn.discordapp.com/b.png"}
CY = {"id": "5", "name": "cy", "nickname": "Cyrus", "isBot": False, "roles": [], "avatarUrl": "media\\cy.png"}
CY_WHO_REACTS = {"id": "5", "name": "cy", "nickname": "cy", "isBot": False}
BOT = {"id": "3", "name": "helper", "nickname": "Helper", "isBot": True}


def message(key: int, content: str, author: dict[str, Any] = ADA, kind: str = "Default", **more: Any) -> dict[str, Any]:
    time = f"2024-02-29T12:{key % 60:02}:00.25+01:00"
    return {"id": str(key), "type": kind, "timestamp": time, "content": content, "author": author, **more}


def channel(key: int, name: str, *messages: dict[str, Any], kind: str = "GuildTextChat", **more: Any) -> dict[str, Any]:
    about = {"id": str(key), "type": kind, "categoryId": "99", "category": "Text", "name": name, "topic": None, **more}
    return {"guild": GUILD, "channel": about, "exportedAt": "2024-03-01T00:00:00Z", "messages": list(messages)}


def emoji(name: str, key: str = "", **more: Any) -> dict[str, Any]:
    return {"id": key, "name": name, "code": name, "imageUrl": f"media\\{key}.png", **more}


GENERAL = channel(
    100,
    "general",
    message(101, "Joined the server.", kind="GuildMemberJoin"),
    message(
        102,
        "**Hi** @Bob, @here: :Party_Parrot: <t:0:R> `@Bob` <https://example.com>",
        mentions=[BOB],
        isPinned=True,
        timestampEdited="2024-02-29T13:00:00+01:00",
        inlineEmojis=[emoji("Party_Parrot", "7")],
        reactions=[
            {"emoji": emoji("💯"), "count": 3, "users": [ADA, BOB]},
            {"emoji": emoji("👀"), "count": 1, "users": [CY_WHO_REACTS]},
            {"emoji": emoji("Party_Parrot", "7"), "count": 1, "users": [BOB]},
            {"emoji": emoji("elsewhere", "8"), "count": 1, "users": [BOB]},
        ],
        attachments=[
            {"id": "55", "url": "media\\plan-1.pdf", "fileName": "plan.pdf"},
            {"id": "56", "url": "https://cdn.discordapp.com/x.png", "fileName": "x.png"},
        ],
    ),
    message(103, "an answer", BOB, "Reply", reference={"messageId": "102"}),
    message(104, "to what is gone", BOB, "Reply", reference={"messageId": "1"}),
    message(105, "starts a thread", BOB),
    message(106, "started a thread", BOB, "ThreadCreated", reference={"channelId": "201"}),
    message(
        107,
        "<@2> and <@!4> in <#100> <a:Party_Parrot:7> https://x.example/1",
        ADA,
        embeds=[{"title": "X", "url": "https://x.example/1", "description": "a preview"}],
    ),
    message(108, "", BOT, embeds=[{"title": "Build", "url": "https://ci.example/7", "description": "failed"}]),
    message(109, "", ADA),
    message(110, "", ADA, stickers=[{"id": "66", "name": "wave", "sourceUrl": "https://x"}]),
    message(111, "pinned a message", kind="ChannelPinnedMessage"),
    message(
        112,
        "",
        ADA,
        reference={"type": "Forward", "messageId": "102", "channelId": "100"},
        forwardedMessage={"content": "from elsewhere", "stickers": [{"id": "67", "sourceUrl": "media\\7.png"}]},
    ),
    message(115, "another thread", BOB, "ThreadCreated", reference={"type": "Default", "channelId": "777"}),
    message(
        116,
        "see https://youtu.example/1",
        CY,
        embeds=[{"title": "A film", "url": "https://www.youtube.example/watch?v=1", "description": "a preview"}],
    ),
    topic="All",
)
EXPORT: dict[str, Any] = {
    "out/Acme - Text - general [100].json": GENERAL,
    "out/Acme - Text - general [100] [part 2].json": channel(100, "general", message(113, "part two")),
    "out/Acme - Text - general [100] [part 10].json": channel(100, "general", message(114, "part ten")),
    "out/Acme - general - begun by a message [105].json": channel(
        105,
        "begun by a message",
        message(301, "", BOB, "ThreadStarterMessage", reference={"messageId": "105"}),
        message(302, "inside"),
        message(303, "answered", BOB, "Reply", reference={"messageId": "302"}),
        kind="GuildPublicThread",
        categoryId="100",
    ),
    "out/Acme - general - begun alone [201].json": channel(
        201, "begun alone", message(304, "first inside"), kind="GuildPublicThread", categoryId="100"
    ),
    "out/Acme - forum - A question [400].json": channel(
        400,
        "A question",
        message(400, "how?"),
        message(401, "so"),
        kind="GuildPublicThread",
        categoryId="399",
        category="forum",
    ),
    "out/_threads/Acme - general - begun elsewhere [202].json": channel(
        202,
        "begun elsewhere",
        message(305, "", attachments=[{"id": "57", "url": "media\\\\plan-1.pdf", "fileName": "plan.pdf"}]),
        kind="GuildPublicThread",
        categoryId="100",
    ),
    "out/Direct Messages - Ada L, Bob, Cyrus [600].json": {
        **channel(600, "Ada L, Bob, Cyrus", message(601, "all"), message(602, "yes", BOB), kind="DirectGroupTextChat"),
        "guild": None,
    },
    "out/Direct Messages - Bob [500].json": {
        **channel(500, "Bob", message(501, "psst"), message(502, "what", BOB), kind="DirectTextChat"),
        "guild": {"id": "0", "name": "Direct Messages"},
    },
    "out/media/ada.png": PNG,
    "out/media/cy.png": PNG,
    "out/media/7.png": PNG,
    "out/media/plan-1.pdf": b"%PDF-1.7",
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[AnyRecord]:
    return converted(zipped(tmp_path_factory.mktemp("discord") / "discord.zip", EXPORT), Discord)


def test_people_are_who_has_written_or_was_named(records: list[AnyRecord]) -> None:
    assert origin(records) == ("discord", "900")
    assert Workspace(name="Acme") in records
    people = {person.id: person for person in of(records, Person)}
    assert (people["1"].username, people["1"].fullname, people["1"].avatar) == ("ada", "Ada L", "avatar:1")
    assert people["2"].avatar is None  # only an address
    assert (people["5"].fullname, people["5"].avatar) == ("Cyrus", "avatar:5")  # whose reaction comes before they write
    assert people["3"].type == "bot"
    assert (people["4"].active, people["4"].role) == (False, None)


def test_channels_are_private_unless_somebody_says_otherwise(records: list[AnyRecord], tmp_path: Path) -> None:
    group = ("Ada L, Bob, Cyrus", "")
    expected = {"100": ("general", "All"), "399": ("forum", ""), "500": ("", ""), "600": group}
    chats = {chat.id: chat for chat in of(records, Chat)}
    assert {key: (chat.name, chat.description) for key, chat in chats.items()} == expected
    assert [chats[key].type for key in expected] == ["PrivateChannel", "PrivateChannel", "Single", "Group"]
    assert {one.person for one in of(records, Member) if one.chat == "100"} == {"1", "2", "3", "5"}
    public = converted(folder(tmp_path / "e", EXPORT), lambda source: Discord(source, public=True))
    assert [chat.type for chat in of(public, Chat)].count("PublicChannel") == 2


def test_messages_with_what_belongs_to_them(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    first = messages["102"]
    assert text_of(first) == "**Hi** <2>, <here>: :party_parrot: 1970-01-01 00:00 UTC `@Bob` https://example.com"
    assert first.created_at == iso("2024-02-29T11:42:00.25Z")
    assert first.updated_at == iso("2024-02-29T12:00:00Z")
    assert first.pin == Pin()
    assert first.reactions == [
        Reaction(emoji="💯", person="1"),
        Reaction(emoji="💯", person="2"),
        Reaction(emoji="👀", person="5"),
        Reaction(emoji=":party_parrot:", person="2"),
    ]
    assert first.files == ["55", "56"]
    assert text_of(messages["107"]) == "<2> and <4> in #general :party_parrot: https://x.example/1"
    assert text_of(messages["108"]) == "> **[Build](https://ci.example/7)**\n> failed"
    assert (text_of(messages["112"]), messages["112"].files) == ("> from elsewhere", ["sticker:67"])
    assert text_of(messages["116"]) == "see https://youtu.example/1"
    assert [key for key in messages if messages[key].content in ("part two", "part ten")] == ["113", "114"]


def test_replies_and_threads(records: list[AnyRecord]) -> None:
    messages = by_id(records)
    answered = {"103": "102", "104": None, "105": None, "112": None}
    assert {key: messages[key].reply_to for key in answered} == answered
    assert (messages["302"].chat, messages["302"].reply_to) == ("100", "105")
    assert messages["303"].reply_to == "302"
    assert text_of(messages["106"]) == "**begun alone**"
    assert messages["304"].reply_to == "106"
    assert text_of(messages["400"]) == "**A question**\nhow?"
    assert (messages["401"].chat, messages["401"].reply_to) == ("399", "400")


def test_media_are_read_where_they_were_downloaded(records: list[AnyRecord], tmp_path: Path) -> None:
    assert of(records, Emoji) == [Emoji(name="party_parrot", file="emoji:7")]
    with open_source(folder(tmp_path / "e", EXPORT)) as source, Discord(source) as made:
        paths = {file.id: file.path for file in of(made.records(), File)}
        assert read(made, paths["55"]) == b"%PDF-1.7"
        assert read(made, paths["57"]) == b"%PDF-1.7"  # from a folder of threads, whose paths are those of before
        assert read(made, paths["emoji:7"]) == PNG
        assert made.size(paths["56"]) is None


def test_what_had_no_place_is_counted(records: list[AnyRecord]) -> None:
    assert lost(records) == {
        "notices of joining or leaving": 1,
        "reactions of people whom the export does not name": 1,
        "reactions with emoji that are not in the export": 1,
        "custom emoji without a picture or a name of their own, or above 500": 1,
        "the threads of replies whose first message is not in the export": 1,
        "messages without text or files": 2,
        "stickers without a picture": 1,
        "threads that are not in the export": 1,
        "notices of Discord (ChannelPinnedMessage)": 1,
    }


def test_two_servers_are_two_imports(tmp_path: Path) -> None:
    other = {**channel(700, "x"), "guild": {"id": "901", "name": "Other"}}
    with pytest.raises(BadArchive, match="has channels of 2 servers"):
        converted(folder(tmp_path / "e", {**EXPORT, "other.json": other}), Discord)
