"""The browsers in which people have a board open."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.end_to_end.boards.pages.people import NewWindow
from tests.end_to_end.system import System
from tests.support.clients import browser as browsers
from tests.support.clients.browser import Window


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.browser() as launched:
        yield launched


@pytest.fixture
async def window(browser: Browser, system: System) -> AsyncIterator[NewWindow]:
    """`await window()`: somebody's browser. Its pages must have had no faults when the test is over."""
    async with AsyncExitStack() as windows:

        async def new(**options: Any) -> Window:
            return await windows.enter_async_context(Window.of(browser, system.chat.url, **options))

        yield new
