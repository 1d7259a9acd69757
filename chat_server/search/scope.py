"""What a query asks for, as far as its asker sees it: the chats to search, and the people that it names."""

from dataclasses import dataclass

from chat_core.database.pool import Source
from chat_core.database.queries import query
from chat_server.search.query_language import ME, Name, ParsedQuery, QueryError

SEARCH_CHATS = query("search_chats", "user", "workspace")
SEARCH_SENDERS = query("search_senders", "user", "workspace", "names")


@dataclass(frozen=True, slots=True)
class Scope:
    """`chats` are those of the caller's that the query names, or does not exclude, as far as their token reaches; None
    if that leaves nothing out: all are searched. `senders`: None if anybody's are wanted."""

    user_id: int
    chats: list[int] | None
    senders: frozenset[int] | None
    not_senders: frozenset[int]


async def scope_of(source: Source, user_id: int, parsed: ParsedQuery, workspace: int | None = None) -> Scope:
    """`workspace`: the only one to search. Raises QueryError for a name that the user does not see, whether it exists
    or not."""
    senders = await _senders(source, user_id, parsed.senders, workspace)
    asked = [id_ for name, id_ in senders if not name.not_]
    return Scope(
        user_id,
        await _chats(source, user_id, parsed.chats, workspace),
        frozenset(asked) if asked else None,
        frozenset(id_ for name, id_ in senders if name.not_),
    )


async def _chats(source: Source, user_id: int, names: list[Name], workspace: int | None) -> list[int] | None:
    if not names and workspace is None:
        return None
    rows = {row["id"]: row for row in await SEARCH_CHATS.rows(source, user=user_id, workspace=workspace)}
    named = {name: {id_ for id_, row in rows.items() if _is_named(name.text, id_, row["name"])} for name in names}
    for name, ids in named.items():
        if not ids:
            raise QueryError(name.position, "the name or id of one of your chats")
    wanted = [ids for name, ids in named.items() if not name.not_]
    chats = set.union(*wanted) if wanted else set(rows)
    return sorted(chats.difference(*(ids for name, ids in named.items() if name.not_)))


def _is_named(text: str, chat_id: int, name: str) -> bool:
    bare = text.removeprefix("#")
    return bare.casefold() == name.casefold() or (_is_id(bare) and int(bare) == chat_id)


async def _senders(source: Source, user_id: int, names: list[Name], workspace: int | None) -> list[tuple[Name, int]]:
    if not names:
        return []
    bare = {name: name.text.removeprefix("@").lower() for name in names}
    rows = await SEARCH_SENDERS.rows(source, user=user_id, workspace=workspace, names=list(bare.values()))
    known = {row["username"].lower(): row["id"] for row in rows} | {ME: user_id}
    # An id is not looked up: what it finds shows no more than the messages do.
    known |= {text: int(text) for text in bare.values() if text not in known and _is_id(text)}
    for name, text in bare.items():
        if text not in known:
            raise QueryError(name.position, "a user id, me, or the user name of somebody in one of your workspaces")
    return [(name, known[text]) for name, text in bare.items()]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
