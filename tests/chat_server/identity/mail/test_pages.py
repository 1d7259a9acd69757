"""A person's way through the pages of mails, in a real browser."""

from playwright.async_api import expect

from tests.chat_server.people import PASSWORD, ChatServer, ok
from tests.support.clients.browser import browser
from tests.support.identity.smtp_peer import Received, SmtpPeer

NEW = "staple battery horse"


def page_of(server: ChatServer, mail: Received) -> str:
    """The link, on this server's own port."""
    return server.url + mail.link[mail.link.index("/", len("https://")) :]


async def test_somebody_confirms_their_address_and_forgets_their_password(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada = await mailing.sign_up("Ada")
    async with browser() as running:
        page = await running.new_page()
        await page.goto(page_of(mailing, await smtp.next()))
        await expect(page.get_by_text(f"Is {ada.email} the address of your account?")).to_be_visible()
        await page.get_by_role("textbox", name="The account's password").fill("a guess of mine")
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("alert")).to_contain_text("This is not your password.")
        await page.get_by_role("textbox", name="The account's password").fill(PASSWORD)
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("status")).to_contain_text("Your address is confirmed")

        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("button", name="Forgotten?").click()
        await expect(page.get_by_role("textbox", name="Password")).to_be_hidden()
        await page.get_by_role("textbox", name="E-mail").fill(ada.email)
        await page.get_by_role("button", name="Send me a link").click()
        await expect(page.get_by_role("status")).to_contain_text("a link is on its way")
        await page.goto(page_of(mailing, await smtp.next()))
        await page.get_by_role("textbox", name="New password").fill(NEW)
        await page.get_by_role("textbox", name="The same once more").fill(NEW)
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_role("status")).to_contain_text("Your new password is set")
        assert page.url == f"{mailing.url}/reset"
    ok(await mailing.sign_in(ada, NEW))
