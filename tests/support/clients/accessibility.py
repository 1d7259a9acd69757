"""What Deque's axe says of a page, by the rules of WCAG 2.2 A and AA and by two more: all of a page is in landmarks,
and a control's name has the words that it shows."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

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
