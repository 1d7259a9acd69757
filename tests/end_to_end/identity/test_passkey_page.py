"""Somebody adds a passkey on the page, signs in by it alone and as the second step, and removes it. The authenticator
is chromium's own virtual one, which verifies whatever user it is told to."""

from playwright.async_api import Browser, Page, expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import UNNAMED, Window, picture, sign_in

REFUSED = "the server responded with a status of 403"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


async def signed_out(page: Page) -> None:
    """As whoever has never signed in, on the same device."""
    await page.context.clear_cookies()
    await page.evaluate("localStorage.clear()")
    await page.reload()


async def test_a_passkey_from_adding_it_to_removing_it(system: System, browser: Browser) -> None:
    ada = await system.sign_up("Ada")
    home = system.chat.url.replace("127.0.0.1", "localhost")  # at an address there are no passkeys
    async with Window.of(browser, home, forgiven=[REFUSED]) as window:
        page = await window.context.new_page()
        devices = await window.context.new_cdp_session(page)
        await devices.send("WebAuthn.enable")
        added = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        await page.goto("/signin#/security")
        await sign_in(page, ada.email, PASSWORD)
        await page.get_by_label("Name of the new passkey").fill("My laptop")
        await page.get_by_role("button", name="Add a passkey").click()
        await expect(page.get_by_role("list", name="Your new recovery codes").get_by_role("listitem")).to_have_count(10)
        mine = page.get_by_role("list", name="Your passkeys").get_by_role("listitem")
        await expect(mine).to_contain_text(["My laptop"])
        await expect(mine).to_contain_text(["not used yet"])
        assert await page.evaluate(UNNAMED) == []

        await signed_out(page)
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(mine).to_contain_text(["last used"])

        await signed_out(page)
        await sign_in(page, ada.email, PASSWORD)
        await expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
        await picture(page, "passkey", height=460)
        # An authenticator that does not recognise its user signs nothing that is good.
        user = {"authenticatorId": added["authenticatorId"], "isUserVerified": False}
        await devices.send("WebAuthn.setUserVerified", user)
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page.locator("#second-failure")).to_contain_text("No passkey was chosen")
        await devices.send("WebAuthn.setUserVerified", {**user, "isUserVerified": True})
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(mine).to_contain_text(["My laptop"])

        # An old sign-in is asked again, and the passkey is enough.
        async with system.sql() as sql:
            await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour' WHERE user_id = $1", ada.id)
        await page.get_by_role("button", name="Remove My laptop").click()
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(mine).to_have_count(0)
        await signed_out(page)
        await sign_in(page, ada.email, PASSWORD)
        await expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
