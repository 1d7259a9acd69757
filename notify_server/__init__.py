"""notify_server: reads the log and delivers each event to exactly those who may see it, over SSE and WebSocket.

It owns the open streams, the subscriptions, and replay. It listens to Postgres and writes no chat data: it only marks
tickets as used and records the open streams. What a client sends over its WebSocket is forwarded to chat_server's REST
interface. It never imports chat_server.
"""
