from chat_core.settings.types import Count, Section, WholeSeconds


class Connections(Section):
    """What a connection to either server may take before its request is whole, and how many connections one client
    address may have. See docs/ops.md."""

    per_address: Count = 1000
    """Connections of one client address (IPv6: one /64) to one worker, streams included. Trusted proxies have no such
    bound: name yours in server.trusted_proxies, or all who come through it share this one."""

    head_seconds: WholeSeconds = 10
    """How long a client may take to send a whole request head, and how long its body may be slow."""

    idle_seconds: WholeSeconds = 75
    """How long a connection may stay open between two requests, or leave an answer unread. Keep it above the time that
    your proxy keeps a connection for reuse: 60 seconds for most."""

    body_bytes_per_second: Count = 1024
    """Least rate of a request body, once head_seconds are over."""
