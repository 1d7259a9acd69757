"""Webhooks that come while what Clerk has now is read and applied: in every order the newer statement counts.

Clerk is a model with a clock of its own, so that each order can be had; what is tested is real, and so is Postgres.
"""

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import pytest

from chat_core.database.pool import Connection
from chat_core.settings import Clerk as Settings
from chat_server.identity.clerk.backend import Backend, Session, User
from chat_server.provisioning.clerk_events import Event, apply, note, sync_user, time_of
from chat_server.provisioning.clerk_reconcile import reconcile
from tests.support.postgres import Database

# Before the reconciliation; when it knows what is known here, but has asked nothing; between the users and the members;
# when it has asked, but applied nothing; and after it.
MOMENTS = 5
SUBJECT = "user_1"
# Of the 330 orders of two changes, their webhooks and these moments: `make clerk` tries all, `make test` some.
TRIED = 330 if os.environ.get("EVERY_ORDER") else 60


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def tick(self) -> int:
        self.now += 1000
        return self.now


@dataclass
class Clerk:
    """What Clerk has of one person, and the webhook of each change."""

    clock: Clock = field(default_factory=Clock)
    member_since: int | None = None
    user: User | None = None
    webhooks: list[Event] = field(default_factory=list)
    at: Callable[[int], Any] = lambda _: None

    def change(self, what: str) -> None:
        now = self.clock.tick()
        if what in ("join", "leave"):
            was, self.member_since = self.member_since, now if what == "join" else None
            verb = "created" if what == "join" else "deleted"
            data = {
                "organization": {"id": "org_1"},
                "public_user_data": {"user_id": SUBJECT},
                "updated_at": was if what == "leave" else now,
            }
            self.tell(f"organizationMembership.{verb}", data, now)
        elif what == "delete":
            self.user = None
            self.tell("user.deleted", {"id": SUBJECT}, now)
        else:
            self.user = User(id=SUBJECT, banned=what == "ban", updated_at=now)
            self.tell("user.updated", msgspec.to_builtins(self.user), now)

    def tell(self, kind: str, data: Any, now: int) -> None:
        self.webhooks.append(Event(kind, msgspec.Raw(msgspec.json.encode(data)), now))

    # -- as the Backend API has it

    async def users(self) -> AsyncIterator[User]:
        await self.at(1)
        if self.user is not None:
            yield self.user

    async def user_of(self, _: str) -> User | None:
        return self.user

    async def session(self, session: str) -> Session | None:
        return Session(session, SUBJECT, "active")

    async def members(self, _: str) -> dict[str, int] | None:
        await self.at(2)
        found = {} if self.member_since is None or self.user is None else {SUBJECT: self.member_since}
        await self.at(3)
        return found


class Model:
    """A Backend that asks the model."""

    def __init__(self, clerk: Clerk) -> None:
        self.users, self.user, self.session, self.members = clerk.users, clerk.user_of, clerk.session, clerk.members


@dataclass
class Here:
    sql: Connection
    settings: Settings
    workspace: int

    async def reconcile(self, clerk: Clerk) -> None:
        await reconcile(self.sql, self.settings, cast("Backend", Model(clerk)), forced=True)

    async def hear(self, webhook: Event) -> None:
        async with self.sql.transaction():
            await apply(self.sql, self.settings, webhook)

    async def believes(self) -> tuple[bool, bool]:
        """Whether the person is there, and whether they are a member of the organization's workspace."""
        return (
            not await self.sql.fetchval(
                "SELECT EXISTS (SELECT FROM clerk_objects WHERE kind = 'user' AND id = $1 AND gone)", SUBJECT
            ),
            await self.sql.fetchval(
                "SELECT EXISTS (SELECT FROM workspace_members m JOIN identities i USING (user_id) "
                "WHERE m.workspace_id = $1 AND i.subject = $2)",
                self.workspace,
                SUBJECT,
            ),
        )


def truth(clerk: Clerk) -> tuple[bool, bool]:
    there = clerk.user is not None and not clerk.user.banned
    return there, there and clerk.member_since is not None


@asynccontextmanager
async def here(database: Database) -> AsyncIterator[Here]:
    async with database.connect() as sql:
        workspace = await sql.fetchval(
            "SELECT create_workspace((SELECT id FROM create_user('Owner', 'owner@example.com')), 'Acme')->'id'"
        )
        person = await sql.fetchval("SELECT id FROM create_user('Ada', 'ada@corp.example')")
        settings = Settings.model_validate(
            {
                "issuer": "https://clerk.app.example",
                "secret_key_file": "/dev/null",
                "webhook_secret_file": "/dev/null",
                "authorized_parties": ["https://app.example"],
                "workspaces": {"org_1": int(workspace)},
            }
        )
        await sql.execute(
            "INSERT INTO sessions (user_id, expires_at, provider, provider_sid, identity_id) "
            "SELECT $1, now() + interval '1 day', 'clerk', 'sess_1', add_identity($1, 'clerk', $2, $3, NULL, false)",
            person,
            settings.issuer,
            SUBJECT,
        )
        yield Here(sql, settings, int(workspace))


def orders(changes: int) -> Iterator[list[tuple[str, int]]]:
    """Each order of changes and of the webhooks that tell of some of them, of which any may be lost."""
    told = [(("change", number), ("webhook", number)) for number in range(changes)]
    for amount in range(changes + 1):
        for heard in itertools.combinations(range(changes), amount):
            steps = [change for change, _ in told] + [told[number][1] for number in heard]
            for order in itertools.permutations(steps):
                places = {step: place for place, step in enumerate(order)}
                in_order = all(places["change", n] < places["change", n + 1] for n in range(changes - 1))
                if in_order and all(places["change", n] < places["webhook", n] for n in heard):
                    yield list(order)


async def run(
    world: Here, begun: Clerk, changes: Sequence[str], order: list[tuple[str, int]], when: Sequence[int]
) -> None:
    clerk = begun

    async def act(moment: int) -> None:
        for (kind, number), due in zip(order, when, strict=True):
            if due == moment:
                if kind == "change":
                    clerk.change(changes[number])
                else:
                    await world.hear(heard[number])

    heard = clerk.webhooks
    clerk.at = act
    await act(0)
    await world.reconcile(clerk)
    await act(4)
    clerk.at = _nothing
    said = f"{changes} in the order {order} at {when}"
    if sum(kind == "webhook" for kind, _ in order) == len(changes):
        assert await world.believes() == truth(clerk), f"{said}: every webhook has come"
    await world.reconcile(clerk)
    assert await world.believes() == truth(clerk), f"{said}: reconciled again"


async def _nothing(_: int) -> None:
    pass


@pytest.mark.parametrize(
    "changes", [("leave", "join"), ("join", "leave"), ("ban", "unban"), ("ban", "delete")], ids="-".join
)
async def test_in_every_order_the_newer_statement_counts(database: Database, changes: tuple[str, ...]) -> None:
    every = [
        (order, when)
        for order in orders(len(changes))
        for when in itertools.combinations_with_replacement(range(MOMENTS), len(order))
    ]
    assert len(every) == 330
    async with here(database) as world:
        for order, when in random.Random(0).sample(every, TRIED):
            whole = world.sql.transaction()
            await whole.start()
            clerk = Clerk(user=User(id=SUBJECT, updated_at=1_700_000_000_000), at=_nothing)
            if changes[0] != "join":
                clerk.change("join")
                await world.hear(clerk.webhooks.pop())
            assert await world.believes() == (True, changes[0] != "join")
            await run(world, clerk, changes, order, when)
            await whole.rollback()


async def test_neither_waits_for_the_other_in_a_circle(database: Database) -> None:
    """A webhook holds its user, and is about to change the workspace; a reconciliation is about to change two users."""
    async with here(database) as world, database.connect() as webhook, database.connect() as looking:
        await world.sql.execute(
            "INSERT INTO sessions (user_id, expires_at, provider, provider_sid, identity_id) "
            "SELECT id, now() + interval '1 day', 'clerk', 'sess_2', "
            "add_identity(id, 'clerk', $1, 'user_2', NULL, false) "
            "FROM create_user('Bob', 'bob@corp.example')",
            world.settings.issuer,
        )
        since = 1_700_000_000_000
        banned = False

        class Two:
            async def users(self) -> AsyncIterator[User]:
                for subject in (SUBJECT, "user_2"):
                    yield User(id=subject, banned=banned, updated_at=since)

            async def session(self, session: str) -> Session | None:
                return Session(session, "", "active")

            async def members(self, _: str) -> dict[str, int]:
                return {SUBJECT: since, "user_2": since}

        await reconcile(world.sql, world.settings, cast("Backend", Two()))
        assert await world.believes() == (True, True)
        banned, later = True, time_of(since + 1)
        holding = webhook.transaction()
        await holding.start()
        assert await note(webhook, "user", "user_2", gone=True, at=later)
        reconciling = asyncio.create_task(reconcile(world.sql, world.settings, cast("Backend", Two()), forced=True))
        waits = "SELECT cardinality(pg_blocking_pids($1)) > 0"
        while not await looking.fetchval(waits, world.sql.get_server_pid()):
            assert not reconciling.done()
        await sync_user(webhook, world.settings, "user_2")
        await holding.commit()
        await reconciling
        assert await world.believes() == (False, False)
