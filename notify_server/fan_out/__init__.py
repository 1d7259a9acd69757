"""From the log to those who may see each event: `listener.py` takes what the log's reader has read, `audience.py` says
who sees it, `hub.py` dispatches, `ring.py` remembers, `pace.py` waits for readers.
"""
