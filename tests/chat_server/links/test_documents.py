"""What HTML says of itself, however it is written."""

import pytest

from chat_server.links.documents import DESCRIPTION, TITLE, Said, said, text_of
from tests.support.cost import assert_costs_at_most


def test_opengraph_comes_before_twitters_cards_and_these_before_the_title() -> None:
    plain = "<title>\n A  title </title><meta name=description content='What it is'>"
    assert said(plain) == Said("A title", "What it is")
    card = "<meta name='twitter:title' content='Card'><meta name=twitter:image content=/b.png>"
    assert said(plain + card) == Said("Card", "What it is", None, "/b.png")
    graph = (
        '<META PROPERTY="og:title" CONTENT="Graph &lt;b&gt; &amp;#x4e0a;">'
        '<meta property="og:image" content=\'a.png?x=1&amp;y="2"\'/><meta property=og:site_name content=Site>'
        '<meta property="og:description" content="上海&hellip;"><base href="https://cdn.example/">'
    )
    assert said(plain + card + graph) == Said(
        "Graph <b> &#x4e0a;", "上海…", "Site", 'a.png?x=1&y="2"', "https://cdn.example/"
    )


@pytest.mark.parametrize(
    "document",
    [
        "<!-- <title>no</title> --><title>Yes</title>",
        "<script>document.write('<title>no</title>')</script><title>Yes</title>",
        "<style>a{content:'<title>no</title>'}</style><div data-x='<title>no</title>'><title>Yes</title>",
        "<!DOCTYPE html><?xml x?></ x><1 a><titles>no</titles><TITLE lang=en>Yes</TITLE><title>no</title>",
        "<title>Yes</title><meta property=og:title content='  '><meta property=og:title>",
        "<title>\u202eY\x00e\u200bs\x1b</title>",
        "< title>no< /title><a =b ='c><title>no' d><title>Yes",
    ],
)
def test_markup_is_read_as_browsers_do(document: str) -> None:
    assert said(document).title == (None if document.endswith(">Yes") else "Yes")


def test_texts_are_cut_at_code_points() -> None:
    long = said(f"<title>{'👍' * 300}</title><meta name=description content='{'x ' * 600}'>")
    assert long.title == "👍" * (TITLE - 1) + "…"
    assert long.description is not None
    assert len(long.description) <= DESCRIPTION


@pytest.mark.parametrize(
    ("document", "charset", "text"),
    [
        ("上海".encode(), None, "上海"),
        ("上海".encode("gb18030"), "gb2312", "上海"),
        ("<meta charset=GBK>上海".encode("gbk"), None, "<meta charset=GBK>上海"),
        ('<meta http-equiv=x content="text/html; charset=big5">上海'.encode("big5"), None, None),
        ("<meta charset=gbk>上海".encode("gb18030"), "no-such", "<meta charset=gbk>上海"),
        ("𠮷".encode("gb18030"), None, "𠮷"),
        ("上海".encode("utf-16"), "utf-8", "上海"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        ("한국".encode("cp949"), "euc-kr", "한국"),
        (b"caf\xe9 noir", None, "café noir"),
        (b"\x93caf\xe9\x94", "ISO-8859-1", "“café”"),
        ("上海".encode()[:-1], None, "上"),
        (b"a\xff\xfe", "utf-8", "a\ufffd\ufffd"),
        *((b"abc", charset, "abc") for charset in ("rot13", "hex", "utf-7", "unicode_escape", "idna", "zip", "\x00")),
    ],
)
def test_encodings(document: bytes, charset: str | None, text: str | None) -> None:
    shown = text_of(document, charset)
    assert shown == text if text is not None else shown.endswith("上海")


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<",
            "<a",
            "<a ",
            "<!",
            "<!--",
            "<!-- -->",
            "</",
            "</title",
            "<title>",
            "<script>",
            "<meta ",
            "<meta a=",
            "<meta a='",
        ),
        *(
            '<meta a="" ',
            "<meta content=x>",
            "<a b=c>",
            "<?",
            "&",
            "&amp;",
            "<title",
            "='",
            "\"'",
            " ",
            "/",
            "<a\n",
            "<svg/",
        ),
        *("<meta name=a content='", "<base href=x><", "<textarea>", "<![CDATA["),
    ],
)
def test_every_document_is_read_once(piece: str) -> None:
    """Ten times as long takes ten times as long, and a little: quadratic time would take a hundred times."""
    document = piece * ((512 << 10) // len(piece))
    assert_costs_at_most(2, lambda: said(document))


def test_a_title_of_ten_megabytes() -> None:
    told = said(f"<title>{'x' * 10_000_000}</title>").title
    assert told is not None
    assert len(told) == TITLE
