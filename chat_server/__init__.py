"""The REST server, and the only writer of chat data. A request passes through these in order: `server.py` (the
socket), `observe.py` (id, log line, metrics), `app.py` (the composition), `authentication.py` (the caller),
`bodies.py` and `fields.py` (validation), `routes/` (a module for each resource), `permissions.py` (who may do what);
`errors.py` turns every failure into one kind of response. It never notifies clients of changes: the triggers do,
through notify_server, which it must not import."""
