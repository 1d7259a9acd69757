"""What Deque's axe says of a page, by the rules of WCAG 2.2 A and AA and by two more: all of a page is in landmarks,
and a control's name has the words that it shows."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.clients.browser import UNNAMED

AXE = Path(__file__).parent.parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """async ([more, category, within]) => {
    const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const rules = new Map(axe.getRules().map(({ ruleId, tags }) => [ruleId, tags]));
    const wanted = [...axe.getRules(standard).map(({ ruleId }) => ruleId), ...more];
    const values = [...new Set(wanted)].filter((id) => !category || rules.get(id).includes(category));
    const runOnly = { type: "rule", values };
    const { violations, passes } = await axe.run(within ?? document, { runOnly, resultTypes: ["violations"] });
    const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
    return { found, passed: passes.map(({ id }) => id) };
}"""

_MORE = ["region", "label-content-name-mismatch"]


async def violations(page: Page, category: str | None = None, within: str | None = None) -> list[str]:
    """Each fault that is found with the page as it is now: rule, element, what to do. By the rules of one of axe's
    categories if it is given, such as "cat.color"; of a part of
    the page, if a selector says which."""
    if not AXE.exists():
        pytest.skip("axe-core is not here (make test installs it, where npm is)")
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text())
    told: dict[str, Any] = await page.evaluate(_RUN, [_MORE, category, within])
    expected = {"color-contrast"} if category or within else {"color-contrast", "region"}
    assert expected <= set(told["passed"]) | {fault.partition(":")[0] for fault in told["found"]}
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
