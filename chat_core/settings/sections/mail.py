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


class Mail(Section):
    """The mails that chat_server sends: links for forgotten passwords and for addresses, notices of new devices.

    docs/identity/mail.md describes every field. Links lead to server.public_url.
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

    @model_validator(mode="after")
    def _fits(self) -> "Mail":
        if self.host is not None and self.sender is None:
            raise PydanticCustomError("combination", "sender: missing, and mail.host needs it")
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
