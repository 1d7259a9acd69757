import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chat_core.settings.types import Count, Host, Port, Section, in_words

PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _check_sender(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError
    return value


def _check_inbound(value: str) -> str:
    _check_sender(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._]{0,11}@[a-z0-9.-]+", value):
        raise ValueError
    return value


class Mail(Section):
    """The mails that chat_server sends: links for forgotten passwords and for addresses, notices of new devices, and
    messages that people have not read; and those that it takes, as replies to these.

    docs/identity/mail.md describes most fields; docs/notifications/mail.md those from `notifications` on. Links lead to
    server.public_url.
    """

    host: Host | None = None
    """The SMTP server. null: no mail is sent. In development chat_server prints mails in its log instead; in
    production whatever needs one is refused (403 mail_off)."""

    port: Port | None = None
    """Its port; null: 587 for starttls, 465 for tls, 25 for none."""

    tls: Literal["starttls", "tls", "none"] = "starttls"
    """starttls (a connection that is encrypted before anything is sent over it), tls (encrypted from the start) or
    none, which a password is sent over to this machine only. The server's certificate is checked."""

    ca_file: Path | None = None
    """A PEM file of the authorities that sign the SMTP server's certificate; null: the system's."""

    user: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """The user of the SMTP server; null: no authentication."""

    password_file: Path | None = None
    """The path of a file that holds its password."""

    sender: (
        Annotated[
            str,
            Field(max_length=254),
            AfterValidator(_check_sender),
            in_words("an address such as fechatter@example.com"),
        ]
        | None
    ) = None
    """The address that mails come from. It is required with host."""

    sender_name: Annotated[str, Field(min_length=1, max_length=64)] = "Fechatter"
    """The name beside it, and that of this server in the texts."""

    links_per_recipient: Count = 5
    """Mails with a link to one address within an hour, whoever asks for them."""

    links_per_client: Count = 20
    """Links for forgotten passwords that one client address may ask for within an hour."""

    verification: Literal["optional", "required"] = "optional"
    """Whether signing in with a password needs an address that its owner has confirmed: optional or required. With
    required, an account that is new gets no session until then."""

    notifications: bool = False
    """Whether mentions and direct messages that somebody has not read are mailed to them, as they choose: soon, or once
    a day or week. Only to addresses that are confirmed."""

    inbound_address: (
        Annotated[
            str,
            Field(max_length=254),
            AfterValidator(_check_inbound),
            in_words("an address in lower case with at most 12 characters before the @, such as chat@example.com"),
        ]
        | None
    ) = None
    """The address to which replies and reports of bounces come, with `+` and a token before its @. A mail server gives
    what comes there to chat_server's lmtp_port. null: nobody can reply, and bounces are not seen."""

    lmtp_host: Host = "127.0.0.1"
    """Where chat_server listens for mail over LMTP. Whoever can connect can only do what the token of an address
    allows; a mail server is expected to be in between."""

    lmtp_port: Port | None = None
    """Its port; null: it does not listen. It needs inbound_address."""

    @model_validator(mode="after")
    def _fits(self) -> "Mail":
        if self.host is not None and self.sender is None:
            raise PydanticCustomError("combination", "sender: missing, and mail.host needs it")
        if self.lmtp_port is not None and self.inbound_address is None:
            raise PydanticCustomError("combination", "inbound_address: missing, and mail.lmtp_port needs it")
        if (self.user is None) != (self.password_file is None):
            raise PydanticCustomError("combination", "password_file: expected together with mail.user")
        if self.user is not None and self.tls == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise PydanticCustomError(
                "combination", "tls: expected starttls or tls, since a password would be readable"
            )
        return self

    @property
    def server_port(self) -> int:
        return self.port or PORTS[self.tls]

    def password(self) -> str | None:
        """Raises OSError for a file that cannot be read."""
        return self.password_file.read_text("utf-8").strip() if self.password_file is not None else None
