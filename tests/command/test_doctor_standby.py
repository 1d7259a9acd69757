"""`fechatter doctor` about the standby of `database.read_url`, with real ones."""

from chat_core.settings import Settings
from fechatter.commands.doctor import standby
from tests.sql.log.test_lineage import clusters, connected
from tests.sql.world import until
from tests.support.postgres import TEMPLATE


def reading(url: str) -> Settings:
    return Settings.model_validate({"database": {"read_url": url}})


async def test_doctor_says_whether_the_standby_is_one_and_keeps_up() -> None:
    async with clusters() as made:
        first, second = await made.add(), await made.add()
        async with connected(first) as sql, connected(second) as other:
            assert (await standby.answers(sql, Settings())).detail.startswith("none is set")
            await sql.fetchval("SELECT log_check_epoch()")
            there = reading(second.dsn(TEMPLATE))
            found = await standby.answers(sql, there)
            assert found.problem is None
            assert "it had all that is here after" in found.detail

            found = await standby.answers(sql, reading(first.dsn(TEMPLATE)))
            assert "no standby answers" in str(found.problem)
            found = await standby.answers(sql, reading(f"{first.dsn(TEMPLATE)}&target_session_attrs=any"))
            assert "it is no standby" in str(found.problem)

            await other.execute("SELECT pg_wal_replay_pause()")
            await until(lambda: other.fetchval("SELECT pg_get_wal_replay_pause_state() = 'paused'"), "it is paused")
            await sql.fetchval("SELECT log_move_epoch()")
            found = await standby.answers(sql, there)
            assert "did not have what is here within 3 s" in str(found.problem)


async def test_doctor_says_of_each_host_what_it_is() -> None:
    async with clusters() as made:
        first, second, third = [await made.add() for _ in range(3)]
        async with connected(first) as sql:
            await sql.fetchval("SELECT log_check_epoch()")
            all_of_them = reading(made.url())  # after a failover another one is the primary
            found = await standby.answers(sql, all_of_them)
            assert found.problem is None
            assert found.detail.count("it had all that is here after") == 2
            await third.stop()
            found = await standby.answers(sql, all_of_them)
            assert str(found.problem).count("no standby answers") == 1
            await second.stop()
            found = await standby.answers(sql, all_of_them)
            assert str(found.problem).count("no standby answers") == 2
