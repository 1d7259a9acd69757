"""Who has read what, in the chat client: two people and a third, in real browsers on the running servers."""

from playwright.async_api import expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import sound
from tests.support.clients.browser import NewWindow


async def test_a_direct_message_says_that_it_was_read_and_any_other_by_whom(system: System, window: NewWindow) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    direct = (await ada.chats.create("Single", [grace.id], workspace_id=ada.workspace)).id
    lunch = await system.group(ada, grace, mary)
    hers = await window(viewport={"width": 1280, "height": 800})
    one = (await hers.tab(f"/chat/{direct}", ada.email, PASSWORD)).page
    await one.get_by_role("textbox", name="Message Grace").fill("Soup?")
    await one.keyboard.press("Enter")
    row = one.get_by_role("article").filter(has_text="Soup?")
    await expect(row).not_to_have_class("pending")
    receipt = one.locator(".receipt")
    await expect(receipt).to_have_count(0)

    # She looks at it, on a phone; an answer of hers, and a newer message of one's own, are not read by her.
    phone = await window(viewport={"width": 390, "height": 844}, has_touch=True)
    other = (await phone.tab(f"/chat/{direct}", grace.email, PASSWORD)).page
    await expect(receipt).to_have_text("Read")
    await other.get_by_role("textbox", name="Message Ada").fill("Yes!")
    await other.get_by_role("button", name="Send").tap()
    await expect(one.get_by_role("article").filter(has_text="Yes!")).to_be_visible()
    await expect(receipt).to_have_count(0)
    await expect(other.locator(".receipt")).to_have_text("Read")
    await sound(other, "receipt-phone")

    # By keyboard: who has read a message of a group, while it is being read.
    await ada.messages.post(lunch, "At noon")
    await one.goto(f"/chat/{lunch}")
    await one.get_by_role("article").filter(has_text="At noon").focus()
    await one.keyboard.press("s")
    dialog = one.get_by_role("dialog", name="Read by")
    waiting = dialog.get_by_role("list", name="2 have not read it yet")
    await expect(waiting.locator("strong")).to_have_text(["Grace", "Mary"])
    await other.goto(f"/chat/{lunch}")
    await expect(dialog.get_by_role("list", name="1 has read it").get_by_role("listitem")).to_contain_text("Grace")
    waiting = dialog.get_by_role("list", name="1 has not read it yet")
    await expect(waiting.get_by_role("listitem")).to_contain_text("Mary")
    await sound(one, "readers")
    await one.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    # By hand, and with a finger: the menu of a message has it, too.
    for page in (one, other):
        row = page.get_by_role("article").filter(has_text="At noon")
        tools = row.get_by_role("button", name="More actions")
        if page is one:
            await row.hover()
            await tools.click()
        else:
            await row.tap()
            await tools.tap()
        await page.get_by_role("menuitem", name="Read by …").click()
        readers = page.get_by_role("dialog", name="Read by").get_by_role("list", name="1 has read it")
        await expect(readers.get_by_role("listitem")).to_contain_text("Grace")
