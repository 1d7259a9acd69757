"""Somebody turns on an authenticator app on the page, signs in with it and with a recovery code, and removes it."""

import re
import time

import pyotp
from playwright.async_api import Browser, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import UNNAMED, Window, picture, sign_in

REFUSED = "the server responded with a status of 403"


async def test_an_authenticator_app_from_setting_it_up_to_removing_it(system: System, browser: Browser) -> None:
    ada = await system.sign_up("Ada")
    async with Window.of(browser, system.chat.url, forgiven=[REFUSED]) as window:
        page = await window.context.new_page()
        await page.goto("/signin#/security")
        await sign_in(page, ada.email, PASSWORD)
        await page.get_by_role("button", name="Set it up").click()
        await expect(page.get_by_alt_text("QR code for the authenticator app")).to_be_visible()
        assert await page.evaluate("document.getElementById('app-qr').decode().then(() => true)")
        assert await page.evaluate(UNNAMED) == []
        await page.evaluate("document.getElementById('app-confirm').scrollIntoView({ block: 'center' })")
        await picture(page, "authenticator", height=640)
        secret = (await page.locator("#app-secret").inner_text()).replace(" ", "")
        app = pyotp.TOTP(secret)
        await page.get_by_label("Code that the app shows").fill(app.at(time.time()))
        await page.get_by_role("button", name="Turn it on").click()
        codes = page.get_by_role("list", name="Your new recovery codes").get_by_role("listitem")
        await expect(codes).to_have_count(10)
        recovery = await codes.all_inner_texts()

        # Signed out, the password alone does not let in; the app's next code does, and a recovery code does.
        for typed in (app.at(time.time() + 30), recovery[0]):
            await page.goto("/boards")
            await page.get_by_role("button", name="Sign out").click()
            await sign_in(page, ada.email, PASSWORD)
            field = page.get_by_label("Code of your app, or a recovery code")
            await field.fill("not a code")
            await page.get_by_role("button", name="Go on").click()
            await expect(page.locator("#second-failure")).to_contain_text("This code is wrong, or was used before")
            await field.fill(typed)
            await page.get_by_role("button", name="Go on").click()
            await page.wait_for_url(re.compile(r"//[^/]+/boards$"))  # and not /signin#/boards any more

        # An old sign-in is asked for the password and a code before the app is removed.
        async with system.sql() as sql:
            await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour' WHERE user_id = $1", ada.id)
        await page.get_by_role("link", name="Security").click()
        await page.get_by_role("button", name="Remove it").click()
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Confirm").click()
        await page.get_by_label("Code of your app, or a recovery code").fill(recovery[1])
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("button", name="Set it up")).to_be_visible()
