"""The log as its readers have it: an event is a row, `reader.py` follows them, `cursor.py` says where one is."""
