"""No host is asked more often than it should be, whatever messages say."""

from chat_server.links.hosts import Hosts


def test_a_host_is_asked_so_often_a_minute() -> None:
    hosts = Hosts(most_a_minute=2)
    assert [hosts.wait_seconds(["a.example"], now) for now in (0.0, 10.0)] == [0, 0]
    assert hosts.wait_seconds(["a.example"], 20.0) == 40
    assert hosts.wait_seconds(["b.example"], 20.0) == 0
    assert hosts.busy(20.0) == ["a.example"]
    assert hosts.wait_seconds(["a.example"], 60.0) == 0
    assert hosts.wait_seconds(["a.example"], 60.0) == 10
    assert hosts.busy(120.0) == []


def test_what_waits_for_several_requests_uses_up_none_of_them() -> None:
    """A message with five links to a host that others ask all the time."""
    hosts = Hosts(most_a_minute=3)
    for now in (0.0, 20.0, 40.0):
        hosts.asked("a.example", now)
    both = ["a.example", "a.example", "b.example"]
    assert hosts.wait_seconds(both, 60.0) == 20
    assert hosts.wait_seconds(both, 70.0) == 10
    assert hosts.wait_seconds(both, 80.0) == 0
    assert hosts.busy(80.0) == ["a.example"]
    # More than there may be: as many as there may be.
    assert hosts.wait_seconds(["c.example"] * 5, 80.0) == 0


def test_redirects_count() -> None:
    hosts = Hosts(most_a_minute=2)
    for now in (0.0, 1.0, 2.0):
        hosts.asked("a.example", now)
    assert hosts.wait_seconds(["a.example"], 3.0) == 58


def test_hosts_are_forgotten() -> None:
    hosts = Hosts(most_a_minute=1)
    for number in range(10_001):
        assert hosts.wait_seconds([f"{number}.example"], 0.0) == 0
    assert len(hosts._asked) == 10_000
