"""What boards' clients speak: y-websocket, Hocuspocus, and JSON."""
