"""Lists that fit into a message."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chat_core.relay.pieces import pieces


@given(st.lists(st.binary(max_size=20)), st.integers(1, 30))
def test_pieces_keep_the_order_and_none_is_larger_unless_it_is_one_item(items: list[bytes], most: int) -> None:
    found = list(pieces(items, len, most))
    assert [item for piece in found for item in piece] == items
    assert all(piece for piece in found)
    assert all(len(piece) == 1 or sum(map(len, piece)) <= most for piece in found)
    # Nor is one ended early: the next item would not have fitted.
    assert all(sum(map(len, one)) + len(other[0]) > most for one, other in itertools.pairwise(found))
