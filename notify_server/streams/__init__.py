"""A stream from its request to its end: `subscribe.py` opens it, `replay.py` fills its gap, `stream.py` is it."""
