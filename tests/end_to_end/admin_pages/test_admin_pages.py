"""The pages of administration, in a real browser on the running servers.

With PICTURES=FOLDER (`make pictures`) they leave the pictures of docs/pictures/admin there.
"""

import asyncio
import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, Route, expect

from tests.end_to_end.admin_pages.firm import ON, Firm, firm
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.accessibility import THEMES, violations
from tests.support.clients.browser import UNNAMED, NewWindow

WIDE = {"width": 1280, "height": 800}
LARGEST = 60_000
# Those of docs/pictures/admin.
PICTURES = """
acting, announced, announcements, apps, audit, cases, data, deletions, department-chats, departments, directory,
feature_off, features, holds, import, online, overview, overview-dark, people, phone-departments, retention, review,
roles, rules, storage, workspaces
"""
# All colours that there are; what is no colour is the same in both themes.
DARK = {
    "acting",
    "announced",
    "audit",
    "departments",
    "feature_off",
    "overview",
    "people",
    "review",
    "roles",
    "storage",
}
# Whoever has no feature, or may not, is answered so, which browsers put on the console.
REFUSED = ["status of 404", "status of 403"]


async def sound(page: Page, name: str) -> None:
    """There is no fault that axe knows, and every control has a name. It is pictured if that is asked for."""
    for theme in THEMES:
        if theme == "light" or name in DARK:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert await violations(page, None if theme == "light" else "cat.color") == [], f"{name}, {theme}"
            await picture(page, name if theme == "light" else f"{name}-dark")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert await page.evaluate(UNNAMED) == [], name


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES")
    if folder is None or name not in PICTURES.replace("\n", " ").strip().split(", "):
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
    await page.get_by_role("navigation").get_by_role("link", name="Audit log", exact=True).click()
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
    hers = await window(viewport=WIDE, forgiven=["status of 409", "status of 422", *REFUSED], timezone_id="UTC")
    page = (await hers.tab("/admin", team.lena.email, PASSWORD)).page
    await departments(page, team)
    await people(page, team)
    await groups_and_positions(page, team)
    await announcements(page, team)
    await roles(page, team)
    await features(page, team)
    await a_list(page, team)
    await chats_and_workspaces(page, team)
    await online_time(system, page, team)
    await accounts(system, page, team)
    await persons_data(system, page, team)
    await overview(system, page, team)


@pytest.mark.system(**ON)
async def test_a_workspace_is_administered(system: System, window: NewWindow) -> None:
    team = await firm(system)
    hers = await window(viewport=WIDE, forgiven=["status of 409", "status of 422", *REFUSED], timezone_id="UTC")
    page = (await hers.tab("/admin/audit", team.lena.email, PASSWORD)).page
    await audit(page, team)
    await retention_and_storage(page, team)
    await apps(page, team)
    await rules_and_review(page, team)
    await holds_and_cases(system, page, team, window)


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
    async with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
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
    # It is shown at once; the server says it a moment later.
    async with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
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


async def menu(page: Page, of: str, item: str) -> None:
    """What can be done with something."""
    await page.get_by_role("button", name=f"More for {of}").click()
    await page.locator(".menu:popover-open [role^=menuitem]").filter(has_text=item).first.click()


async def people(page: Page, team: Firm) -> None:
    await go(page, "People")
    rows = page.get_by_role("region", name="People").locator("tbody tr")
    await expect(rows).to_have_count(4)
    await expect(rows.filter(has_text="Engineering · Lead · Head")).to_contain_text("王小明")
    await expect(rows.filter(has_text="Engineering · Lead · Head")).to_contain_text("Lena Hoffmann")  # his manager
    await sound(page, "people")
    await page.get_by_role("searchbox", name="Search").fill("wxm")
    await expect(rows).to_have_count(1)
    await page.get_by_role("searchbox", name="Search").fill("")
    await page.get_by_role("combobox", name="Department").select_option(label="Studio › Design")
    await expect(page.get_by_role("status").filter(has_text="1 person")).to_be_visible()
    await menu(page, "Priya Natarajan", "Admin")
    await expect(rows.first).to_contain_text("Admin")
    await menu(page, "Priya Natarajan", "Manager")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Manager").fill("wang")
    await dialog.get_by_role("option", name=re.compile("王小明")).click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(rows.first).to_contain_text("王小明")
    found = {one.user_id: one async for one in team.lena.organizations.members(team.id)}
    assert (found[team.priya.id].role, found[team.priya.id].manager_id) == ("admin", team.ming.id)


async def a_list(page: Page, team: Firm) -> None:
    """What it would change is shown first, and then done."""
    await go(page, "Import")
    csv = f"email,department,position\n{team.priya.email},Studio / Research 研究,Lead\nnobody@example.com,Studio,\n"
    field = page.get_by_label("CSV file")
    await field.set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"email\nnobody\n"})
    await expect(page.get_by_role("alert").filter(has_text="csv:2")).to_contain_text("expected an e-mail address")
    await field.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": csv.encode()})
    await expect(page.get_by_role("status").filter(has_text="would be made")).to_have_text("4 changes would be made.")
    rows = page.get_by_role("region", name="What would change").locator("tbody tr")
    await expect(rows).to_have_count(4)
    await expect(rows.filter(has_text="appointment made")).to_contain_text("Studio / Research 研究 as Lead")
    await sound(page, "import")
    assert "Research 研究" not in {one.name async for one in team.lena.organizations.departments(team.id)}
    await page.get_by_role("button", name="Apply people.csv").click()
    await expect(page.get_by_role("status").filter(has_text="are made")).to_have_text("4 changes are made.")
    assert "Research 研究" in {one.name async for one in team.lena.organizations.departments(team.id)}


async def chats_and_workspaces(page: Page, team: Firm) -> None:
    await go(page, "Department chats")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Let a chat follow a department").click()
    await dialog.get_by_role("combobox", name="Department").select_option(label="Studio › Engineering")
    await dialog.get_by_role("combobox", name="Chat").select_option(label="A new private channel")
    await dialog.get_by_label("Name").fill("engineering 工程")
    await dialog.get_by_role("button", name="Follow").click()
    rows = page.get_by_role("region", name="Department chats").locator("tbody tr")
    await expect(rows).to_contain_text("Studio › Engineering and below")
    [follows] = [one async for one in team.lena.organizations.department_chats(team.id)]
    assert {one.user_id async for one in team.lena.chats.members(follows.chat_id)} >= {team.ming.id, team.siyu.id}
    await sound(page, "department-chats")
    await rows.get_by_role("button", name=re.compile("^End: engineering 工程")).click()
    await dialog.get_by_role("button", name="End", exact=True).click()
    await expect(page.get_by_text("No chat follows a department yet.")).to_be_visible()
    # Another workspace of hers comes in, and goes again.
    other = await team.lena.workspaces.create("Annexe")
    await page.reload()
    await go(page, "Workspaces")
    await page.get_by_role("button", name="Put a workspace into it").click()
    await dialog.get_by_role("combobox", name="Workspace").select_option(label="Annexe")
    await dialog.get_by_role("button", name="Put it in").click()
    rows = page.get_by_role("region", name="Workspaces").locator("tbody tr")
    await expect(rows).to_have_count(2)
    await sound(page, "workspaces")
    await page.get_by_role("button", name="Take out Annexe").click()
    await dialog.get_by_role("button", name="Take out", exact=True).click()
    await expect(rows).to_have_count(1)
    assert [one.workspace_id async for one in team.lena.organizations.workspaces(team.id)] == [team.lena.workspace]
    await team.lena.workspaces.delete(other.id)


async def online_time(system: System, page: Page, team: Firm) -> None:
    async with system.sql() as sql:
        await sql.execute(
            "INSERT INTO online_days (user_id, day, shown, hidden) SELECT id, current_date - 1, "
            "tstzmultirange(tstzrange(now() - interval '90 minutes', now())), "
            "tstzmultirange(tstzrange(now() - interval '5 hours', now() - interval '4 hours')) "
            "FROM unnest($1::bigint[]) id ON CONFLICT DO NOTHING",
            [team.ming.id, team.siyu.id],
        )
    await go(page, "Online time")
    rows = page.get_by_role("region", name="Online time").locator("tbody tr")
    # Two people have hidden an hour: of so few nothing of that is shown.
    await expect(rows.filter(has_text="Engineering")).to_contain_text("3 h 0 min")
    await page.get_by_role("combobox", name="By").select_option(label="Person")
    await expect(rows.filter(has_text="李思雨")).to_contain_text("1 h 30 min")
    await rows.filter(has_text="李思雨").locator("summary").click()
    await expect(rows.filter(has_text="李思雨").locator("time")).to_have_count(1)
    await sound(page, "online")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save as CSV").click()
    lines = Path(await (await download.value).path()).read_text().splitlines()
    assert lines[0] == "user_id,department_id,name,day,people,seconds"
    assert any(line.startswith(f"{team.siyu.id},,李思雨,") and line.endswith(",1,5400") for line in lines)


async def persons_data(system: System, page: Page, team: Firm) -> None:
    """Suspended, let in again, exported, and deleted: of an account that the organisation keeps."""
    await go(page, "People")
    dialog = page.get_by_role("dialog")
    rows = page.get_by_role("region", name="People").locator("tbody tr")
    await page.get_by_role("searchbox", name="Search").fill("priya")
    await expect(rows).to_have_count(1)
    await menu(page, "Priya Natarajan", "Suspend…")
    await dialog.get_by_role("button", name="Suspend").click()
    await expect(rows).to_contain_text("suspended")
    async with system.sql() as sql:
        assert await sql.fetchval("SELECT status FROM users WHERE id = $1", team.priya.id) == "suspended"
    await menu(page, "Priya Natarajan", "Let them in again")
    await expect(rows).not_to_contain_text("suspended")
    await menu(page, "Priya Natarajan", "Data…")
    await expect(dialog.get_by_role("heading", name="What stays")).to_be_visible()
    await sound(page, "data")
    async with page.expect_download() as download:
        await dialog.get_by_role("button", name="Save as zip").click()
    assert (await download.value).suggested_filename == f"person-{team.priya.id}.zip"
    delete = dialog.get_by_role("button", name="Delete for good")
    await expect(delete).to_be_disabled()
    [priya] = [one async for one in team.lena.organizations.members(team.id, "priya")]
    await dialog.get_by_label(re.compile("^Type ")).fill(priya.username)
    await delete.click()
    await expect(dialog).to_have_count(0)
    async with system.sql() as sql:
        assert await sql.fetchval("SELECT count(*) FROM person_deletions WHERE user_id = $1", team.priya.id) == 1
    await go(page, "Deletions")
    await page.get_by_label("Which").select_option("All")
    deleted = page.get_by_role("region", name="Deletions").locator("tbody tr")
    await expect(deleted).to_contain_text(f"Deleted user {team.priya.id}")
    await expect(deleted.locator(".tag")).to_have_text(re.compile("Queued|Running|Done"))
    await held_deletions(system, page, team)


async def held_deletions(system: System, page: Page, team: Firm) -> None:
    """Lena may read the holds of her own workspace alone: of another one's she sees that there is one."""
    jonas, mei = await system.sign_up("Jonas"), await system.sign_up("Mei")
    await system.invite(team.lena, jonas)
    chat = await system.group(team.lena, jonas, name="offer")
    await jonas.messages.post(chat, "Nobody needs to know of this offer.")
    async with system.sql() as sql:
        await sql.execute("UPDATE workspaces SET organization_id = $1 WHERE id = $2", team.id, mei.workspace)
        await sql.executemany(
            "INSERT INTO holds (workspace_id, name, reason, user_id) VALUES ($1, $2, $3, $4)",
            [
                (team.lena.workspace, "Offer of spring", "Asked for by our lawyers", jonas.id),
                (mei.workspace, "Of her own", "Nobody else's business", mei.id),
            ],
        )
        for person in (team.priya, jonas, mei):
            if person is not team.priya:
                await sql.execute("SELECT delete_person($1)", person.id)
            while not await sql.fetchval("SELECT erase_person($1, 100)", person.id):
                pass
    await page.get_by_label("Which").select_option("Not done yet")
    deleted = page.get_by_role("region", name="Deletions").locator("tbody tr")
    await expect(deleted).to_have_count(1)
    await expect(deleted).to_contain_text("Waits for a hold")
    await expect(deleted).to_contain_text("Their own workspace is keptA legal hold")
    await page.get_by_label("Which").select_option("All")
    await expect(deleted).to_have_count(3)
    await expect(deleted.filter(has_text=f"Deleted user {jonas.id}")).to_contain_text(
        "1 thing is kept by a holdHold “Offer of spring”: Asked for by our lawyers"
    )
    await expect(page.get_by_text("Nobody else")).to_have_count(0)
    await sound(page, "deletions")


async def groups_and_positions(page: Page, team: Firm) -> None:
    await go(page, "Groups")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="1 member of oncall").click()
    await dialog.get_by_role("combobox", name="Add somebody").fill("priya")
    await dialog.get_by_role("option", name=re.compile("Priya")).click()
    await expect(dialog.get_by_role("listitem")).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="2 members of oncall")).to_be_visible()
    await page.get_by_role("button", name="Add a group").click()
    await dialog.get_by_label("Name").fill("all")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("This name is reserved")
    await dialog.get_by_label("Name").fill("designers")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("region", name="Groups").locator("tbody tr")).to_have_count(2)
    await sound(page, "groups")
    await go(page, "Positions")
    await page.get_by_role("button", name="Rename Lead").click()
    await dialog.get_by_label("Name").fill("Lead 主管")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Positions")).to_contain_text("Lead 主管")
    await sound(page, "positions")


async def announcements(page: Page, team: Firm) -> None:
    await go(page, "Announcements")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="New announcement").click()
    await dialog.get_by_label("Title").fill("We move on Friday 周五搬家")
    await dialog.get_by_label("Text").fill("Pack your desk by Thursday evening. The new address is 7 Harbour Street.")
    await dialog.get_by_role("checkbox", name=re.compile("Ask for acknowledgement")).check()
    await dialog.get_by_role("checkbox", name="Studio › Engineering", exact=True).check()
    await dialog.get_by_role("button", name="Publish").click()
    entry = page.get_by_role("list", name="Announcements").get_by_role("listitem")
    await expect(entry).to_contain_text("0 of 2 acknowledged")
    [told] = [one async for one in team.siyu.announcements.list()]
    await team.siyu.announcements.acknowledge(told.id)
    await page.reload()
    await expect(entry).to_contain_text("1 of 2 acknowledged")
    await sound(page, "announcements")
    await entry.get_by_role("button", name="1 of 2 acknowledged").click()
    await expect(dialog.get_by_role("listitem")).to_have_text(re.compile("王小明"))
    await page.keyboard.press("Escape")


async def roles(page: Page, team: Firm) -> None:
    await go(page, "Roles and permissions")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Add a role").click()
    await dialog.get_by_role("textbox", name="Name").fill("Moderator")
    await dialog.get_by_role("checkbox", name="handle reports").check()
    await dialog.get_by_role("button", name="Create").click()
    given = page.get_by_role("region", name="Who has them").locator("tbody tr")
    await page.get_by_role("button", name="Give a role").click()
    await dialog.get_by_role("combobox", name="To", exact=True).select_option(label="Department")
    await dialog.get_by_role("combobox", name="Department").select_option(label="Studio › Engineering")
    await dialog.get_by_role("button", name="Give it").click()
    await expect(given).to_contain_text("Studio › Engineering and below")
    explained = page.get_by_role("region", name="Why may somebody do something?")
    await chosen(explained, "Person", "李思雨")
    await explained.get_by_role("combobox", name="Permission").select_option("workspace.handle_reports")
    await explained.get_by_role("combobox", name="Workspace").select_option(label="Lighthouse 灯塔")
    await explained.get_by_role("button", name="Explain").click()
    await expect(explained.get_by_role("status")).to_contain_text("given to Studio › Engineering and below")
    await sound(page, "roles")
    await given.get_by_role("button", name=re.compile("Take back Moderator")).click()
    await expect(given).to_have_count(0)


async def features(page: Page, team: Firm) -> None:
    await go(page, "Features")
    switch = page.get_by_role("switch", name="Use here: Roles and permissions")
    await switch.click()
    await expect(switch).not_to_be_checked()
    assert (await team.lena.organizations.features()).organizations == {str(team.id): {"enable_user_roles": False}}
    await sound(page, "features")
    await go(page, "Roles and permissions")
    await expect(page.get_by_role("heading", name="Lighthouse Studio does without this")).to_be_visible()
    await page.locator("main").get_by_role("link", name="Features").click()
    await switch.click()
    await expect(switch).to_be_checked()


async def accounts(system: System, page: Page, team: Firm) -> None:
    await go(page, "Sessions of people")
    await expect(page.get_by_role("heading", name="The organisation does not keep these accounts")).to_be_visible()
    async with system.sql() as sql:
        await sql.execute("SELECT ops.keep_accounts($1)", team.id)
        await sql.execute(
            "INSERT INTO sessions (user_id, expires_at) SELECT $1, 'infinity' FROM generate_series(1, 60)",
            team.ming.id,
        )
    await page.reload()
    rows = page.get_by_role("region", name="Sessions of people").locator("tbody tr")
    await expect(rows).to_have_count(50)
    await page.get_by_role("button", name="Show more").press("Enter")
    await expect(rows.filter(has_text="王小明").nth(59)).to_be_visible()
    await chosen(page, "Person", "李思雨")
    await expect(rows).to_have_count(1)
    # A sign-in that is too old is asked for again, and then it goes on.
    async with system.sql() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 day' WHERE user_id = $1", team.lena.id)
    await page.get_by_role("button", name="End the session of 李思雨").click()
    dialog = page.get_by_role("dialog", name="Is it you?")
    await dialog.get_by_label(re.compile("[Pp]assword")).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(0)
    links = page.get_by_role("navigation").get_by_role("link", name="Audit log")
    await links.first.click()
    await expect(page.get_by_role("region", name="Audit log").locator("tbody tr").first).to_be_visible()
    await page.get_by_role("navigation").get_by_role("link", name="Storage").first.click()
    await expect(page.get_by_role("region", name="Storage").locator("tbody tr")).to_have_count(1)


async def overview(system: System, page: Page, team: Firm) -> None:
    async with system.sql() as sql:
        await sql.execute("SELECT ops.appoint_operator($1)", team.lena.email)
    for text in ("The lamp is in", "谢谢", "See you on Friday"):
        await team.ming.messages.post(team.channel, text)
    await go(page, "Overview")
    await expect(page.get_by_role("region", name="Lighthouse Studio")).to_contain_text("in seven days")
    await expect(page.get_by_role("region", name="The machine")).to_contain_text("Alive")
    await sound(page, "overview")
    # On a phone, in Chinese.
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("button", name="All pages").click()
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("概览")
    await page.get_by_role("button", name="所有页面").click()
    await sound(page, "phone")
    for path in ("departments", "people", "roles"):
        await page.goto(f"/admin/{path}")
        await expect(page.locator("main [role=treeitem], main tbody tr").first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
        await sound(page, f"phone-{path}")


async def chosen(there: Page | Locator, label: str, name: str) -> None:
    """Somebody whom the server has found, by keys."""
    field = there.get_by_role("combobox", name=label, exact=True)
    await field.fill(name[0])
    found = there.get_by_role("listbox").get_by_role("option")
    await expect(found).to_have_count(1)
    await expect(found).to_contain_text(name)
    await field.press("Enter")


async def audit(page: Page, team: Firm) -> None:
    rows = page.get_by_role("region", name="Audit log").locator("tbody tr")
    await expect(rows.first).to_be_visible()
    await sound(page, "audit")
    await page.get_by_label("Action").fill("workspace_renamed")
    await page.keyboard.press("Enter")
    await chosen(page, "By", "王小明")
    await expect(page.get_by_text("Nothing like that has happened.")).to_be_visible()
    await page.get_by_role("button", name="王小明").click()  # anybody again
    await page.get_by_label("Action").fill("")
    await page.keyboard.press("Enter")
    await expect(rows.first).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Save as CSV").click()
    lines = Path(await (await download.value).path()).read_text().splitlines()
    assert lines[0].startswith("at,action,actor")
    assert len(lines) > await rows.count()


async def retention_and_storage(page: Page, team: Firm) -> None:
    await go(page, "Retention and sharing")
    await page.get_by_role("checkbox", name="Forever").uncheck()
    await page.get_by_label("Days").fill("90")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    switch = page.get_by_role("switch", name=re.compile("Pages may be published for everyone"))
    await switch.click()
    await expect(switch).not_to_be_checked()
    [workspace] = [one async for one in team.lena.workspaces.list()]
    assert (workspace.retention_days, workspace.public_publishing) == (90, False)
    await sound(page, "retention")
    await page.get_by_role("navigation").get_by_role("link", name="Storage").last.click()
    await expect(page.get_by_role("heading", name="By kind")).to_be_visible()
    await sound(page, "storage")


async def apps(page: Page, team: Firm) -> None:
    await go(page, "Apps")
    dialog = page.get_by_role("dialog")
    row = page.get_by_role("region", name="Apps").locator("tbody tr")
    await expect(page.get_by_text("No app is registered in this workspace.")).to_be_visible()
    # By keys alone, and what is wrong is said beside it.
    await page.get_by_role("button", name="Register an app").press("Enter")
    await dialog.get_by_label("Name").fill("Calendar")
    await dialog.get_by_label("Addresses to return to").fill("http://calendar.example/callback")
    await expect(dialog.get_by_role("button", name="Create")).to_be_disabled()
    await dialog.get_by_role("checkbox", name="Messages: read").press("Space")
    await sound(page, "app")
    await dialog.get_by_role("button", name="Create").press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("An address begins with https://")
    await dialog.get_by_label("Addresses to return to").fill("https://calendar.example/callback")
    await dialog.get_by_role("button", name="Create").press("Enter")
    # The secret is shown once; the next one is another.
    await expect(dialog.get_by_role("textbox", name="Client secret")).to_have_value(re.compile("^fcs_"))
    first = await dialog.get_by_role("textbox", name="Client secret").input_value()
    await sound(page, "app-secret")
    await dialog.get_by_role("button", name="I have kept it").press("Enter")
    await expect(row).to_contain_text("with a secret")
    await row.get_by_role("button", name="More for Calendar").press("Enter")
    await page.get_by_role("menuitem", name="New secret…").press("Enter")
    await dialog.get_by_role("button", name="Make a new secret").press("Enter")
    await expect(dialog.get_by_role("textbox", name="Client secret")).to_have_value(re.compile("^fcs_"))
    assert await dialog.get_by_role("textbox", name="Client secret").input_value() != first
    await dialog.get_by_role("button", name="I have kept it").press("Enter")
    # It gets another name, scope and owner.
    await row.get_by_role("button", name="More for Calendar").click()
    await page.get_by_role("menuitem", name="Edit the app").click()
    await dialog.get_by_label("Name").fill("日历")
    await dialog.get_by_role("checkbox", name="Chats: write").check()
    await dialog.get_by_role("button", name="Lena Hoffmann").click()
    # Until the server has found somebody the former results are there: Enter takes none of them, a click does.
    owner, former = dialog.get_by_role("combobox", name="Answers for it"), dialog.get_by_role("option")
    await expect(former.filter(has_text="王小明")).to_be_visible()
    answered = asyncio.Event()

    async def later(route: Route) -> None:
        await answered.wait()
        await route.fallback()

    await page.route("**/members?*", later)
    await owner.fill("王")
    await owner.press("Enter")
    await expect(owner).to_be_visible()
    await former.filter(has_text="王小明").click()
    await expect(owner).to_be_hidden()
    answered.set()
    await page.unroute("**/members?*")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("chats:write, messages:read")
    await expect(row).to_contain_text("王小明")
    await sound(page, "apps")
    [app] = [one async for one in team.lena.apps.list(team.lena.workspace)]
    assert (app.name, app.owner_id, app.redirect_uris) == ("日历", team.ming.id, ["https://calendar.example/callback"])
    await row.get_by_role("button", name="More for 日历").click()
    await page.get_by_role("menuitem", name="Delete…").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No app is registered in this workspace.")).to_be_visible()


async def rules_and_review(page: Page, team: Firm) -> None:
    await go(page, "Content rules")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Add a rule").click()
    await dialog.get_by_label("Name").fill("Names of projects")
    await dialog.get_by_label("Words, one on each line").fill("Bluebird\n蓝鸟")
    await dialog.get_by_role("radio", name=re.compile("^Block")).check()
    await dialog.get_by_role("button", name="Create").click()
    row = page.get_by_role("region", name="Content rules").locator("tbody tr")
    await expect(row).to_contain_text("Bluebird, 蓝鸟")
    await sound(page, "rules")
    with pytest.raises(Exception, match="said_is_blocked"):
        await team.ming.messages.post(team.channel, "Bluebird is late")
    await go(page, "Review")
    held = page.get_by_role("list", name="Review").get_by_role("listitem")
    await expect(held).to_contain_text("Bluebird is late")
    await sound(page, "review")
    await held.get_by_role("button", name="Post it").click()
    await expect(page.get_by_text("Nothing waits for a review.")).to_be_visible()
    posted = [one async for one in team.lena.messages.newest(team.channel)]
    assert "Bluebird is late" in [one.content for one in posted]


async def holds_and_cases(system: System, page: Page, team: Firm, window: NewWindow) -> None:
    async with system.sql() as sql:
        await sql.execute("SELECT ops.let_export_cases($1)", team.lena.workspace)
    await go(page, "Legal holds")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="Place a hold").click()
    await dialog.get_by_role("combobox", name="Person").fill("李")
    await dialog.get_by_role("option", name=re.compile("李思雨")).click()
    await dialog.get_by_label("Name").fill("Harbour v. Lighthouse")
    await dialog.get_by_role("button", name="Place it").click()
    row = page.get_by_role("region", name="Legal holds").locator("tbody tr")
    await expect(row).to_contain_text("李思雨")
    await sound(page, "holds")
    await row.get_by_role("button", name="Ask for an export").click()
    await dialog.get_by_label("Reason").fill("The court asks for it")
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    # Another owner approves it; whoever has asked fetches it.
    await team.lena.workspaces.set_role(team.lena.workspace, team.ming.id, "owner")
    his = await window(viewport=WIDE, locale="zh-CN", timezone_id="UTC")
    other = (await his.tab(f"/admin/cases?workspace={team.lena.workspace}", team.ming.email, PASSWORD)).page
    await other.get_by_role("button", name="批准").click()
    await expect(other.get_by_text("已批准")).to_be_visible()
    await sound(other, "cases")
    await go(page, "Exports for cases")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Fetch").click()
    assert (await download.value).suggested_filename.startswith("case-")
    await go(page, "Legal holds")
    await row.get_by_role("button", name="Release Harbour v. Lighthouse?").click()
    await dialog.get_by_role("button", name="Release for good").click()
    await expect(row).to_contain_text("Released")
