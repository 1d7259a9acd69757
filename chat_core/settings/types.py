"""The types of settings' values: each has its bounds, and words for what it expects."""

import ipaddress
import json
import re
import urllib.parse
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from chat_core.settings import database_url


def _refuse_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError  # YAML's `yes` would otherwise count as 1
    return value


def split_list(value: object) -> object:
    """Lists in the environment are comma-separated, or JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


def _check_origin(value: str) -> str:
    parts = urllib.parse.urlsplit(value)
    if parts.scheme not in ("http", "https") or value != f"{parts.scheme}://{parts.netloc}" or not parts.netloc:
        raise ValueError
    return value


def _check_server(value: str) -> str:
    return _check_origin(value.rstrip("/"))


def _check_internal_path(value: str) -> str:
    if re.fullmatch(r"/([A-Za-z0-9_.-]+/)+", value) is None:
        raise ValueError
    return value


def _check_daemon(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not value.startswith("/") and not (host and colon and port.isdecimal() and 0 < int(port) < 65_536):
        raise ValueError
    return value


def _check_host_and_port(value: str) -> str:
    parts = urllib.parse.urlsplit(f"//{value}")
    if not parts.hostname or parts.port is None or value != parts.netloc or "@" in value or value != value.lower():
        raise ValueError
    return value


def _check_address(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


def _check_database_url(value: SecretStr) -> SecretStr:
    database_url.check(value.get_secret_value())
    return SecretStr(database_url.for_writes(value.get_secret_value()))


def _check_standby_url(value: SecretStr) -> SecretStr:
    database_url.check(value.get_secret_value())
    return SecretStr(database_url.for_standby(value.get_secret_value()))


def check_password_file(user: str | None, password_file: Path | None) -> None:
    """Of a section with these two: there are both, or none."""
    if (user is None) == (password_file is not None):
        raise PydanticCustomError("combination", "user: expected password_file with it, and the other way round")


def in_words(text: str) -> Any:
    """What a setting's error message says was expected, if its bounds do not say it."""
    return Field(json_schema_extra={"x-expected": text})


NO_BOOLEAN = BeforeValidator(_refuse_boolean)
NULL_IS_ZERO = BeforeValidator(lambda value: 0 if value is None else value)

Port = Annotated[int, Field(ge=1, le=65535), NO_BOOLEAN]
Count = Annotated[int, Field(ge=1, le=1_000_000_000), NO_BOOLEAN]
Workers = Annotated[int, Field(ge=1, le=64), NO_BOOLEAN]
Seconds = Annotated[float, Field(gt=0, le=86_400), NO_BOOLEAN]
Quota = Annotated[int, Field(ge=0, le=1_000_000_000), NO_BOOLEAN, NULL_IS_ZERO]
Bytes = Annotated[int, Field(ge=0, le=2**60), NO_BOOLEAN, NULL_IS_ZERO]
WholeSeconds = Annotated[int, Field(ge=1, le=86_400), NO_BOOLEAN]
Days = Annotated[int, Field(ge=1, le=3650), NO_BOOLEAN]
Host = Annotated[str, Field(min_length=1, max_length=255), in_words("a host name or an IP address")]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database_url), in_words(database_url.EXPECTED)]
StandbyUrl = Annotated[SecretStr, AfterValidator(_check_standby_url), in_words(database_url.EXPECTED)]
Origins = Annotated[
    list[Annotated[str, AfterValidator(_check_origin)]],
    BeforeValidator(split_list),
    in_words("a list of origins such as https://chat.example.com, without a path"),
]
ServerUrl = Annotated[str, AfterValidator(_check_server), in_words("http://host:port, without a path")]
InternalPath = Annotated[str, AfterValidator(_check_internal_path), in_words("a path such as /internal-files/")]
DaemonAddress = Annotated[str, AfterValidator(_check_daemon), in_words("the path of a socket, or host:port")]
HostsAndPorts = Annotated[
    list[Annotated[str, AfterValidator(_check_host_and_port)]],
    BeforeValidator(split_list),
    in_words("a list of hosts with their ports, such as wiki.internal:443"),
]
Subject = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"),
    in_words("letters, digits, - and _, with full stops"),
]
Addresses = Annotated[
    list[Annotated[str, AfterValidator(_check_address)]],
    BeforeValidator(split_list),
    in_words("a list of IP addresses or networks"),
]


class Section(BaseModel):
    """A section of app.yaml. Its docstring and those of its fields are the comments there."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
