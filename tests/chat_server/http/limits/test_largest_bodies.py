"""The largest bodies that a request may have, of every operation: none holds the loop for long."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import NoneType
from typing import Any, get_args

import msgspec
import pytest
from litestar import Litestar

from chat_core.problems import Problem
from chat_core.settings import Server
from chat_server import app
from chat_server.http import bodies
from chat_server.http.api_request import ApiRequest
from chat_server.routes.messages.messages import NewMessage

LONGEST = 0.1  # twice what is promised: other processes share the machine
LARGEST = Server().max_body_bytes


def many(unit: bytes, around: int = 200) -> bytes:
    """As many of these, with commas, as a body has room for beside what is around them."""
    return b",".join([unit] * ((LARGEST - around) // (len(unit) + 1)))


KEYS = b",".join(b'"%x":0' % number for number in range(25_000))
VALUES = {
    "a text": b'"' + b"a" * (LARGEST - 100) + b'"',
    "spaces": b'"' + b" " * (LARGEST - 100) + b'"',
    "escapes": b'"' + b"\\u0041" * ((LARGEST - 100) // 6) + b'"',
    "no UTF-8": b'"' + b"\xff" * (LARGEST - 100) + b'"',
    "almost addresses": b'"' + b"a@" * ((LARGEST - 100) // 2) + b'"',
    "almost a name": b'"' + b"a." * ((LARGEST - 100) // 2) + b'!"',
    "digits": b"1" * (LARGEST - 100),
    "a list": b"[" + many(b"1") + b"]",
    "lists": b"[" + many(b"[]") + b"]",
    "many keys": b"{" + KEYS + b"}",
    "deep": b"[" * (LARGEST // 2) + b"]" * (LARGEST // 2),
    "deep objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "less deep": b"[" * 900 + b"]" * 900,
}
HALF = b'"\\ud800"'  # of a surrogate pair: it is said where it stands
HALVES = {
    name: b'{"content":"x","metadata":{"a":[' + many(unit) + b"," + HALF + b"]}}"
    for name, unit in {"lists": b"[]", "objects": b"{}", "nested": b"[[[]]]", "texts": b'"a"', "numbers": b"1"}.items()
}
HALVES["keys"] = b'{"content":"x","metadata":{' + KEYS + b',"z":' + HALF + b"}}"


def body_types() -> Iterator[type[msgspec.Struct]]:
    """Of all operations."""
    for route in Litestar([app.api()], request_class=ApiRequest, openapi_config=None).routes:
        for handler in getattr(route, "route_handlers", ()):
            if field := handler.parsed_data_field:
                yield from (kind for kind in get_args(field.annotation) or [field.annotation] if kind is not NoneType)


@contextmanager
def collected_as_a_server_does() -> Iterator[None]:
    """chat_core/http/serving.py has the same; what tests have made is none of it."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def seconds(body: bytes, wanted: type[msgspec.Struct]) -> float:
    begun = time.thread_time()
    try:
        decoded: Any = bodies.decode(body, wanted)
        bodies.metadata_json(getattr(decoded, "metadata", None))
    except Problem as problem:
        assert problem.status in (400, 422)  # noqa: PT017
    return time.thread_time() - begun


@pytest.mark.long
def test_no_body_takes_long_to_be_read() -> None:
    wanted = set(body_types())
    assert len(wanted) > 30
    slow = {}
    with collected_as_a_server_does():
        for kind in wanted:
            for field in msgspec.structs.fields(kind):
                for name, value in VALUES.items():
                    body = b'{"%b":%b}' % (field.encode_name.encode(), value)
                    if (took := seconds(body, kind)) > LONGEST:
                        slow[kind.__name__, field.encode_name, name] = took
            for name, body in VALUES.items():
                if (took := seconds(body, kind)) > LONGEST:
                    slow[kind.__name__, "body", name] = took
    assert not slow


@pytest.mark.long
@pytest.mark.parametrize("name", HALVES)
def test_where_half_of_a_pair_stands_is_not_looked_for_for_long(name: str) -> None:
    with collected_as_a_server_does():
        assert seconds(HALVES[name], NewMessage) < LONGEST
    with pytest.raises(Problem) as refused:
        bodies.decode(HALVES[name], NewMessage)
    assert refused.value.errors[0].path == "body"


def test_where_half_of_a_pair_stands_is_said() -> None:
    body = b'{"content":"x","metadata":{"a":[1,[],{"b":[0,"\\ud800"]}]}}'
    with pytest.raises(Problem) as refused:
        bodies.decode(body, NewMessage)
    assert refused.value.errors[0].path == "metadata.a[2].b[1]"
