"""What chat_server does beside requests, from its start to its stop (`_background` in app.py has all of it)."""
