from chat_core.settings.types import Count, Section, WholeSeconds


class Connections(Section):
    """Limits of a connection to either server until its request is complete, and of the connections of one client
    address. See docs/operations/psql.md."""

    per_address: Count = 1000
    """Connections of one client address (IPv6: one /64) to one worker, streams included. Trusted proxies have no
    such limit: list yours in server.trusted_proxies, or all clients behind it share this one."""

    head_seconds: WholeSeconds = 10
    """How long a client may take to send a complete request head, and how long its body may be slow."""

    idle_seconds: WholeSeconds = 75
    """How long a connection may stay open between two requests, or leave a response unread. Keep it above the time
    for which your proxy keeps connections for reuse, usually 60 seconds."""

    body_bytes_per_second: Count = 1024
    """Minimum rate of a request body after head_seconds, and of a response that is not read for idle_seconds."""

    transfers: Count = 100
    """Uploads that are stored while they arrive, and responses of more than 256 KiB that are being sent, at the same
    time in one worker. They do not count as requests in flight."""

    transfers_per_address: Count = 16
    """Of one client address (IPv6: one /64), which trusted proxies tell by X-Forwarded-For."""
