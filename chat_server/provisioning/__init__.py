"""People as other systems have them, brought here: by SCIM (answering.py its requests, storage.py their effect on
Postgres, person.py what of its people is acted upon), from LDAP (directory_sync.py), from Clerk (clerk_events.py,
clerk_reconcile.py), and from files (lists.py). SCIM's modules are imported only where the settings have a directory."""
