"""The page that signs people in, in a browser: it offers an account to whom the server would give one."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.chat_server.people import chat_server_on, settings
from tests.support.postgres import Database

PAGES = ("/signin", "/signin#/invite/abc")


@pytest.mark.parametrize(
    ("signup", "offered"), [("open", [True, True]), ("invited", [False, True]), ("closed", [False, False])]
)
async def test_it_offers_an_account_to_whom_the_server_gives_one(
    database: Database, keys: Path, browser: Browser, signup: str, offered: list[bool]
) -> None:
    async with (
        chat_server_on(settings(database.chat_url, keys, auth={"signup": signup})) as server,
        await browser.new_context() as context,
    ):
        for path, offers in zip(PAGES, offered, strict=True):
            page = await context.new_page()
            await page.goto(f"{server.url}{path}")
            await expect(page.get_by_label("E-mail")).to_be_focused()  # its script has run
            await expect(page.get_by_role("button", name="I am new here")).to_be_visible(visible=offers)
            await page.close()
