"""What Deque's axe says of a page, by the rules of WCAG 2.2 A and AA and by two more: all of a page is in landmarks,
and a control's name has the words that it shows."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.clients.browser import UNNAMED

AXE = Path(__file__).parent.parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """async (more) => {
    const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const enabled = axe.getRules(standard).map(({ ruleId }) => ruleId);
    const runOnly = { type: "rule", values: [...new Set([...enabled, ...more])] };
    const { violations, passes } = await axe.run(document, { runOnly });
    const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
    return { found, passed: passes.map(({ id }) => id) };
}"""

_MORE = ["region", "label-content-name-mismatch"]


async def violations(page: Page) -> list[str]:
    """Each fault that is found with the page as it is now: rule, element, what to do."""
    if not AXE.exists():
        pytest.skip("axe-core is not here (make test installs it, where npm is)")
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text())
    told: dict[str, Any] = await page.evaluate(_RUN, _MORE)
    assert {"color-contrast", "region"} <= set(told["passed"]) | {fault.partition(":")[0] for fault in told["found"]}
    faults: list[str] = told["found"]
    return faults


async def sound(page: Page, where: str) -> None:
    """Both themes have no faults that axe knows, and all controls have names. With PICTURES=FOLDER, what was looked at
    is kept as FOLDER/<where>-<theme>.png."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(page) == [], f"{where}, {scheme}"
        await picture(page, f"{where}-{scheme}")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert await page.evaluate(UNNAMED) == [], where


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder, f"{name}.png"))
