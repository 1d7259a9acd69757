"""How NATS is connected to, as settings say: by notify_servers among each other, and for a sink."""

import ssl
from typing import Any

from chat_core.secret_files import secret_in
from chat_core.settings import Nats, Sink


def nats_options(settings: Nats | Sink) -> dict[str, Any]:
    """For nats.connect(): the servers, and who asks. Raises SecretUnreadable, and OSError for an authority's
    certificate."""
    options: dict[str, Any] = {"servers": settings.servers}
    if settings.password_file is not None:
        options |= {"user": settings.user, "password": secret_in(settings.password_file)}
    if settings.credentials_file is not None:
        options["user_credentials"] = str(settings.credentials_file)
    if settings.ca_file is not None:
        options["tls"] = ssl.create_default_context(cafile=str(settings.ca_file))
    return options
