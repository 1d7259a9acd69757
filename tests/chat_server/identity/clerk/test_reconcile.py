"""What Clerk has now is applied, for the webhooks that never came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from chat_core.settings import Clerk as Settings
from chat_server.identity.clerk import backend
from chat_server.identity.clerk.backend import Backend, User
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.provisioning.clerk_reconcile import Reconciled, reconcile
from tests.chat_server.identity.clerk.actions import exchanged, has_ended, hear, is_member, sign_in
from tests.chat_server.people import ChatServer, problem, until_signed_out
from tests.support.identity.clerk_peer import ClerkPeer
from tests.support.postgres import Database


class Reconciler:
    def __init__(self, peer: ClerkPeer, database: Database, workspace: int) -> None:
        self._peer, self._database, self._workspace = peer, database, workspace

    async def __call__(self, *, forced: bool = False) -> Reconciled:
        settings = Settings.model_validate(self._peer.settings(workspaces={"org_1": self._workspace}))
        async with self._asking() as outgoing, self._database.connect() as connection:
            return await reconcile(connection, settings, Backend(settings, outgoing), forced=forced)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Outgoing]:
        outgoing = Outgoing()
        try:
            yield outgoing
        finally:
            await outgoing.close()


@pytest.fixture
def reconciled(peer: ClerkPeer, database: Database, workspace: int, monkeypatch: pytest.MonkeyPatch) -> Reconciler:
    monkeypatch.setattr(backend, "PAGE", 2)
    peer.members["org_1"] = []
    return Reconciler(peer, database, workspace)


async def test_what_no_webhook_has_said(
    server: ChatServer, peer: ClerkPeer, reconciled: Reconciler, database: Database, workspace: int
) -> None:
    users = [peer.add_user(name) for name in ("Ada", "Bob", "Cleo", "Dan", "Eve")]
    apis = [await sign_in(server, peer, user, sid=f"sess_of_{user}") for user in users]
    peer.members["org_1"] = users[:3]
    nothing_gone = await reconciled()
    assert nothing_gone == Reconciled(5, 0, 0, 3, 0, stopped=False)
    assert await is_member(database, workspace)
    assert not await is_member(database, workspace, "dan@corp.example")
    assert await reconciled() == Reconciled(5, 0, 0, 0, 0, stopped=False)

    del peer.users[users[4]]  # deleted
    peer.sessions[f"sess_of_{users[3]}"]["status"] = "revoked"
    peer.members["org_1"] = users[1:3]
    assert await reconciled() == Reconciled(4, 1, 1, 0, 1, stopped=False)
    for api in apis[3:]:
        await until_signed_out(api)
    assert [await has_ended(api) for api in apis[:3]] == [False, False, False]
    assert not await is_member(database, workspace)
    assert await is_member(database, workspace, "bob@corp.example")
    # Their tokens are good for a minute more, and news from before comes late.
    problem(await exchanged(server, peer.token(users[3], sid=f"sess_of_{users[3]}")), 401, "clerk_session_is_open")
    late = {"organization": {"id": "org_1"}, "public_user_data": {"user_id": users[0]}, "updated_at": 1_700_000_000_000}
    await hear(server, peer, "organizationMembership.created", late)
    assert not await is_member(database, workspace)


async def test_more_than_a_tenth_stops_it(server: ChatServer, peer: ClerkPeer, reconciled: Reconciler) -> None:
    users = [peer.add_user(name) for name in ("Ada", "Bob", "Cleo")]
    apis = [await sign_in(server, peer, user) for user in users]
    for user in users[:2]:
        peer.users[user]["banned"] = True
    assert (await reconciled()).stopped
    assert [await has_ended(api) for api in apis] == [False, False, False]
    assert (await reconciled(forced=True)).people_gone == 2
    for api in apis[:2]:
        await until_signed_out(api)
    assert not await has_ended(apis[2])


async def test_an_operator_lets_memberships_go(
    server: ChatServer, peer: ClerkPeer, reconciled: Reconciler, database: Database, workspace: int
) -> None:
    user = peer.add_user()
    await sign_in(server, peer, user)
    peer.members["org_1"] = [user]
    await reconciled()
    del peer.members["org_1"]  # the organization is gone
    assert (await reconciled()).stopped
    assert await is_member(database, workspace)
    async with database.connect() as sql:
        await sql.execute("SELECT ops.let_go('clerk')")
    assert (await reconciled()).withdrawn == 1
    assert not await is_member(database, workspace)


async def test_where_memberships_stop_it_nothing_has_changed_but_the_record_of_it(
    server: ChatServer, peer: ClerkPeer, reconciled: Reconciler, database: Database, workspace: int
) -> None:
    users = [peer.add_user(name) for name in ("Ada", "Bob", "Cleo")]
    apis = [await sign_in(server, peer, user, sid=f"sess_of_{user}") for user in users]
    peer.members["org_1"] = users
    await reconciled()

    async def known(sql: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[object, ...]]:
        return [tuple(row) for row in await sql.fetch("SELECT * FROM clerk_objects ORDER BY kind, id, member")]

    async with database.connect() as sql:
        before = await known(sql)
        peer.sessions[f"sess_of_{users[0]}"]["status"] = "revoked"
        del peer.users[users[1]]
        peer.members["org_1"] = []
        stops = []
        for _ in range(2):
            assert await reconciled() == Reconciled(2, 0, 0, 0, 0, stopped=True)
            assert await known(sql) == before
            stops.append(tuple(await sql.fetch("SELECT had, going, stopped_at FROM ops.synchronisations")))
        assert stops[0] == stops[1]
        [(had, going, since)] = stops[0]
        assert (had, going) == (2, 2)
        assert since is not None
    assert [await has_ended(api) for api in apis] == [False, False, False]
    assert (await reconciled(forced=True)).people_gone == 1
    for api in apis[:2]:
        await until_signed_out(api)
    assert not await has_ended(apis[2])


async def test_nothing_changes_if_an_answer_is_missing(
    server: ChatServer, peer: ClerkPeer, reconciled: Reconciler
) -> None:
    user = peer.add_user()
    api = await sign_in(server, peer, user)
    del peer.users[user]
    peer.down = True
    with pytest.raises(ProviderUnavailable):
        await reconciled(forced=True)
    assert not await has_ended(api)


async def test_whoever_a_page_has_missed_is_asked_for(
    server: ChatServer, peer: ClerkPeer, reconciled: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who leaves while the list is read moves the others by one."""
    api = await sign_in(server, peer, peer.add_user())

    async def nobody(backend: Backend) -> AsyncIterator[User]:
        listed: list[User] = []
        for user in listed:
            yield user

    monkeypatch.setattr(Backend, "users", nobody)
    assert (await reconciled(forced=True)).people_gone == 0
    assert not await has_ended(api)


async def test_a_list_that_changes_while_it_is_read_is_not_believed(peer: ClerkPeer, reconciled: Reconciler) -> None:
    peer.members["org_1"] = ["user_1", "user_1", "user_2"]  # a page has moved
    with pytest.raises(ProviderUnavailable, match="was changed while"):
        await reconciled()
