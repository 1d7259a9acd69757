"""The REST server, and the only writer of chat data. A request passes through these in order: `server.py` (the
socket), `observe.py` (id, log line, metrics), `app.py` (what is put together how), `authentication.py` (who asks),
`bodies.py` and `fields.py` (what may be said), `routes/` (one resource a file), `permissions.py` (who may do what);
`errors.py` turns whatever goes wrong into one kind of answer. It never tells clients of changes: the triggers do,
through notify_server, which it must not import.
"""
