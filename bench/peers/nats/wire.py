"""NATS' protocol as clients speak it (docs.nats.io, "Client Protocol"), and JetStream's acknowledgements over it."""

from bench.load.dialogue import Dialogue

_CONNECT = b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"lang":"bench","version":"1","protocol":1}\r\n'


def inbox(number: int) -> str:
    return f"_INBOX.{number}"


def publisher(number: int) -> Dialogue:
    """Publishes with its inbox as the reply's subject, on which JetStream acknowledges what it has stored."""
    return Dialogue(_listening(inbox(number)), answer=b'"seq":', refusal=b'"error"')


def subscriber(subject: str) -> Dialogue:
    return Dialogue(_listening(subject))


def publish(subject: str, payload: bytes, reply: str) -> bytes:
    return f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n"


def _listening(subject: str) -> tuple[tuple[bytes, bytes], ...]:
    """The server speaks first; its PONG says that the subscription counts."""
    return ((b"", b"INFO "), (_CONNECT + f"SUB {subject} 1\r\nPING\r\n".encode(), b"PONG\r\n"))
