"""Links in texts, and what is asked for."""

import pytest

from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import target
from chat_server.links.own import OwnLink, is_own, own_link
from chat_server.links.urls import find, joined
from tests.support.cost import assert_costs_at_most


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.com/a.", ["https://example.com/a"]),
        ("(https://example.com/a_(b)), or http://b.example!", ["https://example.com/a_(b)", "http://b.example"]),
        ("[x](https://example.com/a) and <https://example.com/b>", ["https://example.com/a", "https://example.com/b"]),
        ("看 https://example.com/上海，还有「https://例え.jp/a」。", ["https://example.com/上海", "https://例え.jp/a"]),
        (
            "HTTPS://EXAMPLE.com/A https://example.com/a?b=c&d=%20#e",
            ["HTTPS://EXAMPLE.com/A", "https://example.com/a?b=c&d=%20#e"],
        ),
        ("twice https://a.example https://a.example", ["https://a.example"]),
        ("`https://a.example` ```\nhttps://b.example\n``` https://c.example", ["https://c.example"]),
        ("javascript:alert(1) ftp://a.example file:///etc/passwd data:text/html,x //a.example", []),
        ("https:// http://. https://?", []),
        (" ".join(f"https://a.example/{n}" for n in range(9)), [f"https://a.example/{n}" for n in range(5)]),
        ("https://a.example/" + "x" * 3000, []),
    ],
)
def test_links_are_found_as_people_write_them(text: str, found: list[str]) -> None:
    assert find(text) == found


def test_finding_takes_linear_time() -> None:
    """Each of them took seconds, if that grew with the square of the length."""
    for text in ("https://" * 1250, "https://a" + ")" * 9990, "`" * 10_000, "http://a.b/" + "(" * 4000 + ")" * 5000):
        assert_costs_at_most(0.5, lambda text=text: find(text + text[-1] * 200_000))  # type: ignore[misc]


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "gopher://example.com/", "//example.com/"),
        *(
            "http://user@example.com/",
            "http://user:word@example.com/",
            "http://:word@example.com/",
            "http://@example.com",
        ),
        *(
            "http://example.com:22/",
            "http://example.com:8080/",
            "https://example.com:6379/",
            "http://example.com:99999/",
        ),
        *("http:///", "http://", "http://exa mple.com/", "http://example.com\\@127.0.0.1/", "http://exam\nple.com/"),
        *(
            "http://example.com/\r\nX: y",
            "http://[::1",
            "http://[fe80::1%25eth0]/",
            "http://a..b/",
            "http://" + "a" * 2050,
        ),
        "http://\u2024\u2024/",
    ],
)
def test_what_is_no_plain_web_address_is_never_asked_for(url: str) -> None:
    with pytest.raises(Refused):
        target(url)


def test_what_is_asked_for() -> None:
    asked = target("HTTPS://Bücher.example/Straße?q=上海&r=%20#part")
    assert (asked.url, asked.host) == (
        "https://xn--bcher-kva.example/Stra%C3%9Fe?q=%E4%B8%8A%E6%B5%B7&r=%20",
        asked.authority,
    )
    assert target("http://[2606:4700::1]/").authority == "[2606:4700::1]"
    assert target("http://example.com:443/").authority == "example.com:443"
    assert not target("http://example.com/", ["wiki.internal:8080"]).exempt
    assert target("http://wiki.internal:8080/a", ["wiki.internal:8080"]).exempt
    with pytest.raises(Refused):
        target("http://wiki.internal:8081/a", ["wiki.internal:8080"])
    assert joined("http://a.example/b/c", "../d") == "http://a.example/d"


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/chat/3/17", OwnLink("message", 17, 3)),
        ("/chat/3", OwnLink("chat", 3)),
        ("/board/7?x=1#y", OwnLink("board", 7)),
        ("/page/8/", OwnLink("page", 8)),
        ("/p/our-plan", OwnLink("publication", slug="our-plan")),
        ("/api/files/9", OwnLink("file", 9)),
        *(
            (path, None)
            for path in ("/", "/chat/0", "/chat/x", "/board/7/8", "/api/files/9/previews/preview", "/p/A B")
        ),
        ("/board/" + "9" * 30, None),
    ],
)
def test_links_to_this_server(path: str, link: OwnLink | None) -> None:
    assert own_link(f"https://chat.example.com{path}") == link
    assert is_own(f"https://CHAT.example.com:443{path}", ["https://chat.example.com"])
    assert not is_own(f"https://chat.example.com.evil.example{path}", ["https://chat.example.com"])
    assert not is_own(f"http://chat.example.com{path}", ["https://chat.example.com"])
    assert not is_own(f"https://chat.example.com@evil.example{path}", ["https://chat.example.com"])
