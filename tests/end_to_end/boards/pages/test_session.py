"""Who is signed in, in all tabs of a browser; and what the forms take, which is what the REST interface takes."""

import asyncio

import pytest
from playwright.async_api import Page, Request, Route, expect

from tests.end_to_end.boards.pages.people import at_board, made_board
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow, sign_in


async def test_the_forms_take_what_the_interface_takes(system: System, window: NewWindow) -> None:
    browser = await window(forgiven=["status of 422", "status of 401"])
    page = await browser.context.new_page()
    await page.goto("/signin#/boards")
    failure = page.get_by_role("alert")
    await page.get_by_role("button", name="I am new here").click()
    await page.get_by_label("Full name").fill("   ")
    await page.get_by_label("E-mail").fill("é@bücher.example")
    await page.get_by_label("Password").fill("🔑" * 100)
    await page.get_by_role("button", name="Create account").click()
    await expect(failure).to_have_text("Enter your name, in at most 64 characters.")

    await expect(page.get_by_label("Full name")).to_be_focused()

    # As many characters as the interface takes, though they are twice as many units for the browser.
    name = "𝒢" * 64
    await page.get_by_label("Full name").fill(name)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await expect(page.locator("#who")).to_have_text(name)
    await page.get_by_label("Name of a new board").fill("  ")
    await page.get_by_role("button", name="New board").click()
    await expect(failure).to_have_text("name: expected a string of at least 1 character.")
    await page.get_by_role("button", name="Sign out").click()

    # The same address again, as it is written and not as punycode.
    await sign_in(page, "é@bücher.example", "🔑" * 99)
    await expect(failure).to_contain_text("wrong")
    await sign_in(page, "é@bücher.example", "🔑" * 100)
    await expect(page.locator("#who")).to_have_text(name)


async def test_the_pages_that_let_people_in_speak_chinese_and_lead_on_to_the_whole_address(
    system: System, window: NewWindow
) -> None:
    [ada] = await system.team("Ada")
    chat = await system.group(ada)
    browser = await window(forgiven=["status of 422", "status of 401", "status of 409"], locale="zh-CN")
    page = await browser.context.new_page()
    await page.goto(f"/chat/{chat}?pane=people")
    await expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert "pane=people" in page.url  # what was asked for is kept, and sent to nobody
    failure = page.get_by_role("alert")

    # What to do, and not what a developer would want to know.
    await page.get_by_role("button", name="我是新用户").click()
    for name, email, password, told in (
        (" ", "ada", "short", "请输入您的姓名"),
        ("Ada", "ada", "short", "请输入完整的邮箱地址"),
        ("Ada", "new@example.com", "short", "至少要 8 个字符"),
        ("Ada", "new@example.com", "password1", "很容易猜到"),
        ("Ada", ada.email, PASSWORD, "已有账号"),
    ):
        await page.get_by_label("姓名").fill(name)
        await page.get_by_label("邮箱").fill(email)
        await page.get_by_label("密码").fill(password)
        await page.get_by_role("button", name="创建账号").click()
        await expect(failure).to_contain_text(told)

    # The language that was chosen holds, also on the next page.
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.goto("/reset")
    await expect(page.get_by_role("heading", name="A new password")).to_be_visible()
    await page.goto(f"/chat/{chat}?pane=people")
    await sign_in(page, ada.email, PASSWORD)
    await page.wait_for_url(f"**/chat/{chat}?pane=people")
    await expect(page.get_by_role("complementary", name="Members")).to_be_visible()


async def test_a_script_that_comes_late_leaves_what_is_typed_where_it_is_typed(
    system: System, window: NewWindow
) -> None:
    [ada] = await system.team("Ada")
    browser = await window()
    page = await browser.context.new_page()
    typed = asyncio.Event()

    async def after_typing(route: Route) -> None:
        await typed.wait()
        await route.continue_()

    await page.route("**/signin*.js", after_typing)
    await page.goto("/signin#/boards", wait_until="commit")
    await page.get_by_label("E-mail").fill(ada.email)
    password = page.get_by_label("Password")
    await password.fill(PASSWORD)
    submit = page.get_by_role("button", name="Sign in")
    await expect(submit).to_be_disabled()
    typed.set()
    await expect(submit).to_be_enabled()
    await expect(password).to_be_focused()
    await submit.click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.modules  # `fresh_token` asks the session that the page itself has
@pytest.mark.system(auth__access_token_seconds=6)
async def test_all_tabs_have_one_session_that_outlives_its_tokens(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await made_board(ada)
    browser = await window(forgiven=["status of 401", "status of 404"])  # a token may end on its way
    first = await at_board(browser, ada, board)
    second = await at_board(browser, ada, board)  # without signing in again
    shelf = await browser.tab("/boards", ada.email, PASSWORD)

    # Their tokens end at the same time, and one of them gets the next ones for all: no refresh token is sent twice. The
    # server asks for them on the sockets that are there.
    opened: list[str] = []
    for tab in (first, second):
        tab.page.on("websocket", lambda socket: opened.append(socket.url) if "/boards/" in socket.url else None)
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith("/auth/refresh"):
            sent.append(request)

    browser.context.on("request", note)
    for _ in range(2):
        known = len(sent)
        async with browser.context.expect_event("response", lambda answer: answer.url.endswith("/auth/refresh")):
            pass
        # Every tab asks for something with a token that is good.
        await asyncio.gather(*(fresh_token(tab.page) for tab in (first, second, shelf)))
        assert len(sent) > known
    used = [(await request.all_headers())["cookie"] for request in sent]
    assert len(set(used)) == len(used)
    assert "fechatter_session" not in await first.page.evaluate("document.cookie + JSON.stringify(localStorage)")
    await first.write("Sticky note", (400, 300), "still here")
    await expect(second.element("still here")).to_be_visible()
    assert opened == []
    urls = await first.page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not [url for url in urls if "token" in url or "bearer" in url.lower()]

    # Who signs out is signed out in all tabs, and nothing of theirs stays in the browser.
    await shelf.page.get_by_role("button", name="Sign out").click()
    for tab in (first, second, shelf):
        await expect(tab.page.get_by_role("heading")).to_have_text("Sign in")
    assert await shelf.page.evaluate("async () => (await indexedDB.databases()).length") == 0
    assert "token" not in str(await shelf.page.evaluate("localStorage['fechatter.session']"))

    # Who signs in is signed in in all, each on the page that it was on; and that may be somebody else.
    await sign_in(first.page, ada.email, PASSWORD)
    for tab in (first, second):
        await tab.until("live")
    await expect(shelf.page.locator("#who")).to_have_text("Ada")
    await shelf.page.evaluate("localStorage.removeItem('fechatter.session')")  # as another tab would
    for tab in (first, second):
        await expect(tab.page.get_by_role("heading")).to_have_text("Sign in")
    await sign_in(first.page, grace.email, PASSWORD)
    for tab in (first, second):
        await expect(tab.page.get_by_role("heading")).to_have_text("There is no board here")


async def fresh_token(page: Page) -> None:
    """The page asks who it is, with a token that it would use for anything else."""
    told = await page.evaluate(
        """async () => {
            const { call, freshToken } = await import("/pages/lib/session.js");
            await freshToken();
            return (await call("GET", "/auth/me")).fullname;
        }"""
    )
    assert told == "Ada"
