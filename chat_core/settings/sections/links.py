from pydantic import Field

from chat_core.settings.types import HostsAndPorts, Section


class Links(Section):
    """What chat_server shows of the links in messages. See docs/links.md."""

    previews: bool = True
    """Fetch what links lead to, and show its title and picture. Only addresses of the public Internet are connected to,
    at ports 80 and 443. A workspace's admins turn it off for theirs. false: nothing is fetched for anybody."""

    allow_hosts: HostsAndPorts = Field(default=[])
    """Hosts that may have any address, each with its port: [wiki.internal:443]. Whoever can write a message can make
    this server ask them for a page, and sees its title. Empty: none."""
