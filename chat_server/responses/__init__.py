"""The shapes of answers, for the OpenAPI page, a resource a module. The JSON itself is made in SQL and goes out
untouched (`chat_server/http/verbatim.py`); a test holds real answers against these shapes.
"""
