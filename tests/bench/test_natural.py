"""The queries of the benchmark of search are held out, and find what they are of."""

from bench.natural.conversations import conversations, shares
from bench.natural.queries import KINDS, Written, choose, words
from bench.natural.texts import texts

MIXED = [
    Written(1, "Please restart readBuffer before the other server. 请重新启动服务器以后再试一次"),
    Written(2, "設定を変更するにはサーバーを再起動します。 The server waits for readBuffer"),
    Written(3, "서버를 다시 시작하면 설정이 적용됩니다. Der Speicher ist voll"),
]


def test_no_query_is_both_for_tuning_and_for_measuring() -> None:
    amounts = dict.fromkeys(KINDS, 100)
    frequencies = dict.fromkeys(words(MIXED), 5)
    written = [Written(one.sender, one.content[at:]) for one in MIXED for at in range(20)]
    tuning, measuring = (
        {
            asked.q.casefold()
            for of_kind in choose(written, frequencies, 1000, amounts, one).values()
            for asked in of_kind
        }
        for one in (True, False)
    )
    assert len(tuning) > 20
    assert len(measuring) > 20
    assert not tuning & measuring


def test_queries_find_what_they_are_of() -> None:
    found = choose(MIXED, dict.fromkeys(words(MIXED), 5), 1000, dict.fromkeys(KINDS, 100), True)
    found |= choose(MIXED, dict.fromkeys(words(MIXED), 5), 1000, dict.fromkeys(KINDS, 100), False)
    assert {"phrase", "identifier", "one character"} & found.keys()
    for asked in (asked for of_kind in found.values() for asked in of_kind):
        assert any(all(part in one.content for part in asked.parts) for one in MIXED), asked


def test_conversations_are_the_same_each_time_and_uneven() -> None:
    said = texts("tiny")
    assert said["en"]
    assert said["code"]
    once, again = (list(conversations(said, 20, 3000, seed=3)) for _ in range(2))
    assert once == again
    assert all(content.strip() for _, content in once)
    counts = [sum(chat == number for chat, _ in once) for number in (0, 19)]
    assert counts[0] > counts[1] > 0
    assert abs(sum(shares(20)) - 1) < 1e-9
