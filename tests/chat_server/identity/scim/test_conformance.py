"""scim2-tester, the conformance suite of the field, against the server on its port."""

import asyncio

import pytest

from tests.chat_server.identity.scim.conftest import TOKEN, Directory

PUBLIC = "https://chat.example"


@pytest.mark.parametrize("server_settings", [{"public_url": PUBLIC}])
async def test_scim2_tester_finds_nothing_wrong(directory: Directory) -> None:
    from tests.chat_server.identity.scim.tester import judged  # takes seconds, so not in what only collects tests

    failed, succeeded = await asyncio.to_thread(judged, PUBLIC, TOKEN, directory.server.url)
    assert not failed
    assert succeeded > 100
