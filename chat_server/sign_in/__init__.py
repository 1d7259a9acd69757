"""Every way in proves who a user is; from there on there is one way: to the person (people.py), to their session
(beginning.py), and out of it (ending.py)."""
