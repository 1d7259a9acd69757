"""One connection's stream: `stream.py` has its order and its limits, `framing.py` each transport's bytes."""
