"""The chat client's frame, in real browsers on the running servers: who sees what, and how one gets to it."""

import re

from playwright.async_api import expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow


async def test_two_people_find_each_other_and_talk(system: System, window: NewWindow) -> None:
    ada, ming = await system.team("Ada", "Ming")
    await ming.users.update_me(fullname="王小明")
    lunch = (
        await ada.chats.create(
            "PublicChannel", [ming.id], name="lunch", workspace_id=ada.workspace, description="Where and when we eat"
        )
    ).id
    await ada.chats.create("PublicChannel", [ming.id], name="moon landing", workspace_id=ada.workspace)
    await ada.chats.create("Single", [ming.id], workspace_id=ada.workspace)
    hers = await window(viewport={"width": 1280, "height": 800})
    one = (await hers.tab(f"/chat/{lunch}", ada.email, PASSWORD)).page
    await expect(one.get_by_role("heading", name="lunch", level=1)).to_be_visible()
    await expect(one.get_by_role("textbox", name="Message lunch")).to_be_focused()

    his = await window(viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True)
    other = (await his.tab("/", ming.email, PASSWORD)).page
    rows = other.get_by_role("navigation", name="聊天列表").get_by_role("link")
    await expect(rows.filter(has_text="lunch")).to_be_visible()

    await one.keyboard.type("Noodles at noon?")
    await one.keyboard.press("Enter")
    await expect(one.get_by_role("article").get_by_text("Noodles at noon?")).to_be_visible()
    await expect(rows.filter(has_text="lunch")).to_have_class("row unread ")
    await rows.filter(has_text="lunch").tap()
    await expect(other.get_by_role("article").get_by_text("Noodles at noon?")).to_be_visible()
    name = other.get_by_role("heading", name="lunch", level=1).locator("span").last
    assert await name.evaluate("(node) => node.scrollWidth <= node.clientWidth"), "the name has room in the header"
    await other.get_by_role("button", name="更多", exact=True).tap()
    await other.get_by_role("menuitem", name="已置顶").tap()
    await expect(other.get_by_role("complementary", name="已置顶")).to_be_visible()
    await other.get_by_role("button", name="关闭", exact=True).tap()
    await other.get_by_role("textbox").fill("好的")
    await other.keyboard.press("Enter")
    await expect(one.get_by_role("article").get_by_text("好的")).to_be_visible()


async def test_from_the_first_run_to_a_team_that_is_looked_after(system: System, window: NewWindow) -> None:
    ada, ming = await system.sign_up("Ada"), await system.sign_up("Ming")
    await ming.users.update_me(fullname="王小明")

    # One screen: the workspace, its first channel, a link for the others.
    hers = await window(viewport={"width": 1280, "height": 800})
    one = (await hers.tab("/", ada.email, PASSWORD)).page
    await expect(one.get_by_role("heading", name="Welcome, Ada")).to_be_focused()
    await one.get_by_label("Your workspace").fill("Moon base")
    await one.get_by_label("The first channel").fill("general")
    await sound(one, "welcome")
    await one.get_by_role("button", name="Create it").click()
    await expect(one.get_by_role("img", name="QR code of the link")).to_be_visible()
    await expect(one.get_by_role("button", name="Moon base")).to_be_visible()
    await sound(one, "welcome-link")
    link = await one.get_by_label("Invite link").input_value()
    await one.get_by_role("button", name="Open the channel").click()
    await one.wait_for_url("**/chat/*")
    general = int(one.url.rsplit("/", 1)[1])
    await expect(one.get_by_role("textbox", name="Message general")).to_be_focused()

    # The link leads a colleague into the chat, on a phone and in Chinese.
    his = await window(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, forgiven=["status of 403"]
    )
    other = (await his.tab("/" + link.split("/", 3)[3], ming.email, PASSWORD)).page
    await other.get_by_role("button", name="加入").tap()
    await expect(other.get_by_role("heading", name="general", level=1)).to_be_visible()
    await expect(other.get_by_role("heading", name="general", level=1)).to_be_visible()

    # Who is here, and what an admin may do about it.
    await one.get_by_role("button", name="2 members").click()
    people = one.get_by_role("list", name="Members").get_by_role("listitem")
    await expect(people).to_have_text([re.compile("Ada.*Owner"), re.compile("王小明")])
    await people.nth(1).get_by_role("button", name="What to do with 王小明").click()
    await expect(one.get_by_role("menuitem", name="Message")).to_be_focused()
    await one.keyboard.press("ArrowDown")
    await one.keyboard.press("Enter")  # Make an admin
    await expect(people.nth(1)).to_contain_text("Admin")
    await one.get_by_role("button", name="Close", exact=True).click()

    # Jumping by initials of the pinyin, with the keyboard alone, to a direct chat that is made by it.
    await one.keyboard.press("Control+k")
    field = one.get_by_role("combobox", name="Where to?")
    await expect(field).to_be_focused()
    await one.keyboard.type("wxm")
    await expect(one.get_by_role("option").first).to_contain_text("王小明")
    await one.keyboard.press("Enter")
    await expect(one.get_by_role("heading", name="王小明", level=1)).to_be_visible()
    await one.keyboard.press("Alt+ArrowDown")
    await expect(one.get_by_role("heading", name="general", level=1)).to_be_visible()
    await expect(one.get_by_role("textbox", name="Message general")).to_be_focused()
    await expect(one.get_by_role("link", name="王小明")).to_be_visible()  # the list is drawn five times a second
    await one.keyboard.press("F6")
    await expect(one.get_by_role("link", name="general")).to_be_focused()
    await one.keyboard.press("ArrowUp")
    await expect(one.get_by_role("link", name="王小明")).to_be_focused()

    # A private channel with a password, which the colleague knows.
    await one.get_by_role("button", name="New chat").click()
    await one.get_by_role("tab", name="New channel").click()
    await one.get_by_label("Name", exact=True).fill("plans")
    await one.get_by_role("radio", name="Private").check()
    await one.get_by_label("Password").fill("open sesame")
    await sound(one, "new-channel")
    await one.get_by_role("button", name="Create").click()
    await expect(one.get_by_role("heading", name="plans", level=1)).to_be_visible()
    await other.get_by_role("link", name="所有聊天").tap()
    await other.get_by_role("button", name="新建聊天").tap()
    await other.get_by_role("tab", name="加入频道").tap()
    await other.get_by_role("option", name="plans").tap()
    await other.get_by_label("密码").fill("open says me")
    await other.get_by_role("button", name="加入", exact=True).tap()
    await expect(other.get_by_role("alert")).to_have_text("密码不正确。")
    await sound(other, "join-phone")
    await other.get_by_label("密码").fill("open sesame")
    await other.get_by_role("button", name="加入", exact=True).tap()
    await expect(other.get_by_role("heading", name="plans", level=1)).to_be_visible()

    # What waits: the title, the icon and the next unread chat.
    await ming.messages.post(general, f"<b>Lunch?</b> @{(await ada.users.me()).username}")
    await expect(one).to_have_title("(1) plans · Fechatter")
    await expect(one.locator("link[rel=icon]")).to_have_attribute("href", "/pages/lib/icon-waiting.svg")
    await one.keyboard.press("Alt+Shift+ArrowUp")
    await expect(one.get_by_role("heading", name="general", level=1)).to_be_visible()
    await expect(one).to_have_title("general · Fechatter")

    # Settings hold at once: the language, and contrast.
    await one.get_by_role("button", name="Ada").click()
    await one.get_by_role("menuitem", name="Settings").click()
    await one.get_by_role("radio", name="简体中文").check()
    await expect(one.get_by_role("heading", name="设置")).to_be_visible()
    await expect(one.locator("html")).to_have_attribute("lang", "zh-Hans")
    await one.get_by_role("radio", name="高", exact=True).check()
    await sound(one, "settings-contrast")
    await one.get_by_role("radio", name="English").check()
    await one.get_by_role("group", name="Contrast").get_by_role("radio", name="System").check()
    await one.keyboard.press("Escape")

    # A status, which others see; a chat that is muted.
    await one.get_by_role("button", name="Ada").click()
    await one.get_by_role("menuitem", name="Set a status").click()
    await one.get_by_role("button", name="In a meeting").click()
    await one.get_by_role("button", name="Save").click()
    await other.get_by_role("link", name="所有聊天").tap()
    await other.get_by_role("link", name="Ada").tap()
    await other.get_by_role("heading", name="Ada", level=1).get_by_role("button").tap()
    await expect(other.get_by_role("dialog", name="资料")).to_contain_text("In a meeting")
    await other.get_by_role("button", name="关闭").tap()
    await one.get_by_role("button", name="More", exact=True).click()
    await one.get_by_role("menuitem", name="Notifications").click()
    await one.get_by_role("radio", name="Mentions only").check()
    await one.get_by_role("radio", name="For a week").check()
    await one.get_by_role("button", name="Save").click()
    await expect(one.get_by_role("link", name="general")).to_contain_text("Muted")

    # A board opens beside the chat.
    await one.get_by_role("button", name="New board").click()
    await one.get_by_label("Name", exact=True).fill("Sketch")
    await one.get_by_role("button", name="Create").click()
    await expect(one.frame_locator("iframe").locator("#stage")).to_be_visible()
    await one.get_by_role("button", name="Close", exact=True).click()

    # Reports come to the admins; who is banned is out at once.
    sent = await ada.messages.post(general, "Buy my watches")
    await ming.moderation.report(general, sent.id, "spam")
    await one.get_by_role("button", name="Moon base").click()
    await one.get_by_role("menuitem", name="Reports").click()
    await expect(one.get_by_role("listitem").filter(has_text="王小明 reports: Spam")).to_contain_text("Buy my watches")
    await sound(one, "reports")
    await one.get_by_role("button", name="Done").click()
    await expect(one.get_by_text("Nothing is waiting.")).to_be_visible()
    await one.keyboard.press("Escape")
    await other.goto(f"/chat/{general}")
    await expect(other.get_by_role("heading", name="general", level=1)).to_be_visible()
    await one.get_by_role("button", name="2 members").click()
    await people.nth(1).get_by_role("button", name="What to do with 王小明").click()
    await one.get_by_role("menuitem", name="Ban").click()
    await one.get_by_role("button", name="Ban", exact=True).click()
    await expect(other.get_by_role("heading", name="您看不到这个聊天")).to_be_visible()
    await sound(other, "gone-phone")
