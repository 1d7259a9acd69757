"""What somebody sets for themselves, and the pictures of a chat, in a real browser on the running servers."""

import io

from PIL import Image
from playwright.async_api import Route, expect

from tests.end_to_end.system import PASSWORD, Person, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow


def _png(colour: tuple[int, int, int], width: int = 640, height: int = 480) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "PNG")
    return content.getvalue()


async def test_settings_devices_and_emoji_that_are_typed(system: System, window: NewWindow) -> None:
    [ada] = await system.team("Ada")
    chat = (await ada.chats.create("PublicChannel", [], name="lunch", workspace_id=ada.workspace)).id
    for _ in range(3):
        await system.sign_in(ada)
    hers = await window(viewport={"width": 1280, "height": 900}, forgiven=["status of 403"])
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    field = page.get_by_role("textbox", name="Message lunch")
    await expect(field).to_be_focused()

    # A name between colons is an emoji once it is complete, but not in code, and Ctrl+Z has the name again.
    await page.keyboard.type("well done :tada:")
    await expect(field).to_have_value("well done 🎉")
    await page.keyboard.press("Control+z")
    await expect(field).to_have_value("well done :tada:")
    await field.fill("")
    await page.keyboard.type("`:tada:")
    await page.keyboard.type("` ")
    await expect(field).to_have_value("`:tada:` ")
    await page.keyboard.insert_text("means :tada:")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_contain_text(":tada: means 🎉")
    await expect(page.locator(".pending")).to_have_count(0)
    await page.keyboard.press("ArrowUp")
    edited = page.get_by_role("textbox", name="Text of the message")
    await edited.fill("soon :rocket:")
    await edited.press("Enter")
    await expect(page.get_by_role("article")).to_contain_text("soon 🚀")
    contents = [one["content"] for one in (await ada.request("GET", f"/chats/{chat}/messages")).json()]
    assert contents == ["soon 🚀"]

    # Whoever prefers it sends by Ctrl+Enter, from now on.
    await page.get_by_role("button", name="Ada Online").click()
    await page.get_by_role("menuitem", name="Settings").click()
    await page.get_by_role("group", name="Send messages with").get_by_role("radio", name="Ctrl + Enter").check()
    await page.keyboard.press("Escape")
    await field.focus()
    await page.keyboard.type("one")
    await page.keyboard.press("Enter")
    await page.keyboard.type("two")
    await expect(field).to_have_value("one\ntwo")
    await page.keyboard.press("Control+Enter")

    # The list of keys knows it.
    await page.keyboard.press("Control+/")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    row = keys.locator("dl > div")
    await expect(row.filter(has_text="Send").locator("kbd")).to_have_text("Ctrl + Enter")
    await expect(row.filter(has_text="Reply in thread").locator("kbd")).to_have_text("T")
    await sound(page, "keys")
    await page.keyboard.press("Escape")
    await expect(keys).to_have_count(0)
    await expect(page.get_by_role("article").nth(1)).to_contain_text("one\ntwo")

    # Where one is signed in: ended one by one, or all; a sign-in that is long ago is proved again first.
    await page.get_by_role("button", name="Ada Online").click()
    await page.get_by_role("menuitem", name="Settings").click()
    await expect(
        page.get_by_role("link", name="Account security: password, passkeys, connected apps")
    ).to_have_attribute("href", "/signin#/security")
    await page.get_by_role("button", name="Devices").click()
    devices = page.get_by_role("dialog", name="Devices")
    rows = devices.get_by_role("list", name="Devices").get_by_role("listitem")
    await expect(rows).to_have_count(5)  # with the one that signed up
    await expect(rows.first).to_contain_text("This one")
    await rows.nth(1).get_by_role("button").click()
    await expect(rows).to_have_count(4)
    async with system.sql() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 day' WHERE user_id = $1", ada.id)
    await devices.get_by_role("button", name="Sign out all 3 others").click()
    await devices.get_by_label("Your password").fill("not this one")
    await devices.get_by_role("button", name="Go on").click()
    await expect(devices.get_by_role("alert").filter(has_text="password")).to_be_visible()
    await sound(page, "devices-prove")
    await devices.get_by_label("Your password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await expect(devices.get_by_role("button", name="Sign out")).to_have_count(0)


async def test_what_one_is_notified_of(system: System, window: NewWindow) -> None:
    [ada] = await system.team("Ada")
    hers = await window(viewport={"width": 1280, "height": 900})
    page = (await hers.tab("/", ada.email, PASSWORD)).page
    await page.get_by_role("button", name="Ada Online").click()
    await page.get_by_role("menuitem", name="Settings").click()
    await page.get_by_role("button", name="Notifications").click()
    dialog = page.get_by_role("dialog", name="Notifications")
    await expect(dialog.get_by_text("This server sends no pushes.")).to_be_visible()
    await dialog.get_by_role("group", name="Push me").get_by_role("radio", name="What is meant for me").check()
    await dialog.get_by_role("group", name="They show").get_by_role("radio", name="Who wrote, and where").check()
    await dialog.get_by_label("Also while I use another device").uncheck()
    await dialog.get_by_label("Quiet hours").check()
    await dialog.get_by_label("From").fill("21:30")
    await dialog.get_by_role("group", name="Mail me").get_by_role("radio", name="Once a day").check()
    await sound(page, "pushes")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    wanted = await ada.notifications.settings()
    assert (wanted.push, wanted.push_content, wanted.push_while_active) == ("personal", "sender", False)
    assert (wanted.quiet_from, wanted.quiet_until) == ("21:30", "07:00")
    assert (wanted.email, wanted.language) == ("daily", "en")
    assert wanted.time_zone == await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")


async def test_the_pictures_of_a_chat(system: System, window: NewWindow) -> None:
    [ada] = await system.team("Ada")
    chat = (await ada.chats.create("PublicChannel", [], name="lunch", workspace_id=ada.workspace)).id
    colours = [(200, 30, 60), (30, 90, 200), (40, 160, 80), (230, 170, 40), (90, 40, 140)]
    async with ada.listen() as heard:
        for number, colour in enumerate(colours):
            uploaded = await ada.files.upload_bytes(ada.workspace, _png(colour), f"{number}.png")
            await ada.messages.post(chat, files=[uploaded.id])
        await heard.until_kind("FileReady", len(colours))
    notes = await ada.files.upload_bytes(ada.workspace, b"noodles", "notes.txt")
    await ada.messages.post(chat, files=[notes.id])
    hers = await window(viewport={"width": 1280, "height": 800}, forgiven=["net::ERR_FAILED", "status of 404"])
    broken = True

    async def perhaps(route: Route) -> None:
        await (route.abort() if broken else route.continue_())

    await hers.context.route("**/api/files/*/previews/preview", perhaps)
    page = (await hers.tab(f"/chat/{chat}?pane=files", ada.email, PASSWORD)).page

    # A picture that could not be had is asked for again, by hand, and is there then.
    last = page.get_by_role("article").filter(has=page.locator(".picture")).last
    await expect(last.get_by_text("The picture could not be loaded.")).to_be_visible()
    broken = False
    await last.get_by_role("button", name="Try again").click()
    await expect(last.get_by_role("button", name="Open 4.png")).to_be_visible()
    await expect(last.get_by_text("The picture could not be loaded.")).to_have_count(0)
    await last.locator("img").evaluate("(image) => image.decode()")

    pane = page.get_by_role("complementary", name="Files")
    cells = pane.get_by_role("list", name="Pictures and videos").get_by_role("button")
    await expect(cells).to_have_count(5)
    assert await pane.locator(".gallery [tabindex='0']").count() == 1, "one tab stop"
    assert await pane.locator(".gallery .placeholder").evaluate_all("(all) => all.every((one) => one.width > 1)")
    await cells.first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(cells.nth(1)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(cells.nth(4)).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Picture 4.png").get_by_role("img", name="4.png")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    lightbox = page.get_by_role("dialog", name="Picture 3.png")
    await expect(lightbox.get_by_role("status")).to_have_text("2 / 5")
    await sound(page, "lightbox")
    await page.keyboard.press("Escape")
    await expect(cells.nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await lightbox.get_by_role("button", name="Show the message").click()
    await expect(page).to_have_url(f"{system.chat.url}/chat/{chat}/{(await _posted(ada, chat))[3]}?pane=files")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await pane.get_by_role("button", name="Other files").click()
    await expect(pane.get_by_role("listitem")).to_contain_text("notes.txt")

    # On a phone it is all there is in sight.
    await page.set_viewport_size({"width": 390, "height": 844})
    await pane.get_by_role("button", name="Pictures and videos").click()
    await expect(cells).to_have_count(5)
    assert await cells.first.evaluate("(one) => one.offsetWidth > 90")
    await sound(page, "pane-gallery-phone")


async def _posted(person: Person, chat: int) -> list[int]:
    """The ids of a chat's messages, the oldest first."""
    return sorted(message["id"] for message in (await person.request("GET", f"/chats/{chat}/messages")).json())
