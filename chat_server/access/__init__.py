"""Who may do what: `permissions.py` is the table, `places.py` looks up the caller's role in a place."""
