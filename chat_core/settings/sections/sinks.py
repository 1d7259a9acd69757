"""Sinks: other systems that events are sent to by their place in the log, any number of them."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.types import NO_BOOLEAN, Section, Subject, check_password_file, in_words, split_list

# What the order and the keys of events depend on, and what has a setting of its own.
OURS = frozenset(
    {
        *("bootstrap.servers", "metadata.broker.list", "enable.idempotence", "enable.gapless.guarantee", "acks"),
        *("request.required.acks", "transactional.id", "message.timeout.ms", "delivery.timeout.ms", "partitioner"),
        *("sasl.password", "max.in.flight", "max.in.flight.requests.per.connection", "test.mock.num.brokers"),
    }
)


def _check_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", value):
        raise ValueError
    return value


def _check_workspaces(value: object) -> object:
    return value if value == "all" else split_list(value)


def _check_options(value: dict[str, str]) -> dict[str, str]:
    if not value.keys().isdisjoint(OURS):
        raise ValueError
    return value


Name = Annotated[str, AfterValidator(_check_name)]
File = Annotated[Path, in_words("the path of a file")]
Text = Annotated[str, Field(min_length=1, max_length=255), in_words("a text of 1 to 255 characters")]
Workspaces = Annotated[
    Literal["all"] | Annotated[list[Annotated[int, Field(ge=1), NO_BOOLEAN]], Field(min_length=1, max_length=1000)],
    BeforeValidator(_check_workspaces),
    in_words("all, or a list of the ids of workspaces"),
]
ChatType = Literal["Single", "Group", "PrivateChannel", "PublicChannel"]


class Sink(Section):
    """One system that events are sent to. docs/integrations/streams.md describes each field."""

    type: Annotated[Literal["nats", "kafka"], in_words("nats or kafka")]
    servers: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=255)]],
        Field(min_length=1, max_length=32),
        BeforeValidator(split_list),
        in_words("a list of servers such as nats://10.0.0.5:4222, or kafka-1:9092"),
    ]
    workspaces: Workspaces
    chat_types: Annotated[
        list[ChatType],
        BeforeValidator(split_list),
        in_words("a list of Single, Group, PrivateChannel and PublicChannel"),
    ] = Field(default=["PublicChannel"])
    documents: Annotated[bool, in_words("true or false")] = False
    kinds: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{1,63}$")]],
        Field(max_length=200),
        BeforeValidator(split_list),
        in_words("a list of kinds of events, such as [NewMessage]"),
    ] = Field(default=[])
    topic: Annotated[Subject, Field(max_length=200)] = "fechatter"
    source: Text | None = None
    stream: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"), in_words("the name of a stream")] | None = None
    user: Text | None = None
    password_file: File | None = None
    credentials_file: File | None = None
    ca_file: File | None = None
    options: Annotated[
        dict[str, str],
        AfterValidator(_check_options),
        in_words("options of librdkafka, but for those that the order of events depends on, and sasl.password"),
    ] = Field(default={})

    @model_validator(mode="after")
    def _fits(self) -> "Sink":
        if self.type == "nats" and self.stream is None:
            raise PydanticCustomError("combination", "stream: missing; expected the name of a stream of JetStream")
        of_nats = {"stream": self.stream, "credentials_file": self.credentials_file}
        foreign = [name for name, value in of_nats.items() if value is not None] if self.type == "kafka" else []
        if self.type == "nats" and self.options:
            foreign = ["options"]
        if foreign:
            raise PydanticCustomError(
                "combination", f"{foreign[0]}: expected nothing, since a sink of the type {self.type} has none"
            )
        check_password_file(self.user, self.password_file)
        return self


def _as_written(value: object) -> object:
    """In the environment it is JSON."""
    sinks: Any = json.loads(value) if isinstance(value, str) else value
    return sinks


Sinks = Annotated[
    dict[Name, Sink],
    BeforeValidator(_as_written),
    in_words("sinks by name (small letters, digits, - and _), each with the fields of docs/integrations/streams.md"),
]
