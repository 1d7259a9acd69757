"""The protocols of boards' clients: y-websocket, hocuspocus, and JSON."""
