"""The documents hold together: each link leads to a file, and to a heading if it names one; tables match the code."""

import re
from functools import cache
from pathlib import Path

import pytest

from notify_server.streams.framing import DOCUMENT_CLOSE_CODES

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/**/*.md"),
    *ROOT.glob("client/**/*.md"),
    *ROOT.glob("sql/*.md"),
    *ROOT.glob("web/*.md"),
]


def without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", without_code(document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(document.read_text())):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_close_code_of_boards_is_described() -> None:
    table = (ROOT / "docs" / "boards" / "close-codes.md").read_text()
    described = {reason: int(code) for code, reason in re.findall(r"^\| (\d+) \| `(\w+)` \|", table, re.MULTILINE)}
    assert described == DOCUMENT_CLOSE_CODES


@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if document.name not in ("CHANGELOG.md", "security.md")],  # a line an entry
    ids=lambda document: str(document.relative_to(ROOT)),
)
def test_prose_is_wrapped(document: Path) -> None:
    lines = without_code(document.read_text()).splitlines()
    assert [line for line in lines if len(line) > 120 and not line.lstrip().startswith("|")] == []
