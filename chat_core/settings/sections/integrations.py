from pydantic import Field

from chat_core.settings.types import HostsAndPorts, Section


class Integrations(Section):
    """Requests to addresses that users give: webhooks, and what commands and buttons are sent to. See
    docs/integrations/."""

    allow_hosts: HostsAndPorts = Field(default=[])
    """Hosts that may have any address and need no TLS, each with its port: [ci.internal:8080]. All others are connected
    to by https alone, at addresses of the public Internet and port 443. Whoever has a bot can make this server send
    requests there. Empty: none."""
