"""What Deque's axe says of a page, by the rules of WCAG 2.2 A and AA and by two more: all of a page is in landmarks,
and a control's name has the words that it shows."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page

from tests.support.clients.browser import UNNAMED

AXE = Path(__file__).parent.parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"

# An ordinary run sees dark pages in tests/end_to_end/chat_client/test_looks.py alone: axe takes half a second of the
# processor for the colours of a page.
THEMES: Sequence[Literal["light", "dark"]] = (
    ("light", "dark") if os.environ.keys() & {"LONG", "PICTURES"} else ("light",)
)

# Without what axe preloads, all styles and media, it takes a fifth less. Two of its rules need that; the last lines
# have them, more strictly: no style depends on how a device is held, and nothing plays by itself.
_RUN = """async ([more, category, within]) => {
    const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const rules = new Map(axe.getRules().map(({ ruleId, tags }) => [ruleId, tags]));
    const wanted = [...axe.getRules(standard).map(({ ruleId }) => ruleId), ...more];
    const values = [...new Set(wanted)].filter((id) => !category || rules.get(id).includes(category));
    const options = { runOnly: { type: "rule", values }, resultTypes: ["violations"], preload: false };
    const { violations, passes } = await axe.run(within ?? document, options);
    const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
    const turned = (list) => [...list].some(({ conditionText, cssRules }) =>
        /orientation/.test(conditionText ?? "") || turned(cssRules ?? []));
    if ([...document.styleSheets].some(({ cssRules }) => turned(cssRules))) found.push("css-orientation-lock");
    if (document.querySelector("[autoplay]")) found.push("no-autoplay-audio");
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


async def sound(page: Page, where: str, within: str | None = None) -> None:
    """A page, or the part of it that a selector says, has no faults that axe knows in THEMES, and all of its controls
    have names. With PICTURES=FOLDER, what was looked at is kept as FOLDER/<where>-<theme>.png."""
    for number, theme in enumerate(THEMES):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        # What is no colour is the same in both.
        assert await violations(page, "cat.color" if number else None, within) == [], f"{where}, {theme}"
        await picture(page, f"{where}-{theme}")
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert await page.evaluate(UNNAMED) == [], where


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder, f"{name}.png"))
