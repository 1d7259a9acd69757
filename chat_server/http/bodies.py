"""Request bodies: JSON, validated against a type, and the text of validation errors.

Malformed JSON is a 400 `malformed_json`; an invalid field of valid JSON a 422 `validation_failed` that names its path.
"""

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from chat_core.problems import FieldError, Problem
from chat_server.http.fields import PATTERNS_IN_WORDS

T = TypeVar("T", bound=msgspec.Struct)

_WORDS = {
    "int": "a whole number",
    "str": "a string",
    "bool": "true or false",
    "float": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`")
_MISSING_FIELD = re.compile(r"Object missing required field `(.*)`")
_TYPE = re.compile(r"Expected `([^`]*)`(?:, got `.*`)?$")
_BOUND = re.compile(r"Expected `(\w+)`(?: of length)? ([<>]=) (-?\d+)$")
_PATTERN = re.compile(r"Expected `str` matching regex '(.*)'$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
METADATA_BYTES = 4096
# Objects and lists within each other. Decoders of JSON bound this too, and clients' may do so earlier than ours.
METADATA_LEVELS = 64
# In bodies larger than a message's can be, the place of an invalid character is not reported.
_WALKED_BYTES = 131_072
# For every time in a body. With its offset, a time can lie beyond the range of Python and Postgres in UTC.
EARLIEST, FOR_GOOD = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def decode(body: bytes, wanted: type[T]) -> T:
    """The body as a struct. Raises Problem."""
    try:
        decoded = msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        invalid(field_error(message, where.rstrip("`").lstrip("."), wanted))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if path := _path_of_surrogate(body):
            invalid(FieldError(path, "a text of Unicode characters without unpaired surrogates"))
        raise Problem(400, "malformed_json", "The body is not JSON.") from None

    for name in _times_of(wanted):
        given = getattr(decoded, name)
        if isinstance(given, datetime) and not EARLIEST <= given <= FOR_GOOD:
            invalid(FieldError(name, "a time from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z"))
    return decoded


def invalid(*errors: FieldError) -> NoReturn:
    """Refuses a body because of fields that its type alone cannot rule out."""
    raise Problem(422, "validation_failed", f"{errors[0].path}: expected {errors[0].expected}.", errors)


@cache
def _times_of(wanted: type) -> tuple[str, ...]:
    """The fields that hold times."""
    return tuple(name for name, hint in get_type_hints(wanted).items() if datetime in (hint, *get_args(hint)))


def metadata_json(metadata: dict[str, Any] | None) -> str | None:
    """As it is stored. Raises Problem 422 if it is too large or nested too deep, or has content that Postgres' jsonb
    cannot hold."""
    if metadata is None:
        return None
    encoded = msgspec.json.encode(metadata)
    if len(encoded) > METADATA_BYTES:
        invalid(FieldError("metadata", f"an object of at most {METADATA_BYTES} bytes of JSON"))
    if _NUL.search(encoded):
        invalid(FieldError("metadata", "an object whose texts have no NUL characters"))
    if _is_deeper(metadata, METADATA_LEVELS):
        invalid(FieldError("metadata", f"an object of at most {METADATA_LEVELS} levels"))
    return encoded.decode()


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    within = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in within)


def field_error(message: str, path: str, wanted: type | None = None) -> FieldError:
    """msgspec's message about a body in words. `path` is its location, such as `members[2]`; "" is the body itself."""
    prefix = f"{path}." if path else ""
    if unknown := _UNKNOWN_FIELD.match(message):
        return FieldError(prefix + unknown[1], f"one of the fields {_fields_of(wanted)}")
    if missing := _MISSING_FIELD.match(message):
        return FieldError(prefix + missing[1], "a value: this field is required")
    return FieldError(path or "body", in_words(message, get_type_hints(wanted).get(path) if wanted else None))


def in_words(message: str, wanted: Any) -> str:
    """What msgspec expected; `wanted` is the type of the value."""
    if message.startswith(("Invalid RFC3339", "Expected `datetime")):
        return "a time with its zone, such as 2026-01-02T03:04:05Z"
    if types := _TYPE.match(message):
        return " or ".join(_WORDS.get(name, name) for name in types[1].split(" | "))
    if bound := _BOUND.match(message):
        kind, edge, number = bound[1], "at least" if bound[2] == ">=" else "at most", bound[3]
        unit = {"str": " character", "array": " item"}.get(kind, "")
        plural = "s" if unit and number != "1" else ""
        return f"{_WORDS[kind]} of {edge} {number}{unit}{plural}"
    if pattern := _PATTERN.match(message):
        regex = pattern[1].replace("\\\\", "\\")
        return PATTERNS_IN_WORDS.get(regex, f"a text that matches {regex}")
    if message.startswith("Invalid enum value"):
        return f"one of {', '.join(_choices(wanted))}"
    return "another value"


def _choices(wanted: Any) -> list[str]:
    literals = [wanted, *get_args(wanted)]
    return [value for literal in literals if get_origin(literal) is Literal for value in get_args(literal)]


def _fields_of(wanted: type | None) -> str:
    return ", ".join(field.encode_name for field in msgspec.structs.fields(wanted)) if wanted else "none"


def _path_of_surrogate(body: bytes) -> str | None:
    r"""The path of an unpaired \ud800 in a body that is otherwise JSON; msgspec only reports that it cannot parse
    it."""
    try:
        value = json.loads(body)
        if len(body) > _WALKED_BYTES:
            return "body" if _SURROGATE.search(json.dumps(value, ensure_ascii=False)) else None
        path = _surrogate_in(value)
    except (ValueError, RecursionError):
        return None
    return None if path is None else path.removeprefix(".") or "body"


def _surrogate_in(value: Any) -> str | None:
    """The path from here, built only on the way back: a body may hold a hundred thousand values."""
    if isinstance(value, str):
        return "" if _SURROGATE.search(value) else None
    if isinstance(value, dict):
        for key, item in value.items():
            if item and not _SURROGATE.search(key) and (found := _surrogate_in(item)) is not None:
                return f".{key}{found}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item and (found := _surrogate_in(item)) is not None:
                return f"[{index}]{found}"
    return None
