"""The loader of named queries: what it gives, and each way in which a file or a binding can be wrong."""

from pathlib import Path

import pytest

from chat_core.database.queries import QueryError, load, parse, query


def test_parameters_are_numbered_in_the_order_they_are_declared() -> None:
    text = "-- name: pair(low, high)\n-- Two.\nSELECT :high::text, :low, :high;\n"
    parsed = parse(text, "x.sql")["pair"]
    assert parsed.parameters == ("low", "high")
    assert parsed.sql == "/* pair */ SELECT $2::text, $1, $2"


def test_casts_and_slices_are_no_parameters() -> None:
    text = "-- name: slice(a)\n-- A slice.\nSELECT (:a::bigint[])[1:2], now()::date\n"
    assert parse(text, "x.sql")["slice"].sql.endswith("SELECT ($1::bigint[])[1:2], now()::date")


def test_a_parameter_that_begins_like_another_one_is_its_own() -> None:
    text = "-- name: both(id, id_of)\n-- Both.\nSELECT :id, :id_of\n"
    assert parse(text, "x.sql")["both"].sql.endswith("SELECT $1, $2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1\n", "on the first line"),
        ("-- name: a()\nSELECT 1\n", "sentence above"),
        ("-- name: a()\n-- A.\nSELECT 1;\n-- name: a()\n-- A.\nSELECT 2;\n", "twice"),
        ("-- name: a(b)\n-- A.\nSELECT 1\n", "declares"),
        ("-- name: a()\n-- A.\nSELECT :b\n", "declares"),
    ],
)
def test_a_file_that_is_wrong_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        parse(text, "x.sql")


def test_a_name_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.sql", "b.sql"):
        (tmp_path / name).write_text("-- name: same()\n-- The same.\nSELECT 1\n")
    with pytest.raises(QueryError, match="another file"):
        load(tmp_path)


def test_a_binding_has_to_fit() -> None:
    with pytest.raises(QueryError, match="no query"):
        query("no_such_query")
    with pytest.raises(QueryError, match="takes"):
        query("log_after", "position")


def test_a_call_has_to_give_exactly_the_parameters() -> None:
    bound = query("stream_effects", "user_id", "position", "last")
    assert bound._call({"position": 2, "last": 3, "user_id": 1}) == [bound.sql, 1, 2, 3]
    for values in ({"position": 1}, {"position": 1, "last": 3, "user_id": 2, "limit": 3}):
        with pytest.raises(TypeError, match="stream_effects takes"):
            bound._call(values)
