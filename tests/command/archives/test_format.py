"""Archives as they are read: the format, and what people bring that is none."""

import io
import json
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from fechatter.archives.reading import LINES, records_of
from fechatter.archives.records import AnyRecord, line_of
from fechatter.archives.source import BadArchive, open_source

FORMAT = (Path(__file__).parents[3] / "docs" / "import" / "format.md").read_text()
SAMPLE = FORMAT.rsplit("```json\n", 1)[1].split("```")[0]
HEAD = '{"kind": "archive", "version": 1, "source": "slack", "origin": "T1"}\n'


def read(path: Path) -> list[AnyRecord]:
    with open_source(path) as source:
        return [record for _, record in records_of(source)]


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, entries: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_the_sample_is_read_from_a_zip_a_tar_a_folder_and_alone(tmp_path: Path) -> None:
    entries = {LINES: SAMPLE.encode(), "files/plan.pdf": b"%PDF-"}
    folder = tmp_path / "folder"
    for name, content in entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    alone = tmp_path / "some.jsonl"
    alone.write_text(SAMPLE)
    found = [
        read(path) for path in (zipped(tmp_path / "a.zip", entries), tarred(tmp_path / "a.tar", entries), folder, alone)
    ]
    assert len(found[0]) == SAMPLE.count("\n")
    assert found[0] == found[1] == found[2] == found[3]
    for path in (tmp_path / "a.zip", tmp_path / "a.tar", folder):
        with open_source(path) as source:
            assert sorted(source.names()) == [LINES, "files/plan.pdf"]
            assert source.size("files/plan.pdf") == 5
            with source.open("files/plan.pdf") as plan:
                assert plan.read() == b"%PDF-"


def test_the_page_names_each_field_and_a_record_is_written_as_it_is_read(tmp_path: Path) -> None:
    lines = tmp_path / "some.jsonl"
    lines.write_text(SAMPLE)
    for record, line in zip(read(lines), SAMPLE.splitlines(), strict=True):
        assert json.loads(line_of(record)) == json.loads(line)
        missing = [field for field in record.__struct_fields__ if f"`{field}`" not in FORMAT]
        assert not missing, f"docs/import/format.md does not name {missing} of {type(record).__name__}"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"kind": "person", "id": "1"}', "line 2: Object missing required field `fullname`"),
        (b'{"kind": "person", "id": "1", "fullname": 7}', "line 2: Expected `str`, got `int` - at `$.fullname`"),
        (
            b'{"kind": "person", "id": "1", "fullname": "A", "admin": true}',
            "line 2: Object contains unknown field `admin`",
        ),
        (b'{"kind": "spell", "id": "1"}', "line 2: Invalid value 'spell' - at `$.kind`"),
        (
            b'{"kind": "message", "id": "1", "chat": "1", "sender": "1", "created_at": "2024-01-01T00:00:00"}',
            "line 2: Expected `datetime` with a timezone component - at `$.created_at`",
        ),
        (b'{"kind": "person", "id": "1", "fullname": "\xff"}', "line 2 is no JSON in UTF-8"),
        (SAMPLE.splitlines()[1].encode("utf-16"), "line 2 is no JSON in UTF-8"),
        (b'{"kind": "person"', "line 2 is no JSON in UTF-8"),
        (b'{"kind": "person", "id": "1", "fullname": "' + b"x" * (10 << 20), "line 2 is longer than 1,048,576 bytes"),
        (b'{"kind": "message", "metadata": ' + b'{"a":' * 200_000, "line 2 is nested too deeply"),
    ],
)
def test_an_error_names_the_line_and_the_field(tmp_path: Path, line: bytes, complaint: str) -> None:
    lines = tmp_path / "some.jsonl"
    lines.write_bytes(HEAD.encode() + line)
    with pytest.raises(BadArchive, match="^" + re.escape(complaint)):
        read(lines)


def test_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    for name in ("../x", "/etc/passwd", "a/../../x", "a\\..\\x", "a//b"):
        if "\\" not in name:  # zipfile writes another one
            with pytest.raises(BadArchive, match=r"without \.\. in them"):
                read(zipped(tmp_path / "a.zip", {LINES: HEAD.encode(), name: b""}))
        with pytest.raises(BadArchive, match=r"without \.\. in them"):
            read(tarred(tmp_path / "a.tar", {LINES: HEAD.encode(), name: b""}))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / LINES).write_text(HEAD)
    (tmp_path / "secret").write_text("secret")
    (folder / "leads-out").symlink_to(tmp_path / "secret")
    with open_source(folder) as source:
        assert list(source.names()) == [LINES]
        for name in ("leads-out", "../secret"):
            with pytest.raises(BadArchive):
                source.open(name)


def test_bombs_doubles_and_damage_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=r"would grow from .* to 52,428,800 bytes"):
        read(zipped(tmp_path / "bomb.zip", {LINES: HEAD.encode(), "files/zeros": bytes(50 << 20)}))
    # None of these is a bomb by itself.
    with pytest.raises(BadArchive, match="the archive would grow"):
        read(zipped(tmp_path / "many.zip", {LINES: HEAD.encode(), **{f"files/{n}": bytes(9 << 20) for n in range(3)}}))
    doubled = tmp_path / "doubled.zip"
    with zipfile.ZipFile(doubled, "w") as archive:
        archive.writestr(LINES, HEAD)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(LINES, HEAD)
    with pytest.raises(BadArchive, match="two entries"):
        read(doubled)

    whole = zipped(tmp_path / "whole.zip", {LINES: SAMPLE.encode() * 50}).read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[:60] + bytes(40) + whole[100:])
    with pytest.raises(BadArchive, match="damaged"):
        read(damaged)
    damaged.write_bytes(whole[:-40])
    with pytest.raises(BadArchive, match="no readable zip"):
        read(damaged)
    packed = tmp_path / "archive.tar.gz"
    packed.write_bytes(b"\x1f\x8b" + bytes(20))
    with pytest.raises(BadArchive, match="decompress it first"):
        read(packed)
    with pytest.raises(BadArchive, match="cannot be read"):
        read(tmp_path / "missing")


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, lines = tmp_path / "folder", tmp_path / "lines.jsonl"
    folder.mkdir()
    for file in (folder / LINES, lines):
        file.write_text(HEAD)
    with open_source(folder) as inside, open_source(lines) as alone:

        def refused(self: Path, *_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refused)
        for source, name in ((inside, LINES), (alone, lines.name)):
            with pytest.raises(BadArchive, match=f"{name} cannot be read: Permission denied"):
                source.open(name)


def test_an_archive_of_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=r"has no archive\.jsonl"):
        read(zipped(tmp_path / "slack.zip", {"users.json": b"[]"}))
