"""What every converter has: the export, the people whom it has named, and what had no place."""

from abc import abstractmethod
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

from fechatter.archives.records import AnyRecord, Content, File, Lost, Message, Person, Role
from fechatter.archives.report import Report
from fechatter.archives.source import Source
from fechatter.converters import texts
from fechatter.converters.emoji import EmojiNames
from fechatter.converters.exports import Export

MOST_FILES: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def lost_of(report: Report) -> Iterator[Lost]:
    """What had no place, as records: one for each place that is named, and one for the others."""
    for what, amount in report.lost.items():
        places = report.places[what][:amount]
        yield from (Lost(what=what[:80], where=place[:1000]) for place in places)
        if amount > len(places):
            yield Lost(what=what[:80], amount=amount - len(places))


class Converter(Source):
    """An export, as the records that it becomes, and the source of its files. `records` begins anew each time."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.path)
        self.export = Export(source)
        self._begin()

    def _begin(self) -> None:
        self.report = Report()  # of what had no place
        self.emoji = EmojiNames()
        self.people: dict[str, str] = {}  # of the people who have been yielded, as they were called there

    def records(self) -> Iterator[AnyRecord]:
        self._begin()
        yield from self._records()
        yield from lost_of(self.report)

    def placed(self) -> Iterator[tuple[str, AnyRecord]]:
        """The records with where they are, for errors."""
        for number, record in enumerate(self.records(), 1):
            yield f"record {number}", record

    @abstractmethod
    def _records(self) -> Iterator[AnyRecord]:
        """Those of the export, without what had no place."""

    def names(self) -> Iterator[str]:
        return self.export.source.names()

    def size(self, name: str) -> int | None:
        return self.export.source.size(name)

    def open(self, name: str) -> BinaryIO:
        return self.export.source.open(name)

    def close(self) -> None:
        self.export.source.close()

    def person(self, person: Person, called: str = "") -> Iterator[Person]:
        """Once for each."""
        if person.id not in self.people:
            self.people[person.id] = called or person.username or person.fullname
            yield person

    def stranger(self, key: str, fullname: str = "", *, bot: bool = False) -> Iterator[Person]:
        """Somebody whom messages name, and no list of people."""
        if key not in self.people:
            yield from self.person(
                Person(
                    id=key,
                    fullname=texts.line(fullname) or key,
                    type="bot" if bot else "person",
                    active=False,
                    role=None,
                )
            )

    def content(self, text: str) -> Content:
        return texts.content(text, lambda key: self.people.get(key, key))

    def without_mentions(self, text: str) -> str:
        """A text with marks, as a description or a name has it."""
        return texts.without_marks(text, lambda key: self.people.get(key, key))

    def expand(self, text: str) -> str:
        """Prose with the emoji of its names."""
        return texts.with_emoji(text, self.emoji.of)

    def reaction(self, name: str, where: str) -> str | None:
        found = self.emoji.of(name)
        if found is None:
            self.report.lose("reactions with emoji that are not in the export", where)
        return found

    def message(self, message: Message, files: list[File]) -> Generator[AnyRecord, None, bool]:
        """A message after its files. Those above its limit follow in messages of their own. False if it is empty."""
        yield from files
        ids = list(dict.fromkeys(file.id for file in files))
        message.files = ids[:MOST_FILES]
        if not (message.content or message.files or message.deleted_at):
            self.report.lose("messages without text or files", message.id)
            return False
        yield message
        for at in range(MOST_FILES, len(ids), MOST_FILES):
            yield Message(
                id=f"{message.id}+{at}"[:200],
                chat=message.chat,
                sender=message.sender,
                created_at=message.created_at,
                reply_to=message.reply_to,
                files=ids[at : at + MOST_FILES],
            )
        return True


def seconds(given: object) -> datetime | None:
    """A moment of seconds since 1970, of whatever type; exact where they are text. None if it is none."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    whole, _, part = str(given).partition(".") if not isinstance(given, float) else f"{given:.6f}".partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()):
        return None
    return moment(int(whole) * 1_000_000 + int(part[:6].ljust(6, "0")) if len(whole) < 13 else -1)


def milliseconds(given: object) -> datetime | None:
    return (
        moment(given * 1000)
        if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 1 << 53
        else None
    )


def iso(given: object) -> datetime | None:
    """A moment as text; of one without an offset nobody says where its clock was, and UTC is taken."""
    try:
        found = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def moment(microseconds: int) -> datetime | None:
    """None where it was never set, or is beyond all clocks."""
    if not 0 < microseconds < 253_370_764_800_000_000:
        return None
    return _EPOCH + timedelta(microseconds=microseconds)


def objects(given: object) -> list[Json]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def an_object(given: object) -> Json:
    return given if isinstance(given, dict) else {}


def key_of(given: object) -> str:
    """An id; nothing of what is none."""
    return texts.line(given)[:200]


def number_of(given: object) -> int | None:
    """An id that is a number."""
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 1 << 62 else None


def strings(given: object) -> list[str]:
    """Names and ids: those that are texts."""
    return list(filter(None, map(key_of, given))) if isinstance(given, list) else []


def role(*, owner: object = False, admin: object = False) -> Role:
    return "owner" if owner is True else "admin" if admin is True else "member"
