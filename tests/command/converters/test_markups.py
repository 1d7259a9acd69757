"""Markup of other systems: cases, and what must be true whatever somebody wrote."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fechatter.archives.records import Content, Mention
from fechatter.converters import texts
from fechatter.converters.discord import markup as discord_markup
from fechatter.converters.emoji import MOST, EmojiNames, of_code_points, our_name, standard
from fechatter.converters.mattermost import markup as mattermost_markup
from fechatter.converters.rocketchat import markup as rocketchat_markup
from fechatter.converters.slack import markup as slack_markup
from fechatter.converters.zulip import markup as zulip_markup
from tests.support.cost import assert_costs_at_most

PEOPLE = {"ada": "1", "bob.c": "2", "Ada Lovelace": "1", "o'neil": "3"}


def prose(text: str) -> str:
    return texts.with_emoji(text, standard)


def slack(text: str) -> str:
    return slack_markup.markdown(text, {"C1": "general"}.get, prose)


def mattermost(text: str) -> str:
    return mattermost_markup.markdown(text, PEOPLE.get, {"general"}.__contains__, prose)


def rocketchat(text: str) -> str:
    return rocketchat_markup.markdown(text, PEOPLE.get, prose)


def zulip(text: str) -> str:
    return zulip_markup.markdown(text, zulip_markup.Markup(PEOPLE, set(PEOPLE.values()), prose))


def discord(text: str) -> str:
    return discord_markup.markdown(text, PEOPLE, discord_markup.Markup({"7": "general"}, prose))


MARKUPS: list[Callable[[str], str]] = [slack, mattermost, rocketchat, zulip, discord]


def shown(content: Content) -> str:
    """With mentions as `<…>`."""
    parts = [content] if isinstance(content, str) else content
    return "".join(part if isinstance(part, str) else f"<{part.person or part.everyone}>" for part in parts)


@pytest.mark.parametrize(
    ("markup", "text", "expected"),
    [
        (slack, "*bold* _it_ ~gone~ `*code*`", "**bold** _it_ ~~gone~~ `*code*`"),
        (slack, "2*3*4 a*b* *c*d", "2*3*4 a*b* *c*d"),
        (slack, "*<https://x.example|label>*", "**[label](https://x.example)**"),
        (slack, "<https://x.example/a_(b)|l>", "[l](https://x.example/a_%28b%29)"),
        (slack, "<mailto:a@b.example|a@b.example> <tel:1|call>", "a@b.example call"),
        (slack, "<#C1> <#C1|other> <#C9>", "#general #other #C9"),
        (slack, "<!channel> <!here|here> <!everyone> <!subteam^S1|@team>", "<all> <here> <all> @team"),
        (slack, "<!date^1^{date}^https://x.example|a day>", "a day"),
        (slack, "&lt;@U1&gt; &amp;amp; <@U1>", "<@U1> &amp; <U1>"),
        (slack, "&gt; quoted\nnot", "> quoted\nnot"),
        (slack, "a ```one\ntwo``` b", "a \n```\none\ntwo\n```\n b"),
        (slack, "```one``` b", "```one``` b"),
        (slack, "`<@U1> <https://x.example|x>`", "`@U1 x`"),
        (slack, ":+1: 10:30:40 :nobody: `:+1:`", "👍\ufe0f 10:30:40 :nobody: `:+1:`"),
        (mattermost, "@ada, @ADA. @bob.c. @bob.cx x@ada", "<1>, <1>. <2>. @bob.cx x@ada"),
        (mattermost, "@all/@here @channel", "<all>/@here <all>"),
        (mattermost, "~general ~other ~~general~~", "#general ~other ~~general~~"),
        (mattermost, "```\n@ada\n```\n@ada `@ada`", "```\n@ada\n```\n<1> `@ada`"),
        (rocketchat, "*b* ~s~ **b** ~~s~~ *a*b", "**b** ~~s~~ **b** ~~s~~ *a*b"),
        (rocketchat, "[ ](https://x.example/c?msg=1)\n@ada @all", "<1> <all>"),
        (rocketchat, "https://x.example/*a*@ada", "https://x.example/*a*@ada"),
        (rocketchat, "<https://y.example|*y*>", "[*y*](https://y.example)"),
        (zulip, "@**Ada Lovelace** @_**Ada Lovelace** @**Nobody**", "<1> Ada Lovelace @Nobody"),
        (zulip, "@*team* @**all**", "@team <all>"),
        (zulip, "@**Ada L|1** #**a b>c d@77** <time:2024-02-29T12:00:00Z>", "<1> #a b › c d 2024-02-29T12:00:00Z"),
        (zulip, "~~~ quote\n```quote\nin\n```\n~~~", "> > in"),
        (zulip, "```python\n@**all** quote\n```", "```python\n@**all** quote\n```"),
        (discord, "<@1> <@!2> <#7> <#8> <@&9> <:a_b:10>", "<1> <2> #general #8 @9 :a_b:"),
        (discord, "<t:0:R> </cmd:5>", "1970-01-01 00:00 UTC /cmd"),
        (
            discord,
            "@ada @Ada Lovelace! @adam @o'neil @everyone <https://x.example>",
            "<1> <1>! @adam <3> <all> https://x.example",
        ),
    ],
)
def test_cases(markup: Callable[[str], str], text: str, expected: str) -> None:
    assert shown(texts.content(markup(text), lambda person: person)) == expected


PIECES = st.sampled_from(
    [
        *(
            "*",
            "_",
            "~",
            "`",
            "```",
            "~~~",
            "\n",
            " ",
            "<",
            ">",
            "|",
            "@",
            "#",
            "&amp;",
            "&lt;",
            "[",
            "](",
            ")",
            "\\",
            ":",
        ),
        *("<@U1>", "<!here>", "@ada", "@**Ada Lovelace**", "<@1>", "https://x.example/a", ":tada:", "```quote\n", "\0"),
        *("\ue000", "\ue001", "\ue000@7\ue001", "\ud800", "上海", "word", "🎉", "\u202e", "> ", "- ", "\r\n"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join)


@settings(max_examples=40)
@given(TEXTS, st.sampled_from(MARKUPS))
@example("`\n<@U1>`", slack)
@example("\ue000@7\ue001", slack)
def test_nothing_that_somebody_wrote_becomes_a_mention_by_itself(text: str, markup: Callable[[str], str]) -> None:
    content = texts.content(markup(texts.clean(text)), lambda person: person)
    parts = [content] if isinstance(content, str) else content
    known = {"U1", "1", "2", "3"}
    for part in parts:
        if isinstance(part, Mention):
            assert part.everyone in ("all", "here") or part.person in known | set(re.findall(r"<@!?(\w+)", text))
        else:
            assert not {"\0", "\ue000", "\ue001", "\r"} & set(part.replace("\r", "" if "\r" in text else "\r"))
            part.encode()
    assert not isinstance(content, list) or all(content)


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Zs"], exclude_characters="\u2028"), max_size=60))
def test_plain_words_stay_as_they_are(text: str) -> None:
    for markup in MARKUPS:
        assert texts.content(markup(text), lambda person: person) == text


@settings(max_examples=50)
@given(st.text(alphabet="ab *_~<>&|@#:`\n", max_size=40))
def test_escaped_text_of_slack_is_what_somebody_typed(typed: str) -> None:
    """Slack escapes three characters, so nothing that somebody types is a token."""
    sent = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert re.sub(r"[*~`\n]", "", slack(sent)) == re.sub(r"[*~`\n]", "", typed)


@settings(max_examples=50)
@given(st.text(alphabet="ab`~\n> ", max_size=60))
def test_what_is_code_and_what_is_not_make_the_whole(text: str) -> None:
    assert texts.outside_code(text, lambda part: part) == text
    assert texts.outside_code(text, lambda _: "", lambda part: part) in ("", *_substrings(text))


def _substrings(text: str) -> list[str]:
    """All code that may be left when the prose is gone: characters of the text in their order."""
    left = texts.outside_code(text, lambda _: "", lambda part: part)
    rest = iter(text)
    return [left] if all(sign in rest for sign in left) else []


@pytest.mark.parametrize(
    "unit",
    [
        *("`", "``` ", "`a``", "*a ", "<@", "<a|", "[a](", "@a.", "~", "```quote\n", ":a", "\\", "@**a", "<t:", "!["),
        *("> ", "\n```\n", "@_*"),
    ],
)
def test_a_long_text_takes_no_longer_by_its_length_squared(unit: str) -> None:
    """Of 30,000 characters, three times the most that a message of ours has."""
    text = unit * (30_000 // len(unit))
    for markup in MARKUPS:
        assert_costs_at_most(2, lambda markup=markup: texts.content(markup(text), lambda person: person))  # type: ignore[misc]


def test_emoji_are_characters_where_everybody_has_them() -> None:
    assert standard("wave::skin-tone-3") == "👋🏼"
    assert standard("no-such-emoji") is None
    assert of_code_points("1f1e9-1f1ea") == "🇩🇪"
    assert [of_code_points(code) for code in ("", "x", "0", "d800", "110000", "-".join(["1f600"] * 13))] == [None] * 6
    assert [our_name(name) for name in ("Party Parrot", "a.b", "__", "é", "+1")] == [
        "party_parrot",
        "a_b",
        "__",
        "",
        "+1",
    ]


def test_custom_emoji_have_names_of_their_own() -> None:
    names = EmojiNames()
    assert [names.add(name) for name in ("Party Parrot", "party_parrot", "tada", "")] == [
        "party_parrot",
        None,
        None,
        None,
    ]
    assert (names.of("Party Parrot"), names.of("party_parrot"), names.of("tada")) == (":party_parrot:", None, "🎉")
    names.known_as("bird", "Party Parrot")
    assert names.of("bird") == ":party_parrot:"
    added = [names.add(f"own_{number}") for number in range(MOST)]
    assert [added.count(None), added[-1]] == [1, None]  # a workspace has at most 500
