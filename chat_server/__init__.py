"""The REST server, and the only writer of chat data. A request passes through these in order: `server.py` (the
socket), `app.py` (the composition), `http/steps/` (what every request passes), `routes/` (a module for each resource),
`access/` (who may do what). It never notifies clients of changes: the triggers do, through notify_server, which it must
not import."""
