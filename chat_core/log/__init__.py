"""The log as its readers see it: an event is a row, `reader.py` follows them, `cursor.py` is a reader's position."""
