"""What the index is asked for: tokens, of which a message has some or all."""

from collections.abc import Sequence
from typing import TypeAlias

# A token, or with True the beginning of tokens.
Token: TypeAlias = tuple[str, bool]
# Several sets of tokens: a message that fulfils the clause has all of one of them.
Clause: TypeAlias = Sequence[Sequence[Token]]
