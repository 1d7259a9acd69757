"""Conversations in natural language, and what people would search for in them: texts.py has what is written,
conversations.py who writes it where, and queries.py what is asked."""
