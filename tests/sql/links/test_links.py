"""From messages with links to what they show, and back: in SQL, by whomever messages are changed."""

import json
from typing import Any

import pytest

from tests.sql.world import World

KEY = "00000000-0000-0000-0000-000000000001"
WEBSITE = {"kind": "website", "title": "A", "description": None, "site_name": None, "image": None}
A, B = "https://a.example/x", "https://b.example/y"


async def follow(world: World, most: int = 1000, of_sender: int = 1000) -> list[int]:
    """The messages that wait after all events have been read."""
    while await world.sql.fetchval("SELECT follow_links(3, $1, $2)", most, of_sender):
        pass
    return [row[0] for row in await world.rows("SELECT message_id FROM link_lookups ORDER BY message_id")]


def answered(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "url_sha256": "ab" * 32, "seconds": 60, "shown": WEBSITE, "picture": None, **more}


async def show(world: World, message: int, content: str, *found: dict[str, Any]) -> bool:
    shown: bool = await world.sql.fetchval("SELECT show_links($1, $2, $3)", message, content, json.dumps(found))
    return shown


async def links(world: World, message: int) -> Any:
    return json.loads(await world.sql.fetchval("SELECT coalesce(links, 'null') FROM messages WHERE id = $1", message))


async def with_picture(world: World, message: int, content: str) -> int:
    """A message that shows A with a picture; the id of the preview."""
    await world.sql.execute("INSERT INTO blob_deletions (key) VALUES ($1)", KEY)
    picture = {"key": KEY, "store": "directory", "sealed_key": None, "size": 9}
    image = WEBSITE | {"image": {"width": 3, "height": 2}}
    assert await show(world, message, content, answered(A, shown=image, picture=picture), answered(B, shown=None))
    return int(await world.sql.fetchval("SELECT id FROM link_previews WHERE key IS NOT NULL"))


async def test_only_messages_with_links_to_show_are_queued(world: World) -> None:
    await world.post("no link")
    first = await world.post(f"see {A}")
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, metadata) VALUES ($1, $2, $3, '{\"no_preview\": true}')",
        *(world.group, world.alice, A),
    )
    gone = await world.post(A)
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", gone)
    edited = await world.post("soon")
    await world.sql.execute("UPDATE messages SET content = $2 WHERE id = $1", edited, f"HTTP://{B}")
    assert await follow(world) == [first, edited]
    assert await world.sql.fetchval("SELECT position = log_head() FROM link_state")
    await world.sql.execute("UPDATE workspaces SET link_previews = false")
    await world.post(A)
    assert await follow(world) == [first, edited]
    await world.sql.execute("UPDATE workspaces SET link_previews = true; DELETE FROM link_lookups")
    for _ in range(5):
        await world.post(A)
    assert len(await follow(world, 2)) == 2


async def test_nobodys_messages_fill_the_queue(world: World) -> None:
    hers = [await world.post(A) for _ in range(2)]
    assert await follow(world, of_sender=3) == hers
    hers.append(await world.post(A))
    for _ in range(4):
        await world.post(A)
    assert await follow(world, of_sender=3) == hers
    post = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, $3) RETURNING id"
    his = await world.sql.fetchval(post, world.group, world.bob, A)
    assert await follow(world, of_sender=3) == [*hers, his]
    # One that waits already counts once, and is due when it is edited.
    await world.sql.execute("UPDATE link_lookups SET tries = 2, due_at = now() + interval '1 hour'")
    await world.sql.execute("UPDATE messages SET content = $2 WHERE id = $1", hers[0], B)
    assert await follow(world, of_sender=3) == [*hers, his]
    due = await world.rows("SELECT message_id, tries FROM link_lookups WHERE due_at <= now()")
    assert due == [(hers[0], 0)]


async def test_what_is_shown_may_be_looked_up_again(world: World) -> None:
    message = await world.post(A)
    await follow(world)
    found = json.dumps([answered(A)])
    assert await world.sql.fetchval("SELECT show_links($1, $2, $3, 600)", message, A, found)
    assert (await links(world, message))[0]["title"] == "A"
    later = "SELECT due_at - now() BETWEEN interval '9 minutes' AND interval '10 minutes' FROM link_lookups"
    assert await world.rows(later) == [(True,)]
    assert await show(world, message, A, answered(A))
    assert await world.rows(later) == []


async def test_old_events_and_another_history_are_passed_over(world: World) -> None:
    await world.post(A)
    async with world.sql.transaction():
        await world.sql.execute("SET LOCAL fechatter.maintenance = on")  # which may move rows of the log
        await world.sql.execute("UPDATE events SET created_at = now() - interval '25 hours'")
    await world.sql.execute("UPDATE link_state SET position = 1000000")
    assert await follow(world) == []
    await world.sql.execute("UPDATE link_state SET position = 0")
    assert await follow(world) == []
    new = await world.post(A)
    assert await follow(world) == [new]


async def test_a_claim_is_for_one_and_comes_back(world: World) -> None:
    message = await world.post(A)
    await follow(world)
    claim = "SELECT message_id, tries, sender_id, content FROM claim_link_lookup(60, '{}')"
    assert await world.rows(claim.replace("'{}'", f"'{{{world.alice}}}'")) == []
    assert await world.rows(claim) == [(message, 1, world.alice, A)]
    assert await world.rows(claim) == []
    await world.sql.execute("UPDATE link_lookups SET due_at = now()")
    assert await world.rows(claim) == [(message, 2, world.alice, A)]
    await world.sql.execute("SELECT end_link_lookup($1, 3)", message)
    assert await world.rows(claim) == [(message, 3, world.alice, A)]
    await world.sql.execute("SELECT end_link_lookup($1, 2)", message)
    assert await follow(world) == []


async def test_what_is_found_is_told_to_the_chat_once(world: World) -> None:
    content = f"{A} {B}"
    message = await world.post(content)
    await follow(world)
    await world.events()
    preview = await with_picture(world, message, content)
    [event] = await world.events()
    assert event.about() == ("MessageLinksUpdated", "chat", world.group, None, None)
    shown = [WEBSITE | {"url": A, "id": preview, "image": {"width": 3, "height": 2}}]
    assert (event.payload["links"], event.payload["updated_at"]) == (shown, None)
    assert await follow(world) == []
    assert await world.sql.fetchval("SELECT count(*) FROM message_edits") == 0
    assert not await world.rows("SELECT FROM blob_deletions")
    again = await world.post(A)
    assert await show(world, again, A, {"url": A, "preview_id": preview})
    assert [e.kind for e in await world.events()] == ["NewMessage", "MessageLinksUpdated"]
    assert await show(world, again, A, {"url": A, "preview_id": preview})
    assert await world.events() == []


async def test_a_late_result_is_dropped(world: World) -> None:
    message = await world.post(A)
    await world.sql.execute("UPDATE messages SET content = $2 WHERE id = $1", message, B)
    await world.events()
    assert not await show(world, message, A, answered(A))
    for statement in (
        "UPDATE messages SET metadata = '{\"no_preview\": true}'",
        "UPDATE messages SET metadata = NULL; UPDATE workspaces SET link_previews = false",
        "UPDATE workspaces SET link_previews = true; SELECT remove_links(id) FROM messages",
        "UPDATE messages SET deleted_at = now()",
        "DELETE FROM messages",
    ):
        await world.sql.execute(statement)
        assert not await show(world, message, B, answered(B)), statement
    assert not await world.rows("SELECT FROM link_previews")
    assert not await show(world, await world.post(A), A, {"url": A, "preview_id": 99})


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (f"now {A}, and more", [A]),
        (f"({B}) {A}.", [A, B]),
        (f"{A}/z {B}?c", []),
        (f"{A}#b x{B}", [B]),
        ("none", []),
    ],
)
async def test_an_edit_leaves_what_is_still_linked(world: World, content: str, left: list[str]) -> None:
    before = f"{A} {B}"
    message = await world.post(before)
    assert await show(world, message, before, answered(A), answered(B, url_sha256="cd" * 32))
    await world.events()
    await world.sql.execute("UPDATE messages SET content = $2 WHERE id = $1", message, content)
    [event] = await world.events()
    assert event.kind == "MessageUpdated"
    assert [link["url"] for link in event.payload["links"]] == left
    assert await world.sql.fetchval("SELECT count(*) FROM link_uses") == len(left)
    assert await world.sql.fetchval("SELECT count(*) FROM link_previews") == len(left)


async def test_what_was_removed_stays_removed(world: World) -> None:
    content = f"{A} {B}"
    message = await world.post(content)
    await with_picture(world, message, content)
    await world.events()
    await world.sql.execute("SELECT remove_links($1), remove_links($1)", message)
    [event] = await world.events()
    assert (event.kind, event.payload["links"]) == ("MessageLinksUpdated", [])
    assert not await world.rows("SELECT FROM link_previews")
    assert await world.sql.fetchval("SELECT key::text FROM blob_deletions") == KEY
    await world.sql.execute("UPDATE messages SET content = content || ' again'")
    assert await links(world, message) == []
    assert await follow(world) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE messages SET deleted_at = now()",
        "DELETE FROM messages",
        "UPDATE chats SET first_seq = last_seq + 1",
        "DELETE FROM chats",
        "DELETE FROM workspaces",
    ],
)
async def test_it_all_goes_with_its_message(world: World, statement: str) -> None:
    content = f"{A} {B}"
    message = await world.post(content)
    await follow(world)
    await with_picture(world, message, content)
    await world.post(A)
    await follow(world)
    await world.sql.execute(statement)
    for table in ("link_uses", "link_previews", "link_lookups"):
        assert await world.sql.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    assert await world.sql.fetchval("SELECT key::text FROM blob_deletions") == KEY
    if "DELETE FROM chats" not in statement and "workspaces" not in statement:
        assert not await world.rows("SELECT FROM events WHERE payload::text LIKE '%a.example%'")


async def test_a_forward_is_looked_up_by_itself(world: World) -> None:
    message = await world.post(A)
    assert await show(world, message, A, answered(A))
    await world.sql.execute("DELETE FROM link_lookups")
    copy = await world.sql.fetchval(
        "SELECT message ->> 'id' FROM post_messages(ARRAY[$1::bigint], ARRAY[$2::bigint], ARRAY[''], ARRAY[$3::jsonb], "
        "'{NULL}')",
        *(world.alice, world.group, json.dumps({"forward_of": message})),
    )
    assert await links(world, int(copy)) is None
    assert await follow(world) == [message, int(copy)]


async def test_a_picture_moves_to_another_store(world: World) -> None:
    content = f"{A} {B}"
    await with_picture(world, await world.post(content), content)
    moved = KEY[:-1] + "2"
    await world.sql.execute("INSERT INTO blob_deletions (key) VALUES ($1)", moved)
    assert await world.sql.fetchval("SELECT move_blob($1, $2, 's3', NULL)", KEY, moved)
    assert await world.rows("SELECT key::text, store FROM link_previews WHERE key IS NOT NULL") == [(moved, "s3")]
    assert await world.rows("SELECT key::text FROM blob_deletions") == [(KEY,)]
