"""notify_server: reads the log and pushes each event to exactly those who may see it, over SSE and WebSocket.

It owns the open streams, who is subscribed to what, and replay. It listens to Postgres, and writes no chat data:
a ticket taken out of use and the list of open streams are all that it puts into the database. What a client writes over
its WebSocket is carried to chat_server's REST interface. It never imports chat_server.
"""
