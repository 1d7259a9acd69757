"""No host is asked more often than it should be, whatever messages say."""

from chat_server.links.hosts import Hosts


def test_a_host_is_asked_so_often_a_minute() -> None:
    hosts = Hosts(most_a_minute=2)
    assert [hosts.wait_seconds("a.example", now) for now in (0.0, 10.0)] == [0, 0]
    assert hosts.wait_seconds("a.example", 20.0) == 40
    assert hosts.wait_seconds("b.example", 20.0) == 0
    assert hosts.wait_seconds("a.example", 60.0) == 0
    assert hosts.wait_seconds("a.example", 60.0) == 10


def test_hosts_are_forgotten() -> None:
    hosts = Hosts(most_a_minute=1)
    for number in range(10_001):
        assert hosts.wait_seconds(f"{number}.example", 0.0) == 0
    assert len(hosts._asked) == 10_000
