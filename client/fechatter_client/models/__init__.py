"""What the servers tell of, a resource a module: the shapes of answers, and of events in `events`, which is made of
them. Fields that a newer server adds are ignored. Times have their zone, UTC.
"""

import msgspec


class Model(msgspec.Struct):
    """Base of all shapes."""
