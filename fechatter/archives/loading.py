"""Loads an archive: reads all of it into the import_… tables, then makes people, files and chats of it, each chat in a
transaction of its own (ADR 87). Whatever a kill leaves undone, the next run does: what is here is known by its id."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import asyncpg

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.settings import Settings
from chat_core.storage import Blobs
from fechatter.archives.bar import Bar
from fechatter.archives.files import Files
from fechatter.archives.records import AnyRecord
from fechatter.archives.report import Report
from fechatter.archives.source import BadArchive, Source
from fechatter.archives.staging import Contents, Staging, of_doubles

AMOUNT: Final = 500
# In a transaction: what their joining tells is made under the log's lock, and nobody posts meanwhile.
PEOPLE: Final = 200

IMPORT_ANALYZE = query("import_analyze")
IMPORT_BEGIN = query("import_begin")
IMPORT_CHAT = query("import_chat", "import", "chat", "adds_people")
IMPORT_CHATS_NEXT = query("import_chats_next", "after", "amount")
IMPORT_DOUBLES = query("import_doubles")
IMPORT_EMOJI_LOST = query("import_emoji_lost", "import")
IMPORT_END = query("import_end", "import", "people", "chats", "messages", "files")
IMPORT_FIND = query("import_find", "source", "origin", "workspace")
IMPORT_FRESH = query("import_fresh")
IMPORT_LOCK = query("import_lock")
IMPORT_MATCHES = query("import_matches", "workspace", "matching")
IMPORT_OF = query("import_of", "source", "origin", "workspace", "name", "description", "made_at")
IMPORT_ORPHANS = query("import_orphans", "ordered")
IMPORT_OUTCOMES = query("import_outcomes")
IMPORT_OWN = query("import_own", "workspace", "user")
IMPORT_OWNER = query("import_owner", "who")
IMPORT_PEOPLE = query("import_people", "import", "matching", "activate", "amount")
IMPORT_PICTURES = query("import_pictures", "import")
IMPORT_PLACE = query("import_place", "import", "ordered")
IMPORT_WORKSPACES = query("import_workspaces", "name")

KEPT_OUT: Final = "new people of chats that are here and are not public: --add-people lets them in"

Matching = Literal["members", "verified", "none"]


class Stopped(Exception):
    """Why nothing was imported, or not all of it."""


@dataclass(frozen=True)
class Choices:
    """What the operator says. `workspace`: None for one that the import makes; `owner`: of that one. `matching`: None
    for all verified addresses in a new workspace, and those of its members in one that was there. `adds_people`: to
    chats that were there and are not public."""

    workspace: str | None = None
    owner: str | None = None
    matching: Matching | None = None
    activate: bool = False
    adds_people: bool = False
    dry_run: bool = False


async def load(
    connection: Connection,
    settings: Settings,
    blobs: Blobs,
    source: Source,
    records: Iterable[tuple[str, AnyRecord]],
    choices: Choices,
) -> Report:
    """`records`: each with where it is. Raises Stopped and BadArchive."""
    if not await IMPORT_LOCK.value(connection):
        raise Stopped("another import is running: wait until it has ended")
    report = Report()
    workspace = await named_workspace(connection, choices.workspace) if choices.workspace else None
    await IMPORT_BEGIN.value(connection)
    contents = await Staging(connection, report).read(records)
    await _check(connection, report, ordered=contents.archive.ordered)
    print(await _destination(connection, contents, workspace), flush=True)
    loading = _Loading(connection, settings, blobs, source, choices, report, contents, workspace)
    await (loading.foresee() if choices.dry_run else loading.run())
    return report


async def _destination(connection: Connection, contents: Contents, workspace: int | None) -> str:
    """Where the archive goes, which only the operator chooses: its `origin` alone leads to no workspace in which people
    are. Raises Stopped if the operator has to name it."""
    archive = contents.archive
    origin = f"{archive.source} {archive.origin!r}"
    found = await IMPORT_FIND.row(connection, source=archive.source, origin=archive.origin, workspace=workspace)
    if found is None:
        place = f"a new workspace {contents.workspace.name!r}" if workspace is None else f"workspace {workspace}"
        return f"{origin} goes into {place}"
    place = f"workspace {found['workspace_id']} {found['name']!r}"
    if found["finished_at"] is None:
        return f"goes on with an import of {origin} that was interrupted, into {place}"
    if workspace is None:
        raise Stopped(
            f"{origin} has been imported, into {place}: to add to it, name it with --workspace {found['workspace_id']}"
        )
    return f"{origin} adds to what it has brought into {place}"


async def named_workspace(connection: Connection, name: str) -> int:
    found = await IMPORT_WORKSPACES.rows(connection, name=name)
    if not found:
        raise Stopped(f"there is no workspace {name!r}")
    if len(found) > 1 and str(found[0]["id"]) != name:
        raise Stopped(f"there are several workspaces {name!r}: name one by its id, such as {found[0]['id']}")
    workspace: int = found[0]["id"]
    return workspace


async def _check(connection: Connection, report: Report, *, ordered: bool) -> None:
    await IMPORT_ANALYZE.value(connection)
    for row in await IMPORT_DOUBLES.rows(connection):
        raise BadArchive(of_doubles(row))
    orphans = await IMPORT_ORPHANS.one(connection, ordered=ordered)
    if orphans["amount"]:
        report.lose(
            "replies to what is no earlier message of their chat in the archive", orphans["id"], orphans["amount"]
        )


@dataclass
class _Loading:
    connection: Connection
    settings: Settings
    blobs: Blobs
    source: Source
    choices: Choices
    report: Report
    contents: Contents
    workspace: int | None

    @property
    def _matching(self) -> Matching:
        return self.choices.matching or ("verified" if self.workspace is None else "members")

    async def foresee(self) -> None:
        """What a run would do, without doing it."""
        done, contents = self.report.done, self.contents
        archive = contents.archive
        about = {"source": archive.source, "origin": archive.origin, "workspace": self.workspace}
        found = await IMPORT_FIND.row(self.connection, **about)
        place = found["workspace_id"] if found else self.workspace
        done["people in the archive"] = contents.people
        done["people who are matched by an address"] = await IMPORT_MATCHES.value(
            self.connection, workspace=place, matching=self._matching
        )
        done["chats in the archive"] = contents.chats
        done["messages in the archive"] = contents.messages
        done["files in the archive"] = contents.files
        await self._files().foresee()
        await IMPORT_BEGIN.value(self.connection)

    def _files(self) -> Files:
        return Files(self.connection, self.settings, self.blobs, self.source, self.report)

    async def run(self) -> None:
        done = self.report.done
        import_ = await self._people()
        for row in await IMPORT_OUTCOMES.rows(self.connection):
            done[f"people {row['outcome']}"] = row["amount"]
        done["files"] = await self._files().run(import_, self.contents.files)
        done["custom emoji"] = await IMPORT_PICTURES.value(self.connection, **{"import": import_})
        for row in await IMPORT_EMOJI_LOST.rows(self.connection, **{"import": import_}):
            self.report.lose("custom emoji: a standard name, no picture, or too large", row["name"])
        await self._chats(import_)
        await IMPORT_END.value(
            self.connection,
            people=done["people made"] + done["people matched"],
            chats=done["chats"],
            messages=done["messages"],
            files=done["files"],
            **{"import": import_},
        )

    async def _people(self) -> int:
        """The import; its workspace and the accounts of its people are there."""
        archive, workspace = self.contents.archive, self.contents.workspace
        try:
            async with self.connection.transaction():
                begun = await IMPORT_OF.one(
                    self.connection,
                    source=archive.source,
                    origin=archive.origin,
                    workspace=self.workspace,
                    name=workspace.name,
                    description=workspace.description,
                    made_at=workspace.created_at,
                )
                if begun["makes_workspace"] and self.choices.owner:
                    owner = await IMPORT_OWNER.value(self.connection, who=self.choices.owner)
                    await IMPORT_OWN.row(self.connection, workspace=begun["workspace_id"], user=owner)
                about = {"import": begun["id"], "matching": self._matching, "activate": self.choices.activate}
                given = await IMPORT_PEOPLE.value(self.connection, **about, amount=PEOPLE)
            while given == PEOPLE:
                given = await IMPORT_PEOPLE.value(self.connection, **about, amount=PEOPLE)
        except asyncpg.UnknownPostgresError as error:  # our own rules
            if getattr(error, "constraint_name", None) == "workspace_keeps_owner":
                raise Stopped(
                    "the archive names nobody who could own the workspace: name somebody with --owner"
                ) from None
            raise
        except asyncpg.NoDataFoundError as error:
            raise Stopped(str(error)) from None
        self.report.done["workspace"] = begun["workspace_id"]
        import_: int = begun["id"]
        return import_

    async def _chats(self, import_: int) -> None:
        await IMPORT_PLACE.row(self.connection, ordered=self.contents.archive.ordered, **{"import": import_})
        bar, after = Bar("messages", await IMPORT_FRESH.value(self.connection)), 0
        try:
            while rows := await IMPORT_CHATS_NEXT.rows(self.connection, after=after, amount=AMOUNT):
                for row in rows:
                    made = await IMPORT_CHAT.one(
                        self.connection, chat=row["n"], adds_people=self.choices.adds_people, **{"import": import_}
                    )
                    self._count(made["how"], made["messages"], row)
                    if made["kept_out"]:
                        self.report.lose(KEPT_OUT, row["external_id"], made["kept_out"])
                    bar.add(row["fresh"])
                after = rows[-1]["n"]
        finally:
            bar.close()

    def _count(self, how: str, messages: int, row: asyncpg.Record) -> None:
        done, where = self.report.done, row["external_id"]
        done["messages"] += messages
        match how:
            case "gone":
                self.report.lose("messages of chats that were deleted here", where, row["fresh"])
            case "empty":
                self.report.lose("chats without a member here", where)
            case "known":
                done["chats that were here"] += 1
            case _:
                done["chats"] += 1
                if how == "renamed":
                    done["channels with another name, since theirs was taken"] += 1
                elif how == "group":
                    done["Single chats that became Groups"] += 1
