"""Why there is no preview of a file, which can still be downloaded."""


class Refused(Exception):
    """The text says why: shown to users, in English."""
