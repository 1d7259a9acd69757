"""The messages of a Rocket.Chat dump."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime
from typing import Final

from fechatter.archives.records import AnyRecord, Edit, File, Message, Pin, Reaction
from fechatter.converters import texts
from fechatter.converters.converting import Converter, Json, an_object, key_of, objects, strings
from fechatter.converters.rocketchat import markup
from fechatter.converters.rocketchat.files import GridFs

_JOINS: Final = ("uj", "ul", "au", "ru", "ut", "ujt", "ult", "added-user-to-team", "removed-user-from-team")
_TONE: Final = re.compile(r"_tone([1-5])$")
_MOST_WAITING: Final = 10_000


class RocketChatMessages:
    def __init__(self, rocket: Converter, chats: Mapping[str, str], uploads: GridFs, beside: Mapping[str, str]) -> None:
        """`beside`: where files are that are not in the database, by id."""
        self._rocket = rocket
        self._chats = chats
        self._uploads = uploads
        self._beside = beside
        self._by_name = {name.lower(): key for key, name in rocket.people.items()}
        self._roots: dict[str, tuple[str, datetime] | None] = {}  # of threads: their chat, and time once written
        self._edits: dict[str, list[Json]] = {}  # what messages said before, by the message

    def records(self, documents: Callable[[], Iterator[Json]]) -> Iterator[AnyRecord]:
        """Reads them twice: replies and earlier texts may come before the message that they belong to."""
        for document in documents():
            if root := key_of(document.get("tmid")):
                self._roots.setdefault(root, None)
            if document.get("_hidden") is True and (parent := key_of(document.get("parent"))):
                kept = {"msg": document.get("msg"), "ts": document.get("ts"), "editedAt": document.get("editedAt")}
                self._edits.setdefault(parent, []).append(kept)
        waiting: list[Json] = []
        for document in documents():
            root = key_of(document.get("tmid"))
            if root and self._roots.get(root) is None and len(waiting) < _MOST_WAITING:
                waiting.append(document)
            else:
                yield from self._message(document)
        for document in waiting:
            yield from self._message(document)

    def _message(self, document: Json) -> Iterator[AnyRecord]:
        key, kind = key_of(document.get("_id")), document.get("t")
        report = self._rocket.report
        if document.get("_hidden") is True:
            return  # what a message said before
        chat = self._chats.get(key_of(document.get("rid")))
        at = moment_of(document.get("ts"))
        author = an_object(document.get("u"))
        sender = key_of(author.get("_id"))
        if chat is None or at is None or not sender or not key:
            report.lose("messages without a room, a time or an author", key or None)
            return
        if kind == "e2e":
            report.lose("encrypted messages", key)
            return
        if kind not in (None, "", "rm", "discussion-created"):
            report.lose(
                "notices of joining or leaving"
                if kind in _JOINS
                else f"notices of Rocket.Chat ({texts.line(kind)[:40]})",
                key,
            )
            return
        yield from self._rocket.stranger(sender, texts.line(author.get("name") or author.get("username")))
        made = Message(id=key, chat=chat, sender=sender, created_at=at)
        self._put_into_thread(made, document)
        if kind == "rm":
            made.deleted_at = moment_of(document.get("editedAt")) or at
            yield made
            written = True
        else:
            written = yield from self._whole(made, document)
        if written and key in self._roots and made.reply_to is None:
            self._roots[key] = (chat, made.created_at)

    def _put_into_thread(self, made: Message, document: Json) -> None:
        root = key_of(document.get("tmid"))
        if not root:
            return
        found = self._roots.get(root)
        if found is None or found[0] != made.chat:
            self._rocket.report.lose("the threads of replies whose first message is not in the export", made.id)
        else:
            made.reply_to = root
            made.created_at = max(made.created_at, found[1])

    def _whole(self, made: Message, document: Json) -> Generator[AnyRecord, None, bool]:
        text = self._text(document)
        for person in texts.mentioned(text):
            yield from self._rocket.stranger(person)
        made.content = self._rocket.content(text)
        made.updated_at = moment_of(document.get("editedAt"))
        made.edits = list(self._earlier(made))
        made.reactions = yield from self._reactions(document, made.id)
        if document.get("pinned") is True:
            by = key_of(an_object(document.get("pinnedBy")).get("_id"))
            if by:
                yield from self._rocket.stranger(by)
            made.pin = Pin(person=by or None, pinned_at=moment_of(document.get("pinnedAt")))
        return (yield from self._rocket.message(made, list(self._files(document, made))))

    def _text(self, document: Json) -> str:
        quotes = [quote for each in objects(document.get("attachments")) if (quote := self._attachment(each))]
        text = self._markdown(document.get("msg"))
        return "\n".join([*quotes, *([text] if text.strip() else [])])

    def _markdown(self, given: object) -> str:
        text = texts.clean(given)
        return markup.markdown(text, self._by_name.get, self._rocket.expand)

    def _attachment(self, attachment: Json) -> str:
        """A quoted message, or what an integration said. Of a file there is its description."""
        if attachment.get("type") == "file" or attachment.get("title_link"):
            return self._markdown(attachment.get("description"))
        said = self._markdown(attachment.get("text") or attachment.get("description"))
        author, title = texts.line(attachment.get("author_name")), texts.line(attachment.get("title"))
        fields = [
            f"**{texts.line(each.get('title'))}** {texts.clean(each.get('value'))}"
            for each in objects(attachment.get("fields"))
        ]
        lines = [f"**{author or title}**" if author or title else "", said, *fields]
        shown = "\n".join(filter(None, lines))
        return texts.quoted(shown) + "\n" if shown else ""

    def _earlier(self, made: Message) -> Iterator[Edit]:
        written = made.created_at
        kept = self._edits.pop(made.id, [])
        for each in sorted(kept, key=lambda row: moment_of(row["editedAt"]) or moment_of(row["ts"]) or written)[-100:]:
            text = self._markdown(each["msg"])
            if text.strip():
                yield Edit(
                    content=self._rocket.content(text), written_at=max(written, moment_of(each["editedAt"]) or written)
                )

    def _reactions(self, document: Json, key: str) -> Generator[AnyRecord, None, list[Reaction]]:
        found = []
        for name, given in an_object(document.get("reactions")).items():
            emoji = self._rocket.reaction(
                _TONE.sub(lambda tone: f"::skin-tone-{int(tone[1]) + 1}", name.strip(":")), key
            )
            for who in strings(an_object(given).get("usernames")) if emoji else ():
                person = self._by_name.get(who.lower())
                if person is None:
                    self._rocket.report.lose("reactions of people whom the export does not name", key)
                    continue
                found.append(Reaction(emoji=emoji or "", person=person))
        yield from ()
        return found

    def _files(self, document: Json, made: Message) -> Iterator[File]:
        """`file` is the first of `files` in versions that have both; previews of pictures are left out."""
        given = [each for each in objects(document.get("files")) if each.get("typeGroup") != "thumb"]
        for file in given or objects([document.get("file")]):
            key = key_of(file.get("_id"))
            if not key:
                continue
            path = self._uploads.path(key)
            if self._uploads.size(path) is None:
                path = self._beside.get(key) or self._rocket.export.whole(f"uploads/{key}")[:1024]
            yield File(
                id=key,
                path=path,
                name=texts.line(file.get("name")) or key,
                uploader=made.sender,
                created_at=made.created_at,
            )


def moment_of(given: object) -> datetime | None:
    return given if isinstance(given, datetime) else None
