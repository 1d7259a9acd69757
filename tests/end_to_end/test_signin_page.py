"""The page that signs people in, in a browser: it offers an account to whom the server would give one."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.chat_server.people import PASSWORD, chat_server_on, settings
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


async def test_it_goes_on_to_a_page_of_this_server_alone(database: Database, keys: Path, browser: Browser) -> None:
    """A link to this page names where to go on, and is no way to another site."""
    async with (
        chat_server_on(settings(database.chat_url, keys)) as server,
        await browser.new_context() as context,
    ):
        ada = await server.sign_up("Ada")
        for asked, there in (
            ("//elsewhere.example/", "/"),
            ("https://elsewhere.example/", "/"),
            ("/\\elsewhere.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("/boards", "/boards"),
        ):
            page = await context.new_page()
            await page.goto(f"{server.url}/signin#{asked}")
            if asked == "//elsewhere.example/":  # the other pages find the session
                await page.get_by_label("E-mail").fill(ada.email)
                await page.get_by_label("Password").fill(PASSWORD)
                await page.get_by_role("button", name="Sign in", exact=True).click()
            await page.wait_for_url(f"{server.url}{there}", wait_until="commit")
            await page.close()
