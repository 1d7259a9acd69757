"""JSON of any size, a value at a time: elements of an array that is the file, or of one in its object."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, Final

from fechatter.archives.source import BadArchive

LARGEST: Final = 32 << 20  # characters of one value: a message with all its reactions, or a whole small table
CHUNK: Final = 256 << 10
_SPACE: Final = " \t\n\r"
_OF_NUMBERS: Final = ("", *"0123456789.eE+-")


def members(opened: IO[bytes], name: str) -> Iterator[tuple[str | None, Any]]:
    """Each element of each array, with its member's name: None of an array that is the whole file. Members that are no
    arrays come as they are. `name` is for errors."""
    return _Reader(opened, name).members()


def elements(opened: IO[bytes], name: str) -> Iterator[dict[str, Any]]:
    """The objects of an array that is the file."""
    for key, value in members(opened, name):
        if key is not None or not isinstance(value, dict):
            raise BadArchive(f"{name}: expected an array of objects")
        yield value


def parse(text: str | bytes, name: str) -> Any:
    """One value that is all there is. Raises BadArchive."""
    try:
        return _DECODER.decode(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"{name}: {_why(error)}") from None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "JSON that is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start})"
    return f"no JSON: {error}"


class _Reader:
    def __init__(self, opened: IO[bytes], name: str) -> None:
        self._opened = opened
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._text = ""
        self._at = 0
        self._done = 0  # characters before self._text
        self._ended = False

    def members(self) -> Iterator[tuple[str | None, Any]]:
        if self._peek() == "[":
            yield from ((None, value) for value in self._array())
        elif self._peek() == "{":
            yield from self._object()
        else:
            raise self._error("expected an array or an object")
        if self._peek():
            raise self._error("something follows its end")

    def _object(self) -> Iterator[tuple[str, Any]]:
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise self._error("expected a member's name")
            key = self._value()
            self._expect(":")
            if self._peek() == "[":
                yield from ((key, value) for value in self._array())
            else:
                yield key, self._value()
            if self._expect(",}") == "}":
                return

    def _array(self) -> Iterator[Any]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._expect(",]") == "]":
                return

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._error(_why(error)) from None
            except ValueError as error:
                # What is cut off looks as what is wrong, until there is more of it.
                if self._ended or isinstance(error, UnicodeDecodeError) or not isinstance(error, json.JSONDecodeError):
                    raise self._error(_why(error)) from None
                end = None
            if end is not None and (self._ended or self._ends(value, end)):
                self._at = end
                return value
            if len(self._text) - self._at > LARGEST:
                raise self._error(f"no JSON, or a value of more than {LARGEST >> 20} MiB")
            self._read(max(CHUNK, len(self._text) - self._at))

    def _ends(self, value: Any, end: int) -> bool:
        """Whether a value ends there, whatever follows: a number may go on."""
        return not isinstance(value, int | float) or self._text[end : end + 1] not in _OF_NUMBERS

    def _peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._read(CHUNK)

    def _expect(self, any_of: str) -> str:
        found = self._peek()
        if not found or found not in any_of:
            raise self._error(f"expected {' or '.join(any_of)}, got {found or 'its end'}")
        self._at += 1
        return found

    def _read(self, amount: int) -> None:
        chunk = self._opened.read(amount)
        self._ended = not chunk
        try:
            more = self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError:
            raise self._error("it is not UTF-8") from None
        self._done += self._at
        self._text, self._at = self._text[self._at :] + more, 0

    def _error(self, why: str) -> BadArchive:
        return BadArchive(f"{self._name}, after {self._done + self._at:,} characters: {why}")
