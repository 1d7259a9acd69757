from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from chat_core.settings.types import Section, Subject, check_password_file, in_words, split_list


class Nats(Section):
    """NATS between the servers: one notify_server reads the log for all, and presence and typing go there. It needs the
    extra fechatter[nats]. Whoever may read the subjects there reads every chat. See docs/operations/relay.md."""

    servers: Annotated[
        list[Annotated[str, Field(pattern=r"^(nats|tls)://[^\s/@]+$", max_length=255)]],
        Field(max_length=32),
        BeforeValidator(split_list),
        in_words("a list of servers such as nats://10.0.0.5:4222, without a user or a password"),
    ] = Field(default=[])
    """Servers of one cluster of NATS. Empty: every notify_server reads the log itself."""

    subject: Annotated[Subject, Field(max_length=128)] = "fechatter"
    """Begins the name of every subject. Each installation that shares a NATS server has its own."""

    user: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """Name of the user there."""

    password_file: Path | None = None
    """File with the user's password alone."""

    credentials_file: Path | None = None
    """File of credentials (.creds), instead of a user and a password."""

    ca_file: Path | None = None
    """Certificate of the authority that signed the servers'; null: those that this machine trusts."""

    @model_validator(mode="after")
    def _fits(self) -> "Nats":
        check_password_file(self.user, self.password_file)
        return self
