"""Errors that end a command with one sentence and exit status 1."""


class CommandError(Exception):
    """An error that people can fix. The text is one sentence: what is wrong, and what to do."""
