"""Every setting of both servers: its meaning, its default and its bounds, side by side.

`load_settings` reads the first of `$CHAT_CONFIG`, `./app.yaml`, `/etc/config/app.yaml`; environment variables
beat the file (`FECHATTER_SERVER__PORT=7000` is `server.port`). Whatever is wrong becomes one readable line.
"""

import ipaddress
import json
import os
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from chat_core import database_url, settings_errors
from chat_core.settings_errors import SettingsError as SettingsError

PREFIX = "FECHATTER_"
DEFAULT_FILES = (Path("app.yaml"), Path("/etc/config/app.yaml"))


def _refuse_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError  # YAML's `yes` would otherwise count as 1
    return value


def _split_list(value: object) -> object:
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


def _check_address(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


def _check_database_url(value: SecretStr) -> SecretStr:
    database_url.check(value.get_secret_value())
    return value


def _in_words(text: str) -> Any:
    """What the error message of a setting says was expected, where its bounds do not say it."""
    return Field(json_schema_extra={"x-expected": text})


_NO_BOOLEAN = BeforeValidator(_refuse_boolean)
_NULL_IS_ZERO = BeforeValidator(lambda value: 0 if value is None else value)

Port = Annotated[int, Field(ge=1, le=65535), _NO_BOOLEAN]
Count = Annotated[int, Field(ge=1, le=1_000_000_000), _NO_BOOLEAN]
Workers = Annotated[int, Field(ge=1, le=64), _NO_BOOLEAN]
Seconds = Annotated[float, Field(gt=0, le=86_400), _NO_BOOLEAN]
Quota = Annotated[int, Field(ge=0, le=1_000_000_000), _NO_BOOLEAN, _NULL_IS_ZERO]
Bytes = Annotated[int, Field(ge=0, le=2**60), _NO_BOOLEAN, _NULL_IS_ZERO]
WholeSeconds = Annotated[int, Field(ge=1, le=86_400), _NO_BOOLEAN]
Days = Annotated[int, Field(ge=1, le=3650), _NO_BOOLEAN]
Host = Annotated[str, Field(min_length=1, max_length=255), _in_words("a host name or an IP address")]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_check_database_url), _in_words(database_url.EXPECTED)]
Origins = Annotated[
    list[Annotated[str, AfterValidator(_check_origin)]],
    NoDecode,
    BeforeValidator(_split_list),
    _in_words("a list of origins such as https://chat.example.com, without a path"),
]
ServerUrl = Annotated[str, AfterValidator(_check_server), _in_words("http://host:port, without a path")]
Addresses = Annotated[
    list[Annotated[str, AfterValidator(_check_address)]],
    NoDecode,
    BeforeValidator(_split_list),
    _in_words("a list of IP addresses or networks"),
]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Database(Section):
    """Where the data lives, and how both servers use it."""

    url: DatabaseUrl | None = None
    """postgresql://user:password@host:port/name. None: the embedded Postgres in `data_dir`. Secret."""

    pool_min: Count = 1
    """Connections that a worker of a server keeps open when idle."""

    pool_max: Annotated[int, Field(ge=1, le=1000), _NO_BOOLEAN] = 10
    """Connections that a worker of a server opens at most."""

    connect_timeout_seconds: Seconds = 10
    """How long a connection may take to open."""

    statement_timeout_seconds: Seconds = 15
    """How long one statement may run before Postgres cancels it."""

    @model_validator(mode="after")
    def _pool_bounds(self) -> Self:
        if self.pool_min > self.pool_max:
            raise PydanticCustomError(
                "combination",
                "pool_min: expected at most pool_max, which is {pool_max}, got {pool_min}",
                {"pool_max": self.pool_max, "pool_min": self.pool_min},
            )
        return self


class Server(Section):
    """chat_server: REST."""

    host: Host = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every IPv4 address of the machine."""

    port: Port = 6688
    """TCP port."""

    workers: Workers = 1
    """Processes that share the port, each with a pool of its own."""

    cors_origins: Origins = []
    """Origins whose pages may call this server, such as https://chat.example.com. Empty: none."""

    public_url: ServerUrl | None = None
    """Where browsers reach this server: the origin of its own pages. None: `port`, by any name of this machine."""

    trusted_proxies: Addresses = []
    """Addresses or networks of proxies whose X-Forwarded-For both servers believe. Empty: nobody's."""

    max_body_bytes: Annotated[int, Field(ge=1024, le=104_857_600), _NO_BOOLEAN] = 262_144
    """Largest request body."""

    drain_seconds: Seconds = 5
    """How long running requests may go on after SIGTERM."""


class Connections(Section):
    """What both servers let a connection take before its request is whole, and a client address of connections."""

    per_address: Count = 1000
    """Connections of one client address (IPv6: one /64) to one worker. Trusted proxies have no such bound."""

    head_seconds: WholeSeconds = 10
    """How long a client may take to send a whole request head, and how long its body may be slow."""

    idle_seconds: WholeSeconds = 75
    """How long a connection may stay open between two requests, or not read the answer to one."""

    body_bytes_per_second: Count = 1024
    """Least rate of a request body, once head_seconds are over."""


class Notify(Section):
    """notify_server: live events over SSE and WebSocket."""

    host: Host = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for every IPv4 address of the machine."""

    port: Port = 6687
    """TCP port."""

    workers: Workers = 1
    """Processes that share the port, each with a pool of its own."""

    cors_origins: Origins = []
    """Origins whose pages may open streams, beside chat_server's own. Empty: none."""

    public_url: ServerUrl | None = None
    """Where the pages of chat_server reach this server. None: at `port` of the host that the page comes from."""

    heartbeat_seconds: Seconds = 15
    """A stream that was idle for so long gets a comment, which keeps proxies from closing it."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), _NO_BOOLEAN] = 1_048_576
    """Bytes that may wait for one slow reader. Past that it is disconnected and resumes from its cursor."""

    ring_bytes: Annotated[int, Field(ge=0, le=17_179_869_184), _NO_BOOLEAN] = 33_554_432
    """Memory for the newest events. Who comes back within them costs the database nothing."""

    poll_seconds: Seconds = 4
    """The log is read at least this often, in case a notification was lost."""

    replay_max_events: Count = 1_000_000
    """A cursor further behind than this gets a `reset` in place of a replay."""

    drain_seconds: Seconds = 5
    """Streams close spread over so long after SIGTERM."""

    retry_milliseconds: Annotated[int, Field(ge=1, le=600_000), _NO_BOOLEAN] = 1000
    """How long clients are told to wait before they reconnect; jitter is added."""

    presence_grace_seconds: Annotated[float, Field(ge=0, le=600), _NO_BOOLEAN] = 10
    """Somebody whose last stream has ended is offline after so long without another."""

    node_timeout_seconds: Annotated[float, Field(ge=3, le=600), _NO_BOOLEAN] = 15
    """A server that has been silent for so long is taken for dead, and its users for offline."""

    typing_seconds: Annotated[float, Field(gt=0, le=60), _NO_BOOLEAN] = 6
    """Somebody who does not repeat that they are typing has stopped after so long."""

    streams_per_user: Annotated[int, Field(ge=1, le=10_000), _NO_BOOLEAN] = 32
    """Streams one user may hold open on one worker."""

    chat_url: ServerUrl | None = None
    """chat_server, to which a WebSocket's messages are carried. None: they are refused; `fechatter up` sets it."""

    auth_seconds: Seconds = 5
    """A WebSocket that has brought neither token nor ticket has so long for its `auth` frame."""

    pong_seconds: Seconds = 20
    """A WebSocket that has not answered a ping for so long is closed."""

    frame_bytes: Annotated[int, Field(ge=1024, le=16_777_216), _NO_BOOLEAN] = 131_072
    """Largest message that a WebSocket may send, all its fragments together."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), _NO_BOOLEAN] = 20
    """Frames that a WebSocket may send in the long run. Past that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), _NO_BOOLEAN] = 100
    """Frames that a WebSocket may send at once."""


class Boards(Section):
    """Boards on notify_server: what each connection, board and worker may take."""

    frame_bytes: Annotated[int, Field(ge=1024, le=268_435_456), _NO_BOOLEAN] = 8_388_608
    """Largest message that a client may send, all its fragments together."""

    document_bytes: Annotated[int, Field(ge=1024, le=268_435_456), _NO_BOOLEAN] = 33_554_432
    """Largest board. Past that updates are refused."""

    presence_bytes: Annotated[int, Field(ge=64, le=1_048_576), _NO_BOOLEAN] = 8192
    """Largest state of a client: its name, cursor and viewport."""

    buffer_bytes: Annotated[int, Field(ge=4096, le=1_073_741_824), _NO_BOOLEAN] = 4_194_304
    """Bytes that may wait for one slow reader, besides the board itself when it is opened."""

    unstored_bytes: Annotated[int, Field(ge=1024, le=17_179_869_184), _NO_BOOLEAN] = 67_108_864
    """Bytes of updates that may wait to be stored. Past that whoever sends one is disconnected."""

    frames_per_second: Annotated[int, Field(ge=1, le=10_000), _NO_BOOLEAN] = 200
    """Messages that a client may send in the long run. Past that it is closed."""

    frames_burst: Annotated[int, Field(ge=1, le=100_000), _NO_BOOLEAN] = 1000
    """Messages that a client may send at once."""

    connections_per_user: Annotated[int, Field(ge=1, le=100_000), _NO_BOOLEAN] = 64
    """Connections one user may hold open on one worker."""

    connections_per_board: Annotated[int, Field(ge=1, le=100_000), _NO_BOOLEAN] = 1000
    """Connections to one board on one worker."""

    idle_seconds: Annotated[float, Field(ge=0, le=86_400), _NO_BOOLEAN] = 60
    """A board that nobody has open leaves memory after so long."""

    compact_updates: Annotated[int, Field(ge=2, le=1_000_000), _NO_BOOLEAN] = 500
    """A board gets a new snapshot after so many updates."""

    history_days: Days = 30
    """How long updates are kept that are in a snapshot, and so who did what and when."""


class Auth(Section):
    """Signing in. chat_server signs with the private key; notify_server has only the public one."""

    issuer: Annotated[str, Field(min_length=1, max_length=200)] = "fechatter"
    """The `iss` of access tokens; both servers must agree."""

    private_key: Path | None = None
    """Ed25519 private key, PEM file. None: `fechatter up` makes one in development. Secret."""

    public_key: Path | None = None
    """Its public key, PEM file. None: `fechatter up` makes one in development."""

    signup: Literal["open", "invited", "closed"] = "open"
    """Who may make an account: everybody, those who bring an invite that still lets in, nobody."""

    access_token_seconds: WholeSeconds = 900
    """Life of an access token. A stream ends no later than its token."""

    refresh_token_days: Days = 30
    """Life of a refresh token, which each use replaces."""

    ticket_seconds: WholeSeconds = 30
    """Life of a ticket, which opens one stream once."""

    signin_window_seconds: WholeSeconds = 900
    """The window over which the attempts below are counted."""

    signin_attempts_per_account: Count = 10
    """Failed sign-ins to an account per window, from one client address or from one device that has signed in to it
    before; and wrong passwords of one session."""

    signin_attempts_in_all: Count = 300
    """Failed sign-ins to an account per window from all addresses; known devices are neither counted nor refused."""

    signin_attempts_per_address: Count = 100
    """Failed sign-ins per client address and window, to all accounts."""

    signups_per_address: Count = 100
    """Accounts made per client address and window."""


class Limits(Section):
    """How many requests of each class one user may make in each window, over all processes. 0 or null: no limit."""

    window_seconds: Annotated[int, Field(ge=0, le=86_400), _NO_BOOLEAN, _NULL_IS_ZERO] = 60
    """The window. 0 switches all of them off."""

    read: Quota = 6000
    """Requests that change nothing."""

    write: Quota = 1200
    """Changes, other than messages."""

    messages: Quota = 1200
    """Messages posted."""

    versions: Quota = 10
    """Versions of boards made or restored: each is as large as its board."""

    public: Quota = 1200
    """Requests that need no token (sign up, sign in, refresh), per client address."""


class Storage(Section):
    """What may be stored: boards with their history, versions, thumbnails. 0 or null: any amount. Postgres keeps to it,
    for psql too; chat_server tells it when it starts."""

    workspace_bytes: Bytes = 10_737_418_240
    """Of a workspace."""

    user_bytes: Bytes = 536_870_912
    """Of one user in all workspaces: the boards they have made, with all that is on them, and their versions."""


class Events(Section):
    """The event log."""

    retention_days: Days = 7
    """How long events are kept, and so how far back a client can resume."""


class Log(Section):
    """What the servers write to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is written."""

    format: Literal["auto", "console", "json"] = "auto"
    """auto: console on a terminal, else one JSON object a line."""


class Settings(BaseSettings):
    """All of app.yaml. Built directly it reads neither file nor environment: `load_settings` does."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    mode: Literal["development", "production"] = "development"
    """development makes missing keys; production requires every secret to be given."""

    data_dir: Path = Path(".fechatter")
    """Where the embedded Postgres and generated keys live; relative to the working directory."""

    database: Database = Database()
    server: Server = Server()
    connections: Connections = Connections()
    notify: Notify = Notify()
    boards: Boards = Boards()
    auth: Auth = Auth()
    limits: Limits = Limits()
    storage: Storage = Storage()
    events: Events = Events()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def config_file() -> Path | None:
    """The file that `load_settings` reads. SettingsError if `$CHAT_CONFIG` names one that is not there."""
    if named := os.environ.get("CHAT_CONFIG"):
        if not Path(named).is_file():
            raise SettingsError(f"CHAT_CONFIG: expected the path of a file, but there is no file {named!r}")
        return Path(named)
    return next((path for path in DEFAULT_FILES if path.is_file()), None)


def load_settings() -> Settings:
    """Read the file and the environment. SettingsError for the first thing that is wrong."""
    file = config_file()
    _refuse_unknown_variables()
    values = settings_errors.read_yaml(file) if file else {}
    for name, value in EnvSettingsSource(Settings)().items():
        section = values.get(name)
        values[name] = {**section, **value} if isinstance(section, dict) and isinstance(value, dict) else value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = variable(".".join(settings_errors.key_of(first)))
        source = name if name in _variables_set() else str(file)
        raise SettingsError(settings_errors.explain(first, Settings, source)) from None


def require(settings: Settings, keys: Iterable[str], needed_by: str) -> None:
    """SettingsError for the first of `keys` (such as "database.url") that has no value."""
    for key in keys:
        section, _, name = key.partition(".")
        if getattr(getattr(settings, section), name) is None:
            raise SettingsError(
                f"{config_file() or 'app.yaml'}: {key}: missing, and {needed_by} needs it; expected "
                f"{settings_errors.expected(key, Settings)} (or set {variable(key)})"
            )


def variable(key: str) -> str:
    """The environment variable that beats a key: server.port → FECHATTER_SERVER__PORT."""
    return PREFIX + key.replace(".", "__").upper()


def _variables_set() -> set[str]:
    return {name.upper() for name, value in os.environ.items() if name.upper().startswith(PREFIX) and value}


def _refuse_unknown_variables() -> None:
    known = {variable(key): key for key in settings_errors.leaf_keys(Settings)}
    for name in sorted(_variables_set() - set(known)):
        guess = settings_errors.did_you_mean(name, list(known))
        raise SettingsError(f"{name}: unknown environment variable, no setting has this name{guess}")
