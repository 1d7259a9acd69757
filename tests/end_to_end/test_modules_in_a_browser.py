"""The pages of a checkout, which load each module at its own address; other tests look at bundles, as of a package."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.browser import NewWindow, Tab

SERVED = Path(__file__).parents[2] / "chat_server/web"
# What needs its own page as soon as it is loaded; tests of signing in load theirs from servers in their own process.
RUN = ("chat/offline/worker.js", "docs/", "published/", "signin/", "vendor/swagger-ui/")

# In a page: of which of these modules it cannot have what they export.
_MISSING = """async (paths) => {
    const had = await Promise.allSettled(paths.map((path) => import(path)));
    return had.flatMap(({ reason }, number) => (reason ? [`${paths[number]}: ${reason}`] : []));
}"""


@pytest.mark.modules
async def test_every_page_runs_from_modules_and_every_module_is_loaded(system: System, window: NewWindow) -> None:
    ada = await system.sign_up("Ada")
    chat = (await ada.chats.create("PublicChannel", [], name="lunch", workspace_id=ada.workspace)).id
    board = (await ada.boards.create(ada.workspace, name="Sketch")).id
    written = (await ada.pages.create(ada.workspace, name="Start")).id
    hers = await window(forgiven=["status of 404"])  # nothing is published yet
    page = (await hers.tab(f"/chat/{chat}", ada.email, PASSWORD)).page
    await expect(page.get_by_role("textbox", name="Message lunch")).to_be_focused()
    asked = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")
    assert "/pages/chat/chat.js" in asked
    assert not [path for path in asked if path.startswith("/assets/")]
    assert await page.evaluate(_MISSING, [f"/pages/{path}" for path in modules()]) == []
    for path in (f"/board/{board}", f"/page/{written}"):
        await page.goto(path)
        await Tab(page).until("live")
    for path, title in (("/boards", "Boards"), ("/pages", "Pages"), ("/admin", "Overview")):
        await page.goto(path)
        await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def modules() -> list[str]:
    """All but the scripts of pages, which do something when they are loaded."""
    files = [path for folder in SERVED.iterdir() for path in folder.rglob("*") if path.suffix in (".js", ".html")]
    pages = "".join(path.read_text() for path in files if path.suffix == ".html")
    scripts = set(re.findall(r'src="/pages/([^"]+)"', pages))
    found = {path.relative_to(SERVED).as_posix() for path in files if path.suffix == ".js"}
    return sorted(path for path in found - scripts if not path.startswith(RUN))
