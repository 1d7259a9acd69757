"""Blocks of rich text and tables, in the shapes that Slack's clients send and its exports have."""

from typing import Any

from chat_server.integrations.slack.texts.payloads import text_of


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def shown(*pieces: dict[str, Any]) -> str:
    return text_of({"text": "for notifications", "blocks": [{"type": "rich_text", "elements": list(pieces)}]})


def test_what_stands_in_a_line() -> None:
    line = section(
        text("5 < 6 & "),
        text(" bold ", bold=True),
        text("gone", strike=True, bold=True),
        text(" x()", code=True),
        {"type": "link", "url": "https://example.com/?a=1&b=2", "text": "a link"},
        {"type": "emoji", "name": "tada"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": 1, "fallback": "in 1970"},
        {"type": "of the future", "text": 7},
    )
    assert shown(line) == "5 < 6 &  **bold** **~~gone~~** `x()`[a link](https://example.com/?a=1&b=2):tada:@herein 1970"


def test_lists_quotes_and_code() -> None:
    items = [
        {"type": "rich_text_list", "style": "ordered", "indent": 0, "elements": [section(text("one"))]},
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [section(text("a")), section(text("b"))],
        },
        {"type": "rich_text_list", "style": "ordered", "offset": 1, "elements": [section(text("two"))]},
    ]
    assert shown(section(text("list:\n")), *items) == "list:\n1. one\n    ◦ a\n    ◦ b\n2. two"
    assert shown({"type": "rich_text_quote", "elements": [text("said\n"), text("twice")]}) == "> said\n> twice"
    code = {"type": "rich_text_preformatted", "elements": [text("if a < b:\n    <@U1>")]}
    assert shown(code) == "```\nif a < b:\n    <@U1>\n```"


def test_a_table_is_a_line_for_each_row() -> None:
    head = {"type": "rich_text", "elements": [section(text("Head", bold=True))]}
    rows = [[head, {"type": "raw_text", "text": "two\nlines"}], [{"type": "raw_text", "text": "1"}, "no cell"], None]
    assert text_of({"blocks": [{"type": "table", "rows": rows}]}) == "**Head** | two lines\n1"
    assert text_of({"blocks": [{"type": "table", "rows": 7}, {"type": "rich_text"}]}) == ""
