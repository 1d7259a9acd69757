"""Fills a Fechatter with people, chats and messages in bulk, past Argon2 and the log.

The rows are what the triggers would have left: counts, roles, read markers, a dense `seq`. What is not there are the
events of it, so streams are opened after this and see what is measured, and nothing of the filling.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat_core.database.pool import Connection
from chat_core.tokens import Signer

# Triggers and foreign keys rest for one transaction; only a superuser may say so.
_QUIETLY = "SET LOCAL session_replication_role = replica"

_PEOPLE = """
WITH people AS (
    INSERT INTO users (username, email, fullname, password_hash)
    SELECT 'person' || n, 'person' || n || '@example.com', 'Person ' || n, ''
    FROM generate_series((SELECT count(*) FROM users) + 1, (SELECT count(*) FROM users) + $1) n
    RETURNING id
), joined AS (
    INSERT INTO workspace_members (workspace_id, user_id, role)
    SELECT $2, id, CASE WHEN id = (SELECT min(id) FROM people) AND $3 THEN 'owner' ELSE 'member' END FROM people
)
INSERT INTO sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM people ORDER BY id
RETURNING user_id, id
"""
_CHATS = """
INSERT INTO chats (workspace_id, type, name, member_count)
SELECT $1, 'PrivateChannel', 'chat ' || n, $3 FROM generate_series(1, $2) n RETURNING id
"""
_MEMBERS = """
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT chat, person, $3, CASE WHEN place = 1 THEN 'owner' ELSE 'member' END, 0
FROM unnest($1::bigint[]) chat, unnest($2::bigint[]) WITH ORDINALITY AS people (person, place)
"""
_CHATS_OF = """
WITH made AS (
    INSERT INTO chats (workspace_id, type, name, member_count)
    SELECT $1, 'PrivateChannel', 'chat ' || n, members FROM unnest($2::int[]) WITH ORDINALITY AS made (members, n)
    RETURNING id
)
SELECT id FROM made ORDER BY id
"""
_MEMBERS_OF = """
INSERT INTO chat_members (chat_id, user_id, workspace_id, role, last_read_seq)
SELECT chat, person, $3, CASE WHEN owner THEN 'owner' ELSE 'member' END, 0
FROM unnest($1::bigint[], $2::bigint[], $4::boolean[]) AS people (chat, person, owner)
"""
_BOARDS = """
INSERT INTO documents (kind, workspace_id, name, member_count)
SELECT 'board', $1, 'board ' || n, members FROM unnest($2::int[]) WITH ORDINALITY AS made (members, n) RETURNING id
"""
_EDITORS = """
INSERT INTO document_members (document_id, kind, user_id, workspace_id, role)
SELECT document, $5, person, $3, CASE WHEN owner THEN 'owner' ELSE 'editor' END
FROM unnest($1::bigint[], $2::bigint[], $4::boolean[]) AS people (document, person, owner)
"""
_PAGES = """
WITH made AS (
    INSERT INTO documents (kind, workspace_id, name, member_count, last_seq)
    SELECT 'page', $1, 'page ' || n, members, 1 FROM unnest($2::int[]) WITH ORDINALITY AS made (members, n) RETURNING id
), begun AS (
    INSERT INTO pages (page_id) SELECT id FROM made
)
INSERT INTO page_snapshots (page_id, version, content) SELECT id, 1, $3 FROM made RETURNING page_id AS id
"""
_MESSAGES = """
INSERT INTO messages (id, chat_id, seq, sender_id, content)
SELECT nextval('messages_id_seq'), chats.id, last_seq + n, sender,
       'message ' || n || ', of about fifty bytes, as people write'
FROM generate_series(1, $2::bigint) n, chats,
     LATERAL (SELECT user_id AS sender FROM chat_members WHERE chat_id = chats.id LIMIT 1) member
WHERE chats.id = ANY ($1)
"""
_READ = """
UPDATE chat_members SET last_read_seq = last_seq FROM chats WHERE id = chat_id AND chat_id = ANY ($1)
"""
_REPLIES = """
INSERT INTO messages (id, chat_id, seq, sender_id, content, reply_to, thread_id, thread_seq)
SELECT nextval('messages_id_seq'), chat_id, last_seq + n, sender_id, 'a reply, of about fifty bytes, as people write',
       root, root, (n - 1) / $2 + 1
FROM (SELECT chat_id, last_seq, sender_id, root.id AS root, n
      FROM generate_series(1, $3::bigint) n JOIN messages root ON root.seq = (n - 1) % $2 + 1
      JOIN chats ON chats.id = root.chat_id
      WHERE chat_id = ANY ($1) ORDER BY chat_id, n) reply
"""
_THREADS = """
UPDATE messages SET thread = jsonb_build_object(
    'reply_count', amount, 'participant_count', 1, 'participants', ARRAY[sender], 'last_seq', amount,
    'last_reply_id', newest, 'last_reply_at', to_jsonb(at))
FROM (SELECT thread_id, max(thread_seq) AS amount, max(id) AS newest, max(created_at) AS at, min(sender_id) AS sender
      FROM messages WHERE chat_id = ANY ($1) AND thread_id IS NOT NULL GROUP BY thread_id) replies
WHERE id = replies.thread_id
"""
_FOLLOWERS = """
INSERT INTO thread_followers (thread_id, user_id, chat_id, last_read_seq)
SELECT root.id, user_id, chat_id, 0 FROM messages root JOIN chat_members USING (chat_id)
WHERE chat_id = ANY ($1) AND thread IS NOT NULL
"""
_REACTIONS = """
WITH reacted AS (
    INSERT INTO message_reactions (message_id, user_id, emoji)
    SELECT id, sender_id, '👍' FROM messages WHERE chat_id = ANY ($1) AND seq % $2 = 0 RETURNING message_id, user_id
)
UPDATE messages SET reactions = jsonb_build_array(
    jsonb_build_object('emoji', '👍', 'count', 1, 'user_ids', ARRAY[user_id]))
FROM reacted WHERE id = message_id
"""
_MENTIONS = """
WITH mentioning AS (
    UPDATE messages SET mentions = ARRAY[$2::bigint] WHERE chat_id = ANY ($1) AND seq % $3 = 0
    RETURNING id, chat_id, seq
)
INSERT INTO mentions (message_id, chat_id, seq, user_id) SELECT id, chat_id, seq, $2 FROM mentioning
"""
_MOVE_SEQ = "UPDATE chats SET last_seq = last_seq + $2 WHERE id = ANY ($1)"


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user: `token` goes into the Authorization header."""

    id: int
    session: int
    token: str


async def add_workspace(sql: Connection) -> int:
    """An empty one. The first of the people who are added next owns it."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        return int(await sql.fetchval("INSERT INTO workspaces (name) VALUES ('bench') RETURNING id"))


async def add_people(sql: Connection, signer: Signer, workspace: int, amount: int) -> list[Person]:
    """People of one workspace, each with a session."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        empty = not await sql.fetchval("SELECT true FROM workspace_members WHERE workspace_id = $1 LIMIT 1", workspace)
        rows = await sql.fetch(_PEOPLE, amount, workspace, empty)
    return [Person(user, session, signer.sign(user, session)[0]) for user, session in rows]


async def add_chats(sql: Connection, workspace: int, amount: int, members: Sequence[Person]) -> list[int]:
    """This many chats, each with all of these members, the first of whom is the owner. Returns their ids."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        chats = [int(row["id"]) for row in await sql.fetch(_CHATS, workspace, amount, len(members))]
        await sql.execute(_MEMBERS, chats, [person.id for person in members], workspace)
    return chats


async def add_chats_of(sql: Connection, workspace: int, people: Sequence[Sequence[Person]]) -> list[int]:
    """A chat for each group of people, of whom the first owns it. Returns their ids, in order."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        chats = [int(row["id"]) for row in await sql.fetch(_CHATS_OF, workspace, [len(group) for group in people])]
        rows = [
            (chat, person.id, person is group[0]) for chat, group in zip(chats, people, strict=True) for person in group
        ]
        where, who, owners = zip(*rows, strict=True)
        await sql.execute(_MEMBERS_OF, where, who, workspace, owners)
    return chats


async def add_boards(sql: Connection, workspace: int, people: Sequence[Sequence[Person]]) -> list[int]:
    """A board for each group of people, of whom the first owns it. Returns their ids."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        boards = [int(row["id"]) for row in await sql.fetch(_BOARDS, workspace, [len(group) for group in people])]
        await _add_editors(sql, workspace, "board", boards, people)
    return boards


async def add_pages(sql: Connection, workspace: int, people: Sequence[Sequence[Person]], content: str) -> list[int]:
    """The same for pages, each with this content."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        amounts = [len(group) for group in people]
        pages = [int(row["id"]) for row in await sql.fetch(_PAGES, workspace, amounts, content)]
        await _add_editors(sql, workspace, "page", pages, people)
    return pages


async def _add_editors(
    sql: Connection, workspace: int, kind: str, documents: Sequence[int], people: Sequence[Sequence[Person]]
) -> None:
    rows = [
        (document, person.id, person is group[0])
        for document, group in zip(documents, people, strict=True)
        for person in group
    ]
    where, who, owners = zip(*rows, strict=True)
    await sql.execute(_EDITORS, where, who, workspace, owners, kind)


async def add_messages(sql: Connection, chats: Sequence[int], amount: int) -> None:
    """This many messages of about 50 bytes in each chat, unread by all."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.execute(_MESSAGES, chats, amount, timeout=600)
        await sql.execute(_MOVE_SEQ, chats, amount)


async def read_all(sql: Connection, chats: Sequence[int]) -> None:
    """All members of these chats have read all that there is in them."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.execute(_READ, chats)


async def copy_messages(sql: Connection, written: Iterable[tuple[int, int, str]]) -> tuple[int, int]:
    """Messages of a chat, a sender and a content each, in chats that have none; returns the first and last id."""
    first = int(await sql.fetchval("SELECT nextval('messages_id_seq')"))
    counts: Counter[int] = Counter()

    def rows() -> Iterator[tuple[int, int, int, int, str]]:
        for id_, (chat, sender, content) in enumerate(written, start=first):
            counts[chat] += 1
            yield id_, chat, counts[chat], sender, content

    columns = ["id", "chat_id", "seq", "sender_id", "content"]
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.copy_records_to_table("messages", records=rows(), columns=columns, timeout=3600)
        last = first + counts.total() - 1
        await sql.execute("SELECT setval('messages_id_seq', $1)", last)
        await sql.execute(
            "UPDATE chats SET last_seq = amount FROM unnest($1::bigint[], $2::bigint[]) AS said (chat, amount)"
            " WHERE id = chat",
            *(list(counts), list(counts.values())),
        )
    return first, last


async def add_threads(sql: Connection, chats: Sequence[int], threads: int, replies: int) -> list[int]:
    """So many replies in each chat, by turns to its first messages, of which all members follow so many threads, all
    unread. Returns the ids of those messages."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.execute(_REPLIES, chats, threads, replies, timeout=600)
        await sql.execute(_MOVE_SEQ, chats, replies)
        await sql.execute(_THREADS, chats, timeout=600)
        await sql.execute(_FOLLOWERS, chats)
        return [row["id"] for row in await sql.fetch("SELECT id FROM messages WHERE thread IS NOT NULL ORDER BY id")]


async def add_reactions(sql: Connection, chats: Sequence[int], every: int) -> None:
    """One to every so-manieth message."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.execute(_REACTIONS, chats, every, timeout=600)


async def add_mentions(sql: Connection, chats: Sequence[int], person: Person, every: int) -> None:
    """Of the messages in these chats, one in this many mentions a user."""
    async with sql.transaction():
        await sql.execute(_QUIETLY)
        await sql.execute(_MENTIONS, chats, person.id, every, timeout=600)


async def settle(sql: Connection) -> None:
    """After the filling and before the measuring: statistics for the planner, and nothing left to write back."""
    await sql.execute("VACUUM ANALYZE", timeout=600)
    await sql.execute("CHECKPOINT", timeout=600)
