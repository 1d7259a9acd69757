"""An export of Slack: channels.json and its like, users.json, and a folder for each channel with a file for each day.

https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports; docs/import/slack.md says what becomes of it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fechatter.archives.records import (
    AnyRecord,
    Archive,
    Chat,
    ChatType,
    Emoji,
    File,
    Member,
    Message,
    Person,
    Workspace,
)
from fechatter.converters import json_stream, texts
from fechatter.converters.converting import (
    Converter,
    Json,
    an_object,
    iso,
    key_of,
    milliseconds,
    role,
    seconds,
    strings,
)
from fechatter.converters.slack import markup
from fechatter.converters.slack.messages import SlackChannel, SlackMaps

_DAY: Final = re.compile(r"[^/]+/\d{4}-\d\d-\d\d\.json")
LISTS: Final = ("channels.json", "groups.json", "mpims.json", "dms.json")
_TYPES: Final[dict[str, ChatType]] = {
    "channels.json": "PublicChannel",
    "groups.json": "PrivateChannel",
    "mpims.json": "Group",
    "dms.json": "Single",
}


class Slack(Converter):
    def _begin(self) -> None:
        super()._begin()
        self._maps = SlackMaps()
        self._team = ""

    def _records(self) -> Iterator[AnyRecord]:
        self.export.move_to("users.json", *LISTS)
        people = list(self._read("users.json"))
        found = [(name, chat) for name in LISTS for chat in self._read(name) if key_of(chat.get("id"))]
        chats = list({key_of(chat["id"]): (name, chat) for name, chat in found}.values())
        # People of other workspaces, with whom channels are shared, may be among them.
        teams = Counter(team for person in people if (team := texts.line(person.get("team_id"))))
        self._team = teams.most_common(1)[0][0] if teams else "slack"
        yield Archive(version=1, source="slack", origin=self._team[:200])
        yield Workspace(name=self._workspace_name())
        self._find_uploads()
        yield from self._all_people(people)
        yield from self._all_emoji()
        self._maps.channels = {key_of(chat["id"]): texts.line(chat.get("name")) for _, chat in chats}
        for name, chat in chats:
            yield from self._chat(_TYPES[name], chat)
        for folder in self._unlisted([chat for _, chat in chats]):
            yield from self._unlisted_chat(folder)

    def _read(self, name: str) -> Iterator[Json]:
        if name in self.export:
            with self.export.open(name) as opened:
                yield from json_stream.elements(opened, name)

    def _workspace_name(self) -> str:
        """`Acme Slack export Jan 1 2024 - Feb 1 2024.zip`"""
        stem = self.path.name if self.path.is_dir() else self.path.stem
        return texts.line(re.split(r"[ _-]+slack[ _-]+export", stem, flags=re.IGNORECASE)[0])[:80] or "Slack"

    def _find_uploads(self) -> None:
        """The bytes of files are there if a program has added them: slack-advanced-exporter and slackdump put them into
        `__uploads/ID/name`, slackdump also into `channel/attachments/ID-name`."""
        for name in self.export.names():
            parts = name.split("/")
            if len(parts) == 3 and parts[0] == "__uploads":
                self._maps.uploads[parts[1]] = name
            elif len(parts) == 3 and parts[1] == "attachments":
                self._maps.uploads[parts[2].partition("-")[0]] = name

    def _all_people(self, people: list[Json]) -> Iterator[AnyRecord]:
        for user in people:
            profile = an_object(user.get("profile"))
            key = key_of(user.get("id"))
            if not key:
                self.report.lose("people without an id")
                continue
            if bot := key_of(profile.get("bot_id")):
                self._maps.bots[bot] = key
            guest = user.get("is_restricted") is True or user.get("is_ultra_restricted") is True
            gone, foreign = user.get("deleted") is True, self._is_foreign(user)
            if guest and not gone:
                self.report.lose("the membership of guests, who are in no workspace here", key)
            if profile.get("image_original") or profile.get("is_custom_image"):
                self.report.lose("pictures of people of which the export has an address only", key)
            names = (user.get("real_name"), profile.get("real_name"), profile.get("display_name"), user.get("name"))
            yield from self.person(
                Person(
                    id=key,
                    fullname=next(filter(None, map(texts.line, names)), key),
                    username=texts.line(user.get("name")) or None,
                    email=texts.line(profile.get("email")) or None,
                    type="bot" if user.get("is_bot") is True or key == "USLACKBOT" else "person",
                    active=not gone and not foreign,
                    role=None
                    if gone or guest or foreign
                    else role(
                        owner=user.get("is_owner") is True or user.get("is_primary_owner") is True,
                        admin=user.get("is_admin"),
                    ),
                    time_zone=texts.line(user.get("tz"))[:64] or None,
                )
            )

    def _is_foreign(self, user: Json) -> bool:
        """Of another workspace. In an Enterprise Grid somebody may be in several."""
        teams = strings(an_object(user.get("enterprise_user")).get("teams"))
        return bool(user.get("team_id")) and self._team not in (user["team_id"], *teams)

    def _all_emoji(self) -> Iterator[AnyRecord]:
        """A folder of pictures, as slackdump writes it: Slack's own exports have none."""
        for name in self.export.names("emojis/"):
            plain, _, kind = name.rpartition("/")[2].rpartition(".")
            if kind.lower() not in ("png", "gif", "jpg", "jpeg", "webp"):
                continue
            ours = self.emoji.add(plain)
            if ours is None:
                self.report.lose("custom emoji without a picture or a name of their own, or above 500", plain)
                continue
            yield File(id=f"emoji:{plain}"[:200], path=self.export.whole(name), name=name.rpartition("/")[2])
            yield Emoji(name=ours, file=f"emoji:{plain}"[:200])
        if "emojis/index.json" in self.export:
            with self.export.open("emojis/index.json") as opened:
                for alias, target in json_stream.members(opened, "emojis/index.json"):
                    if alias and isinstance(target, str) and target.startswith("alias:"):
                        self.emoji.known_as(alias, target.removeprefix("alias:"))

    def _chat(self, kind: ChatType, chat: Json) -> Iterator[AnyRecord]:
        key = key_of(chat["id"])
        members = list(dict.fromkeys(strings(chat.get("members"))))
        for member in members:
            yield from self.stranger(member)
        if kind == "Single" and len(members) != 2:
            kind = "Group"  # notes to oneself
        name = texts.line(chat.get("name")) if kind not in ("Single", "Group") else ""
        created = seconds(chat.get("created"))
        about = [texts.clean(an_object(chat.get(part)).get("value")) for part in ("purpose", "topic")]
        archived = chat.get("is_archived") is True
        yield Chat(
            id=key,
            type=kind,
            name=name if name or kind in ("Single", "Group") else key,
            description="\n\n".join(self._description(part) for part in dict.fromkeys(filter(None, about))),
            created_at=created,
            archived_at=(milliseconds(chat.get("updated")) or self._last_day(chat) or created) if archived else None,
        )
        for member in members:
            owns = member == key_of(chat.get("creator")) and kind in ("PublicChannel", "PrivateChannel")
            yield Member(chat=key, person=member, role="owner" if owns else "member")
        yield from SlackChannel(self, chat, self._days(chat), self._maps).records()

    def _unlisted(self, chats: list[Json]) -> list[str]:
        """The folders of channels that no list has: exports of single private channels have no list of them
        (slack-to-discord#5).
        """
        listed = {day.partition("/")[0] for chat in chats for day in self._days(chat)}
        found = {name.partition("/")[0] for name in self.export.names() if _DAY.fullmatch(name)} - listed
        for folder in (folder for folder in found if folder.startswith("FC:")):
            self.report.lose("comments on canvases", folder)
        return sorted(folder for folder in found if not folder.startswith("FC:"))

    def _unlisted_chat(self, folder: str) -> Iterator[AnyRecord]:
        """Nobody says who may see it, so it is private, with those who have written there."""
        key = key_of(folder) or "channel"
        chat = {"id": key, "name": folder}
        yield Chat(id=key, type="PrivateChannel", name=key)
        members: set[str] = set()
        for record in SlackChannel(self, chat, self._days(chat), self._maps).records():
            yield record
            if isinstance(record, Message) and record.sender not in members:
                members.add(record.sender)
                yield Member(chat=key, person=record.sender)

    def _last_day(self, chat: Json) -> datetime | None:
        days = self._days(chat)
        return iso(days[-1].rpartition("/")[2].removesuffix(".json")) if days else None

    def _days(self, chat: Json) -> list[str]:
        """A folder has the channel's name; of a direct message, and where names are no names of folders, its id."""
        for folder in (texts.line(chat.get("name")), key_of(chat["id"])):
            if folder and (days := self.export.names(f"{folder}/")):
                return [day for day in days if day.endswith(".json") and day.count("/") == 1]
        return []

    def _description(self, text: str) -> str:
        """Of a description, which mentions nobody."""
        return self.without_mentions(markup.markdown(text, self._maps.channels.get, self.expand))
