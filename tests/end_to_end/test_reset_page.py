"""The page of the link for a forgotten password, in a browser."""

from playwright.async_api import Browser, expect

from tests.end_to_end.system import System


async def test_the_link_sets_a_password_once_and_leaves_no_token_behind(system: System, browser: Browser) -> None:
    ada = await system.sign_up("Ada")
    async with system.sql() as sql:
        link = await sql.fetchval("SELECT link FROM ops.reset_password($1)", ada.email)
    async with await browser.new_context() as context:
        for done in (True, False):
            page = await context.new_page()
            await page.goto(f"{system.chat.url}{link}")
            await page.get_by_role("textbox", name="New password").fill("a new password")
            await page.get_by_role("textbox", name="The same once more").fill("another one")
            await page.get_by_role("button", name="Set the password").click()
            await expect(page.get_by_role("alert")).to_have_text("The two are not the same.")
            await page.get_by_role("textbox", name="The same once more").fill("a new password")
            await page.get_by_role("button", name="Set the password").click()
            if done:
                await expect(page.get_by_role("status")).to_contain_text("Your new password is set")
            else:
                await expect(page.get_by_role("alert")).to_contain_text("has expired")
            assert page.url == f"{system.chat.url}/reset"
            await page.close()
    again = await system.nobody()
    assert (await again.sign_in(ada.email, "a new password")).id == ada.id
