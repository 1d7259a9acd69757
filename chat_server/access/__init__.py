"""Who may do what: `permissions.py` is the table, `places.py` looks up who somebody is in a place."""
