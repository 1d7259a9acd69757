"""The encoding of all Yjs protocols (npm's lib0): unsigned numbers with 7 bits a byte, and length-prefixed data.

Stricter than lib0: a number has one form, text is UTF-8, and all data must be present. pycrdt's own reader and writer
are not used: it takes a string's length in characters, and silently truncates data that is too short.
"""

from typing import Final

# JavaScript's largest safe integer, which is lib0's bound too.
LARGEST: Final = 2**53 - 1
_LONGEST: Final = 8  # bytes of LARGEST


class Malformed(Exception):
    """Invalid bytes; the text says why."""


class Reader:
    """Reads from front to back. Every method raises Malformed."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def uint(self) -> int:
        data, at = self.data, self.at
        try:
            byte = data[at]
            if byte < 0x80:
                self.at = at + 1
                return byte
            value, shift = byte & 0x7F, 7
            while True:
                at += 1
                byte = data[at]
                value |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
                if shift >= 7 * _LONGEST:
                    raise Malformed("a number is too long")
        except IndexError:
            raise Malformed("it ends within a number") from None
        if not byte:
            raise Malformed("a number has superfluous bytes")
        if value > LARGEST:
            raise Malformed("a number is too large")
        self.at = at + 1
        return value

    def count(self, least_bytes: int) -> int:
        """The number of items that follow, each of at least `size` bytes; refused immediately if there is no room
        for them."""
        amount = self.uint()
        if amount * least_bytes > len(self.data) - self.at:
            raise Malformed("a length exceeds the data")
        return amount

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise Malformed("it is truncated")
        self.at += 1
        return self.data[self.at - 1]

    def skip(self, amount: int) -> None:
        self.at += amount
        if self.at > len(self.data):
            raise Malformed("it is truncated")

    def buffer(self) -> bytes:
        length = self.uint()
        start = self.at
        self.skip(length)
        return self.data[start : self.at]

    def string(self) -> str:
        try:
            return self.buffer().decode()
        except UnicodeDecodeError:
            raise Malformed("text is not UTF-8") from None

    def end(self) -> None:
        """Raises Malformed if there is more."""
        if self.at != len(self.data):
            raise Malformed("it has trailing bytes")


def uint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def buffer(content: bytes) -> bytes:
    return uint(len(content)) + content


def string(text: str) -> bytes:
    return buffer(text.encode())
