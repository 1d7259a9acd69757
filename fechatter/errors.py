"""What ends a command with one sentence and exit status 1."""


class CommandError(Exception):
    """Something that people can do something about. The text is one sentence: what is wrong, and what to do."""
