"""A message on its way into the database, and what came of it."""

import msgspec


class Post(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """`extra` is the JSON of fields that a plain text does not have, as post_messages() takes it. `traceparent` is that
    of the request, if it is traced."""

    sender_id: int
    chat_id: int
    content: str
    extra: str | None
    idempotency_key: str | None
    traceparent: str | None = None


class Posted(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """`outcome` is that of post_messages(); `message` is its JSON, empty if there is none."""

    outcome: str
    message: str
