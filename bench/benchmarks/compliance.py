"""What rules about what may be said, and legal holds, cost: CPU of a post with rules, and of an edit under a hold.

The same connections post the same texts to the same chats, in turns without rules, with 10 and with as many as a
workspace may have. No text matches a rule, as nearly all do not. Then they edit, in turns without a hold and with one.
"""

import itertools
import statistics
from collections.abc import Sequence

from bench import people, system
from bench.figures.result import Result, Size
from bench.load import http
from bench.people import Person
from bench.system import System
from fechatter.progress import say

CONNECTIONS, CHATS = 32, 8
RULES = (0, 10, 50)  # the last is the most that a workspace has

EFFORT: dict[Size, tuple[int, float]] = {"tiny": (1, 0.3), "normal": (5, 2), "full": (15, 3)}

_SWITCH = """
    INSERT INTO features (name, enabled) VALUES ('enable_advanced_admin', $1)
    ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled
"""
# By turns a list of words and a pattern, none of which is in a text below.
_RULES = """
    INSERT INTO dlp_rules (workspace_id, name, kind, words, pattern, action)
    SELECT $1, 'rule ' || n, CASE n % 2 WHEN 0 THEN 'words' ELSE 'pattern' END,
           CASE n % 2 WHEN 0 THEN ARRAY(SELECT 'xylograph' || n || 'q' || w FROM generate_series(1, 8) AS w) END,
           CASE n % 2 WHEN 1 THEN 'QZ' || n || '-\\d{4,8}' END, 'block'
    FROM generate_series(1, $2::integer) AS n
"""
_POSTED = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'to be edited') RETURNING id"


async def run(size: Size) -> list[Result]:
    rounds, seconds = EFFORT[size]
    async with system.running() as fechatter:
        sql = fechatter.sql
        was = await sql.fetchval("SELECT enabled FROM features WHERE name = 'enable_advanced_admin'")
        await sql.execute(_SWITCH, True)
        workspace = await people.add_workspace(sql)
        senders = await people.add_people(sql, fechatter.signer, workspace, CONNECTIONS)
        chats = await people.add_chats(sql, workspace, CHATS, senders)
        posts = _posts(fechatter, senders, chats)
        edits = [await _edits(fechatter, sender, chat) for sender, chat in zip(senders, itertools.cycle(chats))]
        await _cpu(fechatter, posts, seconds)
        by_rules: dict[int, list[float]] = {amount: [] for amount in RULES}
        by_hold: dict[bool, list[float]] = {False: [], True: []}
        for number in range(1, rounds + 1):
            say(f"compliance: round {number} of {rounds}")
            for amount in RULES if number % 2 else reversed(RULES):
                await sql.execute("DELETE FROM dlp_rules WHERE workspace_id = $1", workspace)
                await sql.execute(_RULES, workspace, amount)
                by_rules[amount].append(await _cpu(fechatter, posts, seconds))
            await sql.execute("DELETE FROM dlp_rules WHERE workspace_id = $1", workspace)
            for held, found in by_hold.items():
                if held:
                    await sql.execute(
                        "INSERT INTO holds (workspace_id, name, since) VALUES ($1, 'bench', '2020-01-01')", workspace
                    )
                found.append(await _cpu(fechatter, edits, seconds))
            await sql.execute("UPDATE holds SET released_at = now() WHERE released_at IS NULL")
        await sql.execute(_SWITCH, bool(was))
    return _results(by_rules, by_hold)


def _results(by_rules: dict[int, list[float]], by_hold: dict[bool, list[float]]) -> list[Result]:
    without = statistics.median(by_rules[0])
    results = [
        Result(
            *(f"CPU of a post with {amount} rules", statistics.median(found), "µs", "without rules", without),
            note=f"chat_server and PostgreSQL; no text matches. {_round_by_round(found, by_rules[0])}",
        )
        for amount, found in by_rules.items()
        if amount
    ]
    held, free = by_hold[True], by_hold[False]
    return [
        *results,
        Result(
            *("CPU of an edit under a hold", statistics.median(held), "µs"),
            *("without a hold", statistics.median(free)),
            note=f"each edit keeps what it replaces. {_round_by_round(held, free)}",
        ),
    ]


def _round_by_round(ones: Sequence[float], others: Sequence[float]) -> str:
    return "Round by round " + ", ".join(f"{one / other:.2f}" for one, other in zip(ones, others, strict=True)) + "."


def _posts(fechatter: System, senders: Sequence[Person], chats: Sequence[int]) -> list[list[bytes]]:
    urls = itertools.cycle(f"{fechatter.chat}/api/chats/{chat}/messages" for chat in chats)
    return [
        [
            http.request(
                "POST", next(urls), sender, {"content": f"The report {n} is ready: please read page {n} today."}
            )
            for n in range(20)
        ]
        for sender in senders
    ]


async def _edits(fechatter: System, sender: Person, chat: int) -> list[bytes]:
    message = await fechatter.sql.fetchval(_POSTED, chat, sender.id)
    url = f"{fechatter.chat}/api/chats/{chat}/messages/{message}"
    return [http.request("PATCH", url, sender, {"content": f"The report, as of edit {n}."}) for n in range(20)]


async def _cpu(fechatter: System, requests: Sequence[Sequence[bytes]], seconds: float) -> float:
    """Microseconds of CPU of a request."""
    pids = {"chat-server": fechatter.chat_pid, "postgres": fechatter.postgres_pid}
    load = await http.drive(fechatter.chat, requests, seconds, pids)
    return 1000 * load.cpu_ms("chat-server", "postgres")
