"""One connection's stream: `stream.py` is its order and its bounds, `framing.py` each transport's bytes."""
