"""From the log to those who may see each event: `listener.py` takes events from the log's reader, `audience.py`
decides who sees them, `hub.py` dispatches, `ring.py` keeps the newest, `pace.py` waits for readers."""
