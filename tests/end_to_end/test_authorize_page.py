"""The page on which people let an app in, in a browser: signed out, in Chinese, and taken back."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, expect

from tests.chat_server.integrations.test_apps import Client, asking, may, register
from tests.chat_server.people import PASSWORD, chat_server_on, settings
from tests.support.postgres import Database


async def test_somebody_signs_in_lets_an_app_in_and_takes_it_back(
    database: Database, keys: Path, browser: Browser
) -> None:
    configured = settings(database.chat_url, keys, features={"enable_bot_messages": True})
    async with chat_server_on(configured) as server, await browser.new_page() as page:
        ada, grace = await server.team("Ada", "Grace")
        app = await register(ada, description="Knows when you are free.")
        await page.route("https://app.example/**", lambda route: route.fulfill(body="back"))
        await page.goto(f"{server.url}/oauth/authorize?{asking(app)}")
        await page.get_by_label("E-mail").fill(grace.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("heading", name="Connect Calendar?")).to_be_focused()
        for said in (
            "Calendar asks to act for you, Grace.",
            "Knows when you are free.",
            "Ada (@ada) of Ada's workspace answers for it.",
            "Write, edit and delete messages in your name",
        ):
            await expect(page.get_by_text(said)).to_be_visible()
        await expect(page.get_by_label("Where")).to_have_value(str(ada.workspace))

        await page.get_by_role("button", name="中文").click()
        await expect(page.get_by_role("heading", name="连接 Calendar？")).to_be_focused()
        await page.get_by_role("button", name="不连接").click()
        await page.wait_for_url("https://app.example/callback?*")
        assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]

        await page.goto(f"{server.url}/oauth/authorize?{asking(app, scope='everything')}")
        await expect(page.get_by_role("alert")).to_contain_text("应用的请求不安全或不正确")
        await expect(page.get_by_role("button", name="返回应用")).to_be_visible()
        await expect(page.get_by_role("button", name="连接", exact=True)).to_be_hidden()

        await page.goto(f"{server.url}/oauth/authorize?{asking(app)}")
        async with database.connect() as sql:
            await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
            await sql.execute("UPDATE apps SET scopes = '{profile:read}'")  # while she reads
        await page.get_by_role("button", name="连接", exact=True).click()
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="确认").click()
        await expect(page.get_by_role("alert")).to_contain_text("应用现在请求的权限已经改变")
        await expect(page.locator("#may li")).to_have_count(1)
        await page.get_by_label("范围").select_option("")
        await page.get_by_role("button", name="连接", exact=True).click()
        await page.wait_for_url("https://app.example/callback?*")
        answer = parse_qs(urlsplit(page.url).query)
        assert answer["state"] == ["s t&ate"]
        tokens = (await Client(server, app).by_code(answer["code"][0])).json()
        assert (tokens["user_id"], tokens["workspace_id"]) == (grace.id, None)

        await page.goto(f"{server.url}/signin#/security")
        connected = page.get_by_role("region", name="已连接的应用")
        await expect(connected).to_contain_text("Calendar")
        await connected.get_by_role("button", name="收回 Calendar 的权限").click()
        await expect(connected).to_be_hidden()
        assert (await may(server, tokens)).status_code == 401
