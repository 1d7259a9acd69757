"""People, chats and messages that a benchmark fills in are as the triggers would have left them."""

from pathlib import Path

from bench import people
from chat_core.tokens import Signer, Verifier
from tests.support.postgres import Database

WRONG = {
    "seq is dense and rises with the id": """
        SELECT chat_id FROM (SELECT chat_id, seq, row_number() OVER (PARTITION BY chat_id ORDER BY id) AS place
                             FROM messages) numbered WHERE seq <> place""",
    "last_seq is the newest": """
        SELECT id FROM chats WHERE last_seq <> (SELECT count(*) FROM messages WHERE chat_id = chats.id)""",
    "members are counted": """
        SELECT id FROM chats WHERE member_count <> (SELECT count(*) FROM chat_members WHERE chat_id = chats.id)""",
    "a chat has one owner": """
        SELECT id FROM chats
        WHERE 1 <> (SELECT count(*) FROM chat_members WHERE chat_id = chats.id AND role = 'owner')""",
    "a workspace has one owner": """
        SELECT id FROM workspaces
        WHERE 1 <> (SELECT count(*) FROM workspace_members WHERE workspace_id = workspaces.id AND role = 'owner')""",
    "members are people of the workspace": """
        SELECT user_id FROM chat_members JOIN chats ON chats.id = chat_id
        WHERE NOT EXISTS (SELECT FROM workspace_members w
                          WHERE w.user_id = chat_members.user_id AND w.workspace_id = chats.workspace_id)""",
    "thread_seq is dense, and a thread has been counted": """
        SELECT thread_id FROM messages JOIN (SELECT id, thread FROM messages) root ON root.id = thread_id
        GROUP BY thread_id, root.thread
        HAVING (root.thread ->> 'reply_count')::bigint <> count(*) OR max(thread_seq) <> count(*)
            OR (root.thread ->> 'last_reply_id')::bigint <> max(messages.id)""",
    "reactions are counted": """
        SELECT id FROM messages WHERE (SELECT count(*) FROM message_reactions WHERE message_id = messages.id)
            <> coalesce((reactions -> 0 ->> 'count')::bigint, 0)""",
    "mentions are with the message and by themselves": """
        SELECT id, unnest(mentions) FROM messages EXCEPT SELECT message_id, user_id FROM mentions""",
    "a sender is a member": """
        SELECT id FROM messages WHERE (chat_id, sender_id) NOT IN (SELECT chat_id, user_id FROM chat_members)""",
}


async def test_what_is_filled_in_keeps_the_rules(database: Database, keys: Path) -> None:
    signer, verifier = Signer(keys / "private.pem", "fechatter", 60), Verifier(keys / "public.pem", "fechatter")
    async with database.connect() as sql:
        workspace = await people.add_workspace(sql)
        first = await people.add_people(sql, signer, workspace, 3)
        more = await people.add_people(sql, signer, workspace, 2)
        chats = await people.add_chats(sql, workspace, 2, first)
        chats += await people.add_chats(sql, workspace, 1, [*more, *first])
        await people.add_messages(sql, chats, 4)
        await people.add_messages(sql, chats[:1], 3)
        roots = await people.add_threads(sql, chats[:2], 2, 5)
        await people.add_reactions(sql, chats, 2)
        await people.add_mentions(sql, chats[:1], first[1], 3)
        assert await sql.fetchval("SELECT array_agg(seq ORDER BY seq) FROM mentions") == [3, 6, 9, 12]
        for rule, query in WRONG.items():
            assert not await sql.fetch(query), rule
        sizes = await sql.fetch("SELECT last_seq, member_count FROM chats ORDER BY id")
        assert [tuple(row) for row in sizes] == [(12, 3), (9, 3), (4, 5)]
        assert len(roots) == 4
        assert await sql.fetchval("SELECT count(*) FROM thread_followers") == 4 * 3
        assert await sql.fetchval("SELECT count(*) FROM message_reactions") == 6 + 4 + 2
        for person in [*first, *more]:
            claims = verifier.verify(person.token)
            assert (claims.user_id, claims.session_id) == (person.id, person.session)
            assert await sql.fetchval("SELECT user_id FROM sessions WHERE id = $1", person.session) == person.id


async def test_nothing_of_it_is_in_the_log_and_what_follows_is(database: Database, keys: Path) -> None:
    async with database.connect() as sql:
        workspace = await people.add_workspace(sql)
        members = await people.add_people(sql, Signer(keys / "private.pem", "fechatter", 60), workspace, 2)
        (chat,) = await people.add_chats(sql, workspace, 1, members)
        await people.add_messages(sql, [chat], 5)
        assert await sql.fetchval("SELECT count(*) FROM events") == 0
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x')", chat, members[1].id
        )
        assert await sql.fetchval("SELECT max(seq) FROM messages") == 6
        assert await sql.fetchval("SELECT array_agg(kind) FROM events") == ["NewMessage"]
