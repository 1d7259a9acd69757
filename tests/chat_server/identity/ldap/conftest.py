from collections.abc import Iterator

import pytest

from tests.support.identity.slapd import Slapd, slapd


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """One for all tests of a module, each of which adds people of its own."""
    with slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running
