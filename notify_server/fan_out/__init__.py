"""From the log to those who may see each event: `listener.py` takes events from the log's reader, `hub.py` dispatches
them to those whom `chat_core/log/audience.py` names, `ring.py` keeps the newest, `pace.py` waits for readers."""
