"""What a client says over one TCP connection, as data that a load generator in another process can follow."""

import msgspec

# HTTP's, whose answers http_generator.py reads by their Content-Length.
BY_LENGTH = b""


class Dialogue(msgspec.Struct, frozen=True):
    """`opening` is what is said first: each text once what the text before waits for has come, (say, until).

    `answer` is in the answer to each later request and in nothing else that comes, `refusal` in one that was refused.
    """

    opening: tuple[tuple[bytes, bytes], ...] = ()
    answer: bytes = BY_LENGTH
    refusal: bytes = b""


class Script(msgspec.Struct, frozen=True):
    """One connection of a closed loop: its requests are sent in turns, each once the one before is answered."""

    requests: list[bytes]
    dialogue: Dialogue = Dialogue()
