"""The shapes of responses, for the OpenAPI document, with a module for each resource. SQL builds the JSON itself,
and it is sent unchanged (`chat_server/http/verbatim.py`). A test compares real responses with these shapes."""
