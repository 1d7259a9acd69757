"""From a request to a live stream: `subscribe.py` opens it, `replay.py` fills its gap, and `sse.py` is the endpoint
of server-sent events."""
