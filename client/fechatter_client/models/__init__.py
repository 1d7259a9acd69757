"""The servers' data, with a module for each resource: the shapes of responses, and of events in `events`, which
consist of them. Fields that a newer server adds are ignored. Times have their zone, UTC."""

import msgspec


class Model(msgspec.Struct):
    """Base of all shapes."""
