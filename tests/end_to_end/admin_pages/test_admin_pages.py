"""The pages of administration, in a real browser on the running servers.

With PICTURES=FOLDER (`make pictures`) they leave the pictures of docs/pictures/admin there.
"""

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.end_to_end.admin_pages.firm import ON, Firm, firm
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import violations
from tests.support.clients.browser import UNNAMED, NewWindow

WIDE = {"width": 1280, "height": 800}
LARGEST = 60_000
# Whoever has no feature, or may not, is answered so, which browsers put on the console.
REFUSED = ["status of 404", "status of 403"]


async def sound(page: Page, name: str) -> None:
    """Neither theme has a fault that axe knows, and every control has a name. It is pictured if that is asked for."""
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert await violations(page, None if theme == "light" else "cat.color") == [], f"{name}, {theme}"
    assert await page.evaluate(UNNAMED) == [], name
    await picture(page, f"{name}-dark")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await picture(page, name)


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES")
    if folder is None:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(await page.screenshot())) as taken:
        halved = taken.resize((taken.width // 2, taken.height // 2)) if taken.width > 1300 else taken
        for quality in (82, 74, 66, 58):
            content = io.BytesIO()
            halved.convert("RGB").save(content, "WEBP", quality=quality, method=6)
            if len(content.getvalue()) <= LARGEST:
                break
    Path(folder, f"{name}.webp").write_bytes(content.getvalue())


async def go(page: Page, name: str) -> None:
    """To a page by its entry, which leaves the focus on its title."""
    await page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{name}")).click()
    title = page.get_by_role("heading", level=1)
    await expect(title).to_have_text(name)
    await expect(title).to_be_focused()


async def test_what_is_off_or_for_others_says_so(system: System, window: NewWindow) -> None:
    ada, grace = await system.team("Ada", "Grace")
    hers = await window(viewport=WIDE, forgiven=REFUSED)
    page = (await hers.tab("/admin/departments", grace.email, PASSWORD)).page
    await expect(page.get_by_role("heading", name="This is switched off on this server")).to_be_visible()
    await expect(page.locator("pre")).to_have_text("features:\n  enable_organizations: true")
    await sound(page, "feature_off")
    await go(page, "Audit log")
    # Of her own workspace she is the owner, of Ada's she is a member.
    await expect(page.get_by_role("table")).to_be_visible()
    await page.get_by_role("combobox", name="Workspace").select_option(str(ada.workspace))
    await expect(page.get_by_role("heading", name="This is not for you")).to_be_visible()
    assert page.url.endswith(f"/admin/audit?workspace={ada.workspace}")
    await sound(page, "forbidden")
    await page.goto("/admin/nonsense")
    await page.get_by_role("link", name="To the overview").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    # In Chinese, as long as one wishes.
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("概览")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


@pytest.mark.system(**ON)
async def test_a_firm_is_administered(system: System, window: NewWindow) -> None:
    team = await firm(system)
    hers = await window(viewport=WIDE, forgiven=["status of 409"], timezone_id="UTC")
    page = (await hers.tab("/admin", team.lena.email, PASSWORD)).page
    await departments(page, team)


async def departments(page: Page, team: Firm) -> None:
    await go(page, "Departments")
    tree = page.get_by_role("tree", name="Departments")
    items = tree.get_by_role("treeitem")
    await expect(items).to_have_count(6)
    # By keys: down to Engineering, in which two are.
    await items.first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("heading", name="Engineering")).to_be_visible()
    people = page.get_by_role("list", name="People")
    await expect(people.get_by_role("listitem")).to_have_count(2)
    await expect(people.get_by_role("listitem").first).to_contain_text("王小明")
    await expect(people.get_by_role("listitem").first).to_contain_text("Head")
    await sound(page, "departments")
    # Alt with arrows moves it, and the focus stays on it: above Design, then out to the top.
    await tree.get_by_role("treeitem", name="Engineering", exact=True).focus()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.get_by_role("status").filter(has_text="Engineering is now at")).to_have_text(
        "Engineering is now at Studio › Engineering"
    )
    order = "els => els.map((one) => one.textContent)"
    names = tree.locator(".name")
    moved = ["Studio", "Engineering", "Platform", "Clients 客户端", "Design", "People"]
    await expect(names).to_have_text(moved)
    await expect(tree.get_by_role("treeitem", name="Engineering", exact=True)).to_be_focused()
    # By the mouse: People into Design.
    await names.get_by_text("People").drag_to(names.get_by_text("Design"))
    await expect(tree.get_by_role("treeitem", name="People")).to_have_attribute("aria-level", "3")
    assert await names.evaluate_all(order) == moved
    found = {one.id: one async for one in team.lena.organizations.departments(team.id)}
    assert found[team.departments["People"]].parent_id == team.departments["Design"]
    # One is added, hidden, gets a head, and cannot be deleted while they are there.
    await page.get_by_role("button", name="Add a department").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Legal 法务")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Legal 法务")).to_be_visible()
    await page.get_by_role("checkbox", name=re.compile("^Hidden")).click()
    await expect(tree.get_by_role("treeitem", name="Legal 法务 hidden")).to_be_visible()
    await page.get_by_role("button", name="Appoint somebody").click()
    await dialog.get_by_role("combobox", name="Person").fill("lsy")
    await dialog.get_by_role("option", name=re.compile("李思雨")).click()
    await dialog.get_by_label("Position").select_option(label="Lead")
    await dialog.get_by_role("checkbox", name="As its head").check()
    await dialog.get_by_role("button", name="Appoint", exact=True).click()
    await expect(people.get_by_role("listitem")).to_contain_text("Lead · @")
    await page.get_by_role("button", name="More for Legal 法务").click()
    await page.get_by_role("menuitem", name="Delete…").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(dialog.get_by_role("alert")).to_have_text("There are people in it, or departments below it.")
    await page.keyboard.press("Escape")
    # What somebody else does is seen at once.
    await team.ming.organizations.change_department(team.id, team.departments["Platform"], name="Platforms")
    await expect(tree.get_by_role("treeitem", name="Platforms")).to_be_visible()
