"""Exports that are damaged, made to do harm, or of a shape that nobody wrote: an error that says what is wrong, or
records that are in order, in bounded memory and time."""

import copy
import io
import json
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fechatter.archives.records import AnyRecord, Message, line_of, parse
from fechatter.archives.source import BadArchive, Source, open_source
from fechatter.converters import json_stream
from fechatter.converters.converting import Converter
from fechatter.converters.discord.discord import Discord
from fechatter.converters.mattermost.mattermost import Mattermost
from fechatter.converters.rocketchat.rocketchat import RocketChat
from fechatter.converters.slack.slack import Slack
from fechatter.converters.zulip.zulip import Zulip
from tests.command.converters import test_discord, test_mattermost, test_rocketchat, test_slack, test_zulip
from tests.command.converters.bson_writer import collection
from tests.command.converters.exported import as_bytes, check, folder, zipped
from tests.support.cost import assert_costs_at_most

DEEP = b"[" * 10_000 + b"]" * 10_000


def elements(data: bytes) -> list[Any]:
    return list(json_stream.members(io.BytesIO(data), "some.json"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "expected an array or an object"),
        (b"7", "expected an array or an object"),
        (b'[{"a": 1}', "expected , or ], got its end"),
        (b'[{"a": 1}] []', "something follows its end"),
        (b'{"a": [1, 2,}', "no JSON"),
        (b'{"a" 1}', "expected :, got 1"),
        (b"[1 2]", "expected , or ], got 2"),
        (b"[NaN]", "NaN is no JSON"),
        (b"[-Infinity]", "-Infinity is no JSON"),
        (b'["\xff"]', "it is not UTF-8"),
        ('[{"a": "é"}]'.encode("latin-1"), "it is not UTF-8"),
        ("[]".encode("utf-16"), "it is not UTF-8"),
        (b"[" + DEEP + b"]", "nested too deeply"),
        (b'{"a": ' + b'{"a": ' * 10_000, "nested too deeply"),
        (b"[" + b"9" * 5_000 + b"]", "no JSON"),
        (b'["' + b"x" * 1_000_000, "no JSON"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes, error: str) -> None:
    with pytest.raises(BadArchive, match=r"^some\.json, after [0-9,]+ characters: .*" + error.replace("]", r"\]")):
        elements(data)


def test_json_is_read_whatever_pieces_it_comes_in() -> None:
    value = {"a": [1, -2.5e3, "é\u2028🎉\ud83d", None, {"b": [[]]}], "c": {"d": []}, "e": [], "f": 1234567890123}
    data = b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=True, indent=2).encode()
    whole = [*(("a", each) for each in value["a"]), ("c", {"d": []}), ("f", 1234567890123)]  # type: ignore[attr-defined]
    for size in (1, 2, 3, 7, len(data)):
        assert list(json_stream.members(_Slow(data, size), "some.json")) == whole


class _Slow(io.BytesIO):
    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size)


def test_an_array_of_any_length_takes_the_memory_of_its_longest_value() -> None:
    class Endless(io.RawIOBase):
        """15 MB of elements."""

        def __init__(self) -> None:
            self._left = 150

        def read(self, size: int = -1, /) -> bytes:
            self._left -= 1
            return (
                b"[0" if self._left == 149 else (b',{"text": "' + b"x" * 989 + b'"}') * 100 if self._left > 0 else b""
            )

    tracemalloc.start()
    try:
        with pytest.raises(BadArchive, match="got its end"):
            for _ in json_stream.members(Endless(), "some.json"):  # type: ignore[arg-type]
                pass
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_a_value_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LARGEST", 1 << 20)
    with pytest.raises(BadArchive, match="a value of more than 1 MiB"):
        elements(b'["' + b"x" * (3 << 20))


# What each system's sample is made of, and which of its files has messages.
EXPORTS: dict[str, tuple[Callable[[Source], Converter], dict[str, Any], str]] = {
    "slack": (Slack, test_slack.EXPORT, "general/2023-11-14.json"),
    "mattermost": (Mattermost, {"import.jsonl": "\n".join(test_mattermost.LINES)}, "import.jsonl"),
    "zulip": (Zulip, test_zulip.EXPORT, "zulip-export/messages-000001.json"),
    "rocketchat": (RocketChat, test_rocketchat.DUMP, "rocketchat_message.bson"),
    "discord": (Discord, test_discord.EXPORT, "out/Acme - Text - general [100].json"),
}


def run(path: Path, converter: Callable[[Source], Converter]) -> list[AnyRecord]:
    with open_source(path) as source, converter(source) as made:
        return [parse(line_of(record)) for record in made.records()]


@pytest.mark.parametrize("system", EXPORTS)
@pytest.mark.parametrize("hostile", [b"", b"\xff\xfe\x00", DEEP, b"[{}]", b"{}", b'[[], 7, "x", null]', b"PK\3\4"])
def test_a_file_of_nonsense_is_refused_or_counts_for_nothing(system: str, hostile: bytes, tmp_path: Path) -> None:
    converter, export, name = EXPORTS[system]
    path = folder(tmp_path / "export", {**export, name: hostile})
    try:
        check(run(path, converter))
    except BadArchive as error:
        assert str(error)  # noqa: PT017 (either is right)


@pytest.mark.parametrize("system", EXPORTS)
def test_a_zip_that_is_cut_off_is_refused(system: str, tmp_path: Path) -> None:
    converter, export, _ = EXPORTS[system]
    packed = zipped(tmp_path / "whole.zip", export).read_bytes()
    for part in (2, 3, 10):
        path = tmp_path / f"{part}.zip"
        path.write_bytes(packed[: len(packed) * (part - 1) // part])
        with pytest.raises(BadArchive):
            run(path, converter)


@pytest.mark.parametrize("system", EXPORTS)
def test_bytes_that_have_changed_are_noticed(system: str, tmp_path: Path) -> None:
    converter, export, name = EXPORTS[system]
    path = zipped(tmp_path / "export.zip", export)
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo(name).header_offset + 30 + len(name.encode()) + 20
    packed = bytearray(path.read_bytes())
    packed[place] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(BadArchive):
        run(path, converter)


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


@pytest.mark.parametrize("name", ["../users.json", "general/../../x.json", "/etc/passwd", "general\\..\\x", "a//b"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", test_slack.EXPORT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry(name), b"[]")
    with pytest.raises(BadArchive, match="names are relative"):
        run(path, Slack)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", test_slack.EXPORT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry("users.json"), b"[]")
    with pytest.raises(BadArchive, match=r"two entries 'users\.json'"):
        run(path, Slack)


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    """In a zip it is a file with a name in it; of a folder what it leads to is left out."""
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([test_slack.message("1700000200.000000", "secret")]))
    path = zipped(tmp_path / "export.zip", test_slack.EXPORT)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry("general/2023-12-01.json", stat.S_IFLNK | 0o777), str(secret))
    with pytest.raises(BadArchive):
        run(path, Slack)
    export = folder(tmp_path / "export", test_slack.EXPORT)
    (export / "general" / "2023-12-01.json").symlink_to(secret)
    assert b"secret.json" not in b"".join(line_of(record) for record in run(export, Slack))
    assert not any("1700000200" in line_of(record).decode() for record in run(export, Slack))


def test_a_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {**test_slack.EXPORT, "general/2023-12-01.json": b" " * (32 << 20)})

    def refused() -> None:
        with pytest.raises(BadArchive, match="more than 100 times is taken for an attack"):
            run(path, Slack)

    assert_costs_at_most(0.5, refused)


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, -1, 0, 7, 1 << 70, 1e300, -0.5, "", "x", "\0\ue000@U1\ue001", "\ud800", "U1", "1", "x" * 300),
        *([], {}, [None], {"a": []}),
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in some JSON."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def changed(value: Any, changes: list[tuple[int, Any]]) -> Any:
    """The same JSON with other values in some places."""
    made = copy.deepcopy(value)
    for number, new in changes:
        found = list(places(made))
        if not found:
            return made
        *way, last = found[number % len(found)]
        inner = made
        for key in way:
            inner = inner[key]
        inner[last] = copy.deepcopy(new)  # else it may come to hold itself, and be changed for all
    return made


CHANGES = st.lists(st.tuples(st.integers(0, 10_000), VALUES), min_size=1, max_size=3)


@pytest.mark.parametrize("system", EXPORTS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_values_that_nobody_expects_are_errors_or_losses(
    system: str, changes: list[tuple[int, Any]], tmp_path: Path
) -> None:
    converter, export, name = EXPORTS[system]
    path = tmp_path / "export.zip"
    made: dict[str, Any]
    if system == "mattermost":
        lines = changed([json.loads(line) for line in test_mattermost.LINES], changes)
        made = {name: "\n".join(map(json.dumps, lines))}
    elif system == "rocketchat":
        made = {**export, name: collection(_storable(changed(test_rocketchat.MESSAGES, changes)))}
    else:
        made = changed({key: value for key, value in export.items() if not isinstance(value, bytes)}, changes)
    path.write_bytes(_zip_of(made))
    try:
        records = run(path, converter)
        ids = [record.id for record in records if isinstance(record, Message)]
        if len(ids) == len(set(ids)):  # or the loader refuses them: these systems have no message twice
            check(records)
    except BadArchive as error:
        assert str(error)  # noqa: PT017 (either is right)


def _zip_of(files: dict[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, as_bytes(content))
    return packed.getvalue()


def _storable(value: Any) -> Any:
    """Without what BSON cannot have."""
    if isinstance(value, dict):
        return {key.replace("\0", ""): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [each for each in map(_storable, value) if isinstance(each, dict)] if value is not None else value
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return 1 << 62
    return value.replace("\ud800", "?") if isinstance(value, str) else value
