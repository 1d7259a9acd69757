"""What mail clients add to a reply is taken out of it, and nothing else."""

import pytest

from chat_server.mail.inbound.html_text import text_of
from chat_server.mail.inbound.quotes import MARKERS, own_words
from tests.support.cost import assert_costs_at_most

N = f"{MARKERS['en']}\n\nAda in #lunch:\n\nPizza?"
Q = "\n".join(f"> {line}".rstrip() for line in N.split("\n"))
ADDRESS = "fechatter+r-1-2-0-abc-qqqqqqqqqqqqqqqqqqqq@chat.example.com"
SENDER = f"Fechatter <{ADDRESS}>"

REPLIES = {
    "Gmail": f"Yes!\n\nOn Mon, Nov 30, 2026 at 10:00 AM {SENDER}\nwrote:\n\n{Q}",
    "Apple Mail": f"Yes!\n\nSent from my iPhone\n\n> On 30. Nov 2026, at 10:00, {SENDER} wrote:\n>\n{Q}",
    "Thunderbird": f"Yes!\n\nOn 11/30/26 10:00, Fechatter wrote:\n{Q}\n",
    "Thunderbird, below": f"On 11/30/26 10:00, Fechatter wrote:\n{Q}\n\nYes!\n\n-- \nBob\nExample Ltd",
    "Outlook": f"Yes!\n\n{'_' * 32}\nFrom: {SENDER}\nSent: Monday, November 30, 2026\n"
    f"To: Bob <bob@example.com>\nSubject: lunch\n\n{N}",
    "Outlook, older": f"Yes!\n\n-----Original Message-----\nFrom: Fechatter\nSent: Monday\n\n{N}",
    "Gmail, German": f"Yes!\n\nAm Mo., 30. Nov. 2026 um 10:00 Uhr schrieb Fechatter <\n{ADDRESS}>:\n\n{Q}",
    "Apple Mail, German": f"Yes!\n\nVon meinem iPhone gesendet\n\n> Am 30.11.2026 um 10:00 schrieb Fechatter:\n>\n{Q}",
    "Thunderbird, German": f"Yes!\n\nFechatter schrieb am 30.11.26 um 10:00:\n{Q}",
    "Outlook, German": f"Yes!\n\nVon: {SENDER}\nGesendet: Montag, 30. November 2026 10:00\n"
    f"An: Bob <bob@example.com>\nBetreff: lunch\n\n{N}",
    "Outlook, older, German": f"Yes!\n\n-----Ursprüngliche Nachricht-----\nVon: Fechatter\n\n{N}",
    "Gmail, Chinese": f"Yes!\n\n{SENDER} 于2026年11月30日周一 10:00写道：\n\n{Q}",
    "Gmail, Chinese, broken": f"Yes!\n\n{SENDER}\n于2026年11月30日周一 10:00写道：\n\n{Q}",
    "NetEase": f"Yes!\n\n在 2026-11-30 10:00:00，{SENDER} 写道：\n\n{N}",
    "QQ": f"Yes!\n\n--------- 原始邮件 ---------\n发件人: Fechatter\n发送时间: 2026年11月30日\n\n{N}",
    "Outlook, Chinese": f"Yes!\n\n发件人: {SENDER}\n发送时间: 2026年11月30日 10:00\n"
    f"收件人: Bob <bob@example.com>\n主题: lunch\n\n{N}",
    "iPhone, Chinese": f"Yes!\n\n发自我的 iPhone\n\n> 在 2026年11月30日，10:00，{SENDER} 写道：\n>\n{Q}",
    "a client that nobody knows": f"Yes!\n\n{N}",
    "one that says it in its own way": f"Yes!\n\n{SENDER}:\n{N}",
    "CRLF": f"Yes!\r\n\r\nOn 11/30/26 10:00, Fechatter wrote:\r\n{Q}".replace("\n>", "\r\n>"),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_what_a_client_quotes_is_taken_out(reply: str) -> None:
    assert own_words(reply) == "Yes!"


KEPT = [
    "On Monday I wrote:\nnothing at all",
    "I wrote:\n- one\n- two",
    "a > b\n\n2 > 1",
    "From: Berlin\nto Paris, by train",
    "See https://example.com/?a=<b@c.d>",
    "他写道",
    "one\n--- two ---\nthree",
    "Am Montag komme ich:\num 9",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_is_kept(text: str) -> None:
    assert own_words(text) == text


def test_an_answer_between_quoted_lines_is_kept() -> None:
    text = "On 11/30/26 10:00, Ada wrote:\n> Pizza?\n\nYes.\n\n> Where?\n\nAt Bob's.\n"
    assert own_words(text) == "Yes.\n\nAt Bob's."


def test_a_reply_of_quotes_alone_is_empty() -> None:
    assert own_words(f"On 11/30/26 10:00, Ada wrote:\n{Q}") == ""
    assert own_words("-- \nBob") == ""


@pytest.mark.parametrize(
    "text",
    [
        "On " + "a" * 199_000,
        "<" * 100_000 + ":",
        "<a@" * 60_000 + ":",
        ("x" * 590 + ":\n\n") * 300,
        "_" * 199_999,
        "> " * 99_999,
        "\n" * 199_999,
        "\n\nOn a wrote:" * 16_000,
        "-" * 199_999,
        ("From: a\nSent: b\n" * 12_000),
    ],
    ids=range(10),
)
def test_no_text_takes_long(text: str) -> None:
    assert_costs_at_most(1, lambda: own_words(text))


def test_html_becomes_its_text_without_quotes_and_markup() -> None:
    markup = """<html><head><title>x</title><style>p { color: red }</style></head><body>
    <p>Yes,&nbsp;<b>of course</b> &lt;3<br>see you</p><script>alert(1)</script>
    <ul><li>one</li><li>two</li></ul>
    <div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On Monday, Ada wrote:</div>
    <blockquote>Pizza?<blockquote>older</blockquote></blockquote></div>
    <div>And more</div></body></html>"""
    assert own_words(text_of(markup)) == "Yes, of course <3\nsee you\n\n- one\n- two\n\nAnd more"


def test_outlooks_html_ends_where_it_quotes() -> None:
    markup = '<div>Yes!</div><hr><div id="divRplyFwdMsg"><b>From:</b> Ada</div><div>Pizza?</div>'
    assert own_words(text_of(markup)) == "Yes!"


@pytest.mark.parametrize("part", ["<div>", "<", "<!--", "&#", "<p a=", "</p>", "<p class = 1>", "<![CDATA["])
def test_no_html_takes_long(part: str) -> None:
    assert_costs_at_most(2, lambda: text_of(part * 25_000))
