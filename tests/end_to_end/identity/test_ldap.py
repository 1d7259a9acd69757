"""Somebody of a directory (Debian's slapd) signs in on the page, in a real browser."""

import os
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, expect

from tests.chat_server.people import chat_server_on, settings
from tests.support.identity import slapd
from tests.support.postgres import Database

pytestmark = slapd.needed

# A folder for the picture of docs/identity/ldap.md, where the environment names one: PICTURES=docs/pictures.
PICTURES = os.environ.get("PICTURES")


async def test_a_directorys_user_name_and_password_sign_in_on_the_page(
    database: Database, keys: Path, tmp_path: Path, browser: Browser
) -> None:
    with slapd.slapd(tmp_path) as directory:
        directory.add_person("ada", displayName="Ada Lovelace")
        configured = settings(database.chat_url, keys, auth={"ldap": {"acme": directory.settings(title="Acme")}})
        size: ViewportSize = {"width": 560, "height": 640}
        async with chat_server_on(configured) as server, await browser.new_page(viewport=size) as page:
            await page.goto(f"{server.url}/signin")
            await page.get_by_role("button", name="Continue with Acme").click()
            await expect(page.get_by_role("heading", name="Sign in at Acme")).to_be_visible()
            await expect(page.get_by_label("User name")).to_be_focused()
            if PICTURES:
                await page.screenshot(path=f"{PICTURES}/directory.png")
            await page.get_by_label("User name").fill("ada")
            await page.get_by_label("Password").fill("a wrong one")
            await page.get_by_role("button", name="Sign in", exact=True).click()
            await expect(page.get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
            # There is a way back to the form for this server's own passwords.
            await page.get_by_role("button", name="Sign in without it").click()
            await expect(page.get_by_label("E-mail")).to_be_visible()
            await page.get_by_role("button", name="Continue with Acme").click()
            await page.get_by_label("User name").fill("ada")
            await page.get_by_label("Password").fill(slapd.PASSWORD)
            await page.get_by_role("button", name="Sign in", exact=True).click()
            await expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
