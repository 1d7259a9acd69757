"""Pages of which origins may open streams: chat_server's own, and those that the settings name."""

from chat_core.settings import Settings

# Until an installation names its address, its pages are for browsers of this machine.
_HERE = ("127.0.0.1", "localhost", "[::1]")


def allowed_origins(settings: Settings) -> list[str]:
    server = settings.server
    port = "" if server.port == 80 else f":{server.port}"  # as a browser writes it
    own = [server.public_url] if server.public_url else [f"http://{host}{port}" for host in _HERE]
    return [*settings.notify.cors_origins, *own]
