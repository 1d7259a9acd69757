"""Requests to the hot routes as bytes: good ones, bad ones and odd ones, by chance from a seed.

`@ada@` stands for the token of a name, and `@port@` for the server's port.
"""

import json
import random
from collections.abc import Iterator, Mapping

LARGEST_BODY = 16_384
ORIGIN = "https://page.example"
# The method of each route, and its path within a chat.
KINDS = {
    "messages": ("POST", "messages"),
    "read": ("POST", "read"),
    "unread": ("POST", "unread"),
    "typing": ("POST", "typing"),
    "edit": ("PATCH", "messages/{message_id}"),
    "react": ("PUT", "messages/{message_id}/reactions/{emoji}"),
    "take_back": ("DELETE", "messages/{message_id}/reactions/{emoji}"),
}
_MESSAGES = [*("1", "1", "1", "999999", "01", "x", "0")]
_EMOJI = [
    *("%F0%9F%91%8D", "%F0%9F%91%8D", ":tada:", "%3Atada%3A", "nonsense", "%2541", "a%20b", "a%2Fb", "%E9", "%00", ""),
    *(
        "%F0%9F%91%8D/",
        "%2525",
        "a%25b",
        "%C2%A0",
        "x" * 64,
        "x" * 65,
        "%F0%9F%91%8D" * 64,
        "%EF%BB%BF",
        "a+b",
        "a;b=c",
    ),
]
NAMES = ("ada", "bob", "eve")

_BODIES = {
    "messages": [
        b'{"content": ""}',
        b'{"content": " \\n"}',
        b'{"content": "\\u0000"}',
        b'{"content": "\\ud800"}',
        b'{"content": 1}',
        b'{"content": null}',
        b'{"content": "x", "type": "video"}',
        b'{"content": "x", "colour": "red"}',
        b'{"content": "x", "metadata": {"a": [1, 2.5, null]}, "type": "image"}',
        b'{"content": "x", "metadata": {"a": "\\u0000"}}',
        b'{"content": "x", "metadata": 5}',
        b'{"content": "x", "reply_to": 1}',
        b'{"content": "x", "reply_to": 999999}',
        b'{"content": "x", "reply_to": "1"}',
        b'{"content": "x", "reply_to": 0}',
        b'{"forward_of": 1}',
        b'{"forward_of": 999999}',
        b'{"forward_of": 1, "content": "x"}',
        b'{"forward_of": 1, "type": "image"}',
        b'{"forward_of": 99999999999999999999}',
        b'{"content": "%s"}' % (b"x" * 10_001),
        b'{"content": "x", "metadata": {"a": "%s"}}' % (b"x" * 4100),
    ],
    "read": [
        b'{"seq": 0}',
        b'{"seq": 9223372036854775807}',
        b'{"seq": 9223372036854775808}',
        b'{"seq": -1}',
        b'{"seq": 1.5}',
        b'{"seq": 1.0}',
        b'{"seq": "1"}',
        b'{"seq": null}',
        b'{"seq": 1, "at": 2}',
    ],
    "unread": [
        b'{"seq": 0}',
        b'{"seq": 1}',
        b'{"seq": 9223372036854775807}',
        b'{"seq": -1}',
        b'{"seq": 1.5}',
        b'{"seq": "1"}',
        b'{"seq": null}',
        b'{"seq": 1, "at": 2}',
    ],
    "typing": [
        b'{"typing": 1}',
        b'{"typing": "true"}',
        b'{"typing": null}',
        b'{"typing": true, "typing": false}',
        b'{"typing": true, "in": "x"}',
    ],
    "edit": [
        b'{"content": ""}',
        b'{"content": "\\u0000"}',
        b'{"content": "x", "metadata": null}',
        b'{"content": "x", "metadata": {"a": 1}}',
        b'{"content": "x", "metadata": 5}',
        b'{"content": "x", "files": []}',
        b'{"content": "x", "files": [1]}',
        b'{"content": "x", "type": "image"}',
        b'{"metadata": {"a": 1}}',
        b'{"content": "%s"}' % (b"x" * 10_001),
    ],
    "react": [],
    "take_back": [],
}
_ANY_BODIES = [
    *(b"{", b"{}", b"[]", b"null", b'"x"', b"\xff\xfe", b" ", b"{} x", b"[" * 3000),
    b'{"content": "\xff"}',
    b" " * (LARGEST_BODY + 1),
    b" " * LARGEST_BODY,
]
_PATHS = [
    *("/api/chats/{}/{}/", "//api/chats/{}/{}", "/api//chats/{}/{}", "/api/chats/{}/{}//", "/api/chats/{}/%6D{}"),
    *("/api/chats/0{}/{}", "/api/chats/+{}/{}", "/api/chats/-{}/{}", "/api/chats/{}.0/{}", "/api/chats/{}%0A/{}"),
    *(
        "/api/chats/%3{}/{}",
        "/api/chats/%D9%A{}/{}",
        "/api/chats/{}%20/{}",
        "/api/chats/{}_0/{}",
        "/api/chats/{}/{}%0A",
    ),
    *("/api/chats/{}0000000000000000000/{}", "/api/chats/{}000000000000000000/{}", "/api/chats/{}/{}?x=1&limit=x"),
    *("/api/chats/{}/{}?", "/api/chats/{}/{}/1", "/API/chats/{}/{}", "/api/chats/{}%2F{}", "/api/chats/x{}/{}"),
    *("/api/./chats/{}/{}", "/api/chats/{}/{};x=1", "http://other.example/api/chats/{}/{}"),
]
_AUTHORIZATIONS = [
    *([], [""], ["Bearer"], ["Bearer "], ["Bearer x"], ["Bearer x.y.z"], ["Basic YTpi"], ["@ada@"]),
    *(["bearer @ada@"], ["BEARER  @ada@"], ["Bearer @ada@ x"], ["Bearer \xe9"]),
    *(["Bearer @expired@"], ["Bearer @ended@"], ["Bearer @ada@", "Bearer @bob@"], ["Bearer x", "Bearer @bob@"]),
]
_MEDIA_TYPES = [
    *(["application/json; charset=utf-8"], ["application/json;charset=latin-1"], ["Application/JSON"]),
    *(["application/json;"], ["application/json ; x"], ['application/json; x="a;b"'], ["application/json, text/plain"]),
    *([], [""], ["text/plain"], ["application/problem+json"], ["application/x-www-form-urlencoded"], [";"]),
    *(["multipart/form-data; boundary=x"], ["application/json", "text/plain"], ["text/plain", "application/json"]),
]
_KEYS = [[""], ["a b"], ["\xe9"], ["x" * 255], ["x" * 256], ["one", "two"], ["x\ty"]]
_OTHERS = [
    *(
        {"Origin": ORIGIN},
        {"Origin": "https://other.example"},
        {"Origin": "null", "Cookie": "a=b"},
        {"Accept": "text/html"},
    ),
    *(
        {"X-Forwarded-For": "10.1.2.3"},
        {"Cookie": "a=b; c=d"},
        {"X-Request-ID": "mine"},
        {"Host": "a/b"},
        {"Host": "[::1]:80"},
    ),
    *({"Host": "x_y.example"}, {"Accept": "text/html", "Origin": ORIGIN}, {"Range": "bytes=0-1"}, {"TE": "trailers"}),
]
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]


class Generator:
    """`chats` are ids that exist, as do few messages. The same seed gives the same requests."""

    def __init__(self, seed: int, chats: list[int]) -> None:
        self._random = random.Random(seed)
        self._chats = [*chats, 10**12]

    def requests(self, amount: int) -> Iterator[bytes]:
        """The last tenth are good posts of one person, who uses up the limit."""
        for _ in range(amount - amount // 10):
            yield self._request()
        for _ in range(amount // 10):
            yield _encode(
                "POST", f"/api/chats/{self._chats[0]}/messages", [*_good("ada"), ("Accept", "*/*")], b'{"content":"x"}'
            )

    def one_of_each(self) -> Iterator[bytes]:
        """A good request to each route."""
        for kind, (method, path) in KINDS.items():
            of_one = path.format(message_id=1, emoji=":tada:")
            yield _encode(method, f"/api/chats/{self._chats[0]}/{of_one}", _good("bob"), self._body(kind))

    def _request(self) -> bytes:
        chance = self._random
        kind = chance.choices(list(KINDS), [5, 2, 1, 2, 2, 2, 1])[0]
        chat = self._chats[0] if chance.random() < 0.5 else chance.choice(self._chats)
        path, (method, within) = "/api/chats/{}/{}", KINDS[kind]
        within = within.format(message_id=chance.choice(_MESSAGES), emoji=chance.choice(_EMOJI))
        headers = dict(_good(chance.choices(NAMES, [5, 3, 1])[0]))
        fields = {name: [value] for name, value in headers.items()}
        body = self._body(kind)
        if kind == "messages" and chance.random() < 0.3:
            fields["Idempotency-Key"] = [f"key-{chance.randrange(10)}"]
            body = b'{"content": "%d"}' % chance.randrange(2)
        for odd in chance.sample(range(7), k=chance.choices([0, 1, 2], [5, 4, 1])[0]):
            match odd:
                case 0:
                    path = chance.choice(_PATHS)
                case 1:
                    fields["Authorization"] = chance.choice(_AUTHORIZATIONS)
                case 2:
                    fields["Content-Type"] = chance.choice(_MEDIA_TYPES)
                case 3:
                    fields["Idempotency-Key"] = chance.choice(_KEYS)
                case 4:
                    fields |= {name: [value] for name, value in chance.choice(_OTHERS).items()}
                case 5:
                    method = chance.choice(_METHODS)
                case 6:
                    body = chance.choice([*_ANY_BODIES, *_BODIES[kind], *_BODIES[kind], *_BODIES[kind], b""])
        lines = [(name, value) for name, values in fields.items() for value in values]
        chunked = chance.random() < 0.05
        return _encode(method, path.format(chat, within), lines, body, chunked=chunked)

    def _body(self, kind: str) -> bytes:
        number = self._random.randrange(5)
        contents: Mapping[str, object] = {
            "messages": {"content": f'message {number} ü 😀 " \\ </script>'},
            "read": {"seq": number},
            "unread": {"seq": number},
            "typing": {"typing": number > 1},
            "edit": {"content": f"edited {number}"},
        }
        if kind not in contents:
            return b""
        return json.dumps(contents[kind], ensure_ascii=number == 0).encode()


def _good(name: str) -> list[tuple[str, str]]:
    return [("Host", "127.0.0.1:@port@"), ("Authorization", f"Bearer @{name}@"), ("Content-Type", "application/json")]


def _encode(method: str, path: str, headers: list[tuple[str, str]], body: bytes, *, chunked: bool = False) -> bytes:
    if chunked:
        headers = [*headers, ("Transfer-Encoding", "chunked")]
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    elif body or method == "POST":
        headers = [*headers, ("Content-Length", str(len(body)))]
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
