"""squawk's findings in new migrations are refused, and those that were there before are not."""

from pathlib import Path

import pytest

from tests.sql import squawk

DOWN = "-- migrate:down\nDROP TABLE users;\n"


def found(folder: Path, up: str) -> list[tuple[str, int]]:
    (folder / "9999_new.sql").write_text(f"-- migrate:up\n{up}\n{DOWN}")
    return [(finding["rule_name"], finding["line"] + 1) for finding in squawk.new(squawk.squawked(folder), {})]


@pytest.mark.parametrize(
    ("up", "rules"),
    [
        ("ALTER TABLE users DROP COLUMN email;", ["ban-drop-column"]),
        ("ALTER TABLE users RENAME COLUMN email TO address;", ["renaming-column"]),
        ("ALTER TABLE users ADD CONSTRAINT short CHECK (length(email) < 9);", ["constraint-missing-not-valid"]),
        ("ALTER TABLE users ALTER id TYPE integer;", ["changing-column-type"]),
        ("-- squawk-ignore ban-drop-column\nALTER TABLE users DROP COLUMN email;", []),
        (
            "CREATE TABLE fruits (id bigint PRIMARY KEY);\nCREATE INDEX ON users (email);\nDROP INDEX users_email_idx;",
            [],
        ),
    ],
)
def test_what_others_would_wait_for_or_not_survive_is_found(tmp_path: Path, up: str, rules: list[str]) -> None:
    assert [rule for rule, _ in found(tmp_path, up)] == rules


def test_a_finding_is_new_unless_its_file_had_as_many() -> None:
    finding = {"file": "0005_x.sql", "rule_name": "renaming-column", "line": 1}
    assert squawk.new([finding], {"0005_x.sql": {"renaming-column": 1}}) == []
    assert squawk.new([finding, finding], {"0005_x.sql": {"renaming-column": 1}}) == [finding, finding]
    assert squawk.new([finding], {"0006_y.sql": {"renaming-column": 1}}) == [finding]


def test_nothing_new_is_in_this_repository() -> None:
    assert squawk.new(squawk.squawked(squawk.MIGRATIONS), squawk.kept()) == []
