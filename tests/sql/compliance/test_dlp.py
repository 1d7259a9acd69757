"""Rules about what may be said, before COMMIT, whoever writes: what they find, and what comes of it."""

import json
from typing import Any

import asyncpg
import pytest

from tests.sql.world import World

VISA, UNIONPAY, AMEX = "4111 1111 1111 1111", "6200 0000 0000 0005", "3782-822463-10005"
RESIDENT = "11010519491231002X"


@pytest.fixture
async def judged(world: World) -> World:
    await world.sql.execute("INSERT INTO features VALUES ('enable_advanced_admin', true)")
    return world


async def rule(world: World, action: str = "block", **of: Any) -> int:
    kind = "words" if "words" in of else "pattern" if "pattern" in of else of.pop("kind")
    return int(
        await world.sql.fetchval(
            "INSERT INTO dlp_rules (workspace_id, name, kind, words, pattern, action) "
            "VALUES ($1, 'a rule', $2, $3, $4, $5) RETURNING id",
            world.acme,
            kind,
            of.get("words"),
            of.get("pattern"),
            action,
        )
    )


async def refused(world: World, statement: str, *arguments: object) -> str | None:
    """The constraint that refuses it."""
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(statement, *arguments)
    name: str | None = error.value.constraint_name
    return name


POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES (1, 1, $1)"


@pytest.mark.parametrize(
    ("of", "found", "not_found"),
    [
        (
            {"words": ["Falcon", "机密", "c++"]},
            ["project falcon", "FALCON!", "这是机密文件", "in C++ it", "ｆａｌｃｏｎ", "fal\u200bcon"],
            ["falcons", "megafalcon", "秘密", "c+"],
        ),
        (
            {"pattern": r"\bPROJ-\d{3,5}\b"},
            ["see PROJ-1234.", "proj-123", "ＰＲＯＪ－１２３"],
            ["PROJ-12", "PROJ-123456", "XPROJ-123"],
        ),
        (
            {"kind": "card_number"},
            [VISA, UNIONPAY, AMEX, f"pay {VISA} 12/27 now", "４１１１１１１１１１１１１１１１", "4111.1111.1111.1111"],
            [
                "4111 1111 1111 1112",
                "1234567890123456",
                "411111111111111111111111",
                "0000000000000000",
                "4111 1111 1111",
            ],
        ),
        (
            {"kind": "resident_id"},
            [RESIDENT, f"id {RESIDENT.lower()}.", f"身份证{RESIDENT}"],
            ["110105194912310021", "11010519491331002X", "00010519491231002X", f"1{RESIDENT}", f"{RESIDENT}9"],
        ),
    ],
    ids=["words", "pattern", "card", "resident"],
)
async def test_what_a_rule_finds(judged: World, of: dict[str, Any], found: list[str], not_found: list[str]) -> None:
    await rule(judged, **of)
    for said in found:
        assert await refused(judged, POST, said) == "said_is_blocked", said
        await judged.sql.execute("UPDATE messages SET content = 'x'")
    for said in not_found:
        await judged.sql.execute(POST, said)
    assert await judged.sql.fetchval("SELECT count(*) FROM messages") == len(not_found)


async def test_redacted_text_is_nowhere(judged: World) -> None:
    await rule(judged, "redact", kind="card_number")
    await rule(judged, "redact", words=["falcon"])
    message = await judged.post(f"@bob pay {VISA} for Falcon, @carol")
    assert await judged.rows("SELECT content FROM messages") == [("@bob pay █████ for █████, @carol",)]
    await judged.sql.execute("UPDATE messages SET content = $2 WHERE id = $1", message, f"or {AMEX}")
    assert await judged.rows("SELECT content FROM messages") == [("or █████",)]
    for table in ("events", "message_edits", "held_messages"):
        assert await judged.rows(f"SELECT FROM {table} t WHERE t::text ~* '4111|falcon|3782'") == [], table


async def test_a_flagged_message_is_posted_and_reviewed_until_it_is_deleted(judged: World) -> None:
    flagging = await rule(judged, "flag", words=["falcon"])
    message = await judged.post("Falcon flies")
    queue = "SELECT message_id, rule_id, action, content, status FROM held_messages"
    assert await judged.rows(queue) == [(message, flagging, "flag", "Falcon flies", "open")]
    await judged.sql.execute("UPDATE messages SET deleted_at = now()")
    assert await judged.rows(queue) == []


async def test_the_strictest_rule_decides(judged: World) -> None:
    await rule(judged, "flag", words=["one", "two", "three"])
    await rule(judged, "redact", words=["two", "three"])
    blocking = await rule(judged, "block", words=["three"])
    await judged.post("one")
    await judged.post("two")
    assert await refused(judged, POST, "three") == "said_is_blocked"
    assert await judged.rows("SELECT content FROM messages ORDER BY id") == [("one",), ("█████",)]
    await judged.sql.execute("UPDATE dlp_rules SET enabled = false WHERE id = $1", blocking)
    await judged.post("three")
    await judged.sql.execute("DELETE FROM dlp_rules")
    await judged.post("three")
    assert await judged.rows("SELECT content FROM messages ORDER BY id DESC LIMIT 2") == [("three",), ("█████",)]


async def test_metadata_edits_and_names_follow_the_rules_too(judged: World) -> None:
    await judged.post("hello")
    await rule(judged, "redact", words=["falcon"])
    names = {
        'UPDATE messages SET metadata = \'{"title": "Falcon"}\'',
        "UPDATE chats SET name = 'falcon'",
        "UPDATE chats SET description = 'about falcon'",
        "UPDATE workspaces SET name = 'Falcon'",
        "UPDATE users SET fullname = 'Falcon' WHERE id = 1",
        "UPDATE users SET status_text = 'falcon' WHERE id = 1",
        "INSERT INTO documents (kind, workspace_id, name) VALUES ('board', 1, 'Falcon')",
    }
    for statement in names:
        assert await refused(judged, statement) == "said_is_blocked", statement
    await judged.sql.execute("UPDATE users SET fullname = 'Falcon' WHERE id = $1", judged.eve)  # in no workspace of it
    await judged.sql.execute("UPDATE chats SET name = 'dinner'")


async def test_elsewhere_nothing_is_judged_and_rules_stay_in_force_with_the_feature_off(judged: World) -> None:
    await rule(judged, words=["falcon"])
    other = await judged.sql.fetchval("INSERT INTO workspaces (name) VALUES ('falcon') RETURNING id")
    assert other
    await judged.sql.execute("UPDATE features SET enabled = false")
    assert await refused(judged, POST, "falcon") == "said_is_blocked"
    async with judged.sql.transaction():
        await judged.sql.execute("INSERT INTO organizations (name) VALUES ('Engines')")
        await judged.sql.execute(
            "INSERT INTO organization_members (organization_id, user_id, role) VALUES (1, $1, 'owner')", judged.alice
        )
        await judged.sql.execute("UPDATE workspaces SET organization_id = 1 WHERE id = 1")
    await judged.sql.execute("INSERT INTO organization_features VALUES (1, 'enable_advanced_admin', false)")
    assert await refused(judged, POST, "falcon") == "said_is_blocked"
    await judged.sql.execute("UPDATE dlp_rules SET enabled = false")
    await judged.post("falcon")


UNSEEN = ["️", "\u2069", "\u202a", "\u2060", "\U000e0020", "̲", "ㅤ", "ั", "͏", "̲ั"]


async def test_what_nobody_sees_hides_nothing(judged: World) -> None:
    await rule(judged, words=["falcon"])
    await rule(judged, kind="card_number")
    for unseen in UNSEEN:
        for said in (f"fal{unseen}con", f"4111{unseen}11111111{unseen}1111"):
            assert await refused(judged, POST, said) == "said_is_blocked", said.encode("unicode_escape")
        await judged.sql.execute(POST, f"fal{unseen}c")


async def test_a_redacted_text_keeps_the_marks_of_its_script(judged: World) -> None:
    await rule(judged, "redact", words=["falcon", "ที่ดิน"])
    await judged.post("สวัสดีครับ fal\u0332con, नमस्ते, ที่ดิน")
    assert await judged.rows("SELECT content FROM messages") == [("สวัสดีครับ █████, नमस्ते, █████",)]


async def test_groups_of_a_card_may_be_apart(judged: World) -> None:
    await rule(judged, "redact", kind="card_number")
    for apart in ("–", "  ", "\n", "\r\n", "**", " - ", "\u2212", "·", "\u2028", "\u3000", "_", "/", ", "):
        message = await judged.post(f"7 {VISA.replace(' ', apart)} 12/27")
        assert await judged.rows("SELECT content FROM messages WHERE id = $1", message) == [("7 █████ 12/27",)], apart


async def test_cards_beside_digits_and_each_other_are_all_cut(judged: World) -> None:
    redacted = "SELECT cards_redacted($1)"
    for said, left in (
        (f"{VISA} {UNIONPAY}", "█████ █████"),
        (f"1234 {VISA}-99, {AMEX}", "1234 █████-99, █████"),
        (f"x{VISA}y{VISA}z", "x█████y█████z"),
        ("4111 1111 1111 1112 and 7", "4111 1111 1111 1112 and 7"),
    ):
        assert await judged.sql.fetchval(redacted, said) == left
    # One pass: with an expression for each number this took the square of the text's length.
    many = " ".join([VISA] * 2500)
    async with judged.sql.transaction():
        await judged.sql.execute("SET LOCAL statement_timeout = '4s'")
        assert await judged.sql.fetchval(redacted, many) == " ".join(["█████"] * 2500)


SAID_IN_METADATA: list[dict[str, Any]] = [
    {"a": "my\nfalcon"},
    {"a": "my\\falcon"},
    {"a": [{"b": "\u00014111111111111111"}]},
    {"a": {"falcon\t": 1}},
    {"a": [1, [4111111111111111]]},
    {"a": 'x"falcon"'},
]


async def test_metadata_is_judged_as_it_is_read(judged: World) -> None:
    await rule(judged, words=["falcon"])
    await rule(judged, kind="card_number")
    post = "INSERT INTO messages (chat_id, sender_id, content, metadata) VALUES (1, 1, 'x', $1)"
    for metadata in SAID_IN_METADATA:
        assert await refused(judged, post, json.dumps(metadata)) == "said_is_blocked", metadata
    await judged.sql.execute(post, json.dumps({"a": ["4111", "1111 1111"], "n": "falc", "o": "on"}))


COSTLY = [
    "a(?:[ab]?.?){124}b",
    "(?:[ab]?.?){16}b",
    "(?:a?b?c?d?){8}x",
    "(?:(?:a{0,9}b?){0,9}c?){0,9}d",
    ".{0,100}x",
    "(?:a|b|c){0,99}d",
]


async def test_a_pattern_whose_automaton_is_large_is_refused(judged: World) -> None:
    """The first of them took half a second to compile, in each connection."""
    for pattern in COSTLY:
        with pytest.raises(asyncpg.PostgresError, match="too complex") as error:
            await rule(judged, pattern=pattern)
        assert error.value.constraint_name == "dlp_pattern_is_bounded", pattern


async def test_a_workspace_has_patterns_of_so_much_cost(judged: World) -> None:
    rules = [await rule(judged, "flag", pattern=rf"PROJ{number}-\w{{1,40}}") for number in range(10, 21)]
    assert await judged.sql.fetchval(r"SELECT cost FROM dlp_expression('PROJ10-\w{1,40}')") == 86
    assert await refused(judged, ADD_PATTERN, r"PROJ30-\w{1,120}x") == "dlp_pattern_is_bounded"
    assert await refused(judged, ADD_PATTERN, r"PROJ30-\w{1,60}") == "dlp_patterns_cost"
    off = "UPDATE dlp_rules SET enabled = NOT enabled WHERE id = $1"
    await judged.sql.execute(off, rules[0])
    await judged.sql.execute(ADD_PATTERN, r"PROJ30-\w{1,60}")
    assert await refused(judged, off, rules[0]) == "dlp_patterns_cost"


async def test_patterns_that_take_long_to_compile_are_refused(judged: World) -> None:
    await judged.sql.execute(
        "CREATE OR REPLACE FUNCTION dlp_screen_compiles_within() RETURNS interval RETURN interval '0'"
    )
    assert await refused(judged, ADD_PATTERN, "abc") == "dlp_patterns_cost"
    assert await judged.rows("SELECT FROM dlp_screens") == []


ADD_PATTERN = "INSERT INTO dlp_rules (workspace_id, name, kind, pattern, action) VALUES (1, 'x', 'pattern', $1, 'flag')"

REFUSED_PATTERNS = [
    *("a*", "a+", "(a", "a)", "a|*", "{3}", r"(a)\1", "(?=a)", "(?<!a)", "(?i)a", "[[:alpha:]]", "[a", "^a", "a$"),
    *("a?", "a{0}", "a{1,300}", "(?:a{20}){20}", "a??", "\\", r"\q", "a{2}{3}", r"\b", "[z-a]", "(?:a|b?)"),
]


@pytest.mark.parametrize("pattern", REFUSED_PATTERNS)
async def test_a_pattern_that_might_not_end_soon_is_refused(judged: World, pattern: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as error:
        await rule(judged, pattern=pattern)
    assert error.value.constraint_name == "dlp_pattern_is_bounded"


@pytest.mark.parametrize(
    "pattern", ["a", "(a|b)c", r"[A-Z]{2}\d{6}", "(?:ab?){3}", r"\.\*", "[^a-c]x", r"[\d.]{3}", "密.{0,5}码", "a{0,3}b"]
)
async def test_these_patterns_are_admitted(judged: World, pattern: str) -> None:
    await rule(judged, pattern=pattern)


async def test_a_batch_posts_all_but_what_is_blocked(judged: World) -> None:
    await rule(judged, words=["falcon"])
    post = "SELECT outcome FROM post_messages($1::bigint[], $2::bigint[], $3::text[], $4::jsonb[], $5::text[])"

    async def outcomes(*said: str) -> list[tuple[Any, ...]]:
        amount = len(said)
        return await judged.rows(post, [1] * amount, [1] * amount, said, [None] * amount, [None] * amount)

    assert await outcomes("one", "two") == [("created",)] * 2
    with pytest.raises(asyncpg.PostgresError) as error:
        await outcomes("three", "falcon")
    assert error.value.constraint_name == "said_is_blocked", "and the server tries each alone"
    assert await judged.sql.fetchval("SELECT hold_blocked(1, $1, 'harmless', NULL)", judged.alice) is None
    assert await judged.sql.fetchval("SELECT hold_blocked(1, $1, 'falcon', NULL)", judged.dave) is None, "no member"
    held = await judged.sql.fetchval("SELECT hold_blocked(1, $1, 'falcon', NULL)", judged.alice)
    assert await judged.sql.fetchval("SELECT hold_blocked(1, $1, 'falcon', NULL)", judged.alice) == held, "a retry"
    assert await judged.sql.fetchval("SELECT end_review($1, 1, 'released')", held)
    assert await judged.rows("SELECT content FROM messages ORDER BY seq") == [("one",), ("two",), ("falcon",)]
    assert await judged.rows("SELECT content, status FROM held_messages") == [(None, "released")]
    await judged.sql.execute("SELECT set_config('fechatter.releases', $1::text, false)", str(held))
    assert await refused(judged, POST, "falcon") == "said_is_blocked", "it is released once"


async def test_a_workspace_has_so_many_rules(judged: World) -> None:
    for _ in range(50):
        await rule(judged, "flag", words=["falcon"])
    with pytest.raises(asyncpg.PostgresError) as error:
        await rule(judged, words=["falcon"])
    assert error.value.constraint_name == "dlp_rules_amount"
