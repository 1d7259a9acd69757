"""What a directory says by SCIM, done: its requests (answering.py), their effect on Postgres (storage.py), and what of
its people is acted upon (person.py). Imported only where the settings have a directory."""
